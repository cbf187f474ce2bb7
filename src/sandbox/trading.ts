import { DIRECT_PRECISION, fillFee } from "../analysis/fees.js";
import type { Count } from "../units/count.js";
import { type Amount, notional } from "../units/money.js";
import { complement, type Price } from "../units/price.js";
import type { Timestamp } from "../units/time.js";
import {
  type Account,
  applyFill,
  available,
  closingCount,
  collateral,
  type FeeTerms,
  type Order,
  positionOf,
  sidePrice,
  type UpdateReason,
} from "./accounts.js";
import { onGrid } from "./grid.js";
import {
  type BookSide,
  createOrderBook,
  crosses,
  type MatchStep,
  match,
  type OrderBook,
  ordersOf,
  probe,
  rest,
  type SelfTrade,
  withdraw,
} from "./matching.js";
import { fillMessage, orderMessage } from "./private-messages.js";
import { Refused, refusal } from "./replies.js";
import type { EngineEvent, MarketRecord, TradeLog } from "./types.js";

/** One market with a book. */
export interface Venue {
  readonly market: MarketRecord;
  readonly book: OrderBook<Order>;
  readonly terms: FeeTerms;
  /** Dollars traded so far, for the ticker. */
  dollarVolume: Amount;
  lastTradeSize: Count;
  /** Whether anything that a ticker shows has changed since the last one. */
  changed: boolean;
}

export function createVenue(market: MarketRecord, terms: FeeTerms): Venue {
  return { market, book: createOrderBook(), terms, dollarVolume: 0n, lastTradeSize: 0, changed: false };
}

export type TimeInForce = "good_till_canceled" | "immediate_or_cancel" | "fill_or_kill";

/** An order as asked for, in the sandbox's units. */
export interface OrderRequest {
  readonly side: BookSide;
  /** YES price. */
  readonly price: Price;
  readonly count: Count;
  readonly timeInForce: TimeInForce;
  readonly selfTrade: SelfTrade;
  readonly clientOrderId: string;
  readonly postOnly: boolean;
  readonly reduceOnly: boolean;
  readonly cancelOnPause: boolean;
  readonly expires: Timestamp | null;
}

/** What became of a request at once. */
export interface Placed {
  readonly order: Order;
  readonly filled: Count;
  /** Sum of YES price times count over the fills. */
  readonly notional: Amount;
  readonly fees: Amount;
}

/** What trading needs from outside: whose order it meets, where trades go, fresh ids, and who listens. */
export interface TradingContext {
  account(userId: string): Account;
  readonly trades: TradeLog;
  newId(): string;
  emit(event: EngineEvent): void;
  /** Takes in what was charged. */
  collect(fee: Amount): void;
}

export interface Trading {
  /** @throws Refused with the exchange's own answer */
  place(venue: Venue, account: Account, request: OrderRequest, time: Timestamp): Placed;
  /** As `place`, without asking whether the order is sensible and paid for: for the house. */
  execute(venue: Venue, account: Account, request: OrderRequest, time: Timestamp): Placed;
  /** Takes a resting order out of its book and returns what it still wanted. */
  cancel(venue: Venue, order: Order, reason: UpdateReason | null, time: Timestamp): Count;
  /** Empties a book at once, as a close does: one event for all of it. */
  wipe(venue: Venue, time: Timestamp): void;
}

/** Orders into books, and what follows from it: fills, fees, positions, cash, collateral, and events. */
export function createTrading(context: TradingContext): Trading {
  function place(venue: Venue, account: Account, request: OrderRequest, time: Timestamp): Placed {
    if (account.clientOrderIds.has(request.clientOrderId)) {
      throw new Refused(refusal(409, "order_already_exists", "order already exists"));
    }
    check(venue, request, time);
    const allowed = request.reduceOnly ? reduced(venue, account, request) : request;
    if (request.timeInForce === "fill_or_kill") {
      const fate = probe(venue.book, { ...allowed, owner: account.userId });
      if (fate === "short") {
        const code = "fill_or_kill_insufficient_resting_volume";
        throw new Refused(refusal(400, code, code.replaceAll("_", " ")));
      }
    }
    afford(venue, account, allowed);
    return execute(venue, account, allowed, time);
  }

  function execute(venue: Venue, account: Account, request: OrderRequest, time: Timestamp): Placed {
    const order = newOrder(venue, account, request, time, context.newId());
    if (!account.house) {
      account.orders.set(order.id, order);
      account.clientOrderIds.add(order.clientOrderId);
    }
    const matched = match(venue.book, { ...request, owner: account.userId });
    let sum: Amount = 0n;
    for (const step of matched.steps) {
      if (step.type === "fill") sum += trade(venue, account, order, step, time);
      else finishWithdrawn(venue, step, time);
    }
    order.remaining = matched.remaining;
    const rests = matched.remaining > 0 && request.timeInForce === "good_till_canceled" && !matched.stopped;
    if (rests) {
      rest(venue.book, order);
      if (!account.house) account.resting.add(order);
      change(venue, order.side, order.price, order.remaining, time, order);
    } else {
      order.remaining = 0;
      order.status = order.filled === order.initial && order.initial > 0 ? "executed" : "canceled";
      if (order.status === "canceled") order.reason = matched.stopped ? "SelfTradeCancel" : reasonOf(request);
    }
    if (!account.house) {
      reserve(venue, account);
      announce(account, order);
    }
    return { order, filled: order.filled, notional: sum, fees: order.takerFees };
  }

  function trade(venue: Venue, taker: Account, order: Order, step: MatchStep<Order>, time: Timestamp): Amount {
    const { resting, count } = step;
    const maker = context.account(resting.owner);
    const id = context.newId();
    const { price } = resting;
    const before = longOf(taker, venue) + longOf(maker, venue);
    const events: EngineEvent[] = [
      bookFill(venue, maker, resting, { id, price, count, isTaker: false, time }),
      bookFill(venue, taker, order, { id, price, count, isTaker: true, time }),
    ].filter((event) => event !== null);
    const openInterest = venue.market.stats.openInterest + longOf(taker, venue) + longOf(maker, venue) - before;
    if (resting.remaining === 0) {
      resting.status = "executed";
      maker.resting.delete(resting);
    }
    const sum = notional(price, count);
    venue.dollarVolume += sum;
    venue.lastTradeSize = count;
    change(venue, resting.side, price, -count, time, order);
    const record = {
      id,
      ticker: venue.market.ticker,
      price,
      count,
      taker: order.side === "bid" ? ("yes" as const) : ("no" as const),
      time,
      isBlock: false,
      openInterest,
    };
    context.trades.append(record);
    context.emit({ type: "trade", trade: record });
    for (const event of events) context.emit(event);
    if (!maker.house) {
      reserve(venue, maker);
      announce(maker, resting);
    }
    return sum;
  }

  /** One party's side of a trade. Returns what to tell them, null for the house. */
  function bookFill(
    venue: Venue,
    account: Account,
    order: Order,
    of: { id: string; price: Price; count: Count; isTaker: boolean; time: Timestamp },
  ): EngineEvent | null {
    const { ticker } = venue.market;
    const { price, count, time } = of;
    const fee = fillFee(
      {
        feeType: venue.terms.feeType,
        multiplier: venue.terms.feeMultiplier,
        precision: DIRECT_PRECISION,
        rule: "current",
      },
      { bookSide: order.side, price, count, role: of.isTaker ? "taker" : "maker" },
      order.carried,
    );
    const position = positionOf(account, ticker);
    account.cash += applyFill(position, order.side, price, count, time) - fee.net;
    account.updated = time;
    position.fees += fee.net;
    order.carried = fee.carried;
    order.filled += count;
    order.updated = time;
    order.reason = "Trade";
    const cost = notional(sidePrice(order.side, price), count);
    if (of.isTaker) {
      order.takerCost += cost;
      order.takerFees += fee.net;
    } else {
      order.makerCost += cost;
      order.makerFees += fee.net;
    }
    context.collect(fee.net);
    if (account.house) return null;
    const fill = {
      tradeId: of.id,
      orderId: order.id,
      clientOrderId: order.clientOrderId,
      ticker,
      side: order.side,
      action: order.action,
      price,
      count,
      isTaker: of.isTaker,
      time,
      fee: fee.net,
    };
    account.fills.push(fill);
    return { type: "fill", userId: account.userId, ticker, message: fillMessage(fill, position.count) };
  }

  function cancel(venue: Venue, order: Order, reason: UpdateReason | null, time: Timestamp): Count {
    const count = order.remaining;
    withdraw(venue.book, order);
    change(venue, order.side, order.price, -count, time, order);
    finish(venue, order, reason, time);
    return count;
  }

  function finishWithdrawn(venue: Venue, step: MatchStep<Order>, time: Timestamp): void {
    change(venue, step.resting.side, step.resting.price, -step.count, time, step.resting);
    finish(venue, step.resting, "SelfTradeCancel", time);
  }

  function finish(venue: Venue, order: Order, reason: UpdateReason | null, time: Timestamp): void {
    order.remaining = 0;
    order.status = "canceled";
    order.updated = time;
    order.reason = reason;
    const account = context.account(order.owner);
    if (account.house) return;
    account.resting.delete(order);
    account.updated = time;
    reserve(venue, account);
    announce(account, order);
  }

  function wipe(venue: Venue, time: Timestamp): void {
    const orders = ordersOf(venue.book);
    venue.book.bids.length = 0;
    venue.book.asks.length = 0;
    venue.changed = true;
    context.emit({ type: "wiped", ticker: venue.market.ticker, time });
    for (const order of orders) finish(venue, order, "CloseCancel", time);
  }

  /** Tells that a level has changed. `by` is the order that caused it. */
  function change(venue: Venue, side: BookSide, price: Price, delta: Count, time: Timestamp, by: Order): void {
    venue.changed = true;
    const own = !context.account(by.owner).house;
    context.emit({
      type: "delta",
      ticker: venue.market.ticker,
      side: side === "bid" ? "yes" : "no",
      price: side === "bid" ? price : complement(price),
      delta,
      time,
      cause: own ? { userId: by.owner, clientOrderId: by.clientOrderId } : undefined,
    });
  }

  function announce(account: Account, order: Order): void {
    context.emit({ type: "order", userId: account.userId, ticker: order.ticker, message: orderMessage(order) });
  }

  return { place, execute, cancel, wipe };
}

/** Whether a market takes orders now. */
export function isTrading(market: MarketRecord, time: Timestamp): boolean {
  return market.openTime <= time && time < market.closeTime;
}

function check(venue: Venue, request: OrderRequest, time: Timestamp): void {
  const invalid = (details: string) => new Refused(refusal(400, "invalid_order", "invalid order", details));
  if (!isTrading(venue.market, time)) throw new Refused(refusal(400, "MARKET_INACTIVE", "market inactive"));
  if (!onGrid(venue.market.grid, request.price)) throw new Refused(refusal(400, "invalid_price", "invalid price"));
  if (!Number.isSafeInteger(request.count) || request.count <= 0) {
    throw new Refused(refusal(400, "invalid_order_size", "invalid order size"));
  }
  if (request.expires !== null) {
    if (request.timeInForce !== "good_till_canceled") throw invalid("expiration_time needs good_till_canceled");
    if (request.expires <= time) throw invalid("expiration_time is in the past");
  }
  if (request.reduceOnly && request.timeInForce !== "immediate_or_cancel") {
    throw invalid("reduce_only needs immediate_or_cancel");
  }
  if (request.postOnly && crosses(venue.book, request.side, request.price)) throw invalid("post only cross");
}

/** A reduce-only request cut to what its owner holds the other way; possibly to nothing. */
function reduced(venue: Venue, account: Account, request: OrderRequest): OrderRequest {
  const held = account.positions.get(venue.market.ticker)?.count ?? 0;
  return { ...request, count: closingCount(held, request.side, request.count) };
}

function afford(venue: Venue, account: Account, request: OrderRequest): void {
  const incoming = { side: request.side, price: request.price, remaining: request.count, role: "taker" as const };
  const needed = collateralOf(venue, account, incoming) - (account.reserved.get(venue.market.ticker) ?? 0n);
  if (needed > 0n && needed > available(account)) {
    throw new Refused(refusal(400, "insufficient_balance", "insufficient balance"));
  }
}

function reserve(venue: Venue, account: Account): void {
  const { ticker } = venue.market;
  const amount = collateralOf(venue, account);
  if (amount === 0n) account.reserved.delete(ticker);
  else account.reserved.set(ticker, amount);
}

interface Claim {
  readonly side: BookSide;
  readonly price: Price;
  readonly remaining: Count;
  readonly role: "taker" | "maker";
}

function collateralOf(venue: Venue, account: Account, incoming?: Claim): Amount {
  const { ticker } = venue.market;
  const held = account.positions.get(ticker)?.count ?? 0;
  const claims: Claim[] = [];
  for (const order of account.resting) {
    if (order.ticker === ticker) {
      claims.push({ side: order.side, price: order.price, remaining: order.remaining, role: "maker" });
    }
  }
  if (incoming !== undefined) claims.push(incoming);
  const of = (side: BookSide) =>
    collateral(
      held,
      side,
      claims.filter((claim) => claim.side === side),
      venue.terms,
    );
  return of("bid") + of("ask");
}

function longOf(account: Account, venue: Venue): Count {
  return Math.max(0, account.positions.get(venue.market.ticker)?.count ?? 0);
}

function reasonOf(request: OrderRequest): UpdateReason | null {
  return request.reduceOnly ? "ReduceOnlyCancel" : null;
}

function newOrder(venue: Venue, account: Account, request: OrderRequest, time: Timestamp, id: string): Order {
  const held = account.positions.get(venue.market.ticker)?.count ?? 0;
  const closes = request.count > 0 && closingCount(held, request.side, request.count) === request.count;
  return {
    id,
    owner: account.userId,
    ticker: venue.market.ticker,
    side: request.side,
    price: request.price,
    remaining: request.count,
    clientOrderId: request.clientOrderId,
    action: closes ? "sell" : "buy",
    initial: request.count,
    created: time,
    expires: request.expires,
    selfTrade: request.selfTrade,
    cancelOnPause: request.cancelOnPause,
    status: "resting",
    filled: 0,
    updated: time,
    reason: null,
    takerCost: 0n,
    makerCost: 0n,
    takerFees: 0n,
    makerFees: 0n,
    carried: 0n,
  };
}
