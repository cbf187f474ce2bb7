import { MILLISECOND } from "../units/time.js";

/** Receive time minus exchange time in milliseconds; below zero where the local clock is behind. */
export interface Latency {
  readonly min: number;
  readonly median: number;
  readonly p99: number;
  readonly max: number;
}

/** Bits of a difference that are kept: within a hundredth of it. */
const BITS = 7;

/** How many differences were how large, in little memory however many: the least and the largest exactly, those between within 1 %. */
export class LatencyCounts {
  readonly #counts = new Map<number, number>();
  #min = Number.POSITIVE_INFINITY;
  #max = Number.NEGATIVE_INFINITY;
  #total = 0;

  /** Takes a difference in microseconds. */
  add(micros: number): void {
    if (micros < this.#min) this.#min = micros;
    if (micros > this.#max) this.#max = micros;
    this.#total += 1;
    const step = stepOf(micros);
    const bucket = Math.floor(micros / step) * step;
    this.#counts.set(bucket, (this.#counts.get(bucket) ?? 0) + 1);
  }

  /** Null before the first. */
  read(): Latency | null {
    if (this.#total === 0) return null;
    const buckets = [...this.#counts].sort(([a], [b]) => a - b);
    const at = (share: number): number => {
      let left = Math.ceil(this.#total * share);
      for (const [bucket, count] of buckets) {
        left -= count;
        if (left <= 0) return Math.min(this.#max, Math.max(this.#min, bucket + (stepOf(bucket) - 1) / 2)) / MILLISECOND;
      }
      return this.#max / MILLISECOND;
    };
    return { min: this.#min / MILLISECOND, median: at(0.5), p99: at(0.99), max: this.#max / MILLISECOND };
  }
}

/** The width of the bucket that a difference belongs to. */
function stepOf(micros: number): number {
  const size = Math.abs(micros);
  return size < 2 ** BITS ? 1 : 2 ** (Math.floor(Math.log2(size)) - BITS + 1);
}
