import type { Count } from "../../../units/count.js";
import type { Price } from "../../../units/price.js";
import { MINUTE, type Timestamp } from "../../../units/time.js";
import type { MarketRecord, TradeRecord } from "../../types.js";
import { easternMidnightBefore, easternMidnightFrom } from "../eastern.js";
import type { MemoryWorld } from "../world.js";
import { bulkDeals, type Deals, Tally } from "./deals.js";
import type { Ohlc, QuoteBar, QuoteSource } from "./quotes.js";

/** Minutes of a candle. */
export const intervals = [1, 60, 1440] as const;
export type Interval = (typeof intervals)[number];

/** One candle of the period (end − interval, end]. Null is what is not known or did not happen. */
export interface Candle {
  readonly end: Timestamp;
  readonly price: (Ohlc & { readonly mean: Price }) | null;
  /** The last trade before the period. */
  readonly previous: Price | null;
  readonly volume: Count;
  readonly openInterest: Count | null;
  readonly bid: Ohlc | null;
  readonly ask: Ohlc | null;
}

export interface CandleRange {
  /** Bounds of the periods' ends, both included. */
  readonly from: Timestamp;
  readonly to: Timestamp;
  readonly interval: Interval;
}

/** The first end of a period at or after a moment. Days end at midnight in New York, the rest on round UTC times. */
export function periodEnd(time: Timestamp, interval: Interval): Timestamp {
  if (interval === 1440) return easternMidnightFrom(time);
  return Math.ceil(time / (interval * MINUTE)) * interval * MINUTE;
}

/** Where the period that ends at `end` starts; not part of it. */
export function periodStart(end: Timestamp, interval: Interval): Timestamp {
  return interval === 1440 ? easternMidnightBefore(end) : end - interval * MINUTE;
}

/**
 * Candles of a market whose ends lie in a range, oldest first, from its trades and quotes so far. A period without any trade or
 * change of quotes has none.
 */
export function candlesOf(
  world: MemoryWorld,
  quotes: QuoteSource,
  market: MarketRecord,
  { from, to, interval }: CandleRange,
): readonly Candle[] {
  const after = periodStart(periodEnd(from, interval), interval);
  const last = lastEnd(to, interval);
  const until = Math.min(last, world.clock.now());
  if (until <= after) return [];
  const bulk = world.trades.bulk(market.ticker);
  const trades =
    bulk === undefined
      ? dealsOf(world.trades.between(market.ticker, after + 1, until + 1), interval)
      : bulkDeals(bulk, after + 1, until + 1, (time) => periodEnd(time, interval));
  // A bar is dated by the end of its minute, which may still lie ahead.
  const known = quotes.bars(market, after, Math.min(last, Math.ceil(until / MINUTE) * MINUTE));
  const bars = groupByEnd(known?.bars ?? [], interval);
  const before = world.trades.lastBefore(market.ticker, after + 1);
  let previous = before?.price ?? null;
  const isCounted = bulk === undefined && !world.found.has(market.ticker);
  let openInterest = isCounted ? (before?.openInterest ?? 0) : null;
  let quote = known?.start ?? null;
  const candles: Candle[] = [];
  for (const end of [...new Set([...trades.keys(), ...bars.keys()])].sort((a, b) => a - b)) {
    const inside = trades.get(end);
    const moves = bars.get(end) ?? [];
    openInterest = inside?.openInterest ?? openInterest;
    const price = inside?.price ?? null;
    candles.push({
      end,
      price,
      previous,
      volume: inside?.volume ?? 0,
      openInterest,
      bid: quoteOf(quote, moves, "bid"),
      ask: quoteOf(quote, moves, "ask"),
    });
    previous = price?.close ?? previous;
    quote = moves.at(-1) ?? quote;
  }
  return candles;
}

/**
 * The last candle before a range as the exchange carries it over: on the first end of a period after `from`, without prices, the
 * known close as previous. Null when the market had not traded.
 */
export function carriedCandle(
  world: MemoryWorld,
  quotes: QuoteSource,
  market: MarketRecord,
  { from, interval }: CandleRange,
): Candle | null {
  const last = world.trades.lastBefore(market.ticker, Math.min(from, world.clock.now()) + 1);
  if (last === undefined) return null;
  const start = quotes.bars(market, from, from)?.start ?? null;
  return {
    end: periodEnd(from + 1, interval),
    price: null,
    previous: last.price,
    volume: 0,
    openInterest: last.openInterest ?? null,
    bid: quoteOf(start, [], "bid"),
    ask: quoteOf(start, [], "ask"),
  };
}

function lastEnd(to: Timestamp, interval: Interval): Timestamp {
  const end = periodEnd(to, interval);
  return end === to ? end : periodStart(end, interval);
}

/** Rows by the end of the period they fall in: a row at the very end belongs to it. */
function groupByEnd<Row extends { readonly time: Timestamp }>(
  rows: readonly Row[],
  interval: Interval,
): Map<Timestamp, Row[]> {
  const groups = new Map<Timestamp, Row[]>();
  let end = Number.NEGATIVE_INFINITY;
  let group: Row[] = [];
  for (const row of rows) {
    if (row.time > end) {
      end = periodEnd(row.time, interval);
      group = [];
      groups.set(end, group);
    }
    group.push(row);
  }
  return groups;
}

/** What the trades of each period come to, by the period's end. */
function dealsOf(trades: readonly TradeRecord[], interval: Interval): Map<Timestamp, Deals> {
  const deals = new Map<Timestamp, Deals>();
  for (const [end, inside] of groupByEnd(trades, interval)) {
    const tally = new Tally();
    for (const { price, count } of inside) tally.add(price, count);
    deals.set(end, tally.deals(inside.at(-1)?.openInterest));
  }
  return deals;
}

/** Quotes of a period: it opens with those that stood before it. Null while none were ever seen. */
function quoteOf(before: QuoteBar | null, moves: readonly QuoteBar[], side: "bid" | "ask"): Ohlc | null {
  const [first] = moves;
  const open = before?.[side].close ?? first?.[side].open;
  if (open === undefined) return null;
  let [high, low, close] = [open, open, open];
  for (const move of moves) {
    high = Math.max(high, move[side].high);
    low = Math.min(low, move[side].low);
    close = move[side].close;
  }
  return { open, high, low, close };
}
