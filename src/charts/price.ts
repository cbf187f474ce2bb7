import type { ColumnTable } from "arquero";
import {
  dollarFormat,
  EXACT_DOLLARS,
  extent,
  plural,
  priceDomain,
  spanText,
  thousands,
  timeText,
  timeX,
} from "./axes.js";
import { type Chart, chartOf } from "./chart.js";
import { columnMissing, hasColumns, needRows, numbers, texts, times } from "./columns.js";
import { budget, reduce } from "./reduce.js";
import { colourScale, type Labels, type Series, type SeriesSet, seriesOf } from "./series.js";
import type { Datum, Json, Spec } from "./spec.js";
import { colours, figure } from "./theme.js";

/** What every chart takes. */
export interface ChartOptions {
  readonly title?: string;
  /** Pixels of the plot, without axes and legend. */
  readonly width?: number;
  readonly height?: number;
}

export interface PriceOptions extends ChartOptions {
  /** Names of markets by ticker, for the legend; their order is the legend's. */
  readonly labels?: Labels;
  /**
   * A silence longer than this many milliseconds is drawn as a gap. Candles break after one missing period unless told otherwise;
   * trades are joined, since the last price stands until the next trade.
   */
  readonly gap?: number;
}

/** Above this many points a line is drawn without them. */
const MAX_POINTS = 500;

/**
 * The price of one or several markets over time, in YES prices: every trade of a table of trades (`created_time`, `yes_price`), or the
 * close of every candle (`end_time`, `price_close`, and
 * `price_previous` for a period without trades). `ticker` tells markets apart; eight at most are drawn, the busiest. A null price is
 * a gap. Long tables are reduced to four points per pixel column, extremes kept, with a note.
 *
 * @throws KalshiError `CHART_EMPTY`, `COLUMN_MISSING`, `COLUMN_KIND`
 */
export function price(table: ColumnTable, options: PriceOptions = {}): Chart {
  const read = readPrices("price", table, options);
  const single = read.set.series.length === 1;
  const title = options.title ?? (single ? read.set.series[0]!.name : read.set.common || "Prices");
  return draw(table, read, options, {
    title,
    what: read.candles ? "YES price, last trade of each period" : "YES price of each trade",
    yTitle: "YES price ($)",
    yFormat: dollarFormat(read.range),
    domain: priceDomain(read.range),
  });
}

/**
 * All markets of one event as probabilities, from trades or candles of several markets (columns as in {@link price}).
 *
 * @throws KalshiError `CHART_EMPTY`, `COLUMN_MISSING`, `COLUMN_KIND`
 */
export function event(table: ColumnTable, options: PriceOptions = {}): Chart {
  const read = readPrices("event", table, options);
  return draw(table, read, options, {
    title: options.title ?? (read.set.common || "Event"),
    what: "implied probability of each market, from the YES price of its last trade",
    yTitle: "implied probability",
    yFormat: ".0%",
    domain: [0, 1],
  });
}

interface Prices {
  readonly time: readonly (number | null)[];
  readonly price: readonly (number | null)[];
  readonly count: readonly (number | null)[];
  readonly set: SeriesSet;
  readonly span: readonly [number, number];
  readonly range: readonly [number, number];
  readonly candles: boolean;
  /** Milliseconds after which a silence is a gap. */
  readonly gap: number;
}

function readPrices(chart: string, table: ColumnTable, options: PriceOptions): Prices {
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
  return { time, price: value, count, set, span, range: range!, candles, gap };
}

function draw(
  table: ColumnTable,
  read: Prices,
  options: PriceOptions,
  look: { title: string; what: string; yTitle: string; yFormat: string; domain: [number, number] },
): Chart {
  const { width = 720, height = 320 } = options;
  const { data, shown, drawn } = points(read, width);
  const names = read.set.series.map((one) => one.name);
  const single = names.length === 1;
  const market: Json = {
    field: "market",
    type: "nominal",
    sort: null,
    title: "market",
    scale: colourScale(names),
    legend: { symbolType: "stroke" },
  };
  const colour: Json = single ? { value: colours.main } : market;
  const x = timeX("time", read.span);
  const y: Spec = {
    field: "price",
    type: "quantitative",
    title: look.yTitle,
    scale: { domain: look.domain, nice: false, zero: false },
    axis: { format: look.yFormat, tickCount: 6 },
  };
  const tooltip: Json = [
    { field: "time_text", type: "nominal", title: "time" },
    { field: "ticker", type: "nominal", title: "market" },
    { field: "price", type: "quantitative", title: "YES price", format: EXACT_DOLLARS },
    { field: "count", type: "quantitative", title: read.candles ? "volume" : "contracts", format: ",.2~f" },
  ];
  const line: Json = {
    mark: { type: "line", interpolate: read.candles ? "linear" : "step-after" },
    encoding: { x, y, color: colour },
  };
  const dots: Json = {
    // Of a long line only what no line reaches: a price between two gaps.
    transform: [{ filter: shown > MAX_POINTS ? "datum.alone" : "isValid(datum.price)" }, timeText("time", "time_text")],
    mark: { type: "circle", size: single ? 18 : 14, opacity: 0.8 },
    encoding: { x, y, color: colour, tooltip },
  };
  const counted = plural(drawn, read.candles ? "candle" : "trade");
  const reduced = shown < drawn ? `drawn as ${thousands(shown)} points, extremes kept` : null;
  const spec = figure(
    { title: look.title, notes: [look.what, spanText(read.span), counted, read.set.note, reduced] },
    width,
    { width, height, data: { values: data }, layer: [line, dots] },
  );
  return chartOf(look.title, table.numRows(), spec);
}

/** The rows to draw, reduced series by series, with a null between two rows where there is a gap. */
function points(read: Prices, width: number): { data: Datum[]; shown: number; drawn: number } {
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
    const time = Math.round(read.time[row]!);
    if (gap) return { time, price: null, market: series.name };
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
