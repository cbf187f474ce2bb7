import { KalshiError } from "../errors.js";
import { DAY, type Duration, MILLISECOND, SECOND, type Timestamp } from "./time.js";

/** The zone of the exchange's own clocks and files. */
export const NEW_YORK = "America/New_York";

const formats = new Map<string, Intl.DateTimeFormat>();

/**
 * The name of a time zone as the IANA database has it, such as `America/New_York`.
 *
 * @throws KalshiError `BAD_ARGUMENT`
 */
export function parseZone(name: string): string {
  formatOf(name);
  return name;
}

/** What the clocks of a zone show at a moment, less UTC. */
export function offsetIn(zone: string, time: Timestamp): Duration {
  const seconds = Math.floor(time / SECOND);
  return shownAt(zone, seconds) * SECOND - seconds * SECOND;
}

/**
 * The moments at which the clocks of a zone show a date and time, ascending: one; two in the hour that is gone through twice when clocks
 * are set back; none in the hour that is left out when they are set forward.
 *
 * @param shown - what the clocks show, as if it were UTC
 */
export function momentsOf(zone: string, shown: Timestamp): Timestamp[] {
  // No zone changes its clocks twice within two days.
  const offsets = new Set([offsetIn(zone, shown - DAY), offsetIn(zone, shown + DAY)]);
  return [...offsets]
    .map((offset) => shown - offset)
    .filter((time) => time + offsetIn(zone, time) === shown)
    .sort((a, b) => a - b);
}

/** The calendar date of a moment in a zone, such as `2026-01-24`. */
export function dateIn(zone: string, time: Timestamp): string {
  return new Date(shownAt(zone, Math.floor(time / SECOND)) * 1000).toISOString().slice(0, 10);
}

/** Seconds since 1970 of what the clocks show, as if it were UTC. */
function shownAt(zone: string, seconds: number): number {
  const parts: Record<string, string> = {};
  for (const { type, value } of formatOf(zone).formatToParts(seconds * MILLISECOND)) parts[type] = value;
  const of = (name: string): number => Number(parts[name]);
  return Date.UTC(of("year"), of("month") - 1, of("day"), of("hour"), of("minute"), of("second")) / 1000;
}

function formatOf(zone: string): Intl.DateTimeFormat {
  let format = formats.get(zone);
  if (format !== undefined) return format;
  try {
    format = new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
    });
  } catch (error) {
    throw new KalshiError("BAD_ARGUMENT", `no such time zone: ${JSON.stringify(zone)}`, {
      hint: "give a name of the IANA database, such as America/New_York, Europe/Berlin or UTC",
      context: { zone },
      cause: error,
    });
  }
  formats.set(zone, format);
  return format;
}
