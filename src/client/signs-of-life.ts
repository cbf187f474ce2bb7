import type { Timestamp } from "../units/time.js";

/** When something was last heard on a connection. */
export class SignsOfLife {
  /** On the monotonic clock, in milliseconds. */
  heardMs: number = performance.now();
  /**
   * Local time, as the clock that stamps the frames would have it had it never been set forward on this connection: what is known of delays
   * was learned from frames stamped before, and says nothing of a time that the clock has jumped to since.
   */
  heardAt: Timestamp;
  /** Least difference of local time and the monotonic clock, in microseconds. */
  #lead: number;

  constructor(now: Timestamp) {
    this.#lead = now - this.heardMs * 1_000;
    this.heardAt = now;
  }

  /** Something is heard. */
  at(now: Timestamp): void {
    this.heardMs = performance.now();
    const running = this.heardMs * 1_000;
    this.#lead = Math.min(this.#lead, now - running);
    this.heardAt = Math.floor(running + this.#lead);
  }
}
