import { MILLISECOND, SECOND, type Timestamp } from "../../../units/time.js";
import type { Random } from "../../world/random.js";
import type { Temper } from "./temper.js";

/** When the next act comes. */
export interface Pace {
  /** `interest`: 1 where much is open, less where little is left to be said. */
  next(time: Timestamp, temper: Temper, interest: number): Timestamp;
}

/** How long a mood lasts. */
const MOOD = 4 * SECOND;

/**
 * Flurries: acts within one millisecond, the next one, or the next ten, and then a pause. Pauses are shorter for some seconds and longer
 * for others, so that a second sees thirty deltas or three hundred.
 */
export function createPace(random: Random): Pace {
  let mood = random.normal();
  let at: Timestamp | null = null;
  return {
    next(time, temper, interest) {
      if (at !== null) {
        const kept = Math.exp(-(time - at) / MOOD);
        mood = mood * kept + Math.sqrt(1 - kept * kept) * random.normal();
      }
      at = time;
      const haste = Math.max(LAZIEST, Math.exp(temper.moody * mood)) * interest;
      const draw = random.next();
      const millisecond = Math.floor(time / MILLISECOND);
      if (draw < SAME) return Math.min(time + random.integer(1, 60), (millisecond + 1) * MILLISECOND - 1);
      return (millisecond + gap(random, draw, temper, haste)) * MILLISECOND + random.integer(0, 1_000);
    },
  };
}

/** However calm the mood, pauses are not longer than the usual by more than this. */
const LAZIEST = 0.2;
const SAME = 0.07;
const NEXT = SAME + 0.145;
const FEW = NEXT + 0.19;
const SOME = FEW + 0.135;

/** The shortest pause, in milliseconds. */
const SHORTEST = 11;

/** Milliseconds to wait. */
function gap(random: Random, draw: number, temper: Temper, haste: number): number {
  if (draw < NEXT) return 1;
  if (draw < FEW) return random.integer(2, 6);
  if (draw < SOME) return random.integer(6, 11);
  // In a hurry even the pauses are short.
  if (haste > 1 && !random.chance(haste ** -0.4)) return random.integer(1, 8);
  return SHORTEST + Math.round((temper.pause * random.exponential()) / haste / MILLISECOND);
}
