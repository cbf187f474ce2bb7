import type { Clock, Timestamp } from "../units/time.js";

/** Wall time to the microsecond, as far as the machine tells it. */
export const wallClock: Clock = {
  now: () => Math.round((performance.timeOrigin + performance.now()) * 1000),
};

/**
 * The sandbox's own clock: it stands at `start` when made and runs `speed` times as fast as `wall`.
 * Data, cutoffs and lifecycle go by it; signatures, tokens and the `Date` header go by the wall.
 */
export function sandboxClock(start: Timestamp, speed: number, wall: Clock): Clock {
  const begun = wall.now();
  return { now: () => start + Math.round((wall.now() - begun) * speed) };
}
