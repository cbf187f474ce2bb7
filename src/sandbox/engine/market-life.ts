import { KalshiError } from "../../errors.js";
import { DOLLAR, type Price } from "../../units/price.js";
import { formatTime, SECOND, type Timestamp } from "../../units/time.js";
import type { EngineEvent, JsonObject, MarketRecord, Outcome, World } from "../types.js";
import {
  closeDateMessage,
  determinedMessage,
  metadataMessage,
  pausedMessage,
  structureMessage,
} from "../wire/lifecycle-messages.js";
import { isDetermined, NEVER, type Status, statusOf } from "../world/lifecycle.js";
import { type GridLabel, gridLabels, grids, priceRanges } from "../world/price-structures.js";
import { comboEnd, legsOf } from "../world/series/combo-market.js";
import { isCombo } from "../world/series/combo-series.js";
import { nets } from "./netting.js";
import type { Seat } from "./seat.js";
import type { Trading } from "./trading.js";

/**
 * What the exchange does to a market with a book. Each throws `MARKET_NOT_FOUND` for a market without one, and `BAD_ARGUMENT` where the
 * market's state or the values do not allow it.
 */
export interface MarketOperations {
  /** Takes an active market out of trading: orders that were placed to be cancelled on a pause are, cancels go on working. */
  pause(ticker: string): void;
  /** Lets a paused market trade again, with an empty book: what rested is cancelled. */
  resume(ticker: string): void;
  /** Closes an open market at another time, or opens a closed one again until then. */
  moveClose(ticker: string, closeTime: Timestamp): void;
  /** Closes an open market now. What follows follows as much earlier. */
  closeEarly(ticker: string): void;
  /** Opens a closed market again until a time. */
  reopen(ticker: string, closeTime: Timestamp): void;
  /** Makes a closed market's result public now, another one than planned perhaps. It is paid after its settlement timer. */
  determine(ticker: string, outcome?: Outcome): void;
  /** Challenges a result: nothing is paid until it is upheld or amended. */
  dispute(ticker: string): void;
  /** Ends a dispute with the result as it was. The timer starts anew. */
  uphold(ticker: string): void;
  /** Ends a dispute with another result. The timer starts anew. */
  amendResult(ticker: string, outcome: Outcome): void;
  /** Gives a market another price grid. Orders off the new grid stay; they can be cancelled, or amended to a price on it. */
  setPriceStructure(ticker: string, label: string): void;
  /** Changes what a market's record says of its strike and of its YES side. */
  updateMetadata(ticker: string, fields: JsonObject): void;
}

export interface MarketLifeContext {
  readonly world: World;
  readonly trading: Trading;
  emit(event: EngineEvent): void;
  /** A market's seat, its life brought up to now. */
  seatNow(ticker: string): { readonly seat: Seat; readonly time: Timestamp };
  /** What is planned for a market's event has changed: its makers think anew. */
  rethink(eventTicker: string): void;
  /** Its times have changed: brings its life up to now again. */
  reseat(seat: Seat): void;
}

const METADATA = ["strike_type", "floor_strike", "cap_strike", "custom_strike", "yes_sub_title"];

export function createMarketLife({
  world,
  trading,
  emit,
  seatNow,
  rethink,
  reseat,
}: MarketLifeContext): MarketOperations {
  /** The seat of a market that is in one of these states. */
  function expectIn(ticker: string, allowed: readonly Status[], operation: string) {
    const { seat, time } = seatNow(ticker);
    const { market } = seat.venue;
    const status = statusOf(market, time);
    if (!allowed.includes(status)) {
      throw new KalshiError("BAD_ARGUMENT", `${operation}: ${ticker} is ${status}`, {
        hint: `it can be done to a market that is ${allowed.join(" or ")}`,
        context: { ticker, status },
      });
    }
    return { seat, market, time };
  }

  function tell(market: MarketRecord, message: JsonObject): void {
    emit({ type: "lifecycle", ticker: market.ticker, combo: isCombo(market), message });
  }

  function rewrite(market: MarketRecord, time: Timestamp, fields: JsonObject): void {
    market.updatedTime = time;
    market.wire = { ...market.wire, ...fields, updated_time: formatTime(time) };
  }

  function setClose(market: MarketRecord, closeTime: Timestamp, time: Timestamp): void {
    const by = closeTime - market.closeTime;
    market.closeTime = closeTime;
    market.determinedTime += by;
    market.settledTime += by;
    rewrite(market, time, { close_time: formatTime(closeTime) });
    tell(market, closeDateMessage(market));
    rethink(market.eventTicker);
  }

  function moveClose(ticker: string, closeTime: Timestamp): void {
    const { seat, market, time } = expectIn(ticker, ["initialized", "active", "inactive", "closed"], "close date");
    const reopens = statusOf(market, time) === "closed";
    if (closeTime < time || closeTime <= market.openTime || (reopens && closeTime === time)) {
      throw wrong(`${ticker} cannot close at ${formatTime(closeTime)}`, "give a time to come, after its opening");
    }
    setClose(market, closeTime, time);
    if (reopens) {
      market.paused = false;
      seat.phase = "waiting";
      tell(market, pausedMessage(market));
    }
    reseat(seat);
    bringAlong(market);
  }

  function timer(market: MarketRecord): Timestamp {
    const seconds = market.wire.settlement_timer_seconds;
    return (typeof seconds === "number" ? seconds : 1) * SECOND;
  }

  /** A result, and what it decides about the other markets of an event that exclude each other: together they pay a dollar at most. */
  function decide(market: MarketRecord, outcome: Outcome, time: Timestamp): void {
    if (nets(world.events.get(market.eventTicker))) {
      const others = world.marketsOf(market.eventTicker).filter((one) => one !== market);
      const isKnown = (one: MarketRecord) => isDetermined(statusOf(one, time));
      let left: Price = DOLLAR - outcome.value;
      for (const other of others) if (isKnown(other)) left -= other.outcome.value;
      if (left < 0) {
        throw wrong(
          `${market.ticker}: the markets of ${market.eventTicker} would pay more than a dollar together`,
          "amend the result of the others first",
        );
      }
      for (const other of others) {
        if (isKnown(other)) continue;
        if (other.outcome.value > left) other.outcome = { result: "no", value: 0, observed: outcome.observed };
        left -= other.outcome.value;
      }
    }
    market.outcome = outcome;
    rethink(market.eventTicker);
  }

  function conclude(market: MarketRecord, time: Timestamp, contest: "amended" | undefined): void {
    if (contest === undefined) delete market.contest;
    else market.contest = contest;
    market.settledTime = time + timer(market);
    rewrite(market, time, {});
    tell(market, determinedMessage(market, time));
  }

  /** What has become of an event's markets becomes of the combos of them, as far as those are not determined. */
  function bringAlong(of: MarketRecord): void {
    const own = new Set(world.marketsOf(of.eventTicker));
    for (const combo of [...world.markets.values()]) {
      if (!combo.live || combo.legs === undefined) continue;
      const legs = legsOf(world, combo);
      if (legs?.some(({ market }) => own.has(market)) !== true) continue;
      const time = world.clock.now();
      if (isDetermined(statusOf(combo, time))) continue;
      const { seat } = seatNow(combo.ticker);
      const wasClosed = statusOf(combo, time) === "closed";
      const { closeTime, ...end } = comboEnd(legs, time);
      Object.assign(combo, end);
      if (closeTime !== combo.closeTime) {
        combo.closeTime = closeTime;
        rewrite(combo, time, { close_time: formatTime(closeTime) });
        tell(combo, closeDateMessage(combo));
      }
      if (wasClosed && closeTime > time) seat.phase = "waiting";
      reseat(seat);
    }
  }

  return {
    pause(ticker) {
      const { seat, market, time } = expectIn(ticker, ["active"], "pause");
      market.paused = true;
      rewrite(market, time, {});
      tell(market, pausedMessage(market));
      trading.halt(seat.venue, time);
      reseat(seat);
    },
    resume(ticker) {
      const { seat, market, time } = expectIn(ticker, ["inactive"], "resume");
      market.paused = false;
      rewrite(market, time, {});
      trading.wipe(seat.venue, "HaltCancel", time);
      tell(market, pausedMessage(market));
      seat.phase = "waiting";
      seat.maker = null;
      reseat(seat);
    },
    moveClose,
    closeEarly(ticker) {
      const { seat, market, time } = expectIn(ticker, ["active", "inactive"], "close early");
      if (market.wire.can_close_early === false) {
        throw wrong(`${ticker} cannot close early`, "move its close date instead");
      }
      setClose(market, time, time);
      reseat(seat);
      bringAlong(market);
    },
    reopen(ticker, closeTime) {
      expectIn(ticker, ["closed"], "reopen");
      moveClose(ticker, closeTime);
    },
    determine(ticker, outcome) {
      const { seat, market, time } = expectIn(ticker, ["closed"], "determine");
      decide(market, outcome ?? market.outcome, time);
      market.determinedTime = time;
      market.settledTime = time + timer(market);
      reseat(seat);
      bringAlong(market);
    },
    dispute(ticker) {
      const { seat, market, time } = expectIn(ticker, ["determined", "amended"], "dispute");
      market.contest = "disputed";
      market.settledTime = NEVER;
      rewrite(market, time, {});
      reseat(seat);
      bringAlong(market);
    },
    uphold(ticker) {
      const { seat, market, time } = expectIn(ticker, ["disputed"], "uphold");
      conclude(market, time, undefined);
      reseat(seat);
      bringAlong(market);
    },
    amendResult(ticker, outcome) {
      const { seat, market, time } = expectIn(ticker, ["disputed"], "amend");
      decide(market, outcome, time);
      conclude(market, time, "amended");
      reseat(seat);
      bringAlong(market);
    },
    setPriceStructure(ticker, label) {
      const { market, time } = expectIn(ticker, ["initialized", "active", "inactive", "closed"], "price structure");
      if (!isLabel(label)) throw wrong(`no price structure ${label}`, `give one of ${gridLabels.join(", ")}`);
      market.grid = grids[label];
      rewrite(market, time, { price_level_structure: label, price_ranges: priceRanges(market.grid) });
      tell(market, structureMessage(market));
    },
    updateMetadata(ticker, fields) {
      const { market, time } = expectIn(ticker, ["initialized", "active", "inactive", "closed"], "metadata");
      const unknown = Object.keys(fields).filter((name) => !METADATA.includes(name));
      if (unknown.length > 0) throw wrong(`not metadata: ${unknown.join(", ")}`, `give some of ${METADATA.join(", ")}`);
      rewrite(market, time, fields);
      tell(market, metadataMessage(market, fields));
    },
  };
}

function isLabel(label: string): label is GridLabel {
  return Object.hasOwn(grids, label);
}

function wrong(message: string, hint: string): KalshiError {
  return new KalshiError("BAD_ARGUMENT", message, { hint, context: {} });
}
