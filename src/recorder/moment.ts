import { KalshiError } from "../errors.js";
import { otherUnit } from "../units/epoch.js";
import { parseTime, readTime, type TimeInput, type Timestamp } from "../units/time.js";

const HINT = 'give integer microseconds since 1970, a `Date`, or ISO text such as "2026-11-02T12:00:00Z"';

/**
 * A moment as microseconds: a recording has no present for relative times to count from.
 *
 * A number that is plainly of another unit (the columns of tables are in milliseconds) is refused: it would be a moment of 1970.
 *
 * @throws KalshiError `BAD_TIME`
 */
export function moment(time: Timestamp | TimeInput): Timestamp {
  if (typeof time === "number") return readMicros(time);
  if (time === undefined || time === null) throw badTime(`no time: ${String(time)}`, String(time));
  return typeof time === "string" && time.trim().startsWith("-") ? parseTime(time) : readTime(time, 0);
}

/** The same of a time that may be left out. @throws KalshiError `BAD_TIME` */
export function maybeMoment(time: Timestamp | TimeInput | undefined): Timestamp | undefined {
  return time === undefined ? undefined : moment(time);
}

function readMicros(time: number): Timestamp {
  const other = otherUnit(time, "microseconds");
  if (other !== null) throw badTime(`a time in another unit: ${other}`, time);
  if (!Number.isSafeInteger(time)) throw badTime(`no time: ${time}`, time);
  return time;
}

function badTime(what: string, found: string | number): KalshiError {
  return new KalshiError("BAD_TIME", what, { hint: HINT, context: { found } });
}
