import { DOLLAR, type Price } from "../../../units/price.js";
import { type Grid, tickAbove } from "../../world/grid.js";
import type { Random } from "../../world/random.js";
import type { BookSide } from "../matching.js";

/** All prices of a grid, ascending. */
export type Ticks = readonly Price[];

const known = new WeakMap<Grid, Ticks>();

export function ticksOf(grid: Grid): Ticks {
  const made = known.get(grid);
  if (made !== undefined) return made;
  const ticks: Price[] = [];
  for (let price = tickAbove(grid, 0); price !== null; price = tickAbove(grid, price)) ticks.push(price);
  known.set(grid, ticks);
  return ticks;
}

/** How many of them are at or below a price. */
export function upTo(ticks: Ticks, price: Price): number {
  let low = 0;
  let high = ticks.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ticks[middle]! <= price) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** How many prices a side has from its best on. */
export function roomFrom(ticks: Ticks, side: BookSide, best: Price): number {
  const at = upTo(ticks, best);
  return side === "bid" ? at : ticks.length - at + 1;
}

/** The price `cents` away from the best of a side, on the grid and at least so far; the last of the grid where that ends before. */
export function away(ticks: Ticks, side: BookSide, best: Price, distance: Price): Price {
  const wanted = side === "bid" ? best - distance : best + distance;
  if (wanted <= 0) return ticks[0]!;
  if (wanted >= DOLLAR) return ticks.at(-1)!;
  if (side === "bid") return ticks[Math.max(0, upTo(ticks, wanted) - 1)]!;
  return ticks[Math.min(ticks.length - 1, upTo(ticks, wanted - 1))]!;
}

const CENT: Price = 10_000;

/**
 * Where something happens, seen from the best price of a side: a third at it, a sixth within a cent, a quarter within four, an eighth within
 * nine, and an eighth further.
 */
export function somewhere(random: Random, ticks: Ticks, side: BookSide, best: Price): Price {
  const draw = random.next();
  if (draw < AT_BEST) return best;
  if (draw < WITHIN_ONE) return between(random, ticks, side, best, 1, CENT);
  if (draw < WITHIN_FOUR) return between(random, ticks, side, best, CENT + 1, 4 * CENT);
  if (draw < WITHIN_NINE) return between(random, ticks, side, best, 4 * CENT + 1, 9 * CENT);
  // Half of them by the prices that are left, half by the way that is left: fine steps are many, but not all are busy.
  if (random.chance(0.5)) return between(random, ticks, side, best, 9 * CENT + 1, DOLLAR);
  const way = side === "bid" ? best : DOLLAR - best;
  return away(ticks, side, best, 9 * CENT + 1 + Math.floor(random.next() * Math.max(0, way - 9 * CENT)));
}

const AT_BEST = 0.22;
const WITHIN_ONE = AT_BEST + 0.175;
const WITHIN_FOUR = WITHIN_ONE + 0.26;
const WITHIN_NINE = WITHIN_FOUR + 0.145;

/** One of the prices from `near` to `far` away, evenly; the nearest thing to it where the grid ends before. */
function between(random: Random, ticks: Ticks, side: BookSide, best: Price, near: Price, far: Price): Price {
  const first = upTo(ticks, away(ticks, side, best, near)) - 1;
  const last = upTo(ticks, inside(ticks, side, best, far)) - 1;
  if (side === "bid") return ticks[first <= last ? first : random.integer(last, first + 1)]!;
  return ticks[last <= first ? first : random.integer(first, last + 1)]!;
}

/** The price `distance` away at most. */
function inside(ticks: Ticks, side: BookSide, best: Price, distance: Price): Price {
  if (side === "bid") {
    const wanted = best - distance;
    return wanted <= 0 ? ticks[0]! : ticks[Math.min(ticks.length - 1, upTo(ticks, wanted - 1))]!;
  }
  const wanted = best + distance;
  return wanted >= DOLLAR ? ticks.at(-1)! : ticks[Math.max(0, upTo(ticks, wanted) - 1)]!;
}
