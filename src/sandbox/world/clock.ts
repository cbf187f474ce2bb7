import type { Clock, Timestamp } from "../../units/time.js";

/** Wall time to the microsecond, as far as the machine tells it. */
export const wallClock: Clock = {
  now: () => Math.round((performance.timeOrigin + performance.now()) * 1000),
};

/**
 * The sandbox's own clock: it stands at `start` until it is set going, then runs `speed` times as fast as `wall`.
 * Data, cutoffs and lifecycle go by it; signatures, tokens and the `Date` header go by the wall. A world is made while it stands, so
 * that how long the making takes changes nothing about the past.
 */
export class SandboxClock implements Clock {
  readonly start: Timestamp;
  #run: { readonly speed: number; readonly wall: Clock; readonly begun: Timestamp } | null = null;

  constructor(start: Timestamp) {
    this.start = start;
  }

  now(): Timestamp {
    if (this.#run === null) return this.start;
    const { speed, wall, begun } = this.#run;
    return this.start + Math.round((wall.now() - begun) * speed);
  }

  go(speed: number, wall: Clock): void {
    this.#run = { speed, wall, begun: wall.now() };
  }
}
