import type { ColumnTable } from "arquero";
import { AXIS_EXTENT, COUNT_LABEL, plural, thousands } from "./axes.js";
import { type Chart, chartOf } from "./chart.js";
import { hasColumns, needColumns, needRows, numbers, texts } from "./columns.js";
import type { ChartOptions } from "./options.js";
import { colourScale } from "./series.js";
import type { Datum, Json, Spec } from "./spec.js";
import { colours, figure, MAX_SERIES } from "./theme.js";

const COLUMNS = ["price_from", "price_to", "forecasts", "mean_price", "outcome_rate", "low", "high"];

/**
 * How often YES happened beside how probable prices said it was, from the bins of `calibration`: a point for every bin with its confidence
 * band, the diagonal where prices would be right, and below how many forecasts each bin has. Forecasts at several times before close
 * (`before`) are lines of their own, eight at most.
 *
 * @throws KalshiError `CHART_EMPTY`, `COLUMN_MISSING`, `COLUMN_KIND`
 */
export function calibration(table: ColumnTable, options: ChartOptions = {}): Chart {
  const { width = 440, height = 380 } = options;
  const read = readBins(table);
  const { names, data } = read;
  const single = names.length === 1;
  const legend: Json = { symbolType: "circle", symbolOpacity: 1, symbolStrokeWidth: 0, orient: "right" };
  const colour: Json = single
    ? { value: colours.main }
    : { field: "before", type: "nominal", sort: null, title: "before close", scale: colourScale(names), legend };
  const axis: Json = { format: ".0%", tickCount: 6 };
  const x = (field: string, title: string | null): Spec => ({
    field,
    type: "quantitative",
    title,
    scale: { domain: [0, 1], nice: false },
    axis: title === null ? { format: ".0%", tickCount: 6, labels: false, ticks: false, domain: false } : axis,
  });
  const y = (field: string): Spec => ({
    field,
    type: "quantitative",
    title: "how often YES happened",
    scale: { domain: [0, 1], nice: false },
    axis: { format: ".0%", tickCount: 6, minExtent: AXIS_EXTENT },
  });
  const tooltip: Json = [
    ...(single ? [] : [{ field: "before", type: "nominal", title: "before close" }]),
    { field: "bin", type: "nominal", title: "prices" },
    { field: "forecasts", type: "quantitative", title: "forecasts", format: "," },
    // Means of many: as many digits as tell neighbours apart; the table has them all.
    { field: "mean_price", type: "quantitative", title: "mean price", format: ".6~f" },
    { field: "outcome_rate", type: "quantitative", title: "YES happened", format: ".6~f" },
    { field: "low", type: "quantitative", title: "band from", format: ".6~f" },
    { field: "high", type: "quantitative", title: "band to", format: ".6~f" },
  ];
  const diagonal: Json = {
    data: { values: [{ from: 0, to: 1 }] },
    mark: { type: "rule", color: colours.faint, strokeDash: [4, 4], strokeWidth: 1.2 },
    encoding: { x: x("from", null), y: y("from"), x2: { field: "to" }, y2: { field: "to" } },
  };
  const points: Json[] = [
    // Bands of several lines stand beside each other, not on each other.
    ...names.map(
      (name, at): Json => ({
        transform: [{ filter: `datum.before == ${JSON.stringify(name)} && isValid(datum.low)` }],
        mark: {
          type: "rule",
          strokeWidth: single ? 6 : 3,
          opacity: 0.45,
          strokeCap: "round",
          xOffset: (at - (names.length - 1) / 2) * 4,
        },
        encoding: { x: x("mean_price", null), y: y("low"), y2: { field: "high" }, color: colour, tooltip },
      }),
    ),
    {
      mark: { type: "line", strokeWidth: 1.4 },
      // Not across prices of which there is no forecast.
      encoding: {
        x: x("mean_price", null),
        y: y("outcome_rate"),
        color: colour,
        detail: { field: "run", type: "nominal" },
      },
    },
    {
      mark: { type: "circle", size: 48, opacity: 1 },
      encoding: { x: x("mean_price", null), y: y("outcome_rate"), color: colour, tooltip },
    },
  ];
  const counts: Json = {
    width,
    height: Math.round(height * 0.22),
    mark: { type: "bar", opacity: 0.75 },
    encoding: {
      x: x("bar_from", "YES price: implied probability"),
      x2: { field: "bar_to" },
      y: {
        field: "bar_low",
        type: "quantitative",
        title: "forecasts",
        scale: { zero: true },
        axis: { labelExpr: COUNT_LABEL, tickCount: 3, minExtent: AXIS_EXTENT },
      },
      y2: { field: "bar_high" },
      color: colour,
      tooltip,
    },
  };
  const total = data.reduce((sum, { forecasts }) => sum + (forecasts as number), 0);
  const notes = [
    "points below the dashed line: YES was dearer than it was worth",
    plural(total, "forecast"),
    plural(data.length, "bin"),
    read.band,
    read.left > 0 ? `the first ${names.length} of ${thousands(names.length + read.left)} times before close` : null,
  ];
  const title = options.title ?? "Calibration";
  const body: Spec = {
    data: { values: data },
    vconcat: [{ width, height, layer: [diagonal, ...points] }, counts],
    bounds: "flush",
    spacing: 14,
  };
  return chartOf(title, table.numRows(), figure({ title, notes }, width, body, options));
}

interface Bins {
  readonly data: readonly Datum[];
  /** Times before close, as the table has them in order. */
  readonly names: readonly string[];
  /** How many times before close are not drawn. */
  readonly left: number;
  /** How the bands were made, and how sure they are, as far as the table says it. */
  readonly band: string | null;
}

function readBins(table: ColumnTable): Bins {
  const chart = "calibration";
  needColumns(chart, table, COLUMNS);
  needRows(chart, table.numRows(), "bins", "no forecast was scored; ask more markets, or a time nearer to their close");
  const [from, to, forecasts, price, rate, low, high] = COLUMNS.map((name) => numbers(chart, table, name));
  const before = hasColumns(table, ["before"]) ? texts(table, "before") : from!.map(() => "");
  const all = [...new Set(before)];
  const names = all.slice(0, MAX_SERIES);
  const stacked = new Map<number, number>();
  const rows = before.flatMap((name, row) => (names.includes(name) ? [row] : []));
  rows.sort((a, b) => names.indexOf(before[a]!) - names.indexOf(before[b]!) || price![a]! - price![b]!);
  let run = 0;
  const data = rows.map((row, at): Datum => {
    const previous = rows[at - 1];
    if (previous !== undefined && (before[previous] !== before[row] || from![row]! > to![previous]! + 1e-9)) run += 1;
    // Bins of one price have no width of their own.
    const [start, end] = from![row]! < to![row]! ? [from![row]!, to![row]!] : [from![row]! - 0.004, to![row]! + 0.004];
    const below = stacked.get(from![row]!) ?? 0;
    stacked.set(from![row]!, below + forecasts![row]!);
    return {
      before: before[row]!,
      run,
      bin: `$${from![row]!} to $${to![row]!}`,
      forecasts: forecasts![row]!,
      mean_price: price![row]!,
      outcome_rate: rate![row]!,
      low: low![row]!,
      high: high![row]!,
      bar_from: Math.max(0, start + (end - start) * 0.06),
      bar_to: Math.min(1, end - (end - start) * 0.06),
      bar_low: below,
      bar_high: below + forecasts![row]!,
    };
  });
  return { data, names, left: all.length - names.length, band: bandsText(table) };
}

function bandsText(table: ColumnTable): string | null {
  if (!hasColumns(table, ["band"])) return null;
  const sure = hasColumns(table, ["confidence"]) ? numbers("calibration", table, "confidence") : [];
  const made = texts(table, "band").map((band, row) => {
    const percent = sure[row] == null ? "" : `${Math.round(sure[row] * 1e4) / 100} % `;
    return `${percent}bands by ${band === "wilson" ? "Wilson" : band}`;
  });
  return [...new Set(made)].join(", ");
}
