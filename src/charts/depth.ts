import type { ColumnTable } from "arquero";
import { COUNT_LABEL, dollarFormat, EXACT_DOLLARS, plural, priceText, thousands } from "./axes.js";
import { type BookLevel, bookAt, type ChartMoment, readBooks } from "./books-data.js";
import { type Chart, chartOf } from "./chart.js";
import type { TimeChartOptions } from "./options.js";
import type { Datum, Json } from "./spec.js";
import { colours, figure } from "./theme.js";
import { moment } from "./time-axis.js";
import { zoneOf } from "./zone.js";

export interface DepthOptions extends TimeChartOptions {
  /** Which market, where the table holds several. */
  readonly ticker?: string;
  /** The moment whose book is drawn: the last one of the table at or before it; the last of all without it. */
  readonly at?: ChartMoment;
  /** Dollars to show on either side of the middle; every level without it. */
  readonly within?: number;
}

/** Dollars beyond the outermost levels. */
const MARGIN = 0.02;

/**
 * A book as cumulative depth in YES prices, from its levels (`side`, `yes_price`, `count`): contracts one could sell down to a price on
 * the left, buy up to a price on the right. Of levels at several moments (`time`) the book at `at` is drawn.
 *
 * @throws KalshiError `CHART_EMPTY`, `COLUMN_MISSING`, `COLUMN_KIND`, `BAD_TIME`; `BAD_ARGUMENT` for several markets without `ticker`
 */
export function depth(table: ColumnTable, options: DepthOptions = {}): Chart {
  const { width = 720, height = 320 } = options;
  const { ticker, books } = readBooks("depth", table, options.ticker);
  const { bids, asks, time: at } = bookAt("depth", books, options.at);
  const best = { bid: bids[0]?.price ?? null, ask: asks[0]?.price ?? null };
  const middle = best.bid !== null && best.ask !== null ? (best.bid + best.ask) / 2 : (best.bid ?? best.ask)!;
  const all = [...bids, ...asks].map((level) => level.price);
  const [low, high] =
    options.within === undefined
      ? [Math.min(...all) - MARGIN, Math.max(...all) + MARGIN]
      : [middle - options.within, middle + options.within];
  const domain = [Math.max(0, low), Math.min(1, high)];
  const shown = (level: { price: number }) => level.price >= domain[0]! && level.price <= domain[1]!;
  const data = [...stairs(bids.filter(shown), "bids", domain[0]!), ...stairs(asks.filter(shown), "asks", domain[1]!)];
  const x: Json = {
    field: "price",
    type: "quantitative",
    title: "YES price ($)",
    scale: { domain, nice: false },
    axis: { format: dollarFormat([domain[0]!, domain[1]!], 10), tickCount: 10 },
  };
  const y: Json = {
    field: "depth",
    type: "quantitative",
    title: "contracts, added up from the best price",
    stack: null,
    scale: { zero: true, nice: true },
    axis: { labelExpr: COUNT_LABEL, tickCount: 6 },
  };
  const colour: Json = {
    field: "side",
    type: "nominal",
    sort: null,
    title: null,
    scale: { domain: ["bids", "asks"], range: [colours.bid, colours.ask] },
    legend: {
      orient: "top",
      direction: "horizontal",
      symbolType: "square",
      symbolOpacity: 1,
      symbolStrokeWidth: 0,
      offset: 4,
    },
  };
  const layer: Json[] = [
    // An area runs left to right, so a bid's step begins before its price and an ask's after.
    ...(["bids", "asks"] as const).map(
      (side): Json => ({
        transform: [{ filter: `datum.side == '${side}' && datum.step > 0` }],
        mark: { type: "area", interpolate: side === "bids" ? "step-before" : "step-after", opacity: 0.22 },
        encoding: { x, y, y2: { field: "base" }, color: colour },
      }),
    ),
    // A line runs outwards from the best price on both sides.
    {
      mark: { type: "line", interpolate: "step-after" },
      encoding: { x, y, color: colour, order: { field: "step", type: "quantitative" } },
    },
    {
      transform: [{ filter: "isValid(datum.count)" }],
      mark: { type: "circle", size: 22, opacity: 0.9 },
      encoding: {
        x,
        y,
        color: colour,
        tooltip: [
          { field: "side", type: "nominal" },
          { field: "price", type: "quantitative", title: "YES price", format: EXACT_DOLLARS },
          { field: "count", type: "quantitative", title: "contracts at the price", format: ",.2~f" },
          { field: "depth", type: "quantitative", title: "added up", format: ",.2~f" },
        ],
      },
    },
  ];
  const title = options.title ?? (ticker === "" ? "Depth" : ticker);
  const hidden = bids.length + asks.length - bids.filter(shown).length - asks.filter(shown).length;
  const notes = [
    `best bid ${priceText(best.bid)}, best ask ${priceText(best.ask)}`,
    `${thousands(total(bids))} contracts bid, ${thousands(total(asks))} asked`,
    plural(bids.length + asks.length, "level"),
    hidden > 0 ? `${hidden} further out not shown` : null,
    at === null ? null : moment(at, zoneOf(options.timezone, [at, at])),
  ];
  return chartOf(
    title,
    table.numRows(),
    figure({ title, notes }, width, { width, height, data: { values: data }, layer }, options),
  );
}

/** Running sums from the best level outwards, carried on to the edge of the plot. */
function stairs(levels: readonly BookLevel[], side: string, edge: number): Datum[] {
  if (levels.length === 0) return [];
  let sum = 0;
  const steps: Datum[] = [{ side, step: 0, price: levels[0]!.price, depth: 0, count: null, base: 0 }];
  for (const { price, count } of levels) {
    sum = Math.round((sum + count) * 100) / 100;
    steps.push({ side, step: steps.length, price, depth: sum, count, base: 0 });
  }
  steps.push({ side, step: steps.length, price: edge, depth: sum, count: null, base: 0 });
  return steps;
}

function total(levels: readonly BookLevel[]): number {
  return levels.reduce((sum, { count }) => sum + Math.round(count * 100), 0) / 100;
}
