import type { ColumnTable } from "arquero";
import { columnMissing, hasColumns, needRows, numbers, severalMarkets, texts, times } from "./columns.js";
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
  const bids = numbers(chart, table, quotes ? "yes_bid" : "yes_bid_close");
  const asks = numbers(chart, table, quotes ? "yes_ask" : "yes_ask_close");
  const rows: number[] = [];
  let [ascends, before] = [true, Number.NEGATIVE_INFINITY];
  for (let row = 0; row < at.length; row += 1) {
    const when = at[row]!;
    if (when === null || (tickers !== null && tickers[row] !== ticker)) continue;
    rows.push(row);
    ascends &&= when >= before;
    before = when;
  }
  needRows(chart, rows.length, "quotes", "record a longer span, or ask another market");
  if (!ascends) rows.sort((a, b) => at[a]! - at[b]!);
  const period = candles && hasColumns(table, ["period_interval"]) ? numbers(chart, table, "period_interval")[0] : null;
  const gap = period == null ? Number.POSITIVE_INFINITY : period * 60_000 * 1.5;
  const trust = hasColumns(table, ["trust"]) ? texts(table, "trust") : [];
  const time: number[] = [];
  const [bid, ask, spread]: [(number | null)[], (number | null)[], (number | null)[]] = [[], [], []];
  const quote = (when: number, low: number | null, high: number | null): void => {
    time.push(when);
    bid.push(low);
    ask.push(high);
    // Of doubles nearest to micro-dollars: rounded back to one.
    spread.push(low === null || high === null ? null : Math.round((high - low) * 1e6) / 1e6);
  };
  let [last, oneSided, unknown] = [Number.POSITIVE_INFINITY, 0, 0];
  for (const row of rows) {
    const [when, low, high] = [at[row]!, bids[row]!, asks[row]!];
    // A missing candle breaks the lines.
    if (when - last > gap) quote(last, null, null);
    quote(when, low, high);
    if (low === null || high === null) {
      if (trust[row] === "unknown") unknown += 1;
      else oneSided += 1;
    }
    last = when;
  }
  const span: [number, number] = [time[0]!, time.at(-1)!];
  return { ticker, time, bid, ask, spread, span, count: rows.length, oneSided, unknown, candles };
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
