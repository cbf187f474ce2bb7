import type { Count } from "../../../units/count.js";
import type { Random } from "../../world/random.js";

/** Whole contracts at the 0th, 10th, 50th, 90th, 99th and 100th percentile. */
export type SizeRanks = readonly [number, number, number, number, number, number];

const RANKS = [0, 0.1, 0.5, 0.9, 0.99, 1] as const;
/** Share of orders that are not of whole contracts. */
const FRACTIONAL = 0.12;

/** A size between its percentiles, in hundredths of a contract; one in eight is fractional. */
export function sizeOf(random: Random, sizes: SizeRanks): Count {
  const draw = random.next();
  const at = RANKS.findIndex((rank) => draw < rank);
  const [low, high] = [sizes[at - 1]!, sizes[at]!];
  const share = (draw - RANKS[at - 1]!) / (RANKS[at]! - RANKS[at - 1]!);
  const whole = Math.max(1, Math.round(low * (high / low) ** share));
  return whole * 100 + (random.chance(FRACTIONAL) ? random.integer(1, 100) : 0);
}

/** How many things there are where there are `mean` on the average, each by itself (Poisson). */
export function countOf(random: Random, mean: number): number {
  const least = Math.exp(-mean);
  let count = 0;
  for (let draw = random.next(); draw > least; draw *= random.next()) count += 1;
  return count;
}
