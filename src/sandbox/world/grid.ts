import { DOLLAR, type Price } from "../../units/price.js";
import type { PriceBand } from "../types.js";

/** The price grid of a market: bands in ascending order, each with its own step. */
export type Grid = readonly PriceBand[];

/** Whether an order may name this YES price: strictly between nothing and a dollar, and a step of its band. */
export function onGrid(grid: Grid, price: Price): boolean {
  if (!Number.isSafeInteger(price) || price <= 0 || price >= DOLLAR) return false;
  return grid.some((band) => price >= band.start && price <= band.end && (price - band.start) % band.step === 0);
}

/** The highest grid price at or below any price, or null when that is no price an order may name. */
export function gridFloor(grid: Grid, price: Price): Price | null {
  const at = Math.min(price, DOLLAR - 1);
  for (let n = grid.length - 1; n >= 0; n -= 1) {
    const band = grid[n]!;
    if (at < band.start) continue;
    const floor = band.start + Math.floor((Math.min(at, band.end) - band.start) / band.step) * band.step;
    if (floor > 0 && floor < DOLLAR) return floor;
  }
  return null;
}

/** The next grid price above, or null at the top. */
export function tickAbove(grid: Grid, price: Price): Price | null {
  for (const band of grid) {
    if (price >= band.end) continue;
    const next =
      price < band.start ? band.start : band.start + (Math.floor((price - band.start) / band.step) + 1) * band.step;
    const above = Math.min(next, band.end);
    if (above > 0 && above < DOLLAR) return above;
  }
  return null;
}

/** The next grid price below, or null at the bottom. */
export function tickBelow(grid: Grid, price: Price): Price | null {
  return gridFloor(grid, price - 1);
}
