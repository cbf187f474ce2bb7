import type { ColumnTable } from "arquero";
import { dollarFormat, EXACT_DOLLARS, extent, plural, priceDomain, thousands } from "./axes.js";
import { type Chart, chartOf } from "./chart.js";
import { hasColumns, needColumns, needRows, numbers, prices, severalMarkets, texts, times } from "./columns.js";
import type { PriceOptions } from "./price.js";
import { type DrawnQuotes, quoteRows, readQuotes } from "./quotes-data.js";
import { budget, reduce } from "./reduce.js";
import type { Datum, Json, Spec } from "./spec.js";
import { colours, figure } from "./theme.js";
import { exactTime, spanText, timeText, timeX } from "./time-axis.js";
import { zoneOf } from "./zone.js";

/** How the legend tells trades apart: by the side that the taker took, where the table knows it. */
const TAKERS = { yes: "taker took YES", no: "taker took NO", "": "trade" } as const;

const RIM: Spec = { stroke: colours.ground, strokeWidth: 0.8 };

/** Marks of trades: the widest spec of them that a front end opens at once. */
const MARKS_PER_PIXEL = 0.25;

/**
 * Trades of one market over the band from its best bid to its best ask. See `quotes` of {@link price}.
 *
 * @throws KalshiError `CHART_EMPTY`, `COLUMN_MISSING`, `COLUMN_KIND`; `BAD_ARGUMENT` for several markets
 */
export function priceWithQuotes(table: ColumnTable, quotes: ColumnTable, options: PriceOptions): Chart {
  const { width = 720, height = 320 } = options;
  const trades = readTrades(table);
  const band = readQuotes("price", quotes, trades.ticker === "" ? undefined : trades.ticker);
  const span = extent(trades.time, [...band.span])!;
  const range = extent(trades.price, band.bid, band.ask)!;
  const zone = zoneOf(options.timezone, span);
  const lines = budget(span, width, 2);
  const { data, drawn, interpolate } = quoteRows(band, lines.perPixel, lines.enough);
  const kept = keptTrades(trades, span, width);
  const x = timeX("time", span, zone);
  const y = (field: string): Spec => ({
    field,
    type: "quantitative",
    title: "YES price ($)",
    scale: { domain: priceDomain(range), nice: false, zero: false },
    axis: { format: dollarFormat(range), tickCount: 6 },
  });
  const title = options.title ?? (trades.ticker === "" ? "Price" : trades.ticker);
  const notes = [
    "trades over the band from best bid to best ask",
    spanText(span, zone),
    plural(trades.time.length, "trade"),
    plural(band.count, band.candles ? "candle" : "quote"),
    kept.length < trades.time.length ? `${thousands(kept.length)} trades drawn, extremes kept` : null,
    drawn < band.time.length ? `band drawn as ${thousands(drawn)} quotes, extremes kept` : null,
    band.oneSided > 0 ? "no band where a side is empty" : null,
  ];
  const layer = [
    ...bandLayers(interpolate, x, y),
    tradesLayer(trades, kept, x, y("price"), timeText("time", "time_text", zone)),
  ];
  return chartOf(
    title,
    table.numRows(),
    figure({ title, notes }, width, { width, height, data: { values: data }, layer }, options),
  );
}

function bandLayers(interpolate: DrawnQuotes["interpolate"], x: Spec, y: (field: string) => Spec): Json[] {
  const edge = (field: string): Json => ({
    mark: { type: "line", interpolate, strokeWidth: 0.9, color: colours.band },
    encoding: { x, y: y(field) },
  });
  return [
    {
      mark: { type: "area", interpolate, color: colours.band, opacity: 0.3 },
      encoding: { x, y: y("band_low"), y2: { field: "band_high" } },
    },
    edge("yes_bid"),
    edge("yes_ask"),
  ];
}

function tradesLayer(trades: Trades, kept: readonly number[], x: Spec, y: Spec, time: Spec): Json {
  const values = kept.map(
    (row): Datum => ({
      time: exactTime(trades.time[row]!),
      price: trades.price[row]!,
      count: trades.count[row] ?? null,
      taker: TAKERS[trades.taker[row]!],
    }),
  );
  const names = Object.values(TAKERS).filter((name) => values.some(({ taker }) => taker === name));
  const looks = { [TAKERS.yes]: colours.up, [TAKERS.no]: colours.down, [TAKERS[""]]: colours.text };
  const shapes = { [TAKERS.yes]: "triangle-up", [TAKERS.no]: "triangle-down", [TAKERS[""]]: "circle" };
  const legend: Json = { orient: "top", direction: "horizontal", offset: 4 };
  const by = (range: readonly string[]): Json => ({
    field: "taker",
    type: "nominal",
    title: null,
    sort: null,
    scale: { domain: names, range: [...range] },
    legend,
  });
  return {
    data: { values },
    transform: [time],
    // Rims in the colour of the ground, where there is room for them, part them from each other and from the band.
    mark: { type: "point", filled: true, opacity: 1, ...(kept.length > 500 ? { size: 14 } : { size: 50, ...RIM }) },
    encoding: {
      x,
      y,
      color: by(names.map((name) => looks[name])),
      shape: by(names.map((name) => shapes[name])),
      tooltip: [
        { field: "time_text", type: "nominal", title: "time" },
        { field: "price", type: "quantitative", title: "YES price", format: EXACT_DOLLARS },
        { field: "count", type: "quantitative", title: "contracts", format: ",.2~f" },
        { field: "taker", type: "nominal", title: "side" },
      ],
    },
  };
}

interface Trades {
  readonly ticker: string;
  readonly time: readonly number[];
  readonly price: readonly number[];
  readonly count: readonly (number | null)[];
  readonly taker: readonly (keyof typeof TAKERS)[];
}

function readTrades(table: ColumnTable): Trades {
  const chart = "price";
  needColumns(chart, table, ["created_time", "yes_price"]);
  const tickers = hasColumns(table, ["ticker"]) ? texts(table, "ticker") : null;
  const ticker = tickers?.[0] ?? "";
  const other = tickers?.find((one) => one !== ticker);
  if (other !== undefined) throw severalMarkets(chart, ticker, other);
  const [time, price] = [times(chart, table, "created_time"), prices(chart, table, "yes_price")];
  const count = hasColumns(table, ["count"]) ? numbers(chart, table, "count") : [];
  const sides = ["taker_outcome_side", "taker_side"].flatMap((name) =>
    hasColumns(table, [name]) ? [texts(table, name)] : [],
  );
  const rows = time.flatMap((at, row) => (at !== null && price[row] !== null ? [row] : []));
  needRows(chart, rows.length, "trades", "the market did not trade in this span; ask a longer one, or another market");
  rows.sort((a, b) => time[a]! - time[b]!);
  const side = (row: number): keyof typeof TAKERS => {
    const known = sides.map((of) => of[row]).find((one) => one === "yes" || one === "no");
    return (known as "yes" | "no" | undefined) ?? "";
  };
  return {
    ticker,
    time: rows.map((row) => time[row]!),
    price: rows.map((row) => price[row]!),
    count: rows.map((row) => count[row] ?? null),
    taker: rows.map(side),
  };
}

function keptTrades({ time, price }: Trades, span: readonly [number, number], width: number): number[] {
  const columns = Math.max(1, Math.round(width * MARKS_PER_PIXEL));
  return reduce(time, [price], (span[1] - span[0]) / columns, 4 * columns);
}
