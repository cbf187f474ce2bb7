import type { Count } from "../../units/count.js";
import type { Amount } from "../../units/money.js";
import type { Price } from "../../units/price.js";
import type { Timestamp } from "../../units/time.js";
import type { MarketRecord, World } from "../types.js";
import type { FeeTerms, Order } from "./accounts.js";
import { type BookSide, createOrderBook, type OrderBook, type SelfTrade } from "./matching.js";

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

/** Whether a market takes orders now. */
export function isTrading(market: MarketRecord, time: Timestamp): boolean {
  return market.openTime <= time && time < market.closeTime;
}

/** The fees of a market: the event's override where it has one, else its series'. */
export function termsOf(world: World, market: MarketRecord): FeeTerms {
  const series = world.series.get(market.seriesTicker);
  const event = world.events.get(market.eventTicker)?.wire;
  const type = event?.fee_type_override;
  const multiplier = event?.fee_multiplier_override;
  return {
    feeType: typeof type === "string" ? type : (series?.feeType ?? "quadratic"),
    feeMultiplier: typeof multiplier === "number" ? multiplier : (series?.feeMultiplier ?? 1),
  };
}
