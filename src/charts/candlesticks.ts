import type { ColumnTable } from "arquero";
import { AXIS_EXTENT, COUNT_LABEL, dollarFormat, EXACT_DOLLARS, extent, plural, priceDomain } from "./axes.js";
import { type Candle, merge } from "./candles.js";
import { type Chart, chartOf } from "./chart.js";
import { hasColumns, needColumns, needRows, numbers, prices, severalMarkets, texts, times } from "./columns.js";
import type { TimeChartOptions } from "./options.js";
import type { Datum, Json, Spec } from "./spec.js";
import { colours, figure } from "./theme.js";
import { spanText, timeText, timeX } from "./time-axis.js";
import { zoneOf } from "./zone.js";

export interface CandlestickOptions extends TimeChartOptions {
  /** Which market, where the table holds several. */
  readonly ticker?: string;
}

/** Pixels that one candle needs to be told from its neighbour. */
const PIXELS_PER_CANDLE = 4;

/** Pixels beyond which a body is a slab. */
const MAX_BODY = 28;

const COLUMNS = ["start_time", "end_time", "price_open", "price_high", "price_low", "price_close", "volume"];

/**
 * Candles of one market with their volume below: body from open to close, wick from low to high, in YES prices. A period without
 * trades has no candle. Where candles would be thinner than four pixels, neighbours are merged into longer ones, with a note.
 *
 * @throws KalshiError `CHART_EMPTY`, `COLUMN_MISSING`, `COLUMN_KIND`; `BAD_ARGUMENT` for several markets without `ticker`
 */
export function candlesticks(table: ColumnTable, options: CandlestickOptions = {}): Chart {
  const { width = 720, height = 280 } = options;
  const { candles, ticker } = readCandles(table, options.ticker);
  const span: [number, number] = [candles[0]!.start, candles.at(-1)!.end];
  const zone = zoneOf(options.timezone, span);
  const merged = merge(candles, Math.max(1, Math.floor(width / PIXELS_PER_CANDLE)));
  const range = extent(merged.flatMap((candle) => [candle.low, candle.high]))!;
  const data = merged.map((candle) => datum(candle, (span[1] - span[0]) / width));
  const axis: Json = { format: dollarFormat(range), tickCount: 6, minExtent: AXIS_EXTENT, title: "YES price ($)" };
  const scale: Json = { domain: priceDomain(range), nice: false, zero: false };
  const colour: Json = { condition: { test: "datum.close < datum.open", value: colours.down }, value: colours.up };
  const tooltip: Json = [
    { field: "from_text", type: "nominal", title: "from" },
    { field: "to_text", type: "nominal", title: "to" },
    ...["open", "high", "low", "close"].map((field) => ({
      field,
      type: "quantitative",
      title: field,
      format: EXACT_DOLLARS,
    })),
    { field: "volume", type: "quantitative", title: "contracts", format: ",.2~f" },
  ];
  const prices: Json = {
    width,
    height,
    layer: [
      {
        mark: { type: "rule", strokeWidth: 1.2 },
        encoding: {
          x: withoutDomain(timeX("middle", span, zone, false)),
          y: { field: "low", type: "quantitative", scale, axis },
          y2: { field: "high" },
          color: colour,
          tooltip,
        },
      },
      {
        // The outline keeps a candle visible whose open is its close.
        mark: { type: "bar", strokeWidth: 1.2 },
        encoding: {
          x: withoutDomain(timeX("from", span, zone, false)),
          x2: { field: "to" },
          y: { field: "open", type: "quantitative", scale, axis },
          y2: { field: "close" },
          color: colour,
          stroke: colour,
          tooltip,
        },
      },
    ],
  };
  const volume: Json = {
    width,
    height: Math.round(height * 0.28),
    mark: { type: "bar", opacity: 0.75 },
    encoding: {
      x: withoutDomain(timeX("from", span, zone)),
      x2: { field: "to" },
      y: {
        field: "volume",
        type: "quantitative",
        title: "contracts",
        scale: { zero: true },
        axis: { labelExpr: COUNT_LABEL, tickCount: 3, minExtent: AXIS_EXTENT },
      },
      y2: { datum: 0 },
      color: colour,
      tooltip,
    },
  };
  const title = options.title ?? ticker;
  const notes = [
    "YES price and volume by period; blue closes at or above its open, orange below",
    spanText(span, zone),
    plural(candles.length, "candle"),
    merged.length < candles.length ? `merged into ${merged.length} longer ones, extremes kept` : null,
  ];
  const spec = figure(
    { title, notes },
    width,
    {
      data: { values: data },
      transform: [timeText("start", "from_text", zone), timeText("end", "to_text", zone)],
      vconcat: [prices, volume],
      bounds: "flush",
      spacing: 14,
    },
    options,
  );
  return chartOf(title, table.numRows(), spec);
}

function readCandles(table: ColumnTable, wanted: string | undefined): { candles: Candle[]; ticker: string } {
  const chart = "candlesticks";
  needColumns(chart, table, COLUMNS);
  const tickers = hasColumns(table, ["ticker"]) ? texts(table, "ticker") : null;
  const ticker = wanted ?? tickers?.[0] ?? "Candlesticks";
  const other = wanted === undefined ? tickers?.find((one) => one !== ticker) : undefined;
  if (other !== undefined) throw severalMarkets(chart, ticker, other);
  const start = times(chart, table, "start_time");
  const end = times(chart, table, "end_time");
  const [open, high, low, close] = COLUMNS.slice(2, 6).map((name) => prices(chart, table, name));
  const volume = numbers(chart, table, "volume");
  const candles: Candle[] = [];
  for (let row = 0; row < start.length; row += 1) {
    const [from, to, first, most, least, last] = [start[row], end[row], open![row], high![row], low![row], close![row]];
    if (tickers !== null && tickers[row] !== ticker) continue;
    if (from == null || to == null || first == null || most == null || least == null || last == null) continue;
    candles.push({ start: from, end: to, open: first, high: most, low: least, close: last, volume: volume![row] ?? 0 });
  }
  needRows(
    chart,
    candles.length,
    "candles with trades",
    "the market did not trade in this span; ask a longer span, a longer period, or another market",
  );
  candles.sort((a, b) => a.start - b.start);
  return { candles, ticker };
}

/** With a start and an end in one mark vega-lite finds a given domain at odds with itself; that of the data is the same here. */
function withoutDomain(x: Spec): Spec {
  return { ...x, scale: { type: "utc", nice: false } };
}

/** The body leaves a tenth of the period free on either side, more where it would be wide. `pixel` is the milliseconds of one. */
function datum(candle: Candle, pixel: number): Datum {
  const period = candle.end - candle.start;
  const margin = Math.max(period / 10, (period - MAX_BODY * pixel) / 2);
  return {
    ...candle,
    from: candle.start + margin,
    to: candle.end - margin,
    middle: (candle.start + candle.end) / 2,
  };
}
