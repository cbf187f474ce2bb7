import type { Timestamp } from "../../units/time.js";
import type { AccountRef, Books, EngineEvent, World } from "../types.js";
import { Random } from "../world/random.js";
import type { Account, Order } from "./accounts.js";
import { Agenda } from "./agenda.js";
import { type Clockwork, createClockwork } from "./clockwork.js";
import { createFeeCalendar } from "./fee-calendar.js";
import type { ExchangeOperations, Halts } from "./halts.js";
import { createListings } from "./listings.js";
import { fairShare } from "./makers/combo-fair.js";
import { createDesk } from "./makers/desk.js";
import { createMargin, type Margin } from "./margin.js";
import { createMarketLife, type MarketOperations } from "./market-life.js";
import { view } from "./matching.js";
import type { Member } from "./members.js";
import { type NewAccount, openAccount, openHouse } from "./new-account.js";
import { createOrderGroups, type OrderGroups } from "./order-groups.js";
import { createOrders, type OrderOperations } from "./orders.js";
import { createPauses } from "./pauses.js";
import { createPayouts } from "./payouts.js";
import { createProgress, nowOf, reachNow } from "./progress.js";
import { type Audit, createRegister } from "./register.js";
import { continueFrom, type Resumption } from "./resumption.js";
import type { Seat } from "./seat.js";
import { applyTerms } from "./terms.js";
import { createTickerTape } from "./ticker-tape.js";
import { type TickerView, tickerView } from "./ticker-view.js";
import { createTrading, type Trading } from "./trading.js";
import { createTreasury, type Treasury } from "./treasury.js";
import { createTurns, type Turns } from "./turns.js";

export type { NewAccount } from "./new-account.js";

/** The trading half of the sandbox: books, orders, accounts, settlement, and the makers that move the live markets. */
export interface Engine
  extends Books,
    Clockwork,
    OrderOperations,
    MarketOperations,
    ExchangeOperations,
    Treasury,
    Pick<Turns, "requote"> {
  /** Opens an account, or gives another key to an existing one. */
  addAccount(account: NewAccount): AccountRef;
  /** The subaccount of who signed, the primary one unless told otherwise. @throws Refused where it does not exist */
  account(userId: string, subaccount?: number): Account;
  /** Who signed, with all subaccounts. */
  member(userId: string): Member;
  /** Every account, the house's included. */
  accounts(): readonly Account[];
  /** The order groups of everybody, as of now. */
  orderGroups(): OrderGroups;
  /** What a ticker shows now; null for a market that does not exist. */
  ticker(ticker: string): TickerView | null;
  /** Time of the engine's last event, or of the world's clock where that is later. */
  now(): Timestamp;
  audit(): Audit;
  /**
   * Goes on from where another engine over the same world stopped: the members' accounts hold what they held there. The house holds the
   * other side of it, and has what money is left. To be called before the first step.
   */
  continueFrom(past: Resumption): void;
}

export interface EngineOptions {
  readonly world: World;
  readonly seed: string;
  /** Wall time between two steps of `start`, in milliseconds. */
  readonly everyMs?: number;
  /** False for an exchange where nobody trades but its members. */
  readonly makers?: boolean;
  /** Whether trading pauses on Thursdays, as the exchange's does. */
  readonly weeklyPause?: boolean;
}

const DEFAULT_STEP_MS = 10;

/** An engine over a world. Nothing moves until `step` or `start`. */
export function createEngine(options: EngineOptions): Engine {
  const { world, seed, everyMs = DEFAULT_STEP_MS } = options;
  const listeners = new Set<(event: EngineEvent) => void>();
  const emit = (event: EngineEvent) => {
    for (const listener of listeners) listener(event);
  };
  let ids = new Random(`${seed}/ids`);
  const newId = () => ids.uuid();
  const progress = createProgress(world.clock);
  const register = createRegister();
  const { account, member } = register;
  const seats = new Map<string, Seat>();
  const venue = (ticker: string) => seats.get(ticker)?.venue ?? null;
  /** What is to come, as what to run at its time. */
  const agenda = new Agenda<(at: Timestamp) => void>();
  const tape = createTickerTape(progress, emit);
  const now = () => progress.time;

  // Money: what is paid frees collateral, which may cancel orders, which goes by what was paid.
  const payouts = createPayouts({
    ...{ world, register, now, emit },
    trading: () => trading,
    margin: () => margin,
    isUnpaid: (ticker) => seats.has(ticker),
  });
  const margin: Margin = createMargin({ world, venueOf: venue, paidBy: payouts.paidBy });
  const groups = createOrderGroups({ newId, now, emit, cancel: (order) => trading.drop(order, null, progress.time) });
  const trading: Trading = createTrading({
    ...{ account, venue, margin, groups, newId, emit },
    trades: world.trades,
    collect: register.charge,
    changed({ changed, market }) {
      const seat = changed ? undefined : seats.get(market.ticker);
      if (seat !== undefined) tape.changed(seat);
    },
    lapses: (order, at) => agenda.add(at, () => lapse(order, at)),
  });

  // Time: turns wait while the exchange is halted, and a halt moves them.
  const fairOf = (ticker: string) => fairShare(world.markets.get(ticker), venue(ticker)?.book, progress.time);
  const desk = options.makers === false ? null : createDesk({ world, seed, trading, accountOf: account, fairOf });
  const isHalted = () => halts.isHalted();
  const turns = createTurns({ progress, seats, agenda, tape, trading, payouts, desk, account, isHalted, emit });
  const halts: Halts = createPauses({ progress, seats, agenda, trading, turns }, options.weeklyPause === true);
  const onChange = (tickers: readonly string[]) =>
    applyTerms({ world, register, margin, trading, venue }, tickers, progress.time);
  const feeCalendar = createFeeCalendar({ world, agenda, emit, onChange });
  const listings = createListings({ world, progress, seats, turns, feeCalendar, emit });
  openHouse(register);

  function lapse(order: Order, at: Timestamp): void {
    if (order.status === "resting" && order.expires === at) trading.drop(order, "ExpiryCancel", progress.time);
  }

  return {
    ...createClockwork({ progress, agenda, listings, turns, tape, everyMs }),
    ...createOrders({ progress, register, listings, trading, halts, tape }),
    ...createMarketLife({
      ...{ world, trading, emit, seatNow: listings.seatNow, reseat: turns.reseat },
      rethink: (event) => desk?.rethink(event),
    }),
    ...createTreasury({ memberOf: member, newId, now: () => nowOf(progress), margin, halts }),
    ...halts,
    requote: turns.requote,
    addAccount: (wanted) => openAccount(register, world, seed, wanted),
    account,
    member,
    accounts: () => [...register.every()],
    orderGroups() {
      reachNow(progress);
      return groups;
    },
    ticker(ticker) {
      const market = world.markets.get(ticker);
      return market === undefined ? null : tickerView(market, venue(ticker));
    },
    now: () => nowOf(progress),
    audit: register.audit,
    continueFrom(past) {
      ids = new Random(`${seed}/ids/${past.run}`);
      const time = reachNow(progress);
      listings.discover();
      continueFrom({ world, seats, listings, register, groups, trading, margin }, past, time);
    },
    book(ticker) {
      const found = venue(ticker);
      if (found !== null) return view(found.book);
      return world.markets.get(ticker)?.live === true ? { yes: [], no: [] } : null;
    },
    on(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
