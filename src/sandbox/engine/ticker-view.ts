import type { Count } from "../../units/count.js";
import type { Amount } from "../../units/money.js";
import type { Price } from "../../units/price.js";
import type { MarketRecord } from "../types.js";
import { best } from "./matching.js";
import type { Venue } from "./venue.js";

/** What a ticker shows of a market. */
export interface TickerView {
  readonly lastPrice: Price | null;
  readonly lastTradeSize: Count;
  readonly yesBid: Price | null;
  readonly yesBidSize: Count;
  readonly yesAsk: Price | null;
  readonly yesAskSize: Count;
  readonly volume: Count;
  readonly openInterest: Count;
  readonly dollarVolume: Amount;
}

/** Reads a market's figures, with the quotes of its book where it has one. */
export function tickerView(market: MarketRecord, venue: Venue | null): TickerView {
  const bid = venue === null ? null : best(venue.book, "bid");
  const ask = venue === null ? null : best(venue.book, "ask");
  return {
    lastPrice: market.stats.lastPrice,
    lastTradeSize: venue?.lastTradeSize ?? 0,
    yesBid: bid?.price ?? null,
    yesBidSize: bid?.total ?? 0,
    yesAsk: ask?.price ?? null,
    yesAskSize: ask?.total ?? 0,
    volume: market.stats.volume,
    openInterest: market.stats.openInterest,
    dollarVolume: venue?.dollarVolume ?? 0n,
  };
}
