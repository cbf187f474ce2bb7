import { KalshiError } from "../errors.js";
import { quickTime } from "./digits.js";

/** A moment in integer microseconds since 1970, UTC. */
export type Timestamp = number;

/** A span in integer microseconds. */
export type Duration = number;

export const MILLISECOND: Duration = 1_000;
export const SECOND: Duration = 1_000_000;
export const MINUTE: Duration = 60 * SECOND;
export const HOUR: Duration = 60 * MINUTE;
export const DAY: Duration = 24 * HOUR;

/** Tells the time. Whatever needs "now" is handed one, so that tests and the sandbox can set their own. */
export interface Clock {
  now(): Timestamp;
}

/** The machine's own clock. */
export const systemClock: Clock = { now: () => Date.now() * MILLISECOND };

/** What a caller may give where a moment is asked: a `Date`, RFC 3339 text, a date alone (midnight UTC), or `"-7d"` before now. */
export type TimeInput = Date | string;

const RFC3339 = /^(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?(Z|z|[+-]\d{2}:?\d{2})$/;
const DATE_ONLY = /^(\d{4})-(\d{2})-(\d{2})$/;
const RELATIVE = /^-(\d+(?:\.\d+)?)\s*(ms|s|m|h|d|w)$/;
const SPANS: Readonly<Record<string, Duration>> = {
  ms: MILLISECOND,
  s: SECOND,
  m: MINUTE,
  h: HOUR,
  d: DAY,
  w: 7 * DAY,
};

/**
 * Reads an RFC 3339 moment. Trailing zeros of the fraction may be missing, as on the wire; digits past the sixth are cut.
 *
 * @throws KalshiError `BAD_TIME`
 */
export function parseTime(text: string): Timestamp {
  const quick = quickTime(text);
  if (!Number.isNaN(quick)) return quick;
  const parts = RFC3339.exec(text);
  if (parts === null) throw badTime(text);
  const [, year, month, day, hour, minute, second, fraction = "", zone = "Z"] = parts;
  const seconds = wholeSeconds(
    text,
    Number(year),
    Number(month),
    Number(day),
    Number(hour),
    Number(minute),
    Number(second),
  );
  const micros = Number(fraction.padEnd(6, "0").slice(0, 6));
  return (seconds - zoneSeconds(zone)) * SECOND + micros;
}

/**
 * Reads what a caller gave: see {@link TimeInput}. `now` is what relative times count from.
 *
 * @throws KalshiError `BAD_TIME`
 */
export function readTime(input: TimeInput, now: Timestamp): Timestamp {
  if (input instanceof Date) {
    const ms = input.getTime();
    if (Number.isNaN(ms)) throw badTime("Invalid Date");
    return ms * MILLISECOND;
  }
  if (typeof input !== "string")
    throw badTime(typeof input === "number" ? `the number ${input}` : JSON.stringify(input));
  const text = input.trim();
  const relative = RELATIVE.exec(text);
  if (relative !== null) return now - Math.round(Number(relative[1]) * SPANS[relative[2]!]!);
  const date = DATE_ONLY.exec(text);
  if (date !== null) return wholeSeconds(text, Number(date[1]), Number(date[2]), Number(date[3]), 0, 0, 0) * SECOND;
  return parseTime(text);
}

/** RFC 3339 in UTC with trailing zeros of the fraction removed, as the exchange writes. */
export function formatTime(time: Timestamp): string {
  const fraction = fractionOf(time);
  return fraction === 0 ? `${upToSeconds(time)}Z` : `${upToSeconds(time)}.${sixDigits(fraction).replace(/0+$/, "")}Z`;
}

/** RFC 3339 in UTC with exactly six decimals, as files and command output carry it. */
export function formatTimeFull(time: Timestamp): string {
  return `${upToSeconds(time)}.${sixDigits(fractionOf(time))}Z`;
}

/** Whole Unix seconds at or before a moment. */
export function toSeconds(time: Timestamp): number {
  return Math.floor(time / SECOND);
}

/** The moment of whole or fractional Unix seconds. */
export function fromSeconds(seconds: number): Timestamp {
  return Math.round(seconds * SECOND);
}

/** Unix milliseconds with the microseconds as fraction, as table columns read. */
export function toMillis(time: Timestamp): number {
  return time / MILLISECOND;
}

/** The moment of Unix milliseconds. */
export function fromMillis(ms: number): Timestamp {
  return Math.round(ms * MILLISECOND);
}

/** The last midnight UTC at or before a moment. */
export function startOfDay(time: Timestamp): Timestamp {
  return Math.floor(time / DAY) * DAY;
}

function wholeSeconds(text: string, year: number, month: number, day: number, h: number, m: number, s: number): number {
  const ms = Date.UTC(year, month - 1, day, h, m, s);
  const back = new Date(ms);
  // Date.UTC rolls 31 February over; a leap second is kept as the second after.
  const rolled = back.getUTCMonth() !== month - 1 || back.getUTCDate() !== day;
  if ((rolled && s !== 60) || month < 1 || month > 12 || h > 23 || m > 59 || s > 60) throw badTime(text);
  return ms / 1000;
}

function zoneSeconds(zone: string): number {
  if (zone === "Z" || zone === "z") return 0;
  const sign = zone.startsWith("-") ? -1 : 1;
  return sign * (Number(zone.slice(1, 3)) * 3600 + Number(zone.slice(-2)) * 60);
}

function fractionOf(time: Timestamp): number {
  return ((time % SECOND) + SECOND) % SECOND;
}

function upToSeconds(time: Timestamp): string {
  return new Date(Math.floor(time / SECOND) * 1000).toISOString().slice(0, 19);
}

function sixDigits(fraction: number): string {
  return String(fraction).padStart(6, "0");
}

function badTime(text: string): KalshiError {
  return new KalshiError("BAD_TIME", `not a time: ${JSON.stringify(text)}`, {
    hint: 'give RFC 3339 such as "2026-11-01T09:30:00Z", a date such as "2026-11-01", a Date, or "-7d"',
    context: { text },
  });
}
