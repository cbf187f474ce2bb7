import { DAY, formatTime, MILLISECOND, SECOND, type Timestamp } from "./time.js";

/** What programs count time since 1970 in, by the microseconds of one. */
const units = { seconds: SECOND, milliseconds: MILLISECOND, microseconds: 1, nanoseconds: 1 / 1000 } as const;

export type EpochUnit = keyof typeof units;

/** The years in which a time of the exchange, which began in 2021, can be: from 2020 to 2100. */
const FIRST: Timestamp = 18_262 * DAY;
const END: Timestamp = 47_482 * DAY;

/**
 * What is wrong with a number of time since 1970 that is plainly of another unit than that asked for; null where it may be of that one.
 *
 * Counted in the unit asked for it is nowhere near the present, and in another one it is: `1794398400000 is 1970-01-21T… in microseconds, and
 * 2026-11-11T… in milliseconds`.
 */
export function otherUnit(value: number, asked: EpochUnit): string | null {
  if (isNear(value * units[asked])) return null;
  for (const [name, micros] of Object.entries(units)) {
    const time = Math.trunc(value * micros);
    if (isNear(time))
      return `${value} is ${momentOf(value * units[asked])} in ${asked}, and ${formatTime(time)} in ${name}`;
  }
  return null;
}

function isNear(time: Timestamp): boolean {
  return time >= FIRST && time < END;
}

/** What a calendar of four digits has, or that it is beyond it. */
function momentOf(time: number): string {
  const lastYear = 253_402_300_800 * SECOND;
  return time < lastYear ? formatTime(Math.trunc(time)) : "past the year 9999";
}
