import { formatTime, parseTime, type Timestamp } from "../units/time.js";

/** A span of which the exchange itself has lost its records. */
interface Hole {
  readonly noun: string;
  readonly from: Timestamp;
  readonly to: Timestamp;
}

/** @see API: 10.3, last line */
const holes: readonly Hole[] = [
  { noun: "trade", from: parseTime("2026-06-11T07:00:00Z"), to: parseTime("2026-06-11T09:00:00Z") },
];

/** Why records of a span, both ends included, are not complete though the exchange sent all it has; null when nothing is known against it. */
export function holeIn(noun: string, from: Timestamp, to: Timestamp): string | null {
  const hole = holes.find((one) => one.noun === noun && one.from <= to && from < one.to);
  if (hole === undefined) return null;
  return `the exchange has no ${noun}s between ${formatTime(hole.from)} and ${formatTime(hole.to)}`;
}
