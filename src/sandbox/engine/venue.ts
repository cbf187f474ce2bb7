import type { Count } from "../../units/count.js";
import type { Amount } from "../../units/money.js";
import type { Price } from "../../units/price.js";
import type { Timestamp } from "../../units/time.js";
import type { MarketRecord } from "../types.js";
import type { FeeTerms } from "../world/fee-schedule.js";
import type { Order } from "./accounts.js";
import { type BookSide, createOrderBook, type OrderBook, type SelfTrade } from "./matching.js";

/** One market with a book. */
export interface Venue {
  readonly market: MarketRecord;
  readonly book: OrderBook<Order>;
  /** The fees in force. */
  terms: FeeTerms;
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
  /** 0, the primary account, where absent. */
  readonly subaccount?: number;
  /** The order group that it joins. */
  readonly groupId?: string | null;
}

/** Whether a market is open, paused or not: its orders can be cancelled. */
export function isOpen(market: MarketRecord, time: Timestamp): boolean {
  return market.openTime <= time && time < market.closeTime;
}

/** Whether a market takes orders now. */
export function isTrading(market: MarketRecord, time: Timestamp): boolean {
  return isOpen(market, time) && market.paused !== true;
}
