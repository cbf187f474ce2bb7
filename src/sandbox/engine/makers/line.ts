import { DOLLAR } from "../../../units/price.js";
import type { MarketRecord } from "../../types.js";

/** Where on the event's line of values a market is YES: in (low, high]. */
export interface Stretch {
  readonly low: number;
  readonly high: number;
}

/** The markets of an event on one line, and the value there that makes each end as it will. */
export interface Line {
  readonly stretches: readonly Stretch[];
  readonly final: number;
  /** A natural length of the line: what its strikes tell of how uncertain the value is at the opening. */
  readonly scale: number;
  /** What stays unknown at the end: above zero where markets pay a part of the dollar. */
  readonly rest: number;
}

/**
 * Puts markets on a line by their strikes: `floor_strike` and `cap_strike` are where they say. Null where they have none, or where no
 * value would make all of them end as they do.
 */
export function lineOfStrikes(markets: readonly MarketRecord[], exclusive: boolean): Line | null {
  if (markets.some(({ outcome }) => outcome.result === "scalar")) return null;
  const bounds = markets.map(({ wire }) => ({ floor: strike(wire.floor_strike), cap: strike(wire.cap_strike) }));
  if (bounds.some(({ floor, cap }) => floor === null && cap === null)) return null;
  const stretches = bounds.map(({ floor, cap }) => ({
    low: floor ?? Number.NEGATIVE_INFINITY,
    high: cap ?? Number.POSITIVE_INFINITY,
  }));
  if (exclusive) shareEdges(stretches);
  const finite = stretches.flatMap(({ low, high }) => [low, high]).filter(Number.isFinite);
  const range = Math.max(...finite) - Math.min(...finite);
  if (range === 0) return null;
  const scale = range / 3;
  const room = roomOf(markets, stretches);
  if (room === null) return null;
  const margin = Math.min(0.05 * scale, (room.high - room.low) / 3);
  const observed = Number(markets[0]?.outcome.observed.replace(/[^0-9.-]/g, "") || Number.NaN);
  const wanted = Number.isFinite(observed) ? observed : middleOf(room, scale);
  return { stretches, final: Math.min(Math.max(wanted, room.low + margin), room.high - margin), scale, rest: 0 };
}

/**
 * Puts markets side by side on a line, each as wide as its chance: just one of them is YES, or none where there is a place left.
 *
 * `chances` sum to one at most; what they leave comes last, and belongs to no market.
 */
export function lineOfChances(markets: readonly MarketRecord[], chances: readonly number[], away: number): Line {
  let below = 0;
  const stretches = chances.map((chance, index) => {
    const low = quantile(below);
    below = index === chances.length - 1 && chances.length > 1 && complete(chances) ? 1 : below + chance;
    return { low, high: quantile(below) };
  });
  const partial = markets.findIndex(({ outcome }) => outcome.result === "scalar");
  if (partial >= 0) {
    // It ends in doubt: the value lies so that the first market is worth just its part.
    const share = Math.min(0.99, Math.max(0.01, markets[0]!.outcome.value / DOLLAR));
    return { stretches, final: stretches[0]!.high - quantile(share) * DOUBT, scale: 1, rest: DOUBT };
  }
  const winner = markets.findIndex(({ outcome }) => outcome.value === DOLLAR);
  const room = stretches[winner] ?? { low: quantile(below), high: Number.POSITIVE_INFINITY };
  return { stretches, final: middleOf(room, away), scale: 1, rest: 0 };
}

/** Standard error that is left at the end of a market that pays a part. */
const DOUBT = 0.4;

/** Lets neighbours share an edge: the cap of 62 and the floor of 63 meet at 62.5. */
function shareEdges(stretches: { low: number; high: number }[]): void {
  const inOrder = stretches.toSorted((a, b) => a.low - b.low || a.high - b.high);
  for (const [at, above] of inOrder.entries()) {
    const below = inOrder[at - 1];
    if (below === undefined || !Number.isFinite(below.high) || !Number.isFinite(above.low)) continue;
    const edge = (below.high + above.low) / 2;
    below.high = edge;
    above.low = edge;
  }
}

/** The values that make every market end as it does: one stretch, or null. */
function roomOf(markets: readonly MarketRecord[], stretches: readonly Stretch[]): Stretch | null {
  let low = Number.NEGATIVE_INFINITY;
  let high = Number.POSITIVE_INFINITY;
  for (const [index, { outcome }] of markets.entries()) {
    const stretch = stretches[index]!;
    if (outcome.value === DOLLAR) {
      low = Math.max(low, stretch.low);
      high = Math.min(high, stretch.high);
    } else if (stretch.low === Number.NEGATIVE_INFINITY) low = Math.max(low, stretch.high);
    else if (stretch.high === Number.POSITIVE_INFINITY) high = Math.min(high, stretch.low);
  }
  return low < high ? { low, high } : null;
}

function middleOf({ low, high }: Stretch, away: number): number {
  if (low === Number.NEGATIVE_INFINITY && high === Number.POSITIVE_INFINITY) return 0;
  if (low === Number.NEGATIVE_INFINITY) return high - away;
  return high === Number.POSITIVE_INFINITY ? low + away : (low + high) / 2;
}

function complete(chances: readonly number[]): boolean {
  return chances.reduce((sum, chance) => sum + chance, 0) > 0.999;
}

function strike(value: unknown): number | null {
  return typeof value === "number" ? value : null;
}

/** Where a standard normal value lies below with this chance; good to three decimals (Abramowitz and Stegun 26.2.23). */
export function quantile(chance: number): number {
  if (chance <= 0) return Number.NEGATIVE_INFINITY;
  if (chance >= 1) return Number.POSITIVE_INFINITY;
  const tail = Math.min(chance, 1 - chance);
  const t = Math.sqrt(-2 * Math.log(tail));
  const value =
    t - (2.515517 + 0.802853 * t + 0.010328 * t * t) / (1 + 1.432788 * t + 0.189269 * t * t + 0.001308 * t * t * t);
  return chance < 0.5 ? -value : value;
}
