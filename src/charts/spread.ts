import type { ColumnTable } from "arquero";
import { AXIS_EXTENT, dollarFormat, EXACT_DOLLARS, extent, plural, priceDomain, thousands } from "./axes.js";
import { type Chart, chartOf } from "./chart.js";
import { needRows } from "./columns.js";
import type { TimeChartOptions } from "./options.js";
import { type DenseQuotes, type DrawnQuotes, denseQuotes, type Quotes, quoteRows, readQuotes } from "./quotes-data.js";
import { budget } from "./reduce.js";
import type { Json, Spec } from "./spec.js";
import { spreadColumns, spreadPanel } from "./spread-panel.js";
import { colours, figure } from "./theme.js";
import { spanText, timeText, timeX } from "./time-axis.js";
import { zoneOf } from "./zone.js";

export interface SpreadChartOptions extends TimeChartOptions {
  /** Which market, where the table holds several. */
  readonly ticker?: string;
}

/** Above this many quotes their dots are there to be pointed at, not to be seen. */
const MAX_DOTS = 500;

/**
 * Best bid and ask of one market over time as a band, the quoted spread below, from quotes (`time`, `yes_bid`, `yes_ask`) or candles
 * (`end_time`, `yes_bid_close`, `yes_ask_close`). While a side is empty there is a gap. Long tables are reduced, extremes kept, with a
 * note.
 *
 * @throws KalshiError `CHART_EMPTY`, `COLUMN_MISSING`, `COLUMN_KIND`; `BAD_ARGUMENT` for several markets without `ticker`
 */
export function spread(table: ColumnTable, options: SpreadChartOptions = {}): Chart {
  const { width = 720, height = 240 } = options;
  const read = readQuotes("spread", table, options.ticker);
  const bidAsk = extent(read.bid, read.ask);
  const wide = extent(read.spread);
  if (bidAsk === null || wide === null) {
    needRows(
      "spread",
      0,
      "quotes with a bid and an ask",
      "the book was one-sided all along; try another market or a longer span",
    );
  }
  const zone = zoneOf(options.timezone, read.span);
  const { data, sides, drawn, interpolate: step, dense } = rowsToDraw(read, width);
  const tooltip: Json = [
    { field: "time_text", type: "nominal", title: "time" },
    ...[
      ["yes_bid", "bid"],
      ["yes_ask", "ask"],
      ["spread", "spread"],
    ].map(([field, title]) => ({ field: field!, type: "quantitative", title: title!, format: EXACT_DOLLARS })),
  ];
  const y = (field: string, title: string): Spec => ({
    field,
    type: "quantitative",
    title,
    scale: { domain: priceDomain(bidAsk!), nice: false, zero: false },
    axis: { format: dollarFormat(bidAsk!), tickCount: 6, minExtent: AXIS_EXTENT },
  });
  const x = timeX("time", read.span, zone, false);
  const scale: Spec = { domain: ["ask", "bid"], range: [colours.ask, colours.bid] };
  const line = (field: string, side: "bid" | "ask"): Json => ({
    ...(sides === null ? {} : { data: { values: sides[side] } }),
    transform: [{ calculate: `'${side}'`, as: "side" }],
    mark: { type: "line", interpolate: step, strokeWidth: dense ? 0.9 : 1.75 },
    encoding: {
      x,
      y: y(field, "YES price ($)"),
      color: {
        field: "side",
        type: "nominal",
        sort: null,
        scale,
        title: null,
        legend: { orient: "top", direction: "horizontal", symbolType: "stroke", offset: 4 },
      },
    },
  });
  const hover = !dense;
  const dots = (field: string, colour: string, of: Spec): Json => ({
    transform: [{ filter: `isValid(datum.${field}) && !datum.held` }],
    mark: { type: "circle", size: 12, color: colour, opacity: drawn > MAX_DOTS ? 0 : 0.9 },
    encoding: { x, y: of, tooltip },
  });
  const band: Json = {
    // A pixel column has its lowest bid and its highest ask all along.
    mark: { type: "area", interpolate: dense ? "step-after" : step, color: colours.band, opacity: 0.28 },
    encoding: { x, y: y("band_low", "YES price ($)"), y2: { field: "band_high" } },
  };
  const prices: Json = {
    width,
    height,
    layer: [
      band,
      line("yes_ask", "ask"),
      line("yes_bid", "bid"),
      ...(hover
        ? [
            dots("yes_ask", colours.ask, y("yes_ask", "YES price ($)")),
            dots("yes_bid", colours.bid, y("yes_bid", "YES price ($)")),
          ]
        : []),
    ],
  };
  const below = spreadPanel(read, {
    width,
    height: Math.round(height * 0.4),
    wide: wide!,
    dense,
    zone,
  });
  const title = options.title ?? (read.ticker === "" ? "Spread" : read.ticker);
  const notes = [
    "best bid and ask, and the quoted spread between them",
    spanText(read.span, zone),
    plural(read.count, read.candles ? "candle" : "quote"),
    dense ? `drawn as ${thousands(drawn)}, extremes kept` : null,
    read.oneSided > 0 ? `${thousands(read.oneSided)} one-sided` : null,
    read.unknown > 0 ? `${plural(read.unknown, "time")} not known` : null,
  ];
  const spec = figure(
    { title, notes },
    width,
    {
      data: { values: data },
      // Only dots have tooltips, and written times are dear.
      ...(hover ? { transform: [timeText("time", "time_text", zone)] } : {}),
      vconcat: [prices, below],
      bounds: "flush",
      spacing: 16,
    },
    options,
  );
  return chartOf(title, table.numRows(), spec);
}

interface ToDraw extends DrawnQuotes {
  /** Rows of each side by itself, where there are more quotes than pixels; the chart's own rows are pixel columns then. */
  readonly sides: DenseQuotes | null;
  readonly dense: boolean;
}

function rowsToDraw(read: Quotes, width: number): ToDraw {
  const { perPixel, enough } = budget(read.span, width, 1);
  if (read.time.length <= enough) return { ...quoteRows(read, perPixel, enough), sides: null, dense: false };
  const sides = denseQuotes(read, perPixel);
  if (sides.drawn === read.time.length) return { ...quoteRows(read, perPixel, enough), sides: null, dense: false };
  return { data: spreadColumns(read, perPixel), drawn: sides.drawn, interpolate: "linear", sides, dense: true };
}
