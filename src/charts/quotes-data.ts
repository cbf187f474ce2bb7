import type { ColumnTable } from "arquero";
import { columnMissing, hasColumns, needRows, numbers, prices, severalMarkets, texts, times } from "./columns.js";
import { reduce } from "./reduce.js";
import type { Datum } from "./spec.js";
import { exactTime } from "./time-axis.js";

/** Best quotes of one market as columns, ascending by time; null for an empty side. */
export interface Quotes {
  readonly ticker: string;
  readonly time: readonly number[];
  readonly bid: readonly (number | null)[];
  readonly ask: readonly (number | null)[];
  readonly spread: readonly (number | null)[];
  readonly span: readonly [number, number];
  /** How many there are, and how many of them have an empty side that is known to be empty. */
  readonly count: number;
  readonly oneSided: number;
  /** How many say that the book is not known. */
  readonly unknown: number;
  readonly candles: boolean;
}

/**
 * Quotes of one market, from a table of quotes or candles.
 *
 * @throws KalshiError `CHART_EMPTY`, `COLUMN_MISSING`, `COLUMN_KIND`; `BAD_ARGUMENT` for several markets without `wanted`
 */
export function readQuotes(chart: string, table: ColumnTable, wanted: string | undefined): Quotes {
  const quotes = hasColumns(table, ["time", "yes_bid", "yes_ask"]);
  const candles = !quotes && hasColumns(table, ["end_time", "yes_bid_close", "yes_ask_close"]);
  if (!quotes && !candles) {
    throw columnMissing(
      chart,
      "`time`, `yes_bid` and `yes_ask` (quotes) or `end_time`, `yes_bid_close` and `yes_ask_close` (candles)",
      table.columnNames(),
    );
  }
  const tickers = hasColumns(table, ["ticker"]) ? texts(table, "ticker") : null;
  const ticker = wanted ?? tickers?.[0] ?? "";
  const other = wanted === undefined ? tickers?.find((one) => one !== ticker) : undefined;
  if (other !== undefined) throw severalMarkets(chart, ticker, other);
  const at = times(chart, table, quotes ? "time" : "end_time");
  const bids = prices(chart, table, quotes ? "yes_bid" : "yes_bid_close");
  const asks = prices(chart, table, quotes ? "yes_ask" : "yes_ask_close");
  const rows = rowsInOrder(at, tickers, ticker);
  needRows(chart, rows.length, "quotes", "record a longer span, or ask another market");
  const period = candles && hasColumns(table, ["period_interval"]) ? numbers(chart, table, "period_interval")[0] : null;
  const gap = period == null ? Number.POSITIVE_INFINITY : period * 60_000 * 1.5;
  const { time, bid, ask } = withBreaks({ time: at as number[], bid: bids, ask: asks }, rows, gap);
  const trust = hasColumns(table, ["trust"]) ? texts(table, "trust") : [];
  let [oneSided, unknown] = [0, 0];
  for (const row of rows) {
    if (bids[row] !== null && asks[row] !== null) continue;
    if (trust[row] === "unknown") unknown += 1;
    else oneSided += 1;
  }
  const span: [number, number] = [time[0]!, time.at(-1)!];
  return { ticker, time, bid, ask, spread: spreads(bid, ask), span, count: rows.length, oneSided, unknown, candles };
}

type Sides = Pick<Quotes, "time" | "bid" | "ask">;

/** The rows in their order, with an empty quote after one that is followed by nothing for too long: a missing candle breaks the lines. */
function withBreaks(all: Sides, rows: readonly number[], gap: number): Sides {
  // Mostly they are all rows as they are, and nothing is copied.
  if (gap === Number.POSITIVE_INFINITY && rows.length === all.time.length && rows.every((row, at) => row === at))
    return all;
  const [time, bid, ask]: [number[], (number | null)[], (number | null)[]] = [[], [], []];
  let last = Number.POSITIVE_INFINITY;
  for (const row of rows) {
    const when = all.time[row]!;
    if (when - last > gap) {
      time.push(last);
      bid.push(null);
      ask.push(null);
    }
    time.push(when);
    bid.push(all.bid[row]!);
    ask.push(all.ask[row]!);
    last = when;
  }
  return { time, bid, ask };
}

function spreads(bid: Quotes["bid"], ask: Quotes["ask"]): (number | null)[] {
  const values = new Array<number | null>(bid.length);
  for (let row = 0; row < values.length; row += 1) {
    const [low, high] = [bid[row]!, ask[row]!];
    // Of doubles nearest to micro-dollars: rounded back to one.
    values[row] = low === null || high === null ? null : Math.round((high - low) * 1e6) / 1e6;
  }
  return values;
}

/** Rows of a market that have a time, in the order of it. */
function rowsInOrder(time: readonly (number | null)[], tickers: readonly string[] | null, ticker: string): number[] {
  const rows: number[] = [];
  let [ascends, before] = [true, Number.NEGATIVE_INFINITY];
  for (let row = 0; row < time.length; row += 1) {
    const when = time[row]!;
    if (when === null || (tickers !== null && tickers[row] !== ticker)) continue;
    rows.push(row);
    ascends &&= when >= before;
    before = when;
  }
  return ascends ? rows : rows.sort((a, b) => time[a]! - time[b]!);
}

/** Rows to draw of quotes. */
export interface DrawnQuotes {
  readonly data: readonly Datum[];
  /** How many quotes they are. */
  readonly drawn: number;
  /** How lines between them run: the rows of many hold the corners of steps themselves. */
  readonly interpolate: "linear" | "step-after";
}

/** The rows to draw, reduced with extremes of both sides kept. */
export function quoteRows(read: Quotes, perPixel: number, enough: number): DrawnQuotes {
  const { time, spread, candles } = read;
  const rows = reduce(time, [read.bid, read.ask], perPixel, enough);
  // Where there are thousands, steps of less than a pixel are as good as straight, and half as long to write.
  const corners = rows.length < time.length && !candles;
  const data = rows.flatMap((row, at) => {
    const one = datum(read, row, time[row]!);
    const before = rows[at - 1];
    if (before === undefined || candles) return [one];
    // A quote stands until the one that ends it, also where that one has an empty side.
    const ends = spread[row] === null && spread[before] !== null;
    const wide = corners && time[row]! - time[before]! > perPixel;
    // No quote of its own: where the one before ends.
    return ends || wide ? [{ ...datum(read, before, time[row]!), held: true }, one] : [one];
  });
  return { data, drawn: rows.length, interpolate: candles || corners ? "linear" : "step-after" };
}

/** Rows to draw of more quotes than there are pixels: each side has its own, so that neither carries the other's. */
export interface DenseQuotes {
  readonly bid: readonly Datum[];
  readonly ask: readonly Datum[];
  /** How many quotes they are. */
  readonly drawn: number;
}

/** The rows of each side by itself: at most four for a pixel column, to be joined by straight lines. */
export function denseQuotes(read: Quotes, perPixel: number): DenseQuotes {
  const [bids, asks] = [read.bid, read.ask].map((side) => reduce(read.time, [side], perPixel, 0)) as [
    number[],
    number[],
  ];
  return {
    bid: sideRows(read, bids, perPixel, "bid"),
    ask: sideRows(read, asks, perPixel, "ask"),
    drawn: new Set([...bids, ...asks]).size,
  };
}

function sideRows(
  { time, candles, ...read }: Quotes,
  rows: readonly number[],
  perPixel: number,
  side: "bid" | "ask",
): Datum[] {
  const [value, field] = [read[side], `yes_${side}`];
  const datum = (at: number, price: number | null): Datum => ({ time: exactTime(at), [field]: price });
  const data: Datum[] = [];
  let before: number | undefined;
  for (const row of rows) {
    const price = value[row] ?? null;
    // A quote stands until the next one; less than a pixel of that is as good as straight.
    const held = before === undefined || candles ? null : (value[before] ?? null);
    if (held !== null && (price === null || time[row]! - time[before!]! > perPixel)) data.push(datum(time[row]!, held));
    data.push(datum(time[row]!, price));
    before = row;
  }
  return data;
}

/** What is drawn of a quote at a moment. */
function datum(read: Quotes, row: number, time: number): Datum {
  const both = read.spread[row] !== null;
  const [bid, ask] = [read.bid[row] ?? null, read.ask[row] ?? null];
  return {
    time: exactTime(time),
    yes_bid: bid,
    yes_ask: ask,
    band_low: both ? bid : null,
    band_high: both ? ask : null,
    spread: read.spread[row] ?? null,
  };
}
