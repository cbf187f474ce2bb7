import type { ColumnTable } from "arquero";
import { extent } from "./axes.js";
import { columnMissing, hasColumns, needRows, numbers, texts, times } from "./columns.js";
import type { PriceOptions } from "./price.js";
import { budget, reduce } from "./reduce.js";
import { type Series, type SeriesSet, seriesOf } from "./series.js";
import type { Datum } from "./spec.js";
import { exactTime } from "./time-axis.js";

/** Above this many points a line is drawn without them. */
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
  const value = trades ? numbers(chart, table, "yes_price") : lastPrices(chart, table);
  const counted = trades ? "count" : "volume";
  const count = hasColumns(table, [counted]) ? numbers(chart, table, counted) : time.map(() => null);
  const ticker = hasColumns(table, ["ticker"]) ? texts(table, "ticker") : time.map(() => "price");
  const range = extent(value);
  if (range === null) {
    needRows(chart, 0, "prices", "the market has no trades in this span; ask a longer one, or another market");
  }
  const set = seriesOf(ticker, time, {
    labels: options.labels,
    weight: (rows) => rows.reduce((sum, row) => sum + (count[row] ?? 0), 0),
    rank: (rows) => lastValue(value, rows),
  });
  const period = hasColumns(table, ["period_interval"]) ? (numbers(chart, table, "period_interval")[0] ?? null) : null;
  const gap = options.gap ?? (candles && period !== null ? period * 60_000 * 1.5 : Number.POSITIVE_INFINITY);
  const drawn = set.series.flatMap((one) => one.rows).filter((row) => value[row] !== null);
  const span = extent(drawn.map((row) => time[row]!))!;
  return { time, price: value, count, set, span, range: range!, candles, gap, bridged: options.gap === undefined };
}

/** The rows to draw, reduced series by series, with a null between two rows where there is a gap. */
export function points(read: Prices, width: number): { data: Datum[]; shown: number; drawn: number } {
  const { perPixel, enough } = budget(read.span, width, read.set.series.length);
  const kept: { series: Series; row: number; gap: boolean }[] = [];
  let drawn = 0;
  for (const series of read.set.series) {
    const x = series.rows.map((row) => read.time[row]!);
    const value = series.rows.map((row) => read.price[row] ?? null);
    drawn += value.filter((price) => price !== null).length;
    const keep = new Set(reduce(x, [value], perPixel, enough));
    for (let at = 0; at < series.rows.length; at += 1) {
      // Asked of neighbours in the table, not of neighbours in the picture, so that reducing makes no gaps.
      const gap = at > 0 && x[at]! - x[at - 1]! > read.gap;
      if (gap) kept.push({ series, row: series.rows[at - 1]!, gap });
      if (keep.has(at)) kept.push({ series, row: series.rows[at]!, gap: false });
    }
  }
  const shown = kept.filter(({ row, gap }) => !gap && read.price[row] !== null).length;
  const broken = (at: number, series: Series): boolean => {
    const one = kept[at];
    return one === undefined || one.series !== series || one.gap || read.price[one.row] === null;
  };
  const data = kept.map(({ series, row, gap }, at): Datum => {
    const time = exactTime(read.time[row]!);
    if (gap) {
      const next = kept[at + 1];
      const held = read.price[row] ?? null;
      const bridge = read.bridged && held !== null && next?.series === series;
      const broken: Datum = { time, price: null, market: series.name };
      return bridge ? { ...broken, until: exactTime(read.time[next.row]!), held } : broken;
    }
    const bare = { time, price: read.price[row] ?? null, market: series.name };
    const alone = broken(at - 1, series) && broken(at + 1, series) && bare.price !== null;
    // Only dots have tooltips: a long line need not carry what they say.
    if (shown > MAX_POINTS && !alone) return bare;
    return { ...bare, ticker: series.ticker, count: read.count[row] ?? null, ...(alone ? { alone } : {}) };
  });
  return { data, shown, drawn };
}

/** The last trade's price at the end of each candle: its close, or without trades the one before, where the exchange tells it. */
function lastPrices(chart: string, table: ColumnTable): (number | null)[] {
  const close = numbers(chart, table, "price_close");
  if (!hasColumns(table, ["price_previous"])) return close;
  const previous = numbers(chart, table, "price_previous");
  return close.map((value, row) => value ?? previous[row] ?? null);
}

function lastValue(values: readonly (number | null)[], rows: readonly number[]): number {
  for (let at = rows.length - 1; at >= 0; at -= 1) {
    const value = values[rows[at]!];
    if (value !== null && value !== undefined) return value;
  }
  return -1;
}
