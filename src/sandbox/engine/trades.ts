import type { Count } from "../../units/count.js";
import { type Amount, notional } from "../../units/money.js";
import type { Timestamp } from "../../units/time.js";
import type { EngineEvent, TradeLog, TradeRecord } from "../types.js";
import { fillMessage, positionMessage } from "../wire/private-messages.js";
import { type Account, type Order, positionOf } from "./accounts.js";
import { bookFill, type Part } from "./booking.js";
import type { Margin } from "./margin.js";
import type { MatchStep } from "./matching.js";
import type { OrderGroups } from "./order-groups.js";
import type { OrderNews } from "./order-news.js";
import type { RestingOrders } from "./resting-orders.js";
import type { Venue } from "./venue.js";

export interface TradesContext {
  account(userId: string, subaccount?: number): Account;
  readonly margin: Margin;
  readonly groups: OrderGroups;
  readonly trades: TradeLog;
  readonly news: OrderNews;
  readonly resting: RestingOrders;
  newId(): string;
  emit(event: EngineEvent): void;
  /** Takes in what was charged. */
  collect(fee: Amount): void;
  /** A member's account was filled. */
  filled(account: Account): void;
}

/** Books a taker's fill against a resting order, for both of them and in public. Returns its YES price times count. */
export type Trade = (venue: Venue, taker: Account, order: Order, step: MatchStep<Order>, time: Timestamp) => Amount;

export function createTrades(context: TradesContext): Trade {
  const { groups, news } = context;

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
      if (!maker.house) context.resting.stop(maker, resting);
    }
    const sum = notional(price, count);
    venue.dollarVolume += sum;
    venue.lastTradeSize = count;
    const { ticker } = venue.market;
    const side = order.side === "bid" ? "yes" : "no";
    const record: TradeRecord = { id, ticker, price, count, taker: side, time, isBlock: false, openInterest };
    if (isToldFirst(id)) print(record);
    news.level(venue, resting.side, price, -count, time, order);
    if (!isToldFirst(id)) print(record);
    for (const event of events) context.emit(event);
    if (!maker.house) {
      context.margin.refresh(venue, maker);
      news.order(maker, resting);
    }
    return sum;
  }

  function print(record: TradeRecord): void {
    context.trades.append(record);
    context.emit({ type: "trade", trade: record });
  }

  /** One party's side of a trade. Returns what to tell them, nothing to the house. */
  function book(venue: Venue, account: Account, order: Order, part: Part): readonly EngineEvent[] {
    const fill = bookFill(account, order, venue.terms, part);
    context.collect(fill.fee);
    if (account.house) return NOTHING;
    account.fills.push(fill);
    context.filled(account);
    if (order.groupId !== null) groups.fill(order, part.count, part.time);
    const position = positionOf(account, order.ticker);
    const { userId, subaccount } = account;
    const { ticker } = order;
    return [
      { type: "fill", userId, subaccount, ticker, message: fillMessage(fill, position.count) },
      { type: "position", userId, subaccount, ticker, message: positionMessage(userId, subaccount, position) },
    ];
  }

  return trade;
}

/** Books and trades are not ordered against each other: of every second trade the print comes before the level that it ate. */
function isToldFirst(tradeId: string): boolean {
  return tradeId.charCodeAt(tradeId.length - 1) % 2 === 0;
}

const NOTHING: readonly EngineEvent[] = [];

function longOf(account: Account, venue: Venue): Count {
  return Math.max(0, account.positions.get(venue.market.ticker)?.count ?? 0);
}
