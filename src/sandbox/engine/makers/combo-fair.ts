import { DOLLAR, type Price } from "../../../units/price.js";
import type { Timestamp } from "../../../units/time.js";
import type { Leg, MarketRecord } from "../../types.js";
import type { Order } from "../accounts.js";
import { best, type OrderBook } from "../matching.js";

/** A combo is never thought to be surer than this, either way. */
const DOUBT = 0.0002;

/** What a combo is worth by what its legs are worth now, as if they had nothing to do with each other; a share of a dollar. */
export function comboFair(legs: readonly Leg[], fairOf: (ticker: string) => number): number {
  const product = legs.reduce((share, { ticker, side }) => {
    const fair = fairOf(ticker);
    return share * (side === "yes" ? fair : 1 - fair);
  }, 1);
  return Math.min(1 - DOUBT, Math.max(DOUBT, product));
}

/** What a market is worth by its book, or by its last trade; by its outcome once that is known. A share of a dollar, one half for no market. */
export function fairShare(
  market: MarketRecord | undefined,
  book: OrderBook<Order> | undefined,
  time: Timestamp,
): number {
  if (market === undefined) return 0.5;
  if (time >= market.determinedTime) return market.outcome.value / DOLLAR;
  return fairPrice(market, book) / DOLLAR;
}

/** The middle of a market's best quotes; where a side is empty, what the other says, then the last trade, then one half. */
function fairPrice(market: MarketRecord, book: OrderBook<Order> | undefined): Price {
  const bid = book === undefined ? undefined : best(book, "bid")?.price;
  const ask = book === undefined ? undefined : best(book, "ask")?.price;
  if (bid !== undefined && ask !== undefined) return (bid + ask) / 2;
  if (bid !== undefined) return (bid + DOLLAR) / 2;
  if (ask !== undefined) return ask / 2;
  return market.stats.lastPrice ?? DOLLAR / 2;
}
