import { DAY, MINUTE, SECOND, type Timestamp, toSeconds } from "../../../units/time.js";
import type { JsonObject } from "../../types.js";
import { easternMidnightFrom } from "../eastern.js";
import type { Planned } from "./almanac.js";

/** Minutes of a period of forecasts; 0 stands for five seconds. */
export const forecastIntervals = [0, 1, 60, 1440] as const;
export type ForecastInterval = (typeof forecastIntervals)[number];

export interface ForecastRange {
  readonly from: Timestamp;
  readonly to: Timestamp;
  readonly interval: ForecastInterval;
  readonly now: Timestamp;
  readonly most: number;
}

/** Whether an event is about a number that can be forecast: who wins a game is none. */
export function isNumeric({ plan }: Planned): boolean {
  return plan.strikes.some(({ wire }) => wire.floor_strike !== undefined || wire.cap_strike !== undefined);
}

/** Ends of the periods in [`from`, `to`] at which an event was forecast, from its opening to the present; `most` of them and one. */
export function forecastEnds(
  { plan }: Planned,
  { from, to, interval, now, most }: ForecastRange,
): readonly Timestamp[] {
  const ends: Timestamp[] = [];
  const last = Math.min(to, now, plan.closeTime + DAY);
  let end = firstEnd(Math.max(from, plan.openTime), interval);
  while (end <= last && ends.length <= most) {
    ends.push(end);
    end = firstEnd(end + 1, interval);
  }
  return ends;
}

/**
 * What was forecast at the end of a period: the value that the outcome stays below with each chance. Follows from the same path as the
 * prices of the event's markets; once the outcome is known all percentiles are it.
 */
export function forecastPoint(
  { event, plan, path }: Planned,
  end: Timestamp,
  interval: ForecastInterval,
  percentiles: readonly number[],
): JsonObject {
  const { value, error } = path.at(end);
  const show = writer(plan.strikes.map(({ label }) => label));
  return {
    end_period_ts: toSeconds(end),
    event_ticker: event.ticker,
    percentile_points: percentiles.map((percentile) => {
      const raw = value + error * normalQuantile(Math.max(percentile, 1) / 10_000);
      return { ...show(raw), percentile, raw_numerical_forecast: Number(raw.toFixed(6)) };
    }),
    period_interval: interval,
  };
}

function firstEnd(time: Timestamp, interval: ForecastInterval): Timestamp {
  if (interval === 1440) return easternMidnightFrom(time);
  const length = interval === 0 ? 5 * SECOND : interval * MINUTE;
  return Math.ceil(time / length) * length;
}

/** Writes values as the labels of the event's markets do: so many decimals, and what follows the number. */
function writer(labels: readonly string[]): (value: number) => JsonObject {
  const found = labels.map((label) => /^-?[\d,]+(?:\.(\d+))?(\D*?) (?:or|to) /.exec(label)).find((one) => one !== null);
  const [decimals, unit] = [found?.[1]?.length ?? 0, found?.[2] ?? ""];
  return (value) => {
    const rounded = Number(value.toFixed(decimals));
    return { formatted_forecast: `${value.toFixed(decimals)}${unit}`, numerical_forecast: rounded };
  };
}

/** The value that a standard normal stays below with a chance in (0, 1), good to nine decimals (Acklam's approximation). */
export function normalQuantile(chance: number): number {
  if (chance < 0.02425) return tail(Math.sqrt(-2 * Math.log(chance)));
  if (chance > 1 - 0.02425) return -tail(Math.sqrt(-2 * Math.log(1 - chance)));
  const q = chance - 0.5;
  const r = q * q;
  const above = polynomial(MIDDLE_ABOVE, r) * q;
  return above / (polynomial(MIDDLE_BELOW, r) * r + 1);
}

const MIDDLE_ABOVE = [
  -39.69683028665376, 220.9460984245205, -275.9285104469687, 138.357751867269, -30.66479806614716, 2.506628277459239,
];
const MIDDLE_BELOW = [-54.47609879822406, 161.5858368580409, -155.6989798598866, 66.80131188771972, -13.28068155288572];
const TAIL_ABOVE = [
  -0.007784894002430293, -0.3223964580411365, -2.400758277161838, -2.549732539343734, 4.374664141464968,
  2.938163982698783,
];
const TAIL_BELOW = [0.007784695709041462, 0.3224671290700398, 2.445134137142996, 3.754408661907416];

function tail(q: number): number {
  return polynomial(TAIL_ABOVE, q) / (polynomial(TAIL_BELOW, q) * q + 1);
}

function polynomial(coefficients: readonly number[], x: number): number {
  return coefficients.reduce((sum, coefficient) => sum * x + coefficient, 0);
}
