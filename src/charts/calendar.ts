const [SECOND, MINUTE, HOUR, DAY] = [1_000, 60_000, 3_600_000, 86_400_000];

/** Steps of a clock that ticks may stand at, in milliseconds. */
export const CLOCK_STEPS: readonly number[] = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 30].map((seconds) => seconds * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE),
  ...[1, 2, 3, 6, 12].map((hours) => hours * HOUR),
];

/** Steps of whole days, of firsts of a month, and how long each is about. */
export interface DateStep {
  readonly about: number;
  readonly days?: number;
  readonly months?: number;
}

export const DATE_STEPS: readonly DateStep[] = [
  ...[1, 2, 4, 7].map((days) => ({ about: days * DAY, days })),
  ...[1, 3, 6, 12, 24, 60].map((months) => ({ about: months * 30.4 * DAY, months })),
];

/** Midnights of a step within two moments, both included; milliseconds that read right in UTC. Two days and four begin anew each month. */
export function datesBetween(from: number, to: number, step: DateStep): number[] {
  const found: number[] = [];
  if (step.months !== undefined) {
    const start = new Date(from);
    let month = start.getUTCFullYear() * 12 + start.getUTCMonth();
    month -= month % step.months;
    for (let at = dateOfMonth(month); at <= to; month += step.months, at = dateOfMonth(month)) {
      if (at >= from) found.push(at);
    }
    return found;
  }
  const { days = 1 } = step;
  for (let at = Math.ceil(from / DAY) * DAY; at <= to; at += DAY) {
    const date = new Date(at);
    // A step that would stand next to the first of the coming month is left out.
    const isRound = days === 7 ? date.getUTCDay() === 1 : (date.getUTCDate() - 1) % days === 0;
    if (isRound && (days === 1 || days === 7 || date.getUTCDate() + days / 2 <= 31)) found.push(at);
  }
  return found;
}

function dateOfMonth(month: number): number {
  return Date.UTC(Math.floor(month / 12), month % 12);
}
