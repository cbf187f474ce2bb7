import { CONTRACT, type Count } from "../../../units/count.js";
import type { Price } from "../../../units/price.js";
import type { Timestamp } from "../../../units/time.js";
import type { TradeKey, TradeQuery, TradeRecord } from "../../types.js";
import type { Grid } from "../grid.js";
import { nearestOnGrid } from "../price-structures.js";
import { bulkTimes } from "./bulk-times.js";
import { hashText } from "./checksum.js";

/** What the trades of a bulk market are made from. */
export interface BulkPlan {
  readonly seed: string;
  readonly ticker: string;
  readonly grid: Grid;
  readonly count: number;
  /** The first may be at `from`, all are before `to`; a whole number of minutes apart. */
  readonly from: Timestamp;
  readonly to: Timestamp;
  /** Near what YES price it ends, as a share of a dollar. */
  readonly end: number;
}

/** Sizes of prints, drawn evenly: 22 contracts in the median, a thousand at the far end. */
const SIZES: readonly Count[] = Array.from({ length: 512 }, (_, i) => {
  const share = (i + 0.5) / 512;
  return Math.max(1, Math.round(Math.exp(3.09 + 0.92 * Math.log(share / (1 - share))))) * CONTRACT;
});

/** Shares of 256 of trades that are not of whole contracts, and of 4096 of trades off the book. */
const FRACTIONAL = 16;
const BLOCKS = 2;

/**
 * The trades of one market by the million: only their times are kept, everything else follows from a trade's place in time. Oldest
 * first, trades of one microsecond by id.
 */
export class BulkTrades {
  readonly ticker: string;
  readonly #plan: BulkPlan;
  readonly #times: Float64Array;
  readonly #seed: number;

  constructor(plan: BulkPlan) {
    this.#plan = plan;
    this.ticker = plan.ticker;
    this.#seed = hashText(`${plan.seed}/${plan.ticker}`);
    this.#times = bulkTimes(`${plan.seed}/${plan.ticker}`, plan.count, plan.from, plan.to);
  }

  get length(): number {
    return this.#times.length;
  }

  timeAt(index: number): Timestamp {
    return this.#times[index] as number;
  }

  countAt(index: number): Count {
    const bits = this.#hash(index, 1);
    const size = SIZES[bits & 511] as Count;
    return (bits >>> 9) % 256 < FRACTIONAL ? Math.max(1, size - ((bits >>> 17) % CONTRACT)) : size;
  }

  priceAt(index: number): Price {
    return this.#price(index, this.#firstTied(index));
  }

  /** A version 4 UUID, the same whenever it is asked. */
  idAt(index: number): string {
    return this.#id(index, this.#firstTied(index));
  }

  isBlockAt(index: number): boolean {
    return this.#hash(index, 3) % 4096 < BLOCKS;
  }

  at(index: number): TradeRecord {
    const first = this.#firstTied(index);
    return {
      id: this.#id(index, first),
      ticker: this.ticker,
      price: this.#price(index, first),
      count: this.countAt(index),
      taker: this.#taker(first),
      time: this.timeAt(index),
      isBlock: this.isBlockAt(index),
    };
  }

  /** Index of the first trade that does not come before a key; the number of trades where there is none. */
  firstNotBefore({ time, id }: TradeKey): number {
    let low = 0;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.timeAt(middle) < time) low = middle + 1;
      else high = middle;
    }
    if (id !== "") while (low < this.length && this.timeAt(low) === time && this.idAt(low) < id) low += 1;
    return low;
  }

  /** Newest first, as {@link TradeQuery} asks; only what is answered is made. */
  page(query: TradeQuery): readonly TradeRecord[] {
    let at = this.length;
    if (query.to !== undefined) at = this.firstNotBefore({ time: query.to, id: "" });
    if (query.before !== undefined) at = Math.min(at, this.firstNotBefore(query.before));
    const page: TradeRecord[] = [];
    for (at -= 1; at >= 0 && page.length < query.limit; at -= 1) {
      if (query.from !== undefined && this.timeAt(at) < query.from) break;
      if (query.isBlock === undefined || this.isBlockAt(at) === query.isBlock) page.push(this.at(at));
    }
    return page;
  }

  *ids(): Generator<string> {
    for (let i = 0; i < this.length; i += 1) yield this.idAt(i);
  }

  /** Contracts of the trades in [from, to). */
  volumeBetween(from: Timestamp, to: Timestamp): Count {
    const end = this.firstNotBefore({ time: to, id: "" });
    let sum = 0;
    for (let i = this.firstNotBefore({ time: from, id: "" }); i < end; i += 1) sum += this.countAt(i);
    return sum;
  }

  /** It wanders and ends near the outcome; the trades of one sweep walk up or down. */
  #price(index: number, first: number): Price {
    const passed = first / this.length;
    const wave = 0.5 + 0.26 * Math.sin(19 * passed + (this.#seed % 7)) + 0.12 * Math.sin(211 * passed);
    const fourth = passed * passed * passed * passed;
    const settled = fourth * fourth;
    const noise = (this.#hash(first, 2) / 0x1_0000_0000 - 0.5) * 0.03;
    const walk = (this.#taker(first) === "yes" ? 0.01 : -0.01) * (index - first);
    return nearestOnGrid(this.#plan.grid, (1 - settled) * (wave + noise) + settled * this.#plan.end + walk);
  }

  /** The first byte makes the trades of one microsecond ascend. */
  #id(index: number, first: number): string {
    const rank = (this.#hash(first, 4) % 240) + index - first;
    const a = this.#hash(index, 5);
    const b = this.#hash(index, 6);
    const c = this.#hash(index, 7);
    // The last word alone tells the trades of a market apart: mixing loses nothing of the index.
    const d = this.#hash(index, 8);
    return (
      `${BYTES[rank]}${BYTES[(a >>> 16) & 0xff]}${WORDS[a & 0xffff]}-${WORDS[b >>> 16]}` +
      `-${WORDS[(b & 0x0fff) | 0x4000]}-${WORDS[((c >>> 16) & 0x3fff) | 0x8000]}` +
      `-${WORDS[c & 0xffff]}${WORDS[d >>> 16]}${WORDS[d & 0xffff]}`
    );
  }

  #taker(first: number): "yes" | "no" {
    return this.#hash(first, 9) % 100 < 56 ? "yes" : "no";
  }

  /** The oldest trade of the same microsecond. */
  #firstTied(index: number): number {
    const time = this.timeAt(index);
    let first = index;
    while (first > 0 && this.#times[first - 1] === time) first -= 1;
    return first;
  }

  /** 32 bits from a place and a purpose; for one purpose no two places have the same. */
  #hash(index: number, purpose: number): number {
    let x = this.#seed ^ Math.imul(index + 1, 0x9e3779b1) ^ Math.imul(purpose, 0x85ebca77);
    x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
    x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
    return (x ^ (x >>> 16)) >>> 0;
  }
}

const hex = (length: number, digits: number) =>
  Array.from({ length }, (_, value) => value.toString(16).padStart(digits, "0"));
const BYTES: readonly string[] = hex(0x100, 2);
const WORDS: readonly string[] = hex(0x1_0000, 4);
