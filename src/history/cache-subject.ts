import { historicalMarkets } from "../exchange/market.js";
import { historicalTrades } from "../exchange/trade.js";
import type { Cutoffs } from "./cutoff.js";
import type { CandlestickLeg, Leg, ListLeg } from "./plan.js";

/** `trades` and `candlesticks` are kept by spans of time, `markets` as whole lists, `market` one record each. */
export type KeptKind = "trades" | "candlesticks" | "markets" | "market";

/** What rows are about: those of one subject are kept side by side. */
export interface Subject {
  readonly kind: KeptKind;
  /** A ticker, or the query of a list; "" for the trades of all markets. */
  readonly key: string;
  /** Minutes, of candles. */
  readonly interval: number | null;
}

/** By which cutoff rows of a kind come to be archived. */
export const cutoffOf: Readonly<Record<KeptKind, keyof Cutoffs>> = {
  trades: "trades_created",
  candlesticks: "market_settled",
  markets: "market_settled",
  market: "market_settled",
};

/** A leg of which something can be kept. */
export type KeepableLeg = ListLeg | CandlestickLeg;

/** What a leg of the historical tier is about; null for what is never kept: the live tier, own records, filters we do not know. */
export function subjectOf(leg: Leg): { readonly subject: Subject; readonly leg: KeepableLeg } | null {
  if (leg.kind === "single" || leg.kind === "cached" || leg.tier !== "historical") return null;
  if (leg.kind === "candlesticks") {
    const [ticker] = leg.tickers;
    if (ticker === undefined || leg.tickers.length > 1 || leg.mayBeMissing) return null;
    return { leg, subject: { kind: "candlesticks", key: ticker, interval: leg.interval } };
  }
  const asked = Object.entries(leg.query).filter(([, value]) => value !== undefined);
  const only = (...names: string[]): boolean => asked.every(([name]) => names.includes(name));
  if (leg.endpoint.path === historicalTrades.path) {
    if (leg.keep?.field !== "created_time" || leg.keep.tickers !== null || !only("ticker", "min_ts", "max_ts"))
      return null;
    return { leg, subject: { kind: "trades", key: String(leg.query.ticker ?? ""), interval: null } };
  }
  // The list of all markets there are is too long to be held until its end, and of no use by the next day.
  if (leg.endpoint.path !== historicalMarkets.path || asked.length !== 1 || !only("series_ticker", "event_ticker"))
    return null;
  return { leg, subject: { kind: "markets", key: `${asked[0]![0]}=${asked[0]![1]}`, interval: null } };
}

/** The markets that a leg asks for by name; null for other legs. */
export function namedMarkets(leg: Leg): readonly string[] | null {
  if (leg.kind !== "list" || leg.endpoint.path !== historicalMarkets.path) return null;
  const { tickers, ...others } = leg.query;
  if (typeof tickers !== "string" || Object.values(others).some((value) => value !== undefined)) return null;
  return tickers.split(",");
}

/** The same question about some of its markets only. */
export function aboutMarkets(leg: ListLeg, tickers: readonly string[]): ListLeg {
  return { ...leg, query: { tickers: tickers.join(",") } };
}

/** One market's own record. */
export function recordOf(ticker: string): Subject {
  return { kind: "market", key: ticker, interval: null };
}
