import { type Clock, SECOND, type Timestamp } from "../../units/time.js";

/** Counts what may happen so many times a second, with a second's worth at once. */
export interface Pace {
  /** Whether one more may happen now; it is then counted. */
  admits(): boolean;
}

export function createPace(perSecond: number, wall: Clock): Pace {
  let left = perSecond;
  let since: Timestamp = wall.now();
  return {
    admits() {
      const now = wall.now();
      left = Math.min(perSecond, left + ((now - since) / SECOND) * perSecond);
      since = now;
      if (left < 1) return false;
      left -= 1;
      return true;
    },
  };
}
