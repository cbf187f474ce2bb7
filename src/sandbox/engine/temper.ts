import type { Count } from "../../units/count.js";
import { MILLISECOND, SECOND, type Timestamp } from "../../units/time.js";
import type { MarketRecord } from "../types.js";
import type { Random } from "../world/random.js";

/** How lively a market is, and how deep. */
export interface Temper {
  /** Mean gap between two bursts. */
  readonly gap: Timestamp;
  /** Mean number of actions of a burst. */
  readonly actions: number;
  /** Levels per side that the makers hold, grid permitting. */
  readonly levels: number;
}

/** Live generated markets of the series that exists for trading are busy; the others tick now and then. */
export function temperOf(market: MarketRecord, random: Random): Temper {
  const busy = market.seriesTicker === "SANDBOX";
  const levels = 20 + random.integer(0, 41);
  return busy
    ? { gap: (200 + random.integer(0, 400)) * MILLISECOND, actions: 4, levels }
    : { gap: (8 + random.integer(0, 30)) * SECOND, actions: 3, levels };
}

/** Half of a burst falls into one millisecond, a sixth into the next, the rest within fifty. */
export function withinBurst(random: Random): Timestamp {
  const draw = random.next();
  if (draw < 0.5) return random.integer(1, 100);
  if (draw < 0.65) return random.integer(300, 1_500);
  return random.integer(2_000, draw < 0.9 ? 12_000 : 50_000);
}

/** How far from the best price something happens, in levels. */
export function rank(random: Random): number {
  const draw = random.next();
  if (draw < 0.33) return 0;
  if (draw < 0.5) return 1;
  if (draw < 0.74) return 2 + random.integer(0, 3);
  if (draw < 0.87) return 5 + random.integer(0, 5);
  return 10 + random.integer(0, 30);
}

/** Contracts of a quote, in hundredths: median 75, one in a hundred above 8 000, one in eight fractional. */
export function quoteSize(random: Random): Count {
  return skewed(random, [1, 2, 75, 1_000, 8_000, 20_000]);
}

/** Contracts that a taker wants: median 22, one in a hundred above 1 000. */
export function takerSize(random: Random): Count {
  return skewed(random, [1, 1, 22, 180, 1_000, 5_000]);
}

/** A size by its 0th, 10th, 50th, 90th, 99th and 100th percentile. */
function skewed(random: Random, sizes: readonly [number, number, number, number, number, number]): Count {
  const draw = random.next();
  const at = RANKS.findIndex((rank) => draw < rank);
  const [low, high] = [sizes[at - 1]!, sizes[at]!];
  const share = (draw - RANKS[at - 1]!) / (RANKS[at]! - RANKS[at - 1]!);
  const whole = Math.max(1, Math.round(low * (high / low) ** share));
  return whole * 100 + (random.chance(0.13) ? random.integer(1, 100) : 0);
}

const RANKS = [0, 0.1, 0.5, 0.9, 0.99, 1] as const;
