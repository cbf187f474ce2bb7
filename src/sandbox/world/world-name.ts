import { createHash, randomUUID } from "node:crypto";
import type { Timestamp } from "../../units/time.js";

/**
 * The number of the generator. Whoever changes what is generated (trades, markets, events, an account's past) raises it: clients
 * keep closed history under the world's name, and would take the old for the new. A test holds it against what is generated.
 */
export const GENERATION = 6;

/**
 * Tells one world from others. A restart of the same world has the same name, and may be taken for it. Once trades made since the
 * start are in the historical tier, no other process has them, and the name is this one's alone. (Own orders get there earlier;
 * they belong to an account, not to the world.)
 */
export class WorldName {
  readonly #made: string;
  readonly #start: Timestamp;
  #own = "";

  /** `made` is everything that the past depends on beside the generator; `start` is where the clock began. */
  constructor(made: readonly unknown[], start: Timestamp) {
    const text = JSON.stringify([GENERATION, ...made]);
    this.#made = createHash("sha256").update(text).digest("hex").slice(0, 12);
    this.#start = start;
  }

  /** The name, given how far the historical tier reaches now. What has been there once is not forgotten. */
  at(cutoff: Timestamp): string {
    if (this.#own === "" && cutoff > this.#start) this.#own = `-${randomUUID().slice(0, 8)}`;
    return this.#made + this.#own;
  }
}
