import type { Count } from "../../units/count.js";
import { type Amount, notional } from "../../units/money.js";
import { complement, type Price } from "../../units/price.js";
import type { Timestamp } from "../../units/time.js";
import type { EngineEvent, TradeLog } from "../types.js";
import { fillMessage, orderMessage, positionMessage } from "../wire/private-messages.js";
import { type Account, addResting, type Order, positionOf, removeResting, type UpdateReason } from "./accounts.js";
import { type Amendment, createAdmission } from "./admission.js";
import { bookFill, newOrder, type OrderDraft, type Part } from "./booking.js";
import { coverShortage, type Margin } from "./margin.js";
import { type BookSide, type MatchStep, match, ordersOf, rest, withdraw } from "./matching.js";
import type { OrderGroups } from "./order-groups.js";
import { lessenInPlace } from "./queue.js";
import type { OrderRequest, Venue } from "./venue.js";

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
  account(userId: string, subaccount?: number): Account;
  venue(ticker: string): Venue | null;
  readonly margin: Margin;
  readonly groups: OrderGroups;
  readonly trades: TradeLog;
  newId(): string;
  emit(event: EngineEvent): void;
  /** Takes in what was charged. */
  collect(fee: Amount): void;
  /** A market shows something else now. */
  changed(venue: Venue): void;
  /** A resting order lapses at a time. */
  lapses(order: Order, at: Timestamp): void;
}

export interface Trading {
  /** @throws Refused with the exchange's own answer */
  place(venue: Venue, account: Account, request: OrderRequest, time: Timestamp): Placed;
  /** As `place`, without asking whether the order is sensible and paid for: for the house. */
  execute(venue: Venue, account: Account, request: OrderRequest, time: Timestamp): Placed;
  /**
   * Changes a resting order, and returns what that filled. A smaller count at the same price keeps its place; anything else goes to the end of
   * its new level, and may take on its way.
   *
   * @throws Refused with the exchange's own answer, and then nothing has changed
   */
  amend(venue: Venue, order: Order, amendment: Amendment, time: Timestamp): Placed;
  /** Makes a resting order smaller, down to nothing at most; it keeps its place. */
  shrink(venue: Venue, order: Order, by: Count, time: Timestamp): void;
  /** Takes a resting order out of its book and returns what it still wanted. */
  cancel(venue: Venue, order: Order, reason: UpdateReason | null, time: Timestamp): Count;
  /** Empties a book at once, as a close does: one event for all of it. */
  wipe(venue: Venue, reason: UpdateReason, time: Timestamp): void;
  /** Cancels the orders of a book that were placed to be cancelled on a pause. */
  halt(venue: Venue, time: Timestamp): void;
  /** Puts an order back into its book, behind those at its price. */
  revive(venue: Venue, account: Account, order: Order): void;
  /** Cancels what an account cannot pay for any more, its newest orders first. */
  cover(account: Account, time: Timestamp): void;
}

/** Orders into books, and what follows from it: fills, fees, positions, cash, collateral, and events. */
export function createTrading(context: TradingContext): Trading {
  const { margin, groups } = context;
  const { admit, admitAmendment } = createAdmission(margin, groups);
  /** Members that have traded since the last look at what they can pay. */
  const traded = new Set<Account>();

  function place(venue: Venue, account: Account, request: OrderRequest, time: Timestamp): Placed {
    return execute(venue, account, admit(venue, account, request, time), time);
  }

  function execute(venue: Venue, account: Account, request: OrderRequest, time: Timestamp): Placed {
    const order = newOrder(account, draftOf(venue, request, context.newId()), time);
    if (!account.house) {
      account.orders.set(order.id, order);
      account.clientOrderIds.add(order.clientOrderId);
    }
    const placed = enter(venue, account, order, request, time);
    settleTraded(time);
    return placed;
  }

  /** What follows from fills once all of an order's are booked: groups that have filled too much, and orders not paid for any more. */
  function settleTraded(time: Timestamp): void {
    if (traded.size === 0) return;
    groups.settle();
    const accounts = [...traded];
    traded.clear();
    for (const account of accounts) cover(account, time);
  }

  function cover(account: Account, time: Timestamp): void {
    coverShortage(account, (order) => {
      const venue = context.venue(order.ticker);
      if (venue !== null) cancel(venue, order, "MarginCancel", time);
    });
  }

  /** Lets what an order still wants into the book: fills first, then the rest of it where it may rest. */
  function enter(
    venue: Venue,
    account: Account,
    order: Order,
    request: Pick<OrderRequest, "timeInForce" | "reduceOnly">,
    time: Timestamp,
  ): Placed {
    const { side, price, selfTrade, filled, takerFees } = order;
    const matched = match(venue.book, { side, price, selfTrade, count: order.remaining, owner: account.userId });
    let sum: Amount = 0n;
    for (const step of matched.steps) {
      if (step.type === "fill") sum += trade(venue, account, order, step, time);
      else finishWithdrawn(venue, step, time);
    }
    order.remaining = matched.remaining;
    const rests = matched.remaining > 0 && request.timeInForce === "good_till_canceled" && !matched.stopped;
    if (rests) {
      rest(venue.book, order);
      if (!account.house) startResting(account, order);
      change(venue, order.side, order.price, order.remaining, time, order);
    } else {
      order.remaining = 0;
      order.status = order.filled === order.initial && order.initial > 0 ? "executed" : "canceled";
      if (order.status === "canceled") order.reason = matched.stopped ? "SelfTradeCancel" : reasonOf(request);
    }
    if (!account.house) {
      margin.refresh(venue, account);
      announce(account, order);
    }
    return { order, filled: order.filled - filled, notional: sum, fees: order.takerFees - takerFees };
  }

  function amend(venue: Venue, order: Order, amendment: Amendment, time: Timestamp): Placed {
    const account = context.account(order.owner, order.subaccount);
    const { price, count, expires, clientOrderId } = amendment;
    const nothing = { order, filled: 0, notional: 0n, fees: 0n };
    admitAmendment(venue, account, order, amendment, time);
    const remaining = count - order.filled;
    if (remaining === 0) {
      cancel(venue, order, null, time);
      return nothing;
    }
    account.clientOrderIds.add(clientOrderId);
    const inPlace = price === order.price && remaining <= order.remaining;
    const by = order.remaining - remaining;
    const leaves = -order.remaining;
    if (!inPlace) withdraw(venue.book, order);
    Object.assign(order, { clientOrderId, expires, initial: count, updated: time, reason: "Amend" });
    if (inPlace) {
      if (by > 0) lessen(venue, order, by, time);
      if (expires !== null) context.lapses(order, expires);
      settleChange(venue, account, order, time);
      return nothing;
    }
    stopResting(account, order);
    change(venue, order.side, order.price, leaves, time, order);
    Object.assign(order, { price, remaining });
    const placed = enter(venue, account, order, { timeInForce: "good_till_canceled", reduceOnly: false }, time);
    settleTraded(time);
    return placed;
  }

  function shrink(venue: Venue, order: Order, by: Count, time: Timestamp): void {
    if (by === order.remaining) {
      cancel(venue, order, "Decrease", time);
      return;
    }
    Object.assign(order, { updated: time, reason: "Decrease" });
    lessen(venue, order, by, time);
    settleChange(venue, context.account(order.owner, order.subaccount), order, time);
  }

  function lessen(venue: Venue, order: Order, by: Count, time: Timestamp): void {
    lessenInPlace(venue.book, order, by);
    change(venue, order.side, order.price, -by, time, order);
  }

  function settleChange(venue: Venue, account: Account, order: Order, time: Timestamp): void {
    account.updated = time;
    margin.refresh(venue, account);
    announce(account, order);
  }

  function startResting(account: Account, order: Order): void {
    addResting(account, order);
    if (order.groupId !== null) groups.track(order);
    if (order.expires !== null) context.lapses(order, order.expires);
  }

  function stopResting(account: Account, order: Order): void {
    removeResting(account, order);
    if (order.groupId !== null) groups.untrack(order);
  }

  function trade(venue: Venue, taker: Account, order: Order, step: MatchStep<Order>, time: Timestamp): Amount {
    const { resting, count } = step;
    const maker = context.account(resting.owner, resting.subaccount);
    const id = context.newId();
    const { price } = resting;
    const before = longOf(taker, venue) + longOf(maker, venue);
    const part = { tradeId: id, price, count, time };
    const events = [
      ...book(venue, maker, resting, { ...part, isTaker: false }),
      ...book(venue, taker, order, { ...part, isTaker: true }),
    ];
    const openInterest = venue.market.stats.openInterest + longOf(taker, venue) + longOf(maker, venue) - before;
    if (resting.remaining === 0) {
      resting.status = "executed";
      if (!maker.house) stopResting(maker, resting);
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
      margin.refresh(venue, maker);
      announce(maker, resting);
    }
    return sum;
  }

  /** One party's side of a trade. Returns what to tell them, nothing to the house. */
  function book(venue: Venue, account: Account, order: Order, part: Part): readonly EngineEvent[] {
    const fill = bookFill(account, order, venue.terms, part);
    context.collect(fill.fee);
    if (account.house) return NOTHING;
    account.fills.push(fill);
    traded.add(account);
    if (order.groupId !== null) groups.fill(order, part.count, part.time);
    const position = positionOf(account, order.ticker);
    const { userId, subaccount } = account;
    const { ticker } = order;
    return [
      { type: "fill", userId, subaccount, ticker, message: fillMessage(fill, position.count) },
      { type: "position", userId, subaccount, ticker, message: positionMessage(userId, subaccount, position) },
    ];
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
    const account = context.account(order.owner, order.subaccount);
    if (account.house) return;
    stopResting(account, order);
    account.updated = time;
    margin.refresh(venue, account);
    announce(account, order);
  }

  function wipe(venue: Venue, reason: UpdateReason, time: Timestamp): void {
    const orders = ordersOf(venue.book);
    venue.book.bids.length = 0;
    venue.book.asks.length = 0;
    context.changed(venue);
    context.emit({ type: "wiped", ticker: venue.market.ticker, time });
    for (const order of orders) finish(venue, order, reason, time);
  }

  function halt(venue: Venue, time: Timestamp): void {
    for (const order of ordersOf(venue.book)) if (order.cancelOnPause) cancel(venue, order, "HaltCancel", time);
  }

  /** Tells that a level has changed. `by` is the order that caused it. */
  function change(venue: Venue, side: BookSide, price: Price, delta: Count, time: Timestamp, by: Order): void {
    context.changed(venue);
    const { owner: userId, clientOrderId, subaccount } = by;
    const own = !context.account(userId).house;
    context.emit({
      type: "delta",
      ticker: venue.market.ticker,
      side: side === "bid" ? "yes" : "no",
      price: side === "bid" ? price : complement(price),
      delta,
      time,
      cause: own ? { userId, clientOrderId, subaccount } : undefined,
    });
  }

  function announce(account: Account, order: Order): void {
    const { userId, subaccount } = account;
    context.emit({ type: "order", userId, subaccount, ticker: order.ticker, message: orderMessage(order) });
  }

  function revive(venue: Venue, account: Account, order: Order): void {
    rest(venue.book, order);
    startResting(account, order);
    context.changed(venue);
  }

  return { place, execute, amend, shrink, cancel, wipe, halt, cover, revive };
}

const NOTHING: readonly EngineEvent[] = [];

function longOf(account: Account, venue: Venue): Count {
  return Math.max(0, account.positions.get(venue.market.ticker)?.count ?? 0);
}

function reasonOf(request: Pick<OrderRequest, "reduceOnly">): UpdateReason | null {
  return request.reduceOnly ? "ReduceOnlyCancel" : null;
}

function draftOf(venue: Venue, request: OrderRequest, id: string): OrderDraft {
  const { side, price, count, clientOrderId, selfTrade, cancelOnPause, expires, groupId = null } = request;
  const { ticker } = venue.market;
  return { id, ticker, side, price, count, clientOrderId, selfTrade, cancelOnPause, expires, groupId };
}
