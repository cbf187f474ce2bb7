import { AXIS_EXTENT, dollarFormat } from "./axes.js";
import type { Datum, Json, Spec } from "./spec.js";
import { colours } from "./theme.js";
import { timeX } from "./time-axis.js";
import type { Zone } from "./zone.js";

/** Moments (ms, ascending) with the best quotes that began at each and their spread, in dollars; null while a side was empty. */
export interface Spreads {
  readonly time: readonly number[];
  readonly bid: readonly (number | null)[];
  readonly ask: readonly (number | null)[];
  readonly spread: readonly (number | null)[];
  readonly span: readonly [number, number];
  readonly candles: boolean;
}

/**
 * The spread below the prices: a step line of the drawn quotes (field `spread` of the chart's data), or where there are more quotes than
 * pixels, and the data are {@link spreadColumns}, the narrowest to the widest of every column as an area, with the mean by time as a line.
 */
export function spreadPanel(
  read: Spreads,
  look: { width: number; height: number; wide: readonly [number, number]; dense: boolean; zone: Zone },
): Spec {
  const domain: [number, number] = [Math.min(0, look.wide[0]), look.wide[1] <= 0 ? 0.01 : look.wide[1] * 1.15];
  const x = timeX("time", read.span, look.zone);
  const y = (field: string): Spec => ({
    field,
    type: "quantitative",
    title: "spread ($)",
    scale: { domain, nice: false },
    axis: { format: dollarFormat(domain, 3), tickCount: 3, minExtent: AXIS_EXTENT },
  });
  const size = { width: look.width, height: look.height };
  const line = (field: string, interpolate: Json): Json => ({
    mark: { type: "line", interpolate, color: colours.text, strokeWidth: 1.4 },
    encoding: { x, y: y(field) },
  });
  if (!look.dense) return { ...size, layer: [line("spread", read.candles ? "linear" : "step-after")] };
  const area: Json = {
    mark: { type: "area", interpolate: "step-after", color: colours.faint, opacity: 0.45 },
    encoding: { x, y: y("narrowest"), y2: { field: "widest" } },
  };
  return { ...size, layer: [area, line("mean", "step-after")] };
}

const INFINITE = Number.POSITIVE_INFINITY;
const NONE = { narrowest: null, widest: null, mean: null, band_low: null, band_high: null } as const;

/**
 * Of the two-sided quotes of every pixel column: narrowest, widest and mean spread (by time), lowest bid and highest ask; null in a column
 * that had none.
 */
export function spreadColumns({ time, bid, ask, spread, span }: Spreads, perPixel: number): Datum[] {
  const columns: Datum[] = [];
  let row = 0;
  for (let start = span[0]; row < time.length; start += perPixel) {
    const end = start + perPixel;
    let [narrowest, widest, lowest, highest] = [INFINITE, -INFINITE, INFINITE, -INFINITE];
    let [weighed, lasted] = [0, 0];
    // The quote that stands when the column begins counts as well.
    for (let at = Math.max(0, row - 1); at < time.length && time[at]! < end; at += 1) {
      row = at + 1;
      const value = spread[at];
      const stands = Math.min(time[at + 1] ?? end, end) - Math.max(time[at]!, start);
      if (value === null || value === undefined || (stands <= 0 && time[at]! < start)) continue;
      if (value < narrowest) narrowest = value;
      if (value > widest) widest = value;
      if (bid[at]! < lowest) lowest = bid[at]!;
      if (ask[at]! > highest) highest = ask[at]!;
      weighed += value * stands;
      lasted += stands;
    }
    const column = { time: Math.round(start), ...NONE };
    if (widest === -INFINITE) {
      columns.push(column);
      continue;
    }
    const mean = lasted > 0 ? Math.round((weighed / lasted) * 1e6) / 1e6 : widest;
    columns.push({ ...column, narrowest, widest, mean, band_low: lowest, band_high: highest });
  }
  return columns;
}
