import type { Timestamp } from "../../../units/time.js";
import type { Random } from "../random.js";

/** What a market's outcome depends on, as the public sees it at a moment: an estimate and its standard error. */
export interface Estimate {
  readonly value: number;
  readonly error: number;
}

/** Between which values and moments a path leads. */
export interface PathPlan {
  readonly openTime: Timestamp;
  /** When the final value is known. */
  readonly knownTime: Timestamp;
  readonly initial: number;
  readonly final: number;
  /** Standard error at the opening. */
  readonly spread: number;
}

/** One step for about every hour of a day's market; finer moves come from the prints themselves. */
const KNOTS = 96;

/**
 * An estimate that wanders from what is thought at the opening to the final value: a random walk held at both ends. Where the final
 * value is drawn around `initial` with the error `spread`, it is at any moment normally distributed around the estimate, so prices
 * taken from it are fair and the more certain the nearer the end.
 */
export class EstimatePath {
  readonly #plan: PathPlan;
  readonly #random: Random;
  #values: Float64Array | null = null;

  constructor(random: Random, plan: PathPlan) {
    this.#random = random;
    this.#plan = plan;
  }

  at(time: Timestamp): Estimate {
    const { openTime, knownTime, final, spread } = this.#plan;
    const passed = (time - openTime) / (knownTime - openTime);
    if (passed >= 1) return { value: final, error: 0 };
    this.#values ??= this.#walk();
    const place = Math.max(passed, 0) * KNOTS;
    const knot = Math.floor(place);
    const here = this.#values[knot] as number;
    const next = this.#values[knot + 1] as number;
    return {
      value: here + (next - here) * (place - knot),
      error: spread * Math.sqrt(1 - Math.max(passed, 0)),
    };
  }

  #walk(): Float64Array {
    const { initial, final, spread } = this.#plan;
    const values = new Float64Array(KNOTS + 1);
    const step = spread / Math.sqrt(KNOTS);
    for (let i = 1; i <= KNOTS; i += 1) values[i] = (values[i - 1] as number) + step * this.#random.normal();
    const astray = final - initial - (values[KNOTS] as number);
    for (let i = 0; i <= KNOTS; i += 1) values[i] = (values[i] as number) + initial + (astray * i) / KNOTS;
    return values;
  }
}

/** Chance that the final value lies in (low, high], for an estimate with its error. */
export function chanceBetween({ value, error }: Estimate, low: number, high: number): number {
  if (error === 0) return value > low && value <= high ? 1 : 0;
  return normalBelow((high - value) / error) - normalBelow((low - value) / error);
}

/** Standard normal distribution function, good to seven decimals (Abramowitz and Stegun 26.2.17). */
function normalBelow(z: number): number {
  if (z === Number.POSITIVE_INFINITY) return 1;
  if (z === Number.NEGATIVE_INFINITY) return 0;
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const tail =
    (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) *
    t *
    (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return z >= 0 ? 1 - tail : tail;
}
