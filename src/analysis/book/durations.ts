import { ExactSum } from "../../units/sum.js";
import type { Duration } from "../../units/time.js";

/** Bits of a length that are kept: bins are less than 1 % wide. */
const BITS = 7;

/**
 * Counts lengths of time, in little memory however many: by bins of whole milliseconds below 128 ms, above it of 1/64 to 1/128 of the length.
 * The mean is exact; a quantile is the bin's lower end, at most 1/64 too short, beside what is lost below a millisecond.
 */
export class Durations {
  count = 0;
  readonly #sum = new ExactSum();
  readonly #bins = new Map<number, number>();

  add(length: Duration): void {
    this.count += 1;
    this.#sum.add(length);
    const bin = binOf(Math.floor(length / 1_000));
    this.#bins.set(bin, (this.#bins.get(bin) ?? 0) + 1);
  }

  /** Seconds; null for none. */
  mean(): number | null {
    return this.count === 0 ? null : Number(this.#sum.value()) / this.count / 1e6;
  }

  /** Seconds: the least bin with at least this share of all at or below it. */
  quantile(share: number): number | null {
    let left = Math.max(1, Math.ceil(share * this.count));
    for (const [bin, count] of [...this.#bins].sort(([a], [b]) => a - b)) {
      left -= count;
      if (left <= 0) return bin / 1_000;
    }
    return null;
  }
}

/** The lower end of the bin of a number of milliseconds. */
export function binOf(ms: number): number {
  if (ms < 2 ** BITS) return ms;
  const width = 2 ** (Math.floor(Math.log2(ms)) - BITS + 1);
  return Math.floor(ms / width) * width;
}
