import type { Count } from "../../units/count.js";
import { complement, type Price } from "../../units/price.js";
import type { Timestamp } from "../../units/time.js";
import type { EngineEvent } from "../types.js";
import { orderMessage } from "../wire/private-messages.js";
import type { Account, Order } from "./accounts.js";
import type { BookSide } from "./matching.js";
import type { Venue } from "./venue.js";

/** Tells what orders do to their books, and owners what became of their orders. */
export interface OrderNews {
  /** A level has changed. `by` is the order that caused it. */
  level(venue: Venue, side: BookSide, price: Price, delta: Count, time: Timestamp, by: Order): void;
  /** A book is empty, all at once. */
  wiped(venue: Venue, time: Timestamp): void;
  order(account: Account, order: Order): void;
}

export interface OrderNewsContext {
  account(userId: string): Account;
  emit(event: EngineEvent): void;
  /** A market shows something else now. */
  changed(venue: Venue): void;
}

export function createOrderNews(context: OrderNewsContext): OrderNews {
  return {
    level(venue, side, price, delta, time, by) {
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
    },
    wiped(venue, time) {
      context.changed(venue);
      context.emit({ type: "wiped", ticker: venue.market.ticker, time });
    },
    order({ userId, subaccount }, order) {
      context.emit({ type: "order", userId, subaccount, ticker: order.ticker, message: orderMessage(order) });
    },
  };
}
