import type { Timestamp } from "../../units/time.js";
import type { EngineEvent, JsonObject, MarketRecord } from "../types.js";
import { determinedMessage, settledMessage } from "../wire/lifecycle-messages.js";
import { isCombo } from "../world/series/combo-series.js";
import type { Account } from "./accounts.js";
import type { Agenda } from "./agenda.js";
import type { Desk } from "./makers/desk.js";
import { HOUSE_USERS } from "./makers/hands.js";
import { withFlow } from "./makers/requoter.js";
import type { Payouts } from "./payouts.js";
import { type Progress, reachNow } from "./progress.js";
import { nextTurn, type Seat } from "./seat.js";
import type { TickerTape } from "./ticker-tape.js";
import type { Trading } from "./trading.js";

/** Leads markets through their lives, each turn at its time, and lets their makers act in between. */
export interface Turns {
  /** Does what a seat was entered for, and enters what it does next. */
  run(seat: Seat, at: Timestamp): void;
  /** Enters what a seat does next, in place of what was entered for it before. */
  schedule(seat: Seat): void;
  /** Leads a seat through all turns that are due. */
  catchUp(seat: Seat): void;
  /** The same, and what follows: the times of its market have changed. */
  reseat(seat: Seat): void;
  /** Lets makers do nothing before a moment. */
  skipTo(moment: Timestamp): void;
  /** Lets a quote of a market come and go, so many deltas a second, in place of its maker; 0 gives it back. False where none trades. */
  requote(ticker: string, perSecond: number): boolean;
}

export interface TurnsContext {
  readonly progress: Progress;
  readonly seats: Map<string, Seat>;
  readonly agenda: Agenda<(at: Timestamp) => void>;
  readonly tape: TickerTape;
  readonly trading: Trading;
  readonly payouts: Payouts;
  /** Null where nobody trades but members. */
  readonly desk: Desk | null;
  account(userId: string): Account;
  isHalted(): boolean;
  emit(event: EngineEvent): void;
}

export function createTurns(context: TurnsContext): Turns {
  const { progress, seats, agenda, tape, trading, payouts, desk, emit } = context;

  const isSeated = (seat: Seat) => seats.get(seat.venue.market.ticker) === seat;

  function schedule(seat: Seat): void {
    const acts = seat.maker !== null && seat.venue.market.paused !== true && !context.isHalted();
    const due = Math.min(nextTurn(seat), acts ? (seat.maker?.next ?? 0) : Number.POSITIVE_INFINITY);
    if (due === seat.due) return;
    seat.due = due;
    agenda.add(due, seat.run);
  }

  function run(seat: Seat, at: Timestamp): void {
    if (at !== seat.due || !isSeated(seat)) return;
    seat.due = Number.NEGATIVE_INFINITY;
    if (nextTurn(seat) <= progress.time) turn(seat);
    else seat.maker?.act(progress.time);
    schedule(seat);
  }

  /** Leads a market from one phase of its life to the next. */
  function turn(seat: Seat): void {
    const { market } = seat.venue;
    if (seat.phase === "waiting") open(seat);
    else if (seat.phase === "open") close(seat);
    else if (seat.phase === "closed") {
      seat.phase = "determined";
      tell(market, determinedMessage(market, market.determinedTime));
    } else {
      payouts.pay(market, progress.time);
      seats.delete(market.ticker);
      tell(market, settledMessage(market, progress.time));
    }
  }

  function open(seat: Seat): void {
    seat.phase = "open";
    const from = Math.max(progress.time, progress.lived);
    if (desk !== null && from < seat.venue.market.closeTime) seat.maker = desk.open(seat.venue, from);
  }

  function close(seat: Seat): void {
    seat.phase = "closed";
    seat.maker = null;
    if (desk !== null) wipeAgain(seat, desk.close(seat.venue.market, progress.time));
    trading.wipe(seat.venue, "CloseCancel", progress.time);
  }

  /** Says of a closed book once more that it is empty. */
  function wipeAgain(seat: Seat, at: Timestamp | null): void {
    agenda.add(at ?? Number.POSITIVE_INFINITY, () => {
      const isClosed = seat.phase === "closed" || seat.phase === "determined";
      if (isClosed && seats.has(seat.venue.market.ticker)) trading.wipe(seat.venue, "CloseCancel", progress.time);
    });
  }

  function tell(market: MarketRecord, message: JsonObject): void {
    emit({ type: "lifecycle", ticker: market.ticker, combo: isCombo(market), message });
  }

  function catchUp(seat: Seat): void {
    while (nextTurn(seat) <= progress.time && isSeated(seat)) turn(seat);
  }

  return {
    run,
    schedule,
    catchUp,
    reseat(seat) {
      catchUp(seat);
      if (isSeated(seat)) schedule(seat);
      tape.send(seat);
    },
    skipTo(moment) {
      for (const seat of seats.values()) {
        seat.maker?.skipTo(moment);
        schedule(seat);
      }
    },
    requote(ticker, perSecond) {
      const seat = seats.get(ticker);
      if (seat === undefined || seat.maker === null) return false;
      const { venue } = seat;
      const account = context.account(HOUSE_USERS[0]!);
      seat.maker = withFlow(seat.maker, { venue, trading, account, perSecond, time: reachNow(progress) });
      schedule(seat);
      return true;
    },
  };
}
