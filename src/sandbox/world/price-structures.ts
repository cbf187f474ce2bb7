import { DOLLAR, formatPrice, type Price } from "../../units/price.js";
import type { JsonObject, PriceBand } from "../types.js";
import type { Grid } from "./grid.js";

/** Labels of price grids that generated markets use. */
export type GridLabel = "linear_cent" | "deci_cent" | "tapered_deci_cent";

const band = (start: Price, end: Price, step: Price): PriceBand => ({ start, end, step });

/** Bands of each grid, in micro-dollars. See API: price grid. */
export const grids: Readonly<Record<GridLabel, Grid>> = {
  linear_cent: [band(0, DOLLAR, 10_000)],
  deci_cent: [band(0, DOLLAR, 1_000)],
  tapered_deci_cent: [band(0, 100_000, 1_000), band(100_000, 900_000, 10_000), band(900_000, DOLLAR, 1_000)],
};

/** A grid as a market's `price_ranges`. */
export function priceRanges(grid: Grid): readonly JsonObject[] {
  return grid.map(({ start, end, step }) => ({
    end: formatPrice(end),
    start: formatPrice(start),
    step: formatPrice(step),
  }));
}

/** The price of the grid nearest to a share of a dollar, never nothing and never the whole dollar. */
export function nearestOnGrid(grid: Grid, share: number): Price {
  const wanted = Math.min(Math.max(share, 0), 1) * DOLLAR;
  const { start, step } = bandAt(grid, wanted);
  const price = start + Math.round((wanted - start) / step) * step;
  const lowest = grid[0] as PriceBand;
  const highest = grid.at(-1) as PriceBand;
  return Math.min(Math.max(price, lowest.start + lowest.step), highest.end - highest.step);
}

function bandAt(grid: Grid, price: number): PriceBand {
  return grid.find(({ start, end }) => price >= start && price < end) ?? (grid.at(-1) as PriceBand);
}
