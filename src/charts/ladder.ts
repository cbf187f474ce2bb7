import type { ColumnTable } from "arquero";
import { COUNT_LABEL, EXACT_DOLLARS, plural, priceText, thousands } from "./axes.js";
import { type BookLevel, bookAt, type ChartMoment, readBooks } from "./books-data.js";
import { type Chart, chartOf } from "./chart.js";
import type { TimeChartOptions } from "./options.js";
import type { Datum, Json } from "./spec.js";
import { colours, figure } from "./theme.js";
import { moment } from "./time-axis.js";
import { zoneOf } from "./zone.js";

export interface LadderOptions extends TimeChartOptions {
  /** Which market, where the table holds several. */
  readonly ticker?: string;
  /** The moment whose book is drawn: the last one of the table at or before it; the last of all without it. */
  readonly at?: ChartMoment;
  /** Levels of each side, from the best one; 12 unless told otherwise. */
  readonly levels?: number;
}

const ROW_HEIGHT = 20;

/**
 * A book at a moment as a ladder, from its levels (`side`, `yes_price`, `count`; of several moments also `time`): a bar for every price at
 * which something rests, asks above and to the right, bids below and to the left, in YES prices.
 *
 * @throws KalshiError `CHART_EMPTY`, `COLUMN_MISSING`, `COLUMN_KIND`, `BAD_TIME`; `BAD_ARGUMENT` for several markets without `ticker`
 */
export function ladder(table: ColumnTable, options: LadderOptions = {}): Chart {
  const { width = 560, levels = 12 } = options;
  const { ticker, books } = readBooks("ladder", table, options.ticker);
  const { bids, asks, time } = bookAt("ladder", books, options.at);
  const [above, below] = [asks.slice(0, levels), bids.slice(0, levels)];
  // As many decimals for all as the finest of them needs.
  const decimals = Math.max(...[...above, ...below].map(({ price }) => priceText(price).split(".")[1]!.length));
  const rows = [...steps(above, "asks", 1, decimals).reverse(), ...steps(below, "bids", -1, decimals)];
  const most = Math.max(...rows.map(({ count }) => count as number));
  // Room at both ends for the counts beside the bars.
  const domain = [-most * 1.25, most * 1.25];
  const x = (field: string): Json => ({
    field,
    type: "quantitative",
    title: "contracts: bids to the left, asks to the right",
    scale: { domain, nice: false },
    axis: { labelExpr: COUNT_LABEL.replaceAll("datum.value", "abs(datum.value)"), tickCount: 6 },
  });
  const y: Json = {
    field: "price_text",
    type: "nominal",
    sort: null,
    title: "YES price ($)",
    axis: { grid: false, labelColor: colours.text },
  };
  const tooltip: Json = [
    { field: "side", type: "nominal" },
    { field: "price", type: "quantitative", title: "YES price", format: EXACT_DOLLARS },
    { field: "count", type: "quantitative", title: "contracts", format: ",.2~f" },
    { field: "depth", type: "quantitative", title: "added up from the best", format: ",.2~f" },
  ];
  const count = (side: string, align: string, dx: number): Json => ({
    transform: [{ filter: `datum.side == '${side}'` }],
    mark: { type: "text", align, dx, fontSize: 11, color: colours.text },
    encoding: { x: x("reach"), y, text: { field: "count", type: "quantitative", format: ",.2~f" } },
  });
  const layer: Json[] = [
    {
      mark: { type: "bar", height: { band: 0.82 }, cornerRadiusEnd: 2 },
      encoding: {
        x: x("reach"),
        y,
        color: { condition: { test: "datum.side == 'bids'", value: colours.bid }, value: colours.ask },
        tooltip,
      },
    },
    count("asks", "left", 5),
    count("bids", "right", -5),
  ];
  const [bid, ask] = [bids[0]?.price ?? null, asks[0]?.price ?? null];
  const hidden = bids.length + asks.length - rows.length;
  const notes = [
    `best bid ${priceText(bid)}, best ask ${priceText(ask)}`,
    bid === null || ask === null ? null : `spread ${priceText(Math.round((ask - bid) * 1e6) / 1e6)}`,
    plural(rows.length, "level"),
    hidden > 0 ? `${thousands(hidden)} further out not shown` : null,
    time === null ? null : moment(time, zoneOf(options.timezone, [time, time])),
  ];
  const title = options.title ?? (ticker === "" ? "Ladder" : ticker);
  const size = { width, height: options.height ?? Math.max(60, rows.length * ROW_HEIGHT) };
  const spec = figure({ title, notes }, width, { ...size, data: { values: rows }, layer }, options);
  return chartOf(title, table.numRows(), spec);
}

/** Levels from the best one outwards; `reach` is where the bar ends. */
function steps(levels: readonly BookLevel[], side: string, sign: 1 | -1, decimals: number): Datum[] {
  let depth = 0;
  return levels.map(({ price, count }) => {
    depth = Math.round((depth + count) * 100) / 100;
    return { side, price, price_text: `$${price.toFixed(decimals)}`, count, depth, reach: sign * count };
  });
}
