import { DOLLAR, formatPrice, type Price } from "../../units/price.js";
import type { JsonObject, PriceBand } from "../types.js";
import type { Grid } from "./grid.js";

const band = (start: Price, end: Price, step: Price): PriceBand => ({ start, end, step });

/** One step in the middle, and a finer one near 0 and 1, up to `width` from either end. */
const tapered = (edge: Price, centre: Price, width: Price): Grid => [
  band(0, width, edge),
  band(width, DOLLAR - width, centre),
  band(DOLLAR - width, DOLLAR, edge),
];

const TENTH = DOLLAR / 10;

/** Bands of each grid by its label, in micro-dollars. See API: price grid. */
export const grids = {
  linear_cent: [band(0, DOLLAR, 10_000)],
  deci_cent: [band(0, DOLLAR, 1_000)],
  tapered_deci_cent: tapered(1_000, 10_000, TENTH),
  center_whole_edge_half_cent: tapered(5_000, 10_000, TENTH),
  center_whole_edge_quint_cent: tapered(2_000, 10_000, TENTH),
  center_half_edge_half_cent: [band(0, DOLLAR, 5_000)],
  center_half_edge_quint_cent: tapered(2_000, 5_000, TENTH),
  center_half_edge_deci_cent: tapered(1_000, 5_000, TENTH),
  center_quint_edge_quint_cent: [band(0, DOLLAR, 2_000)],
  center_quint_edge_deci_cent: tapered(1_000, 2_000, TENTH),
  center_centi_edge_centi_cent: [band(0, DOLLAR, 100)],
  center_deci_edge_centi_cent: tapered(100, 1_000, TENTH / 10),
} as const satisfies Readonly<Record<string, Grid>>;

/** Label of a price grid: `price_level_structure` of markets. */
export type GridLabel = keyof typeof grids;

export const gridLabels = Object.keys(grids) as readonly GridLabel[];

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
