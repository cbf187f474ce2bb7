import type { Count } from "../../units/count.js";
import type { Amount } from "../../units/money.js";
import type { Price } from "../../units/price.js";
import type { Timestamp } from "../../units/time.js";
import type { EngineEvent, TradeLog } from "../types.js";
import type { Account, Order, UpdateReason } from "./accounts.js";
import { type Amendment, createAdmission } from "./admission.js";
import { newOrder, type OrderDraft } from "./booking.js";
import { coverShortage } from "./margin.js";
import { type MatchStep, match, rest, withdraw } from "./matching.js";
import { createOrderNews } from "./order-news.js";
import { createRestingOrders, type RestingOrders, type RestingOrdersContext } from "./resting-orders.js";
import { createTrades } from "./trades.js";
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
export interface TradingContext extends Omit<RestingOrdersContext, "news"> {
  readonly trades: TradeLog;
  newId(): string;
  emit(event: EngineEvent): void;
  /** Takes in what was charged. */
  collect(fee: Amount): void;
}

/** What can be done to the orders of a book: those that rest, and those that come in. */
export interface Trading extends Pick<RestingOrders, "shrink" | "cancel" | "drop" | "wipe" | "halt" | "revive"> {
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
  /** Cancels what an account cannot pay for any more, its newest orders first. */
  cover(account: Account, time: Timestamp): void;
}

/** Orders into books, and what follows from it: fills, fees, positions, cash, collateral, and events. */
export function createTrading(context: TradingContext): Trading {
  const { margin, groups } = context;
  const { admit, admitAmendment } = createAdmission(margin, groups);
  /** Members that have traded since the last look at what they can pay. */
  const traded = new Set<Account>();
  const news = createOrderNews(context);
  const resting = createRestingOrders({ ...context, news });
  const trade = createTrades({ ...context, news, resting, filled: (account) => traded.add(account) });

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
    coverShortage(account, (order) => resting.drop(order, "MarginCancel", time));
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
    const shown = account.house && isShown(order) ? reachOf(matched.steps) : null;
    if (shown !== null) news.level(venue, side, shown.price, shown.count, time, order);
    for (const step of matched.steps) {
      if (step.type === "fill") {
        sum += trade(venue, account, order, step, time);
        if (shown !== null) news.level(venue, side, shown.price, -step.count, time, order);
      } else finishWithdrawn(venue, step, time);
    }
    order.remaining = matched.remaining;
    const rests = matched.remaining > 0 && request.timeInForce === "good_till_canceled" && !matched.stopped;
    if (rests) {
      rest(venue.book, order);
      if (!account.house) resting.start(account, order);
      news.level(venue, order.side, order.price, order.remaining, time, order);
    } else {
      order.remaining = 0;
      order.status = order.filled === order.initial && order.initial > 0 ? "executed" : "canceled";
      if (order.status === "canceled") order.reason = matched.stopped ? "SelfTradeCancel" : reasonOf(request);
    }
    if (!account.house) {
      margin.refresh(venue, account);
      news.order(account, order);
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
      resting.cancel(venue, order, null, time);
      return nothing;
    }
    account.clientOrderIds.add(clientOrderId);
    const inPlace = price === order.price && remaining <= order.remaining;
    const by = order.remaining - remaining;
    const leaves = -order.remaining;
    if (!inPlace) withdraw(venue.book, order);
    Object.assign(order, { clientOrderId, expires, initial: count, updated: time, reason: "Amend" });
    if (inPlace) {
      if (by > 0) resting.lessen(venue, order, by, time);
      if (expires !== null) context.lapses(order, expires);
      resting.settleChange(venue, account, order, time);
      return nothing;
    }
    resting.stop(account, order);
    news.level(venue, order.side, order.price, leaves, time, order);
    Object.assign(order, { price, remaining });
    const placed = enter(venue, account, order, { timeInForce: "good_till_canceled", reduceOnly: false }, time);
    settleTraded(time);
    return placed;
  }

  function finishWithdrawn(venue: Venue, step: MatchStep<Order>, time: Timestamp): void {
    news.level(venue, step.resting.side, step.resting.price, -step.count, time, step.resting);
    resting.finish(venue, step.resting, "SelfTradeCancel", time);
  }

  const { shrink, cancel, drop, wipe, halt, revive } = resting;
  return { place, execute, amend, cover, shrink, cancel, drop, wipe, halt, revive };
}

/**
 * Of every so many takers of the house one is seen in the book before it has matched, at the last price that it reaches: the stream of deltas
 * then is locked or crossed within a moment, as it was seen to be about once in five thousand deltas. The book itself never is.
 */
function isShown({ id }: Order): boolean {
  return id.endsWith("00");
}

function reachOf(steps: readonly MatchStep<Order>[]): { readonly price: Price; readonly count: Count } | null {
  const fills = steps.filter(({ type }) => type === "fill");
  const last = fills.at(-1);
  return last === undefined
    ? null
    : { price: last.resting.price, count: fills.reduce((sum, { count }) => sum + count, 0) };
}

function reasonOf(request: Pick<OrderRequest, "reduceOnly">): UpdateReason | null {
  return request.reduceOnly ? "ReduceOnlyCancel" : null;
}

function draftOf(venue: Venue, request: OrderRequest, id: string): OrderDraft {
  const { side, price, count, clientOrderId, selfTrade, cancelOnPause, expires, groupId = null } = request;
  const { ticker } = venue.market;
  return { id, ticker, side, price, count, clientOrderId, selfTrade, cancelOnPause, expires, groupId };
}
