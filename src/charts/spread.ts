import type { ColumnTable } from "arquero";
import { AXIS_EXTENT, dollarFormat, EXACT_DOLLARS, extent, plural, priceDomain, thousands } from "./axes.js";
import { type Chart, chartOf } from "./chart.js";
import { columnMissing, hasColumns, needRows, numbers, severalMarkets, texts, times } from "./columns.js";
import type { TimeChartOptions } from "./options.js";
import { budget, reduce } from "./reduce.js";
import type { Datum, Json, Spec } from "./spec.js";
import { spreadPanel } from "./spread-panel.js";
import { colours, figure } from "./theme.js";
import { exactTime, spanText, timeText, timeX } from "./time-axis.js";
import { zoneOf } from "./zone.js";

export interface SpreadChartOptions extends TimeChartOptions {
  /** Which market, where the table holds several. */
  readonly ticker?: string;
}

/** Above this many rows hovering shows nothing, for the sake of the spec's size. */
const MAX_HOVER = 500;

/**
 * Best bid and ask of one market over time as a band, the quoted spread below, from quotes (`time`, `yes_bid`, `yes_ask`) or candles
 * (`end_time`, `yes_bid_close`, `yes_ask_close`). While a side is empty there is a gap. Long tables are reduced, extremes kept, with a
 * note.
 *
 * @throws KalshiError `CHART_EMPTY`, `COLUMN_MISSING`, `COLUMN_KIND`; `BAD_ARGUMENT` for several markets without `ticker`
 */
export function spread(table: ColumnTable, options: SpreadChartOptions = {}): Chart {
  const { width = 720, height = 240 } = options;
  const read = readQuotes(table, options.ticker);
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
  const { perPixel, enough } = budget(read.span, width, 1);
  const rows = reduce(read.time, [read.bid, read.ask, read.spread], perPixel, enough);
  const dense = rows.length < read.time.length;
  const step: Json = read.candles ? "linear" : "step-after";
  const data = rows.flatMap((row, at) => {
    const one = datum(read, row, read.time[row]!);
    const before = at === 0 ? undefined : rows[at - 1]!;
    // A quote stands until the one that ends it, also where that one has an empty side.
    const ends = before !== undefined && !read.candles && one.spread === null && read.spread[before] !== null;
    return ends ? [datum(read, before, read.time[row]!), one] : [one];
  });
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
  const sides: Spec = { domain: ["ask", "bid"], range: [colours.ask, colours.bid] };
  const line = (field: string, side: string): Json => ({
    transform: [{ calculate: `'${side}'`, as: "side" }],
    mark: { type: "line", interpolate: step, strokeWidth: dense ? 0.9 : 1.75 },
    encoding: {
      x,
      y: y(field, "YES price ($)"),
      color: {
        field: "side",
        type: "nominal",
        sort: null,
        scale: sides,
        title: null,
        legend: { orient: "top", direction: "horizontal", symbolType: "stroke", offset: 4 },
      },
    },
  });
  const hover = rows.length <= MAX_HOVER;
  const dots = (field: string, colour: string, of: Spec): Json => ({
    transform: [{ filter: `isValid(datum.${field})` }],
    mark: { type: "circle", size: 12, color: colour, opacity: 0.9 },
    encoding: { x, y: of, tooltip },
  });
  const band: Json = {
    mark: { type: "area", interpolate: step, color: colours.band, opacity: 0.28 },
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
    perPixel: dense ? perPixel : null,
    zone,
  });
  const title = options.title ?? (read.ticker === "" ? "Spread" : read.ticker);
  const notes = [
    "best bid and ask, and the quoted spread between them",
    spanText(read.span, zone),
    plural(read.time.length, read.candles ? "candle" : "quote"),
    dense ? `drawn as ${thousands(rows.length)}, extremes kept` : null,
    read.oneSided > 0 ? `${thousands(read.oneSided)} one-sided` : null,
  ];
  const spec = figure(
    { title, notes },
    width,
    {
      data: { values: data },
      transform: [timeText("time", "time_text", zone)],
      vconcat: [prices, below],
      bounds: "flush",
      spacing: 16,
    },
    options,
  );
  return chartOf(title, table.numRows(), spec);
}

interface Quotes {
  readonly ticker: string;
  readonly time: readonly number[];
  readonly bid: readonly (number | null)[];
  readonly ask: readonly (number | null)[];
  readonly spread: readonly (number | null)[];
  readonly span: readonly [number, number];
  readonly oneSided: number;
  readonly candles: boolean;
}

function readQuotes(table: ColumnTable, wanted: string | undefined): Quotes {
  const chart = "spread";
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
  const rows = at.flatMap((time, row) => (time !== null && (tickers === null || tickers[row] === ticker) ? [row] : []));
  needRows(chart, rows.length, "quotes", "record a longer span, or ask another market");
  rows.sort((a, b) => at[a]! - at[b]!);
  const time = rows.map((row) => at[row]!);
  const bid = rows.map((row) => bids[row] ?? null);
  const ask = rows.map((row) => asks[row] ?? null);
  const difference = rows.map((_, row) => {
    const [low, high] = [bid[row]!, ask[row]!];
    // Of doubles nearest to micro-dollars: rounded back to one.
    return low === null || high === null ? null : Math.round((high - low) * 1e6) / 1e6;
  });
  const oneSided = difference.filter((value) => value === null).length;
  return { ticker, time, bid, ask, spread: difference, span: [time[0]!, time.at(-1)!], oneSided, candles };
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
