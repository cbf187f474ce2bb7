import type { Count } from "../../units/count.js";
import { type Amount, amountOf, notional } from "../../units/money.js";
import { DOLLAR, type Price } from "../../units/price.js";
import { MILLISECOND, SECOND, type Timestamp } from "../../units/time.js";
import type { AccountRef, Books, BookView, EngineEvent, World } from "../types.js";
import { notFound, Refused, refusal } from "../wire/replies.js";
import { Random } from "../world/random.js";
import { addPast } from "./account-history.js";
import { type Account, createAccount, type Order } from "./accounts.js";
import type { Amendment } from "./admission.js";
import { createDesk } from "./desk.js";
import { HOUSE_USERS } from "./hands.js";
import type { Maker } from "./makers.js";
import { view } from "./matching.js";
import { ahead } from "./queue.js";
import { withFlow } from "./requoter.js";
import { settle } from "./settlement.js";
import { type TickerView, tickerView } from "./ticker-view.js";
import { createTrading, type Placed } from "./trading.js";
import { createVenue, isTrading, type OrderRequest, termsOf, type Venue } from "./venue.js";

/** Who holds a key, and what they start with. */
export interface NewAccount {
  readonly userId: string;
  readonly keyId: string;
  /** Money at the start, in micro-dollars. */
  readonly balance: Price;
  /** Whether the account has traded before: see {@link addPast}. Its money is then what that left of the balance. */
  readonly past?: boolean;
}

/** Where all money is: what accounts hold, what open contracts will pay, what was charged. The three add up to `deposited`. */
export interface Audit {
  readonly cash: Amount;
  readonly escrow: Amount;
  readonly fees: Amount;
  readonly deposited: Amount;
}

/** The trading half of the sandbox: books, orders, accounts, settlement, and the makers that move the live markets. */
export interface Engine extends Books {
  /** Brings everything up to `now` of the world's clock: makers, expiries, closes, settlements. Never goes back. */
  step(now: Timestamp): void;
  /** Steps on a timer of wall time by the world's clock; does not keep the process alive. */
  start(): void;
  stop(): void;
  /** Holds makers, expiries, closes and settlements still while orders stay possible; `thaw` goes on from the present. */
  freeze(): void;
  thaw(): void;
  /** Opens an account, or gives another key to an existing one. */
  addAccount(account: NewAccount): AccountRef;
  /** The account behind a signature. */
  account(userId: string): Account;
  /** Every account, the house's included. */
  accounts(): readonly Account[];
  /** What a ticker shows now; null for a market that does not exist. */
  ticker(ticker: string): TickerView | null;
  /** @throws Refused with the exchange's own answer */
  place(userId: string, ticker: string, request: OrderRequest): Placed;
  /** Cancels a resting order and returns what it still wanted. @throws Refused, alike for unknown and finished orders */
  cancel(userId: string, orderId: string): { readonly order: Order; readonly count: Count };
  /** Changes a resting order, and returns what that filled. @throws Refused, alike for unknown and finished orders */
  amend(userId: string, orderId: string, amendment: (order: Order) => Amendment): Placed;
  /** Makes a resting order smaller by what `by` says of it; it keeps its place. @throws Refused, alike for unknown and finished orders */
  decrease(userId: string, orderId: string, by: (order: Order) => Count): Order;
  /** Cancels all resting orders of markets that trade. */
  cancelAll(userId: string): void;
  /** Contracts that stand before a resting order at its price. @throws Refused, alike for unknown and finished orders */
  ahead(userId: string, orderId: string): { readonly order: Order; readonly count: Count };
  /** Lets a quote of a market come and go, so many deltas a second, in place of its maker; 0 gives it back. False where none trades. */
  requote(ticker: string, perSecond: number): boolean;
  /** Time of the engine's last event, or of the world's clock where that is later. */
  now(): Timestamp;
  audit(): Audit;
}

export interface EngineOptions {
  readonly world: World;
  readonly seed: string;
  /** Wall time between two steps of `start`, in milliseconds. */
  readonly everyMs?: number;
}

const DEFAULT_STEP_MS = 10;
/** A ticker is sent at most this often per market, own orders aside. */
const TICKER_EVERY = SECOND;
/** What lies further back than this is skipped by makers, and happens now where it must happen. */
const MAX_BACKLOG = 5 * SECOND;
const HOUSE_CASH = amountOf(1_000_000_000_000_000);

interface Seat {
  readonly venue: Venue;
  phase: "waiting" | "open" | "closed";
  maker: Maker | null;
  tickerSent: Timestamp;
  /** When a closed book is said to be empty once more. */
  wipeAgain: Timestamp | null;
}

/** An engine over a world. Nothing moves until `step` or `start`. */
export function createEngine({ world, seed, everyMs = DEFAULT_STEP_MS }: EngineOptions): Engine {
  const accounts = new Map<string, Account>();
  const listeners = new Set<(event: EngineEvent) => void>();
  const seats = new Map<string, Seat>();
  const ids = new Random(`${seed}/ids`);
  let seen = 0;
  let time: Timestamp = 0;
  let fees: Amount = 0n;
  let deposited: Amount = 0n;
  let frozen = false;
  let timer: NodeJS.Timeout | null = null;

  const trading = createTrading({
    account: accountOf,
    trades: world.trades,
    newId: () => ids.uuid(),
    emit,
    collect: (fee) => {
      fees += fee;
    },
  });
  const desk = createDesk({ world, seed, trading, accountOf });
  for (const user of HOUSE_USERS) open(createAccount(user, "", HOUSE_CASH, true));

  function open(account: Account): void {
    accounts.set(account.userId, account);
    deposited += account.cash;
  }

  function accountOf(userId: string): Account {
    const account = accounts.get(userId);
    if (account === undefined) throw new Refused(refusal(404, `user_not_found:_${userId}`, "user not found"));
    return account;
  }

  function emit(event: EngineEvent): void {
    for (const listener of listeners) listener(event);
  }

  function step(now: Timestamp): void {
    if (frozen) return;
    discover();
    time = Math.max(time, now - MAX_BACKLOG);
    for (const seat of seats.values()) seat.maker?.skipTo(time);
    for (;;) {
      const due = nextDue();
      if (due === null || due.at > now) break;
      if (millis(due.at) > millis(time)) sendTickers();
      time = Math.max(time, due.at);
      due.run();
    }
    // A millisecond that is not over may hold more, whatever the steps are.
    if (millis(now) > millis(time)) sendTickers();
    time = Math.max(time, now);
  }

  /** Takes in markets that the world has brought forth since the last look. */
  function discover(): void {
    if (world.markets.size === seen) return;
    seen = world.markets.size;
    const now = world.clock.now();
    for (const market of world.markets.values()) {
      if (!market.live || seats.has(market.ticker) || market.settledTime <= now) continue;
      const venue = createVenue(market, termsOf(world, market));
      for (const trade of world.trades.between(market.ticker, market.openTime, now + 1)) {
        venue.dollarVolume += notional(trade.price, trade.count);
        venue.lastTradeSize = trade.count;
      }
      seats.set(market.ticker, { venue, phase: "waiting", maker: null, tickerSent: 0, wipeAgain: null });
    }
  }

  /** What happens next in any market, and when. */
  function nextDue(): { at: Timestamp; run: () => void } | null {
    let at = Number.POSITIVE_INFINITY;
    let next: Seat | Order | null = null;
    for (const seat of seats.values()) {
      const moment = seatDue(seat);
      if (moment < at) [at, next] = [moment, seat];
    }
    for (const account of accounts.values()) {
      for (const order of account.resting) {
        if (order.expires !== null && order.expires < at) [at, next] = [order.expires, order];
      }
    }
    if (next === null) return null;
    const found = next;
    return { at, run: () => ("venue" in found ? advance(found) : expire(found)) };
  }

  function advance(seat: Seat): void {
    const { venue } = seat;
    const { market } = venue;
    if (seat.phase === "waiting") {
      seat.phase = "open";
      if (time < market.closeTime) seat.maker = desk.open(venue, time);
    } else if (seat.phase === "open" && time >= market.closeTime) {
      seat.phase = "closed";
      seat.maker = null;
      seat.wipeAgain = desk.close(market, time);
      trading.wipe(venue, time);
    } else if (seat.phase === "open") {
      seat.maker?.act(time);
    } else if (seat.wipeAgain !== null && seat.wipeAgain <= time && time < market.settledTime) {
      seat.wipeAgain = null;
      trading.wipe(venue, time);
    } else {
      for (const account of accounts.values()) {
        const paying = settle(account, market, time);
        if (paying !== null) fees += paying.fee;
        if (account.house) account.positions.delete(market.ticker);
      }
      seats.delete(market.ticker);
    }
  }

  function expire(order: Order): void {
    const seat = seats.get(order.ticker);
    if (seat !== undefined) trading.cancel(seat.venue, order, "ExpiryCancel", time);
  }

  /** Sends what has changed, `own` at once and the rest about once a second, and lets no later event share its millisecond. */
  function sendTickers(own?: Seat): void {
    let sent = false;
    for (const seat of own === undefined ? seats.values() : [own]) {
      if (!seat.venue.changed || (own === undefined && time - seat.tickerSent < TICKER_EVERY)) continue;
      seat.venue.changed = false;
      seat.tickerSent = time;
      emit({ type: "ticker", ticker: seat.venue.market.ticker, time });
      sent = true;
    }
    if (sent) time = (millis(time) + 1) * MILLISECOND;
  }

  /** The seat of a market that an order may reach, at a time not before any event. */
  function seatFor(ticker: string): Seat {
    discover();
    time = Math.max(time, world.clock.now());
    const seat = seats.get(ticker);
    if (seat !== undefined) return seat;
    if (world.markets.has(ticker)) throw new Refused(refusal(400, "MARKET_INACTIVE", "market inactive"));
    throw new Refused(refusal(404, "market_not_found", "market not found"));
  }

  /** A member's resting order. */
  function restingOf(userId: string, orderId: string): { seat: Seat; order: Order } {
    const order = accountOf(userId).orders.get(orderId);
    if (order === undefined || order.status !== "resting") throw new Refused(notFound());
    return { seat: seatFor(order.ticker), order };
  }

  /** The same, of a market that trades: after its close an order can no longer be touched. */
  function touch(userId: string, orderId: string): { seat: Seat; order: Order } {
    const { seat, order } = restingOf(userId, orderId);
    if (!isTrading(seat.venue.market, time)) throw new Refused(refusal(400, "MARKET_INACTIVE", "market inactive"));
    return { seat, order };
  }

  const engine: Engine = {
    step,
    start() {
      if (timer !== null) return;
      step(world.clock.now());
      timer = setInterval(() => step(world.clock.now()), everyMs);
      timer.unref();
    },
    stop() {
      if (timer !== null) clearInterval(timer);
      timer = null;
    },
    freeze() {
      frozen = true;
    },
    thaw() {
      frozen = false;
      const now = world.clock.now();
      for (const seat of seats.values()) seat.maker?.skipTo(now);
    },
    addAccount({ userId, keyId, balance, past = false }) {
      if (accounts.has(userId)) return { userId, keyId };
      const account = createAccount(userId, keyId, amountOf(balance), false);
      if (past) addPast(account, world, (market) => termsOf(world, market), new Random(`${seed}/past`));
      open(account);
      return { userId, keyId };
    },
    account: accountOf,
    accounts: () => [...accounts.values()],
    ticker(ticker) {
      const market = world.markets.get(ticker);
      if (market === undefined) return null;
      return tickerView(market, seats.get(ticker)?.venue ?? null);
    },
    place(userId, ticker, request) {
      const seat = seatFor(ticker);
      const placed = trading.place(seat.venue, accountOf(userId), request, time);
      sendTickers(seat);
      return placed;
    },
    cancel(userId, orderId) {
      const { seat, order } = touch(userId, orderId);
      const count = trading.cancel(seat.venue, order, null, time);
      sendTickers(seat);
      return { order, count };
    },
    amend(userId, orderId, amendment) {
      const { seat, order } = touch(userId, orderId);
      const placed = trading.amend(seat.venue, order, amendment(order), time);
      sendTickers(seat);
      return placed;
    },
    decrease(userId, orderId, by) {
      const { seat, order } = touch(userId, orderId);
      trading.shrink(seat.venue, order, by(order), time);
      sendTickers(seat);
      return order;
    },
    cancelAll(userId) {
      for (const { id, ticker } of [...accountOf(userId).resting]) {
        if (isTrading(seatFor(ticker).venue.market, time)) engine.cancel(userId, id);
      }
    },
    ahead(userId, orderId) {
      const { seat, order } = restingOf(userId, orderId);
      return { order, count: ahead(seat.venue.book, order) };
    },
    requote(ticker, perSecond) {
      const seat = seats.get(ticker);
      if (seat?.maker === undefined || seat.maker === null) return false;
      time = Math.max(time, world.clock.now());
      const account = accountOf(HOUSE_USERS[0]!);
      seat.maker = withFlow(seat.maker, { venue: seat.venue, trading, account, perSecond, time });
      return true;
    },
    now: () => Math.max(time, world.clock.now()),
    book(ticker): BookView | null {
      const seat = seats.get(ticker);
      if (seat !== undefined) return view(seat.venue.book);
      return world.markets.get(ticker)?.live === true ? { yes: [], no: [] } : null;
    },
    on(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    audit() {
      let cash: Amount = 0n;
      let long: Count = 0;
      for (const account of accounts.values()) {
        cash += account.cash;
        for (const position of account.positions.values()) long += Math.max(0, position.count);
      }
      return { cash, escrow: notional(DOLLAR, long), fees, deposited };
    },
  };
  return engine;
}

function seatDue({ phase, venue, maker, wipeAgain }: Seat): Timestamp {
  const { market } = venue;
  if (phase === "waiting") return market.openTime;
  if (phase === "open") return Math.min(maker?.next ?? Number.POSITIVE_INFINITY, market.closeTime);
  return Math.min(wipeAgain ?? market.settledTime, market.settledTime);
}

function millis(time: Timestamp): number {
  return Math.floor(time / MILLISECOND);
}
