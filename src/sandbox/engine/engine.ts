import { KalshiError } from "../../errors.js";
import type { Count } from "../../units/count.js";
import { amountOf } from "../../units/money.js";
import { DOLLAR, type Price } from "../../units/price.js";
import { MILLISECOND, SECOND, type Timestamp } from "../../units/time.js";
import type { AccountRef, Books, BookView, EngineEvent, World } from "../types.js";
import { createdMessage, determinedMessage, eventMessage, settledMessage } from "../wire/lifecycle-messages.js";
import { notFound, Refused, refusal } from "../wire/replies.js";
import { termsOf } from "../world/fee-schedule.js";
import { Random } from "../world/random.js";
import { isCombo } from "../world/series/combo-series.js";
import { weeklyPause } from "../world/weekly-pause.js";
import { addPast } from "./account-history.js";
import { type Account, createAccount, type Order, positionOf } from "./accounts.js";
import { type Amendment, inactive, otherMarket } from "./admission.js";
import { Agenda } from "./agenda.js";
import { createFeeCalendar } from "./fee-calendar.js";
import { createHalts, type ExchangeOperations } from "./halts.js";
import { fairPrice } from "./makers/combo-fair.js";
import { createDesk } from "./makers/desk.js";
import { HOUSE_USERS } from "./makers/hands.js";
import { withFlow } from "./makers/requoter.js";
import { createMargin } from "./margin.js";
import { createMarketLife, type MarketOperations } from "./market-life.js";
import { view } from "./matching.js";
import type { Member } from "./members.js";
import { createOrderGroups, type OrderGroups } from "./order-groups.js";
import { createPayouts } from "./payouts.js";
import { ahead } from "./queue.js";
import { type Audit, createRegister } from "./register.js";
import type { Resumption } from "./resumption.js";
import { createSeat, nextTurn, type Seat } from "./seat.js";
import { settle } from "./settlement.js";
import { createTickerTape } from "./ticker-tape.js";
import { type TickerView, tickerView } from "./ticker-view.js";
import { createTrading, type Placed } from "./trading.js";
import { createTreasury, type Treasury } from "./treasury.js";
import { createVenue, isOpen, type OrderRequest } from "./venue.js";

/** Who holds a key, and what they start with. */
export interface NewAccount {
  readonly userId: string;
  readonly keyId: string;
  /** Money at the start, in micro-dollars. */
  readonly balance: Price;
  /** The balance's smallest step in micro-dollars: $0.0001, that of direct members, where absent. */
  readonly precision?: Price | undefined;
  /** Whether the account has traded before: see {@link addPast}. Its money is then what that left of the balance. */
  readonly past?: boolean;
}

/** The trading half of the sandbox: books, orders, accounts, settlement, and the makers that move the live markets. */
export interface Engine extends Books, MarketOperations, ExchangeOperations, Treasury {
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
  /** @throws Refused with the exchange's own answer */
  place(userId: string, ticker: string, request: OrderRequest): Placed;
  /**
   * Cancels a resting order, of one subaccount or of any, and returns what it still wanted. `ticker`: what the market is said to be.
   *
   * @throws Refused, alike for unknown and finished orders
   */
  cancel(
    userId: string,
    orderId: string,
    subaccount?: number,
    ticker?: string,
  ): { readonly order: Order; readonly count: Count };
  /** Changes a resting order, and returns what that filled. @throws Refused, alike for unknown and finished orders */
  amend(userId: string, orderId: string, amendment: (order: Order) => Amendment, subaccount?: number): Placed;
  /** Makes a resting order smaller by what `by` says of it; it keeps its place. @throws Refused, alike for unknown and finished orders */
  decrease(userId: string, orderId: string, by: (order: Order) => Count, subaccount?: number): Order;
  /** Cancels all resting orders of markets that are open, of one subaccount or of all. */
  cancelAll(userId: string, subaccount?: number): void;
  /** Contracts that stand before a resting order at its price. @throws Refused, alike for unknown and finished orders */
  ahead(userId: string, orderId: string): { readonly order: Order; readonly count: Count };
  /** Lets a quote of a market come and go, so many deltas a second, in place of its maker; 0 gives it back. False where none trades. */
  requote(ticker: string, perSecond: number): boolean;
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
/** What lies further back than this is skipped by makers; closes, expiries and settlements happen at their time all the same. */
const MAX_BACKLOG = 5 * SECOND;
const HOUSE_CASH = amountOf(1_000_000_000_000_000);

/** An engine over a world. Nothing moves until `step` or `start`. */
export function createEngine(options: EngineOptions): Engine {
  const { world, seed, everyMs = DEFAULT_STEP_MS, makers = true } = options;
  const register = createRegister();
  const listeners = new Set<(event: EngineEvent) => void>();
  const seats = new Map<string, Seat>();
  const knownEvents = new Set<string>();
  /** What is to come, as what to run at its time. */
  const agenda = new Agenda<(at: Timestamp) => void>();
  const tape = createTickerTape(emit);
  let ids = new Random(`${seed}/ids`);
  let seen = 0;
  /** Makers do nothing before this moment, however late they come. */
  let lived: Timestamp = Number.NEGATIVE_INFINITY;
  let time: Timestamp = 0;
  let frozen = false;
  let stepping = false;
  let timer: NodeJS.Timeout | null = null;

  const newId = () => ids.uuid();
  const venueOf = (ticker: string) => seats.get(ticker)?.venue ?? null;
  const payouts = createPayouts({
    world,
    register,
    trading: () => trading,
    margin: () => margin,
    isUnpaid: (ticker) => seats.has(ticker),
    now: () => time,
    emit,
  });
  const margin = createMargin({ world, venueOf, paidBy: payouts.paidBy });
  const groups = createOrderGroups({ newId, now: () => time, emit, cancel: withdraw });
  const trading = createTrading({
    account: register.account,
    venue: venueOf,
    margin,
    groups,
    trades: world.trades,
    newId,
    emit,
    collect: register.charge,
    changed(venue) {
      const seat = venue.changed ? undefined : seats.get(venue.market.ticker);
      if (seat !== undefined) tape.changed(seat);
    },
    lapses: (order, at) => agenda.add(at, () => lapse(order, at)),
  });
  const desk = createDesk({ world, seed, trading, accountOf: register.account, fairOf });
  const halts = createHalts({ onHalt: haltAll, onResume: reseatAll });
  const feeCalendar = createFeeCalendar({ world, agenda, emit, onChange: applyFees });
  const life = createMarketLife({ world, trading, emit, seatNow, reseat, rethink: desk.rethink });
  const treasury = createTreasury({ memberOf: register.member, newId, now: () => engine.now(), margin, halts });
  if (options.weeklyPause === true) pauseWeekly(world.clock.now());
  for (const userId of HOUSE_USERS) {
    register.open(createAccount({ userId, keyId: "", cash: HOUSE_CASH, house: true }));
  }

  function emit(event: EngineEvent): void {
    for (const listener of listeners) listener(event);
  }

  function step(now: Timestamp): void {
    if (frozen) return;
    discover();
    lived = now - MAX_BACKLOG;
    if (lived > time) skipMakersTo(lived);
    stepping = true;
    for (let next = agenda.next; next !== undefined && next.at <= now; next = agenda.next) {
      agenda.shift();
      if (millis(next.at) > millis(time)) sendTickers();
      time = Math.max(time, next.at);
      next.item(next.at);
    }
    stepping = false;
    // A millisecond that is not over may hold more, whatever the steps are.
    if (millis(now) > millis(time)) sendTickers();
    time = Math.max(time, now);
  }

  function skipMakersTo(moment: Timestamp): void {
    for (const seat of seats.values()) {
      seat.maker?.skipTo(moment);
      schedule(seat);
    }
  }

  /** Takes in markets that the world has brought forth since the last look, and tells of those that are new. */
  function discover(): void {
    feeCalendar.look();
    if (world.markets.size === seen) return;
    const first = seen === 0;
    seen = world.markets.size;
    const now = world.clock.now();
    for (const market of world.markets.values()) {
      if (!market.live || seats.has(market.ticker) || market.settledTime <= now) continue;
      const venue = createVenue(market, termsOf(world, market, now));
      const { dollars, lastCount } = world.trades.turnover(market.ticker);
      venue.dollarVolume = dollars;
      venue.lastTradeSize = lastCount;
      const seat = createSeat(venue, now, runSeat);
      seats.set(market.ticker, seat);
      feeCalendar.watch(market, now);
      schedule(seat);
      if (!first) announce(seat);
      knownEvents.add(market.eventTicker);
    }
  }

  function announce({ venue: { market } }: Seat): void {
    const combo = isCombo(market);
    const event = world.events.get(market.eventTicker);
    if (event !== undefined && !knownEvents.has(event.ticker)) {
      emit({ type: "event_lifecycle", combo, message: eventMessage(event) });
    }
    emit({ type: "lifecycle", ticker: market.ticker, combo, message: createdMessage(market) });
  }

  /** Enters what a seat does next, in place of what was entered for it before. */
  function schedule(seat: Seat): void {
    const acts = seat.maker !== null && seat.venue.market.paused !== true && !halts.isHalted();
    const due = Math.min(nextTurn(seat), acts ? (seat.maker?.next ?? 0) : Number.POSITIVE_INFINITY);
    if (due === seat.due) return;
    seat.due = due;
    agenda.add(due, seat.run);
  }

  function runSeat(seat: Seat, at: Timestamp): void {
    if (at !== seat.due || seats.get(seat.venue.market.ticker) !== seat) return;
    seat.due = Number.NEGATIVE_INFINITY;
    if (nextTurn(seat) <= time) turn(seat);
    else seat.maker?.act(time);
    schedule(seat);
  }

  /** Leads a market from one phase of its life to the next. */
  function turn(seat: Seat): void {
    const { venue } = seat;
    const { market } = venue;
    if (seat.phase === "waiting") {
      seat.phase = "open";
      if (makers && Math.max(time, lived) < market.closeTime) startMaker(seat);
    } else if (seat.phase === "open") {
      seat.phase = "closed";
      seat.maker = null;
      if (makers) wipeAgain(seat, desk.close(market, time));
      trading.wipe(venue, "CloseCancel", time);
    } else if (seat.phase === "closed") {
      seat.phase = "determined";
      const message = determinedMessage(market, market.determinedTime);
      emit({ type: "lifecycle", ticker: market.ticker, combo: isCombo(market), message });
    } else {
      payouts.pay(market, time);
      seats.delete(market.ticker);
      const message = settledMessage(market, time);
      emit({ type: "lifecycle", ticker: market.ticker, combo: isCombo(market), message });
    }
  }

  function startMaker(seat: Seat): void {
    seat.maker = desk.open(seat.venue, Math.max(time, lived));
  }

  /** What a market is worth by its book, or by its last trade; by its outcome once that is known. */
  function fairOf(ticker: string): number {
    const market = world.markets.get(ticker);
    if (market === undefined) return 0.5;
    if (time >= market.determinedTime) return market.outcome.value / DOLLAR;
    return fairPrice(market, seats.get(ticker)?.venue.book) / DOLLAR;
  }

  /** Says of a closed book once more that it is empty. */
  function wipeAgain(seat: Seat, at: Timestamp | null): void {
    agenda.add(at ?? Number.POSITIVE_INFINITY, () => {
      const isClosed = seat.phase === "closed" || seat.phase === "determined";
      if (isClosed && seats.has(seat.venue.market.ticker)) trading.wipe(seat.venue, "CloseCancel", time);
    });
  }

  /** Markets have other fees from now on: what their orders may cost is weighed anew. */
  function applyFees(tickers: readonly string[]): void {
    const venues = tickers.map(venueOf).filter((venue) => venue !== null);
    for (const venue of venues) venue.terms = termsOf(world, venue.market, time);
    for (const account of register.everyOfMembers()) {
      const concerned = venues.filter(({ market }) => account.restingIn.has(market.ticker));
      for (const venue of concerned) margin.refresh(venue, account);
      if (concerned.length > 0) trading.cover(account, time);
    }
  }

  function lapse(order: Order, at: Timestamp): void {
    if (order.status !== "resting" || order.expires !== at) return;
    const venue = venueOf(order.ticker);
    if (venue !== null) trading.cancel(venue, order, "ExpiryCancel", time);
  }

  /** Cancels an order for another's sake. */
  function withdraw(order: Order): void {
    const venue = venueOf(order.ticker);
    if (venue !== null) trading.cancel(venue, order, null, time);
  }

  /** Now: while a step leads through the past, the moment that it has come to. */
  function present(): Timestamp {
    return stepping ? time : Math.max(time, world.clock.now());
  }

  function haltAll(): void {
    time = present();
    for (const seat of seats.values()) trading.halt(seat.venue, time);
    reseatAll();
  }

  /** Enters the weekly pause that is on or comes next. Another pause meanwhile is left as it is. */
  function pauseWeekly(now: Timestamp): void {
    const { from, to } = weeklyPause(now);
    agenda.add(from, () => {
      if (!halts.isHalted()) halts.pauseTrading();
    });
    agenda.add(to, () => {
      if (halts.halted() === "trading") halts.resumeExchange();
      pauseWeekly(to);
    });
  }

  function reseatAll(): void {
    for (const seat of seats.values()) {
      seat.maker?.skipTo(present());
      schedule(seat);
    }
  }

  /** Sends what has changed, `own` at once and the rest about once a second, and lets no later event share its millisecond. */
  function sendTickers(own?: Seat): void {
    if (tape.send(time, own)) time = (millis(time) + 1) * MILLISECOND;
  }

  /** The seat of a market that an order may reach, at a time not before any event. */
  function seatFor(ticker: string): Seat {
    discover();
    time = Math.max(time, world.clock.now());
    const seat = seats.get(ticker);
    if (seat !== undefined) {
      feeCalendar.refresh(seat.venue, time);
      return seat;
    }
    if (world.markets.has(ticker)) throw inactive();
    throw new Refused(refusal(404, "market_not_found", "market not found"));
  }

  /** A market's seat with all turns of its life that were due. */
  function seatNow(ticker: string): { readonly seat: Seat; readonly time: Timestamp } {
    discover();
    time = Math.max(time, world.clock.now());
    const seat = seats.get(ticker);
    if (seat !== undefined) catchUp(seat);
    if (seat === undefined || !seats.has(ticker)) {
      throw new KalshiError("MARKET_NOT_FOUND", `no market with a book: ${ticker}`, {
        hint: "name a market that is not settled yet; GET /books lists them",
        context: { ticker },
      });
    }
    // Records go by the clock, which the engine may be a little ahead of.
    return { seat, time: world.clock.now() };
  }

  function catchUp(seat: Seat): void {
    while (nextTurn(seat) <= time && seats.get(seat.venue.market.ticker) === seat) turn(seat);
  }

  function reseat(seat: Seat): void {
    catchUp(seat);
    if (seats.get(seat.venue.market.ticker) === seat) schedule(seat);
    sendTickers(seat);
  }

  /** A member's resting order. */
  function restingOf(userId: string, orderId: string, subaccount?: number): { seat: Seat; order: Order } {
    for (const account of register.member(userId).accounts) {
      const order = account.orders.get(orderId);
      if (order === undefined || (subaccount !== undefined && account.subaccount !== subaccount)) continue;
      if (order.status === "resting") return { seat: seatFor(order.ticker), order };
    }
    throw new Refused(notFound());
  }

  /** The same, of a market that is open: after its close an order can no longer be touched. */
  function touch(userId: string, orderId: string, subaccount?: number): { seat: Seat; order: Order } {
    const { seat, order } = restingOf(userId, orderId, subaccount);
    if (!isOpen(seat.venue.market, time)) throw inactive();
    return { seat, order };
  }

  function continueFrom(past: Resumption): void {
    ids = new Random(`${seed}/ids/${past.run}`);
    time = Math.max(time, world.clock.now());
    discover();
    for (const group of past.groups) groups.revive(group);
    for (const order of past.orders) revive(order);
    const house = register.account(HOUSE_USERS[0]!);
    for (const account of register.everyOfMembers()) {
      for (const { ticker, count, settled } of account.positions.values()) {
        if (settled || count === 0) continue;
        const market = world.markets.get(ticker);
        if (seats.has(ticker) || market === undefined) positionOf(house, ticker).count -= count;
        else settle(account, market, time);
      }
    }
    register.continueWith(past.fees, past.deposited);
    const { cash, escrow, fees, deposited } = register.audit();
    house.cash += deposited - fees - cash - escrow;
  }

  /** Puts an order back where it stood; one whose market has closed meanwhile is cancelled as that would have. */
  function revive(order: Order): void {
    const account = register.account(order.owner, order.subaccount);
    const seat = seats.get(order.ticker);
    if (seat !== undefined && time < seat.venue.market.closeTime) {
      trading.revive(seat.venue, account, order);
      return;
    }
    Object.assign(order, { status: "canceled", remaining: 0, reason: "CloseCancel", updated: time });
    if (seat !== undefined) margin.refresh(seat.venue, account);
  }

  const engine: Engine = {
    ...life,
    ...halts,
    ...treasury,
    orderGroups() {
      time = Math.max(time, world.clock.now());
      return groups;
    },
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
      reseatAll();
    },
    addAccount({ userId, keyId, balance, precision, past = false }) {
      if (register.has(userId)) return { userId, keyId };
      const cash = amountOf(balance);
      const account = createAccount({
        userId,
        keyId,
        cash,
        house: false,
        ...(precision === undefined ? {} : { precision }),
      });
      account.opened = world.clock.now();
      if (past) addPast(account, world, (market, at) => termsOf(world, market, at), new Random(`${seed}/past`));
      register.open(account);
      return { userId, keyId };
    },
    continueFrom,
    account: register.account,
    member: register.member,
    accounts: () => [...register.every()],
    ticker(ticker) {
      const market = world.markets.get(ticker);
      if (market === undefined) return null;
      return tickerView(market, seats.get(ticker)?.venue ?? null);
    },
    place(userId, ticker, request) {
      const account = register.account(userId, request.subaccount);
      const seat = seatFor(ticker);
      halts.checkTrading();
      const placed = trading.place(seat.venue, account, request, time);
      sendTickers(seat);
      return placed;
    },
    cancel(userId, orderId, subaccount, ticker) {
      halts.checkExchange();
      const { seat, order } = touch(userId, orderId, subaccount);
      if (ticker !== undefined && ticker !== order.ticker) throw otherMarket();
      const count = trading.cancel(seat.venue, order, null, time);
      sendTickers(seat);
      return { order, count };
    },
    amend(userId, orderId, amendment, subaccount) {
      halts.checkTrading();
      const { seat, order } = touch(userId, orderId, subaccount);
      const placed = trading.amend(seat.venue, order, amendment(order), time);
      sendTickers(seat);
      return placed;
    },
    decrease(userId, orderId, by, subaccount) {
      halts.checkExchange();
      const { seat, order } = touch(userId, orderId, subaccount);
      trading.shrink(seat.venue, order, by(order), time);
      sendTickers(seat);
      return order;
    },
    cancelAll(userId, subaccount) {
      halts.checkExchange();
      const { accounts } = register.member(userId);
      const wanted = subaccount === undefined ? accounts : [register.account(userId, subaccount)];
      for (const { id, ticker } of wanted.flatMap(({ resting }) => [...resting])) {
        if (isOpen(seatFor(ticker).venue.market, time)) engine.cancel(userId, id);
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
      const account = register.account(HOUSE_USERS[0]!);
      seat.maker = withFlow(seat.maker, { venue: seat.venue, trading, account, perSecond, time });
      schedule(seat);
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
    audit: register.audit,
  };
  return engine;
}

function millis(time: Timestamp): number {
  return Math.floor(time / MILLISECOND);
}
