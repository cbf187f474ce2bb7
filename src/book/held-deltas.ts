import type { Count } from "../units/count.js";
import type { Price } from "../units/price.js";

/** A delta that has come while its book was not certain. NO prices are its own. */
export interface HeldDelta {
  readonly seq: number;
  readonly ticker: string;
  readonly side: "yes" | "no";
  readonly price: Price;
  readonly delta: Count;
}

/** More than a burst brings while a snapshot is on its way. */
const MOST = 100_000;

/**
 * Deltas of one subscription since its last gap, kept until its books are whole: a snapshot that they have overtaken is brought up to date
 * with those that are numbered after it.
 */
export class HeldDeltas {
  /** From this number on none is missing. */
  #from: number;
  #deltas: HeldDelta[];

  constructor(from: number, deltas: readonly HeldDelta[] = []) {
    this.#from = from;
    this.#deltas = [...deltas];
  }

  add(delta: HeldDelta): void {
    if (this.#deltas.length >= MOST) {
      this.#deltas = [];
      this.#from = delta.seq;
    }
    this.#deltas.push(delta);
  }

  /** The deltas of a market numbered after a snapshot; null where one could be missing. */
  after(ticker: string, seq: number): readonly HeldDelta[] | null {
    if (seq + 1 < this.#from) return null;
    return this.#deltas.filter((one) => one.ticker === ticker && one.seq > seq);
  }

  save(): { readonly from: number; readonly deltas: readonly HeldDelta[] } {
    return { from: this.#from, deltas: [...this.#deltas] };
  }
}
