import type { ColumnTable } from "arquero";
import { dollarFormat, EXACT_DOLLARS, plural, priceDomain, thousands } from "./axes.js";
import { type Chart, chartOf } from "./chart.js";
import type { TimeChartOptions } from "./options.js";
import { priceWithQuotes } from "./price-band.js";
import { MAX_POINTS, type Prices, points, readPrices, restName } from "./price-data.js";
import { colourScale, type Labels } from "./series.js";
import type { Json, Spec } from "./spec.js";
import { colours, figure } from "./theme.js";
import { spanText, timeText, timeX } from "./time-axis.js";
import { zoneOf } from "./zone.js";

export interface PriceOptions extends TimeChartOptions {
  /** Names of markets by ticker, for the legend; their order is the legend's. */
  readonly labels?: Labels;
  /** Tickers of the markets in colour, eight at most; the busiest unless told otherwise, where there are more. The others are grey. */
  readonly highlight?: string | readonly string[];
  /**
   * A silence longer than this many milliseconds is drawn as a gap. Unless told otherwise candles break after one missing period, and a
   * faint dashed line carries the last price across; trades are joined, since their last price stands until the next.
   */
  readonly gap?: number;
}

export interface PriceChartOptions extends PriceOptions {
  /** Best quotes of the market, or its candles: draws its trades as marks over the band from bid to ask. */
  readonly quotes?: ColumnTable;
}

/**
 * The price of one or several markets over time, in YES prices: every trade of a table of trades (`created_time`, `yes_price`), or the
 * close of every candle (`end_time`, `price_close`, and
 * `price_previous` for a period without trades). `ticker` tells markets apart, eight at most by colours; the others are grey lines behind them that
 * tell their name when pointed at. A null price is a gap. Long tables are reduced to four points per pixel column, extremes kept, with a note. With `quotes` the trades of one market stand
 * over its bid–ask band, marked by the side that the taker took.
 *
 * @throws KalshiError `CHART_EMPTY`, `COLUMN_MISSING`, `COLUMN_KIND`
 */
export function price(table: ColumnTable, options: PriceChartOptions = {}): Chart {
  if (options.quotes !== undefined) return priceWithQuotes(table, options.quotes, options);
  const read = readPrices("price", table, options);
  const single = read.set.series.length + read.set.others.length === 1;
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
 * All markets of one event as probabilities, from trades or candles of several markets (columns as in {@link price}). The eight busiest are in
 * colour, or those of `highlight`, and all others in grey behind them.
 *
 * @throws KalshiError `CHART_EMPTY`, `COLUMN_MISSING`, `COLUMN_KIND`; `BAD_ARGUMENT` for a market to be highlighted that is not there
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

function draw(
  table: ColumnTable,
  read: Prices,
  options: PriceOptions,
  look: { title: string; what: string; yTitle: string; yFormat: string; domain: [number, number] },
): Chart {
  const names = read.set.series.map((one) => one.name);
  const rest = restName(read.set);
  const single = names.length === 1 && rest === null;
  // Several markets have a legend beside the plot; with it they are as wide as one is without, which a notebook's cell just holds.
  const { width = single ? 720 : 610, height = 320 } = options;
  const { data, shown, drawn, corners, unknown } = points(read, width);
  const market: Json = {
    field: "market",
    type: "nominal",
    sort: null,
    title: "market",
    scale: colourScale(names, rest),
    legend: { symbolType: "stroke", symbolOpacity: 1 },
  };
  const colour: Json = single ? { value: colours.main } : market;
  const zone = zoneOf(options.timezone, read.span);
  const x = timeX("time", read.span, zone);
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
  const isCrowded = shown > MAX_POINTS && shown === drawn;
  // Each grey line is one of its own, and thin.
  const behind: Spec =
    rest === null
      ? {}
      : {
          detail: { field: "line", type: "nominal" },
          size: { condition: { test: "isValid(datum.line)", value: 1 }, value: 1.75 },
        };
  const line: Json = {
    mark: { type: "line", interpolate: read.candles || corners ? "linear" : "step-after" },
    encoding: { x, y, color: colour, ...behind },
  };
  const dots: Json = {
    // Of a reduced line only what no line reaches: a price between two gaps. Many dots are there to be pointed at, not to be seen.
    transform: [
      { filter: shown < drawn ? "datum.alone" : "isValid(datum.price)" },
      timeText("time", "time_text", zone),
    ],
    mark: { type: "circle", size: single ? 18 : 14 },
    encoding: {
      x,
      y,
      color: colour,
      opacity: isCrowded ? { condition: { test: "datum.alone", value: 0.8 }, value: 0 } : { value: 0.8 },
      tooltip,
    },
  };
  const bridges: Json = {
    transform: [{ filter: "isValid(datum.until)" }],
    mark: { type: "rule", strokeDash: [2, 3], strokeWidth: 1.5, opacity: 0.9 },
    encoding: {
      x: { field: "time", type: "temporal", scale: { type: "utc" } },
      x2: { field: "until" },
      y: { ...y, field: "held" },
      color: colour,
    },
  };
  const bridged = data.some((row) => row.until !== undefined);
  const counted = plural(drawn, read.candles ? "candle" : "trade");
  const reduced = shown < drawn ? `drawn as ${thousands(shown)} points, extremes kept` : null;
  const spec = figure(
    {
      title: look.title,
      notes: [
        look.what,
        spanText(read.span, zone),
        counted,
        read.set.note,
        reduced,
        bridged ? "dotted where there is no candle" : null,
        unknown > 0
          ? `broken where ${plural(unknown, "time")} of the recording ${unknown === 1 ? "is" : "are"} not known`
          : null,
      ],
    },
    width,
    { width, height, data: { values: data }, layer: [...(bridged ? [bridges] : []), line, dots] },
    options,
  );
  return chartOf(look.title, table.numRows(), spec);
}
