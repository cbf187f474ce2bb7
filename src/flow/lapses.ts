import type { Gap } from "../book/event.js";
import type { Timestamp } from "../units/time.js";

/** The span in which trades of a market may have been missed last, and when it was first heard of. */
export class Lapses {
  #from: Timestamp = Number.POSITIVE_INFINITY;
  #until: Timestamp = Number.NEGATIVE_INFINITY;
  /** The exchange's time of the first message of this market, which may be known only later; what was before it was not seen. */
  readonly #since: () => Timestamp;

  constructor(since: () => Timestamp) {
    this.#since = since;
  }

  /** Whether a gap is open. */
  get isOpen(): boolean {
    return this.#until === Number.POSITIVE_INFINITY;
  }

  add({ from, to }: Gap): void {
    this.#from = this.isOpen ? Math.min(this.#from, from) : from;
    this.#until = to ?? Number.POSITIVE_INFINITY;
  }

  /** Whether trades from `start` on to `end`, not included, may be missing. */
  touches(start: Timestamp, end: Timestamp): boolean {
    return start < this.#since() || (start <= this.#until && end > this.#from);
  }
}

/** Whether trades may be among what is missing. */
export function concernsTrades({ channel }: Gap): boolean {
  return channel === null || channel === "trade";
}
