import { DAY, HOUR, startOfDay, type Timestamp } from "../../units/time.js";
import { easternMidnightBefore, easternMidnightFrom } from "./eastern.js";

/** A span in which the exchange rests. */
export interface MaintenanceWindow {
  readonly start: Timestamp;
  readonly end: Timestamp;
}

const OPENS = 3 * HOUR;
const CLOSES = 5 * HOUR;
const THURSDAY = 4;

/** The maintenance window of a moment, Thursdays from 03:00 to 05:00 in New York; null outside. */
export function maintenanceAt(now: Timestamp): MaintenanceWindow | null {
  const window = windowOfDay(easternMidnightBefore(now + 1));
  return window !== null && now >= window.start && now < window.end ? window : null;
}

/** Windows that have not ended yet, the next `count` of them. */
export function comingWindows(now: Timestamp, count: number): readonly MaintenanceWindow[] {
  const windows: MaintenanceWindow[] = [];
  for (
    let midnight = easternMidnightBefore(now + 1);
    windows.length < count;
    midnight = easternMidnightFrom(midnight + 1)
  ) {
    const window = windowOfDay(midnight);
    if (window !== null && window.end > now) windows.push(window);
  }
  return windows;
}

/** Of the day that begins at a midnight of New York. Clocks never change on a Thursday. */
function windowOfDay(midnight: Timestamp): MaintenanceWindow | null {
  const weekday = new Date(startOfDay(midnight) / 1000).getUTCDay();
  return weekday === THURSDAY ? { start: midnight + OPENS, end: midnight + CLOSES } : null;
}

/** How long the exchange has announced its hours for, either way. */
export const ANNOUNCED = 365 * DAY;
