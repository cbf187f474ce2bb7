import type { EngineEvent } from "../../src/sandbox/types.js";
import { complement, DOLLAR, type Price } from "../../src/units/price.js";
import { MILLISECOND, SECOND, type Timestamp } from "../../src/units/time.js";

type Delta = Extract<EngineEvent, { type: "delta" }>;

const CENT = 10_000;

/** One side of a book as a reader of deltas keeps it. */
class Side {
  readonly levels = new Map<Price, number>();
  best: Price | null = null;

  /** Adds to a level and returns what stands there then. */
  add(price: Price, delta: number): number {
    const total = (this.levels.get(price) ?? 0) + delta;
    if (total === 0) this.levels.delete(price);
    else this.levels.set(price, total);
    if (total > 0 && (this.best === null || price > this.best)) this.best = price;
    else if (total === 0 && price === this.best) {
      this.best = this.levels.size === 0 ? null : [...this.levels.keys()].reduce((a, b) => Math.max(a, b));
    }
    return total;
  }
}

/** How many deltas did something. */
type Tally = "removal" | "fractional" | "subCent" | "zero" | "bestChange" | "requote" | "negative";

/** What is counted of one market by somebody who reads its deltas, trades and wipes. */
export class BookStatistics {
  readonly sizes: number[] = [];
  /** Milliseconds from one delta to the next. */
  readonly gaps: number[] = [];
  /** Cents from the best of its side before the delta, rounded up; below zero where it improves. */
  readonly distances: number[] = [];
  /** Deltas of each second from the first to the last. */
  readonly seconds = new Map<number, number>();
  readonly tally: Record<Tally, number> = {
    removal: 0,
    fractional: 0,
    subCent: 0,
    zero: 0,
    bestChange: 0,
    requote: 0,
    negative: 0,
  };
  /** Time at a spread in tenths of a cent: with the middle between 10 and 90 cents, and outside. */
  readonly centre = new Map<number, number>();
  readonly tails = new Map<number, number>();
  readonly trades: Timestamp[] = [];
  readonly wipes: { readonly time: Timestamp; readonly levels: number }[] = [];
  readonly yes = new Side();
  readonly no = new Side();
  #last: Delta | null = null;

  see(event: EngineEvent): void {
    if (event.type === "delta") this.#delta(event);
    if (event.type === "trade") this.trades.push(event.trade.time);
    if (event.type === "wiped") {
      this.#pass(event.time);
      this.wipes.push({ time: event.time, levels: this.yes.levels.size + this.no.levels.size });
      for (const side of [this.yes, this.no]) {
        side.levels.clear();
        side.best = null;
      }
    }
  }

  get count(): number {
    return this.sizes.length;
  }

  /** The middle of the book, an empty side standing for the end of the grid; null without any quote. */
  middle(): number | null {
    if (this.yes.best === null && this.no.best === null) return null;
    const ask = this.no.best === null ? DOLLAR : complement(this.no.best);
    return ((this.yes.best ?? 0) + ask) / 2 / DOLLAR;
  }

  #delta(event: Delta): void {
    const { side, price, delta, time } = event;
    this.#pass(time);
    const own = side === "yes" ? this.yes : this.no;
    const before = own.best;
    const left = own.add(price, delta);
    const last = this.#last;
    this.#last = event;
    // The laying out of the first ladder is no quoting.
    if (this.#opened === null) this.#opened = time;
    if (time - this.#opened < SECOND) return;
    this.sizes.push(Math.abs(delta) / 100);
    if (before !== null) this.distances.push(Math.ceil((before - price) / CENT));
    const second = Math.floor(time / SECOND);
    this.seconds.set(second, (this.seconds.get(second) ?? 0) + 1);
    const { tally } = this;
    if (delta < 0) tally.removal += 1;
    if (delta % 100 !== 0) tally.fractional += 1;
    if (price % CENT !== 0) tally.subCent += 1;
    if (left === 0) tally.zero += 1;
    if (left < 0) tally.negative += 1;
    if (own.best !== before) tally.bestChange += 1;
    if (last === null) return;
    const gap = Math.floor(time / MILLISECOND) - Math.floor(last.time / MILLISECOND);
    this.gaps.push(gap);
    if (last.side === side && last.delta === -delta && gap <= 2) tally.requote += 1;
  }

  #opened: Timestamp | null = null;
  #since: Timestamp | null = null;

  /** Lets the present spread have lasted until now. */
  #pass(time: Timestamp): void {
    const since = this.#since;
    this.#since = time;
    if (since === null || this.yes.best === null || this.no.best === null) return;
    const ask = complement(this.no.best);
    const middle = (this.yes.best + ask) / 2 / DOLLAR;
    const weights = middle >= 0.1 && middle <= 0.9 ? this.centre : this.tails;
    const spread = Math.round((ask - this.yes.best) / 1_000);
    weights.set(spread, (weights.get(spread) ?? 0) + time - since);
  }
}

/** Share of the values that fit. */
export function shareOf(values: readonly number[], fits: (value: number) => boolean): number {
  return values.filter(fits).length / values.length;
}

/** Share of the time that was spent at such spreads. */
export function timeAt(weights: readonly ReadonlyMap<number, number>[], fits: (spread: number) => boolean): number {
  let [inside, all] = [0, 0];
  for (const [spread, weight] of weights.flatMap((one) => [...one])) {
    all += weight;
    if (fits(spread)) inside += weight;
  }
  return inside / all;
}
