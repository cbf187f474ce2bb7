import { DAY, HOUR, type Timestamp } from "../../units/time.js";
import { easternMidnightBefore, easternMidnightFrom } from "./eastern.js";

/** A pause of trading: from a moment, included, to another. */
export interface Pause {
  readonly from: Timestamp;
  readonly to: Timestamp;
}

/** The exchange's weekly pause that is on at a moment, or the next one: Thursday from 03:00 to 05:00 in New York. */
export function weeklyPause(time: Timestamp): Pause {
  let midnight = easternMidnightBefore(time + 1);
  while (!isThursday(midnight) || midnight + 5 * HOUR <= time) midnight = easternMidnightFrom(midnight + DAY / 2);
  return { from: midnight + 3 * HOUR, to: midnight + 5 * HOUR };
}

/** A midnight of New York is four or five in the morning of the same day in UTC. */
function isThursday(midnight: Timestamp): boolean {
  return new Date(midnight / 1000).getUTCDay() === 4;
}
