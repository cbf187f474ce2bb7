import { DAY, HOUR, MINUTE, type Timestamp } from "../../../units/time.js";
import { easternMidnightBefore, easternMidnightFrom } from "../eastern.js";
import { Random } from "../random.js";
import type { Almanac } from "./almanac.js";

/** The series whose markets are about the index's city. */
export const WEATHER_SERIES = "AVONHIGH";
/** The city that there is an index for, as paths name it. */
export const WEATHER_CITY = "port-avon";

/** One day of New York's calendar: its night, its coldest moment, its warmest, and the night after. Degrees Fahrenheit. */
interface DayShape {
  readonly start: Timestamp;
  readonly end: Timestamp;
  readonly points: readonly { readonly time: Timestamp; readonly value: number }[];
  readonly peak: number;
  readonly peakAt: Timestamp;
  /** Phases of the day's small movements. */
  readonly phases: readonly number[];
}

/**
 * The temperature of a generated city, minute by minute. A pure function of the seed and the minute: the highest value of a day, rounded
 * to whole degrees, is the value that decides the day's event of `AVONHIGH`, and it is reached before that is known to the public.
 */
export class Weather {
  readonly #almanac: Almanac;
  readonly #shapes = new Map<Timestamp, DayShape>();

  constructor(almanac: Almanac) {
    this.#almanac = almanac;
  }

  /** False beside real records, where no such series is generated. */
  get exists(): boolean {
    return this.#almanac.series(WEATHER_SERIES) !== undefined;
  }

  /** Degrees Fahrenheit at a minute, to the hundredth. */
  at(minute: Timestamp): number {
    const shape = this.#shapeOf(minute);
    if (minute === shape.peakAt) return shape.peak;
    const next = shape.points.findIndex(({ time }) => time > minute);
    const [from, to] = [shape.points[next - 1]!, shape.points[next]!];
    const share = (minute - from.time) / (to.time - from.time);
    const base = from.value + ((to.value - from.value) * (1 - Math.cos(Math.PI * share))) / 2;
    // The movements fade where the parts of the day meet, so that the curve has no steps.
    const moved = base + Math.sin(Math.PI * share) * ripple(shape.phases, (minute - shape.start) / HOUR);
    return hundredths(Math.min(moved, shape.peak - 0.01));
  }

  /** The highest value so far of the day that a moment belongs to. */
  highSoFar(now: Timestamp): number {
    const { start } = this.#shapeOf(now);
    let high = Number.NEGATIVE_INFINITY;
    for (let minute = start; minute <= now; minute += MINUTE) high = Math.max(high, this.at(minute));
    return high;
  }

  /** The highest value of the whole day that a moment belongs to, told to nobody before its time. */
  peakOf(time: Timestamp): number {
    return this.#shapeOf(time).peak;
  }

  /** When the day of a moment begins: midnight in New York. */
  dayOf(now: Timestamp): Timestamp {
    return this.#shapeOf(now).start;
  }

  #shapeOf(time: Timestamp): DayShape {
    const end = easternMidnightFrom(time + 1);
    let shape = this.#shapes.get(end);
    if (shape === undefined) {
      shape = this.#make(end);
      this.#shapes.set(end, shape);
    }
    return shape;
  }

  #make(end: Timestamp): DayShape {
    const start = easternMidnightBefore(end);
    const random = new Random(`${this.#almanac.seed}/weather/${start}`);
    const { peak, peakAt } = this.#peakOf(start, end);
    const evening = this.#nightAt(end);
    const morning = this.#nightAt(start);
    const coldAt = start + 5 * HOUR + random.integer(0, 90) * MINUTE;
    const low = Math.min(morning, evening) - 1 - 3 * random.next();
    const points = [
      { time: start, value: morning },
      { time: coldAt, value: low },
      { time: peakAt, value: peak },
      { time: end, value: evening },
    ];
    return { start, end, points, peak, peakAt, phases: Array.from({ length: 3 }, () => random.next()) };
  }

  /** What the day's event will be decided by, and when it is reached. */
  #peakOf(start: Timestamp, end: Timestamp): { readonly peak: number; readonly peakAt: Timestamp } {
    const random = new Random(`${this.#almanac.seed}/weather/${start}/peak`);
    const peakAt = start + 13 * HOUR + random.integer(0, 150) * MINUTE;
    return { peak: hundredths(this.#finalOf(end) + 0.8 * (random.next() - 0.5)), peakAt };
  }

  /** Degrees at a midnight: colder than both days that meet there are warm. */
  #nightAt(midnight: Timestamp): number {
    const random = new Random(`${this.#almanac.seed}/weather/${midnight}/night`);
    const before = this.#finalOf(midnight);
    const after = this.#finalOf(easternMidnightFrom(midnight + 1));
    return Math.min(before, after) - 5 - 5 * random.next();
  }

  /** The observed value of the day that ends at a midnight of New York. */
  #finalOf(end: Timestamp): number {
    const series = this.#almanac.series(WEATHER_SERIES);
    // An event is created a day or two before the day it is about.
    const plans = series?.events(end - 3 * DAY, end);
    const plan = plans?.find(({ closeTime }) => closeTime < end && closeTime >= end - HOUR);
    if (plan === undefined) throw new Error(`no plan for the day that ends at ${end}`);
    return plan.final;
  }
}

/** Small movements of the air over a day, within ±0.9 degrees. */
function ripple([a = 0, b = 0, c = 0]: readonly number[], hours: number): number {
  const wave = (perDay: number, phase: number) => Math.sin(2 * Math.PI * ((hours / 24) * perDay + phase));
  return 0.45 * wave(5, a) + 0.3 * wave(17, b) + 0.15 * wave(61, c);
}

function hundredths(value: number): number {
  return Math.round(value * 100) / 100;
}
