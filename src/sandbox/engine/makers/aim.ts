import { DOLLAR, type Price } from "../../../units/price.js";
import { SECOND, type Timestamp } from "../../../units/time.js";
import type { Grid } from "../../world/grid.js";
import { gridFloor, tickAbove } from "../../world/grid.js";
import type { Random } from "../../world/random.js";
import type { Temper } from "./temper.js";

/** The best quotes that the makers want; null where nobody would quote. */
export interface Aim {
  readonly bid: Price | null;
  readonly ask: Price | null;
  /** In which fair prices it stays right, and until when. */
  readonly low: number;
  readonly high: number;
  readonly until: Timestamp;
}

const CENT: Price = 10_000;
/** A fair price may leave the spread by this share of it before the quotes move. */
const PATIENCE = 0.5;
/** Mean number of fine steps by which quotes near 0 and 1 stand wider apart than one. */
const FINE_WIDE = 0.9;
/** How long a width lasts, in the mean: some seconds and some pauses. */
const WIDTH_LASTS = 8 * SECOND;
const PAUSES = 8;

export const NO_AIM: Aim = { bid: null, ask: null, low: 1, high: 0, until: 0 };

export function isStale(aim: Aim, fair: Price, time: Timestamp): boolean {
  return time >= aim.until || fair < aim.low || fair > aim.high;
}

/** Quotes around a fair price: as near as the grid allows, or wider by what the temper of the market likes. */
export function aimAt(grid: Grid, fair: Price, temper: Temper, random: Random, time: Timestamp): Aim {
  const below = gridFloor(grid, fair);
  const step = stepAt(grid, fair, below);
  const steps = 1 + Math.floor(random.exponential() * (step < CENT ? FINE_WIDE : temper.wide));
  const width = steps * step;
  // Wider quotes stand about the fair price; the narrowest are those next to it.
  const bid = below === null ? null : (gridFloor(grid, fair - ((steps - 1) / 2) * step) ?? gridFloor(grid, step));
  const ask = askFrom(grid, (bid ?? 0) + width, fair);
  const slack = PATIENCE * width;
  return {
    bid,
    ask,
    low: (bid ?? 0) - (bid === null ? step : slack),
    high: bid === null ? step : (ask ?? DOLLAR) + slack,
    until: time + Math.ceil(random.exponential() * (WIDTH_LASTS + PAUSES * temper.pause)),
  };
}

/** The lowest price to ask that is as far off as wanted and above what is fair. */
function askFrom(grid: Grid, wanted: Price, fair: Price): Price | null {
  const lowest = tickAbove(grid, Math.max(fair, 0));
  if (lowest === null) return null;
  const at = wanted >= DOLLAR ? null : tickAbove(grid, wanted - 1);
  return at === null ? lowest : Math.max(at, lowest);
}

function stepAt(grid: Grid, fair: Price, below: Price | null): Price {
  const from = below ?? 0;
  return (tickAbove(grid, from) ?? Math.max(DOLLAR, fair)) - from;
}
