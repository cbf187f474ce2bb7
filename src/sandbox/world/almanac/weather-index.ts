import { DAY, MINUTE, SECOND, type Timestamp, toMillis } from "../../../units/time.js";
import type { JsonObject } from "../../types.js";
import { Random } from "../random.js";
import type { Weather } from "./weather.js";

/** A station whose readings make up the index. */
interface Station {
  readonly id: string;
  readonly weight: number;
  /** How much warmer it runs than the city, in degrees Celsius. */
  readonly offset: number;
}

/** One configuration of the index, in force from `from` until the next. */
export interface Calibration {
  readonly version: string;
  readonly from: Timestamp;
  readonly published: Timestamp;
  /** What it was estimated from; null for the first. */
  readonly window: readonly [Timestamp, Timestamp] | null;
  readonly stations: readonly Station[];
}

const LAUNCH: Timestamp = Date.UTC(2020, 0, 1) * 1000;
const WEIGHTS = [0.4, 0.25, 0.2, 0.15] as const;
/** A minute is final so long after it. */
const PENDING = MINUTE;
/** One minute in this many lacks a station, one in the other has no value at all. */
const DEGRADED = 90;
const MISSING = 1_500;

/** Configurations so far, oldest first: the first one, then one for every quarter of a year. */
export function calibrations(seed: string, now: Timestamp): readonly Calibration[] {
  const found: Calibration[] = [];
  for (let quarter = 0; ; quarter += 1) {
    const from = Date.UTC(2020, 3 * quarter, 1, 5) * 1000;
    if (from > now) return found;
    const random = new Random(`${seed}/weather/calibration/${quarter}`);
    const stations = WEIGHTS.map((weight, i) => ({
      id: `PAV${i + 1}S`,
      weight,
      offset: Math.round((0.5 * (i - 1.5) + 0.1 * random.normal()) * 1000) / 1000,
    }));
    found.push({
      version: `port-avon-temperature-v1.0${quarter === 0 ? "" : `-cal-${dateOf(from)}`}`,
      from,
      published: from - 2 * DAY,
      window: quarter === 0 ? null : [from - 92 * DAY, from - 2 * DAY],
      stations,
    });
  }
}

/** The city's own reference: what the stations' offsets come to by their weights. */
export function referenceOf({ stations }: Calibration): number {
  return rounded(
    stations.reduce((sum, { weight, offset }) => sum + weight * offset, 0),
    6,
  );
}

export function calibrationWire(one: Calibration): JsonObject {
  return {
    calibration_window_end_ms: one.window === null ? undefined : toMillis(one.window[1]),
    calibration_window_start_ms: one.window === null ? undefined : toMillis(one.window[0]),
    change_reason: one.window === null ? "launch" : "quarterly calibration",
    city_reference_c: referenceOf(one),
    config_version: one.version,
    effective_at_ms: toMillis(one.from),
    published_at_ms: toMillis(one.published),
    stations: one.stations.map(({ id, offset, weight }) => ({ offset_c: offset, station_id: id, weight })),
  };
}

/**
 * Points of the index in [`from`, `to`], oldest first. The newest minute is still incomplete; now and then a station is missing and the
 * point is degraded; a minute without enough stations has no point.
 */
export function indexPoints(
  weather: Weather,
  seed: string,
  { from, to, now, detailed }: { from: Timestamp; to: Timestamp; now: Timestamp; detailed: boolean },
): readonly JsonObject[] {
  const known = calibrations(seed, now);
  const points: JsonObject[] = [];
  const last = Math.min(to, now);
  for (let minute = Math.ceil(Math.max(from, LAUNCH) / MINUTE) * MINUTE; minute <= last; minute += MINUTE) {
    const calibration = known.findLast((one) => one.from <= minute);
    if (calibration === undefined) continue;
    if (minute > now - PENDING) points.push({ status: "incomplete", t: toMillis(minute) });
    else {
      const point = pointAt(weather, seed, calibration, minute, detailed);
      if (point !== null) points.push(point);
    }
  }
  return points;
}

/** The version of the newest point of a window; "" where none lies in it. */
export function versionAt(seed: string, points: readonly JsonObject[], now: Timestamp): string {
  const t = points.at(-1)?.t;
  if (typeof t !== "number") return "";
  return calibrations(seed, now).findLast(({ from }) => toMillis(from) <= t)?.version ?? "";
}

function pointAt(
  weather: Weather,
  seed: string,
  calibration: Calibration,
  minute: Timestamp,
  detailed: boolean,
): JsonObject | null {
  const random = new Random(`${seed}/weather/minute/${minute / MINUTE}`);
  const value = weather.at(minute);
  const isHigh = value >= weather.peakOf(minute);
  // What decides a day's markets is always there to be seen.
  const chance = isHigh ? 1 : random.next();
  if (chance < 1 / MISSING) return null;
  const silent = chance < 1 / DEGRADED ? random.integer(0, calibration.stations.length) : -1;
  const present = calibration.stations.length - (silent < 0 ? 0 : 1);
  return {
    contributors: present,
    stations: detailed ? readings(value, calibration, silent, minute, random) : undefined,
    status: silent < 0 ? "normal" : "degraded",
    t: toMillis(minute),
    v: value,
  };
}

/** Readings whose weighted mean, offsets taken off and the city's reference put back, is the value of the index. */
function readings(
  value: number,
  calibration: Calibration,
  silent: number,
  minute: Timestamp,
  random: Random,
): readonly JsonObject[] {
  const reference = referenceOf(calibration);
  const heard = calibration.stations.map((_, i) => i).filter((i) => i !== silent);
  const errors = calibration.stations.map(() => 0.3 * random.normal());
  const weightOf = (i: number) => calibration.stations[i]!.weight;
  const last = heard.at(-1) as number;
  // The errors cancel out: the last station's makes up for the others'.
  errors[last] = -heard.slice(0, -1).reduce((sum, i) => sum + weightOf(i) * errors[i]!, 0) / weightOf(last);
  return calibration.stations.map(({ id, offset }, i) => {
    if (i === silent) return { code: "missing", station_id: id };
    const fahrenheit = value + 1.8 * (offset - reference) + errors[i]!;
    return {
      code: "accepted",
      received_at_ms: toMillis(minute + (5 + 3 * i) * SECOND),
      source: "hf_asos",
      station_id: id,
      temp_f: rounded(fahrenheit, 4),
    };
  });
}

function dateOf(time: Timestamp): string {
  return new Date(toMillis(time)).toISOString().slice(0, 10).replaceAll("-", "");
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
