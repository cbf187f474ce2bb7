import type { Timestamp } from "../../units/time.js";
import type { Random } from "./random.js";

/** What a market's outcome depends on, as the public sees it at a moment: an estimate and its standard error. */
export interface Estimate {
  readonly value: number;
  readonly error: number;
}

/** One step for about every hour of a day's market; finer moves come from the prints themselves. */
const KNOTS = 96;

/**
 * An estimate that wanders until it meets the final value: a random walk run backwards from the end. Seen from any moment the final
 * value is normally distributed around the estimate, so prices taken from it are fair and the more certain the nearer the end.
 */
export class EstimatePath {
  readonly #from: Timestamp;
  readonly #until: Timestamp;
  readonly #spread: number;
  readonly #values: readonly number[];

  /** Known at `until`; `spread` is the standard error at `from`. */
  constructor(random: Random, final: number, spread: number, from: Timestamp, until: Timestamp) {
    this.#from = from;
    this.#until = until;
    this.#spread = spread;
    const step = spread / Math.sqrt(KNOTS);
    const backwards = [final];
    for (let i = 0; i < KNOTS; i += 1) backwards.push((backwards[i] as number) + step * random.normal());
    this.#values = backwards.reverse();
  }

  at(time: Timestamp): Estimate {
    const passed = (time - this.#from) / (this.#until - this.#from);
    if (passed >= 1) return { value: this.#values.at(-1) as number, error: 0 };
    const place = Math.max(passed, 0) * KNOTS;
    const knot = Math.floor(place);
    const here = this.#values[knot] as number;
    const next = this.#values[knot + 1] as number;
    return {
      value: here + (next - here) * (place - knot),
      error: this.#spread * Math.sqrt(1 - Math.max(passed, 0)),
    };
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
