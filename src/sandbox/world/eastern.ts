import { DAY, HOUR, startOfDay, type Timestamp } from "../../units/time.js";

const hourInNewYork = new Intl.DateTimeFormat("en-US", {
  timeZone: "America/New_York",
  hour: "numeric",
  hourCycle: "h23",
});
const known = new Map<Timestamp, Timestamp>();

/** The midnight of New York that a UTC date begins with: 04:00 UTC in summer, 05:00 in winter. */
function midnight(utcDay: Timestamp): Timestamp {
  let at = known.get(utcDay);
  if (at === undefined) {
    // Clocks change at two in the morning, so the rule in force an hour before or at midnight decides.
    const four = utcDay + 4 * HOUR;
    at = hourInNewYork.format(four / 1000) === "00" ? four : four + HOUR;
    known.set(utcDay, at);
  }
  return at;
}

/** The first midnight of New York at or after a moment. */
export function easternMidnightFrom(time: Timestamp): Timestamp {
  const day = startOfDay(time);
  const at = midnight(day);
  return time <= at ? at : midnight(day + DAY);
}

/** The last midnight of New York before a moment. */
export function easternMidnightBefore(time: Timestamp): Timestamp {
  const day = startOfDay(time);
  const at = midnight(day);
  return at < time ? at : midnight(day - DAY);
}
