import type { Timestamp } from "../units/time.js";

/** How far the running clock may be from the machine's before it is set again, in microseconds: more than a tick of either. */
const TOLERANCE = 5_000;

/** How often the two are compared, in microseconds: `Date.now()` tells no more than once in so long. */
const COMPARE_EVERY = 1_000;

/**
 * The machine's time in whole microseconds, for receive times. `Date.now()` has milliseconds only; the monotonic clock has more but never
 * follows when the machine's time is set. This one runs on the latter and is set again whenever the two disagree.
 */
export function receiveClock(): () => Timestamp {
  let origin = Date.now() * 1000 - performance.now() * 1000;
  let comparedAt = 0;
  return () => {
    const running = performance.now() * 1000;
    if (running - comparedAt < COMPARE_EVERY) return Math.floor(origin + running);
    comparedAt = running;
    const wall = Date.now() * 1000;
    const now = Math.floor(origin + running);
    if (now >= wall - TOLERANCE && now <= wall + TOLERANCE) return now;
    origin = wall - running;
    return wall;
  };
}
