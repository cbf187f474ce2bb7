import type { ColumnTable } from "arquero";
import { provenance } from "../frames/provenance.js";
import { extent, plural } from "./axes.js";
import { columnMissing, hasColumns, needRows, numbers, prices, texts, times } from "./columns.js";
import type { PriceOptions } from "./price.js";
import { budget, reduce } from "./reduce.js";
import { type Series, type SeriesSet, seriesOf } from "./series.js";
import type { Datum } from "./spec.js";
import { exactTime } from "./time-axis.js";

/** Above this many points they are not seen on their line. */
export const MAX_POINTS = 500;

/** Prices of one or several markets as columns, row by row of the table they came from. */
export interface Prices {
  readonly time: readonly (number | null)[];
  readonly price: readonly (number | null)[];
  readonly count: readonly (number | null)[];
  readonly set: SeriesSet;
  readonly span: readonly [number, number];
  readonly range: readonly [number, number];
  readonly candles: boolean;
  /** Milliseconds after which a silence is a gap. */
  readonly gap: number;
  /** Whether a faint line carries the last price across gaps: missing candles are periods without trades as a rule. */
  readonly bridged: boolean;
  /** How many times of which nothing is known of a market lie between two moments in milliseconds; null where there are none at all. */
  readonly unknown: ((ticker: string, from: number, to: number) => number) | null;
}

/**
 * Prices of a table of trades or candles.
 *
 * @throws KalshiError `CHART_EMPTY`, `COLUMN_MISSING`, `COLUMN_KIND`
 */
export function readPrices(chart: string, table: ColumnTable, options: PriceOptions): Prices {
  const trades = hasColumns(table, ["created_time", "yes_price"]);
  const candles = !trades && hasColumns(table, ["end_time", "price_close"]);
  if (!trades && !candles) {
    throw columnMissing(
      chart,
      "`created_time` and `yes_price` (trades) or `end_time` and `price_close` (candles)",
      table.columnNames(),
    );
  }
  const time = times(chart, table, trades ? "created_time" : "end_time");
  const value = trades ? prices(chart, table, "yes_price") : lastPrices(chart, table);
  const counted = trades ? "count" : "volume";
  const count = hasColumns(table, [counted]) ? numbers(chart, table, counted) : [];
  const ticker = hasColumns(table, ["ticker"]) ? texts(table, "ticker") : null;
  const range = extent(value);
  if (range === null) {
    needRows(chart, 0, "prices", "the market has no trades in this span; ask a longer one, or another market");
  }
  const set = seriesOf(ticker, time, {
    ...(options.labels === undefined ? {} : { labels: options.labels }),
    ...(options.highlight === undefined ? {} : { highlight: [options.highlight].flat() }),
    weight: (rows) => rows.reduce((sum, row) => sum + (count[row] ?? 0), 0),
    rank: (rows) => lastValue(value, rows),
  });
  const period = hasColumns(table, ["period_interval"]) ? (numbers(chart, table, "period_interval")[0] ?? null) : null;
  const gap = options.gap ?? (candles && period !== null ? period * 60_000 * 1.5 : Number.POSITIVE_INFINITY);
  const span = spanOf([...set.series, ...set.others], time, value)!;
  return {
    time,
    price: value,
    count,
    set,
    span,
    range: range!,
    candles,
    gap,
    bridged: options.gap === undefined,
    unknown: unknownOf(table),
  };
}

/** The times of which a table says that nothing is known, to be asked by market. */
function unknownOf(table: ColumnTable): Prices["unknown"] {
  const spans = (provenance(table)?.unknown ?? []).map(({ tickers, from, to }) => ({
    tickers,
    from: from === null ? Number.NEGATIVE_INFINITY : Date.parse(from),
    to: to === null ? Number.POSITIVE_INFINITY : Date.parse(to),
  }));
  if (spans.length === 0) return null;
  return (ticker, from, to) =>
    spans.filter((one) => one.from < to && one.to > from && (ticker === "" || one.tickers.includes(ticker))).length;
}

/** First and last time of a price: the rows of a series are in order of time. */
function spanOf(series: readonly Series[], time: Prices["time"], value: Prices["price"]): [number, number] | null {
  const priced = (row: number) => value[row] !== null;
  const ends = series.flatMap(({ rows }) => [rows.find(priced), rows.findLast(priced)]);
  return extent(ends.map((row) => (row === undefined ? null : time[row]!)));
}

/** Rows to draw. */
export interface DrawnPoints {
  readonly data: readonly Datum[];
  /** How many prices are shown of how many that there are. */
  readonly shown: number;
  readonly drawn: number;
  /** The rows hold the corners of steps, and are to be joined by straight lines. */
  readonly corners: boolean;
  /** Times of which nothing is known, between rows. */
  readonly unknown: number;
}

interface Kept {
  readonly series: Series;
  /** Name of its line's colour. */
  readonly market: string;
  /** Milliseconds of a pixel of its line. */
  readonly perPixel: number;
  readonly row: number;
  readonly gap: boolean;
  /** A gap in which nobody knows what there was. */
  readonly unknown?: boolean;
}

/** What the legend calls the markets without a colour of their own; null where there are none. */
export function restName({ others }: SeriesSet): string | null {
  return others.length === 0 ? null : plural(others.length, "other");
}

/** Lines to draw, those that stand behind first, and how finely each. */
function linesOf({ set, span }: Prices, width: number) {
  const { series, others } = set;
  const rest = restName(set);
  // Lines in colour are as fine as they would be if the grey ones, all together, were as many again.
  const fine = budget(span, width, rest === null ? series.length : 2 * series.length);
  const coarse = budget(span, width, 2 * others.length);
  return [
    ...others.map((one) => ({ series: one, market: rest!, ...coarse })),
    ...series.map((one) => ({ series: one, market: one.name, ...fine })),
  ];
}

/** The rows to draw, reduced series by series, with a null between two rows where there is a gap. */
export function points(read: Prices, width: number): DrawnPoints {
  const { time, price } = read;
  const kept: Kept[] = [];
  let [drawn, shown, unknown] = [0, 0, 0];
  for (const { series, market, perPixel, enough } of linesOf(read, width)) {
    const { rows } = series;
    const line = { series, market, perPixel };
    const { x, value, priced } = inOrder(rows, time, price);
    drawn += priced;
    const keep = reduce(x, [value], perPixel, enough);
    const breaks = breaksOf(read, series.ticker, x);
    let next = 0;
    for (const at of keep) {
      for (; next < breaks.length && breaks[next]!.before <= at; next += 1) {
        const { before, hidden } = breaks[next]!;
        unknown += hidden;
        kept.push({ ...line, row: rows[before - 1]!, gap: true, unknown: hidden > 0 });
      }
      kept.push({ ...line, row: rows[at]!, gap: false });
      if (value[at] !== null) shown += 1;
    }
  }
  // Where a line has thousands of points, steps of less than a pixel are as good as straight, and half as long to write.
  const corners = shown < drawn && !read.candles;
  const data = kept.flatMap((one, at): Datum[] => {
    const before = kept[at - 1];
    const isStep = corners && before !== undefined && !isBroken(read, before, one.series) && !one.gap;
    const wide = isStep && time[one.row]! - time[before.row]! > one.perPixel && price[one.row] !== price[before.row];
    const drawnOne = datum(read, kept, at, shown === drawn);
    return wide ? [{ ...drawnOne, price: price[before.row]! }, drawnOne] : [drawnOne];
  });
  return { data, shown, drawn, corners, unknown };
}

/** A line's times and prices by its own rows, and how many prices there are. */
function inOrder(rows: readonly number[], time: Prices["time"], price: Prices["price"]) {
  // The rows of one market are mostly those of the table, and nothing is copied.
  const isWhole = rows.length === time.length && rows.every((row, at) => row === at);
  const x = (isWhole ? time : rows.map((row) => time[row]!)) as readonly number[];
  const value = isWhole ? price : rows.map((row) => price[row] ?? null);
  let priced = 0;
  for (let at = 0; at < value.length; at += 1) if (value[at] !== null) priced += 1;
  return { x, value, priced };
}

/** A gap before a row of a line, and how many times of which nothing is known are in it. */
interface Break {
  readonly before: number;
  readonly hidden: number;
}

/** Asked of neighbours in the table, not of neighbours in the picture, so that reducing makes no gaps. */
function breaksOf({ unknown, gap }: Prices, ticker: string, x: readonly number[]): Break[] {
  const breaks: Break[] = [];
  if (unknown === null && gap === Number.POSITIVE_INFINITY) return breaks;
  for (let at = 1; at < x.length; at += 1) {
    const hidden = unknown === null ? 0 : unknown(ticker, x[at - 1]!, x[at]!);
    if (hidden > 0 || x[at]! - x[at - 1]! > gap) breaks.push({ before: at, hidden });
  }
  return breaks;
}

function isBroken({ price }: Prices, one: Kept | undefined, series: Series): boolean {
  return one === undefined || one.series !== series || one.gap || price[one.row] === null;
}

function datum(read: Prices, kept: readonly Kept[], at: number, hover: boolean): Datum {
  const { series, market, row, gap, unknown = false } = kept[at]!;
  // Lines of one grey are told apart by their ticker.
  const line: Datum = market === series.name ? { market } : { market, line: series.ticker };
  const time = exactTime(read.time[row]!);
  if (gap) {
    const next = kept[at + 1];
    const held = read.price[row] ?? null;
    const bridge = read.bridged && !unknown && held !== null && next?.series === series;
    const broken: Datum = { time, price: null, ...line };
    return bridge ? { ...broken, until: exactTime(read.time[next.row]!), held } : broken;
  }
  const bare: Datum = { time, price: read.price[row] ?? null, ...line };
  const alone = isBroken(read, kept[at - 1], series) && isBroken(read, kept[at + 1], series) && bare.price !== null;
  // Only dots have tooltips: a long line need not carry what they say.
  if (!hover && !alone) return bare;
  return { ...bare, ticker: series.ticker, count: read.count[row] ?? null, ...(alone ? { alone } : {}) };
}

/** The last trade's price at the end of each candle: its close, or without trades the one before, where the exchange tells it. */
function lastPrices(chart: string, table: ColumnTable): (number | null)[] {
  const close = prices(chart, table, "price_close");
  if (!hasColumns(table, ["price_previous"])) return close;
  const previous = prices(chart, table, "price_previous");
  return close.map((value, row) => value ?? previous[row] ?? null);
}

function lastValue(values: readonly (number | null)[], rows: readonly number[]): number {
  for (let at = rows.length - 1; at >= 0; at -= 1) {
    const value = values[rows[at]!];
    if (value !== null && value !== undefined) return value;
  }
  return -1;
}
