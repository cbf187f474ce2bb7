import { asObject } from "../../exchange/field.js";
import { DOLLAR, formatPrice, type Price, parsePrice } from "../../units/price.js";
import type { JsonObject, PriceBand } from "../types.js";
import type { Grid } from "../world/grid.js";
import { gridLabels, grids, priceRanges } from "../world/price-structures.js";

/** A price grid with the name that the exchange gives it, which need not be one that is documented. */
export interface NamedGrid {
  readonly label: string;
  readonly grid: Grid;
}

/** The grid that a lifecycle message tells of; null where it tells of none that can be read. See API: price grid. */
export function gridIn(msg: unknown): NamedGrid | null {
  try {
    const { price_level_structure: label, price_ranges: ranges } = asObject("message", msg);
    if (typeof label !== "string" || !Array.isArray(ranges) || ranges.length === 0) return null;
    return { label, grid: ranges.map(bandIn) };
  } catch {
    return null;
  }
}

function bandIn(range: unknown): PriceBand {
  const { start, end, step } = asObject("price range", range);
  const band = { start: parsePrice(`${start}`), end: parsePrice(`${end}`), step: parsePrice(`${step}`) };
  if (!(band.step > 0 && band.start < band.end)) throw new RangeError(`no band from ${formatPrice(band.start)}`);
  return band;
}

/** The documented grid with the fewest prices that has all of these; the one with the most where none has. */
export function narrowestGrid(prices: Iterable<Price>): NamedGrid {
  const seen = [...prices];
  const label = byWidth.find((one) => seen.every((price) => isStep(grids[one], price))) ?? byWidth.at(-1)!;
  return { label, grid: grids[label] };
}

/** A grid as the fields of a market. */
export function gridFields({ label, grid }: NamedGrid): JsonObject {
  return { price_level_structure: label, price_ranges: priceRanges(grid) };
}

const stepsOf = (grid: Grid): number => grid.reduce((sum, { start, end, step }) => sum + (end - start) / step, 0);

const byWidth = gridLabels.toSorted((a, b) => stepsOf(grids[a]) - stepsOf(grids[b]));

/** Nothing and a whole dollar stand for an empty side, and are on every grid. */
function isStep(grid: Grid, price: Price): boolean {
  if (price <= 0 || price >= DOLLAR) return true;
  return grid.some(({ start, end, step }) => price >= start && price <= end && (price - start) % step === 0);
}
