import type { ColumnTable } from "arquero";
import { COUNT_LABEL, dollarFormat, EXACT_DOLLARS, extent, plural, priceText, thousands } from "./axes.js";
import { type BookAt, readBooks } from "./books-data.js";
import { type Chart, chartOf } from "./chart.js";
import { columnMissing, hasColumns } from "./columns.js";
import { type HeatCells, heatCells } from "./heat-cells.js";
import type { TimeChartOptions } from "./options.js";
import type { Json, Spec } from "./spec.js";
import { colours, figure, ramps } from "./theme.js";
import { spanText, timeText, timeX } from "./time-axis.js";
import { type Zone, zoneOf } from "./zone.js";

export interface DepthOverTimeOptions extends TimeChartOptions {
  /** Which market, where the table holds several. */
  readonly ticker?: string;
  /** Dollars to show beyond the best prices there were; every level without it. */
  readonly within?: number;
  /** A book stands until the next one, at most so many milliseconds; without an end unless told otherwise. */
  readonly gap?: number;
}

/** Pixels that a cell reaches into its neighbours: the ground would show between two that only touch. */
const OVERLAP = 0.5;

/**
 * Depth over time as a heat map, from levels by time (`time`, `side`, `yes_price`, `count`, as `recording.depth` and
 * `recording.bookSnapshots` give them): what rested at each price, bids and asks in ramps of their own, in YES prices. Where messages were
 * missing (`trust`) it is grey. Many books are put together in columns, each cell with the most that rested there, with a note.
 *
 * @throws KalshiError `CHART_EMPTY`, `COLUMN_MISSING`, `COLUMN_KIND`; `BAD_ARGUMENT` for several markets without `ticker`
 */
export function depthOverTime(table: ColumnTable, options: DepthOverTimeOptions = {}): Chart {
  const { width = 640, height = 320, gap = Number.POSITIVE_INFINITY } = options;
  if (!hasColumns(table, ["time"])) throw columnMissing("depthOverTime", "`time`", table.columnNames());
  const { ticker, books } = readBooks("depthOverTime", table, options.ticker);
  const range = pricesShown(books, options.within);
  const end = endOf(books);
  const span: [number, number] = [books[0]!.time!, end];
  const heat = heatCells(books, range, { width, height, end, gap });
  const zone = zoneOf(options.timezone, span);
  const unknown: Json = {
    data: { values: heat.unknown },
    mark: { type: "rect", color: colours.unknown, x2Offset: OVERLAP },
    encoding: { x: spanX("from", span, zone), x2: { field: "to" } },
  };
  const layer = [
    ...(heat.unknown.length > 0 ? [unknown] : []),
    ...(["asks", "bids"] as const).map((side) => cellsLayer(side, heat, range, spanX("from", span, zone))),
  ];
  const title = options.title ?? (ticker === "" ? "Depth" : ticker);
  const notes = [
    "contracts resting at each price",
    spanText(span, zone),
    plural(books.length, "book"),
    heat.reduced ? `put together in ${thousands(heat.columns)} columns, the most of each kept` : null,
    `a row is ${priceText(heat.step / 1e6)}`,
    heat.unknown.length > 0 ? "grey where messages are missing" : null,
  ];
  const body: Spec = {
    width,
    height,
    data: { values: heat.cells },
    transform: [timeText("from", "from_text", zone), timeText("to", "to_text", zone)],
    layer,
    resolve: { scale: { color: "independent" } },
  };
  return chartOf(title, table.numRows(), figure({ title, notes }, width, body, options));
}

function cellsLayer(side: "bids" | "asks", heat: HeatCells, range: readonly [number, number], x: Spec): Json {
  const counts = extent(heat.cells.flatMap((cell) => (cell.side === side ? [cell.count as number] : []))) ?? [1, 1];
  const [least, most] = counts[0] < counts[1] ? counts : [counts[0] / 2, counts[0]];
  return {
    transform: [{ filter: `datum.side == '${side}'` }],
    mark: { type: "rect", x2Offset: OVERLAP, y2Offset: -OVERLAP, strokeWidth: 0 },
    encoding: {
      x,
      x2: { field: "to" },
      y: {
        field: "low",
        type: "quantitative",
        title: "YES price ($)",
        scale: { domain: [...range], nice: false, zero: false },
        axis: { format: dollarFormat(range), tickCount: 6 },
      },
      y2: { field: "high" },
      color: {
        field: "count",
        type: "quantitative",
        title: side === "bids" ? "contracts bid" : "contracts asked",
        scale: { type: "log", domain: [least, most], range: [...ramps[side]] },
        legend: { values: roundCounts(least, most), labelExpr: COUNT_LABEL, gradientLength: 90 },
      },
      tooltip: [
        { field: "side", type: "nominal" },
        { field: "from_text", type: "nominal", title: "from" },
        { field: "to_text", type: "nominal", title: "to" },
        { field: "price", type: "quantitative", title: "YES price", format: EXACT_DOLLARS },
        { field: "count", type: "quantitative", title: heat.reduced ? "most contracts" : "contracts", format: ",.2~f" },
        ...(heat.reduced ? [{ field: "least", type: "quantitative", title: "least contracts", format: ",.2~f" }] : []),
      ],
    },
  };
}

/** Powers of ten in a range, both ends where it holds fewer than two. */
function roundCounts(least: number, most: number): number[] {
  const powers: number[] = [];
  for (let power = Math.ceil(Math.log10(least)); power <= Math.log10(most); power += 1) powers.push(10 ** power);
  return powers.length < 2 ? [least, most] : powers;
}

/** With a start and an end in one mark vega-lite finds a given domain at odds with itself; that of the data is the same here. */
function spanX(field: string, span: readonly [number, number], zone: Zone): Spec {
  return { ...timeX(field, span, zone), scale: { type: "utc", nice: false } };
}

/** The lowest and highest price with a row's half around; `within` counts from the lowest best bid and the highest best ask. */
function pricesShown(books: readonly BookAt[], within: number | undefined): [number, number] {
  const all = extent(books.flatMap(({ bids, asks }) => [...bids, ...asks].map(({ price }) => price)))!;
  const best = extent(books.flatMap(({ bids, asks }) => [bids[0]?.price ?? null, asks[0]?.price ?? null]))!;
  const [low, high] =
    within === undefined ? all : [Math.max(all[0], best[0] - within), Math.min(all[1], best[1] + within)];
  return [Math.max(0, low - 0.005), Math.min(Math.max(1, high), high + 0.005)];
}

/** Until when the last book stands: as long as half of the others do. */
function endOf(books: readonly BookAt[]): number {
  const lengths = books.slice(1).map((book, at) => book.time! - books[at]!.time!);
  const usual = lengths.sort((a, b) => a - b)[Math.floor(lengths.length / 2)] ?? 60_000;
  return books.at(-1)!.time! + usual;
}
