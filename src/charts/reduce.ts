import type { Numbers } from "./columns.js";

/**
 * Which rows of a long line to draw so that the picture stays the same: per pixel column the first, the last, and for each of
 * `values` the lowest and the highest: four rows at most for one line. The first missing value of a column is kept too, since it is
 * what makes a gap visible.
 *
 * `x` ascends; `perPixel` is how much of it one pixel shows. Returns row numbers, ascending; all of them when there are no more than `enough`.
 */
export function reduce(x: readonly number[], values: readonly Numbers[], perPixel: number, enough: number): number[] {
  const rows = x.length;
  const from = x[0];
  if (from === undefined || rows <= enough) return x.map((_, row) => row);
  const columnOf = (value: number) => (perPixel > 0 ? Math.floor((value - from) / perPixel) : 0);
  const kept: number[] = [];
  let start = 0;
  while (start < rows) {
    const column = columnOf(x[start]!);
    let end = start + 1;
    while (end < rows && columnOf(x[end]!) === column) end += 1;
    keepColumn(kept, values, start, end);
    start = end;
  }
  return kept;
}

function keepColumn(kept: number[], values: readonly Numbers[], start: number, end: number): void {
  const rows = new Set([start, end - 1]);
  for (const series of values) {
    let lowest = -1;
    let highest = -1;
    let missing = -1;
    for (let row = start; row < end; row += 1) {
      const value = series[row];
      if (value === null || value === undefined) {
        if (missing < 0) missing = row;
        continue;
      }
      if (lowest < 0 || value < series[lowest]!) lowest = row;
      if (highest < 0 || value > series[highest]!) highest = row;
    }
    for (const row of [lowest, highest, missing]) if (row >= 0) rows.add(row);
  }
  for (const row of [...rows].sort((a, b) => a - b)) kept.push(row);
}

/** Rows of inline data beyond which a spec becomes slow to open; several long lines share them. */
const MAX_ROWS = 12_000;

/** How to reduce `lines` lines that share a plot `pixels` wide over `span`: see {@link reduce}. */
export function budget(
  span: readonly [number, number],
  pixels: number,
  lines: number,
): { perPixel: number; enough: number } {
  const columns = Math.max(1, Math.min(pixels, Math.floor(MAX_ROWS / 4 / lines)));
  return { perPixel: (span[1] - span[0]) / columns, enough: 4 * columns };
}
