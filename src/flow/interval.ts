import { KalshiError } from "../errors.js";
import { DAY, type Duration, HOUR, MILLISECOND, MINUTE, SECOND, type Timestamp } from "../units/time.js";

const WRITTEN = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)$/;
const units: Readonly<Record<string, Duration>> = { ms: MILLISECOND, s: SECOND, m: MINUTE, h: HOUR, d: DAY };

/**
 * A length of time as text (`"250ms"`, `"1s"`, `"5m"`, `"1h"`, `"1d"`) or in microseconds. At least a millisecond, the step of the
 * exchange's clock.
 *
 * @throws KalshiError `BAD_ARGUMENT`
 */
export function readInterval(given: string | Duration): Duration {
  const parts = typeof given === "string" ? WRITTEN.exec(given.trim()) : null;
  const micros = parts === null ? given : Number(parts[1]) * units[parts[2]!]!;
  if (typeof micros === "number" && Number.isSafeInteger(micros) && micros >= MILLISECOND) return micros;
  throw new KalshiError("BAD_ARGUMENT", `not an interval: ${JSON.stringify(given)}`, {
    hint: 'give "250ms", "1s", "5m", "1h" or "1d", or microseconds; a millisecond is the least',
    context: { interval: given },
  });
}

/** The last point of a grid at or before a moment. Grids start at 1970, UTC. */
export function gridBefore(time: Timestamp, every: Duration): Timestamp {
  return Math.floor(time / every) * every;
}

/** The first point of a grid at or after a moment. */
export function gridAfter(time: Timestamp, every: Duration): Timestamp {
  return Math.ceil(time / every) * every;
}
