import type { Price } from "../../units/price.js";
import { ExactSum, toMicros } from "../../units/sum.js";

/** Rounds the terms of a sum to whole micro-dollars so that, up to any of them, they add up to the exact sum, rounded. */
export class AddingUp {
  readonly #decimals: number;
  readonly #sum = new ExactSum();
  #told: Price = 0;

  /** @param decimals - of the terms, integers of `10^-decimals` dollars */
  constructor(decimals: number) {
    this.#decimals = decimals;
  }

  next(term: number | bigint): Price {
    this.#sum.add(term);
    const sum = toMicros(this.#sum.read(), this.#decimals);
    const step = sum - this.#told;
    this.#told = sum;
    return step;
  }
}
