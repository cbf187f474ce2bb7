import type { Clock, Timestamp } from "../../units/time.js";

/** Wall time to the microsecond, as far as the machine tells it. */
export const wallClock: Clock = {
  now: () => Math.round((performance.timeOrigin + performance.now()) * 1000),
};

/**
 * The sandbox's own clock: it stands at `start` until it is set going, then runs `speed` times as fast as `wall`. It can be given another
 * speed, 0 to stand, and be put forward; it never goes back. Data, cutoffs and lifecycle go by it; signatures, tokens and the `Date`
 * header go by the wall. A world is made while it stands, so that how long the making takes changes nothing about the past.
 */
export class SandboxClock implements Clock {
  readonly start: Timestamp;
  #run: { readonly speed: number; readonly wall: Clock; readonly begun: Timestamp } | null = null;
  /** Where it was when the present run began. */
  #from: Timestamp;

  constructor(start: Timestamp) {
    this.start = start;
    this.#from = start;
  }

  /** How many times as fast as the wall it runs. */
  get speed(): number {
    return this.#run?.speed ?? 0;
  }

  now(): Timestamp {
    if (this.#run === null) return this.#from;
    const { speed, wall, begun } = this.#run;
    return this.#from + Math.max(0, Math.round((wall.now() - begun) * speed));
  }

  /** Sets it going from where it is. */
  go(speed: number, wall: Clock): void {
    this.#from = this.now();
    this.#run = { speed, wall, begun: wall.now() };
  }

  /** Puts it forward, from where it goes on at its speed. Does nothing where it has been there before. */
  putForward(time: Timestamp): void {
    if (time <= this.now()) return;
    this.#from = time;
    if (this.#run !== null) this.#run = { ...this.#run, begun: this.#run.wall.now() };
  }
}
