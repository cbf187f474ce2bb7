import type { Count } from "../../units/count.js";
import type { Timestamp } from "../../units/time.js";
import { type Account, addResting, type Order, removeResting, type UpdateReason } from "./accounts.js";
import type { Margin } from "./margin.js";
import { ordersOf, rest, withdraw } from "./matching.js";
import type { OrderGroups } from "./order-groups.js";
import type { OrderNews } from "./order-news.js";
import { lessenInPlace } from "./queue.js";
import type { Venue } from "./venue.js";

/** How orders come to rest, become smaller where they are, and go. What they fill meanwhile is for others to book. */
export interface RestingOrders {
  /** A member's order rests now. */
  start(account: Account, order: Order): void;
  /** It does no more. */
  stop(account: Account, order: Order): void;
  /** Makes an order smaller by less than all of it, in its place. */
  lessen(venue: Venue, order: Order, by: Count, time: Timestamp): void;
  /** Weighs and tells an order that was changed in its place. */
  settleChange(venue: Venue, account: Account, order: Order, time: Timestamp): void;
  /** Makes a resting order smaller, down to nothing at most; it keeps its place. */
  shrink(venue: Venue, order: Order, by: Count, time: Timestamp): void;
  /** Takes a resting order out of its book and returns what it still wanted. */
  cancel(venue: Venue, order: Order, reason: UpdateReason | null, time: Timestamp): Count;
  /** Cancels an order in whatever book it rests. */
  drop(order: Order, reason: UpdateReason | null, time: Timestamp): void;
  /** Ends an order that is out of its book already. */
  finish(venue: Venue, order: Order, reason: UpdateReason | null, time: Timestamp): void;
  /** Empties a book at once, as a close does: one event for all of it. */
  wipe(venue: Venue, reason: UpdateReason, time: Timestamp): void;
  /** Cancels the orders of a book that were placed to be cancelled on a pause. */
  halt(venue: Venue, time: Timestamp): void;
  /** Puts an order back into its book, behind those at its price. */
  revive(venue: Venue, account: Account, order: Order): void;
}

export interface RestingOrdersContext {
  account(userId: string, subaccount?: number): Account;
  venue(ticker: string): Venue | null;
  readonly margin: Margin;
  readonly groups: OrderGroups;
  readonly news: OrderNews;
  /** A market shows something else now. */
  changed(venue: Venue): void;
  /** A resting order lapses at a time. */
  lapses(order: Order, at: Timestamp): void;
}

export function createRestingOrders(context: RestingOrdersContext): RestingOrders {
  const { margin, groups, news } = context;

  function start(account: Account, order: Order): void {
    addResting(account, order);
    if (order.groupId !== null) groups.track(order);
    if (order.expires !== null) context.lapses(order, order.expires);
  }

  function stop(account: Account, order: Order): void {
    removeResting(account, order);
    if (order.groupId !== null) groups.untrack(order);
  }

  function lessen(venue: Venue, order: Order, by: Count, time: Timestamp): void {
    lessenInPlace(venue.book, order, by);
    news.level(venue, order.side, order.price, -by, time, order);
  }

  function settleChange(venue: Venue, account: Account, order: Order, time: Timestamp): void {
    account.updated = time;
    margin.refresh(venue, account);
    news.order(account, order);
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

  function cancel(venue: Venue, order: Order, reason: UpdateReason | null, time: Timestamp): Count {
    const count = order.remaining;
    withdraw(venue.book, order);
    news.level(venue, order.side, order.price, -count, time, order);
    finish(venue, order, reason, time);
    return count;
  }

  function drop(order: Order, reason: UpdateReason | null, time: Timestamp): void {
    const venue = context.venue(order.ticker);
    if (venue !== null) cancel(venue, order, reason, time);
  }

  function finish(venue: Venue, order: Order, reason: UpdateReason | null, time: Timestamp): void {
    order.remaining = 0;
    order.status = "canceled";
    order.updated = time;
    order.reason = reason;
    const account = context.account(order.owner, order.subaccount);
    if (account.house) return;
    stop(account, order);
    settleChange(venue, account, order, time);
  }

  function wipe(venue: Venue, reason: UpdateReason, time: Timestamp): void {
    const orders = ordersOf(venue.book);
    venue.book.bids.length = 0;
    venue.book.asks.length = 0;
    news.wiped(venue, time);
    for (const order of orders) finish(venue, order, reason, time);
  }

  function halt(venue: Venue, time: Timestamp): void {
    for (const order of ordersOf(venue.book)) if (order.cancelOnPause) cancel(venue, order, "HaltCancel", time);
  }

  function revive(venue: Venue, account: Account, order: Order): void {
    rest(venue.book, order);
    start(account, order);
    context.changed(venue);
  }

  return { start, stop, lessen, settleChange, shrink, cancel, drop, finish, wipe, halt, revive };
}
