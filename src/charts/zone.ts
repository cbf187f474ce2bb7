import { MILLISECOND } from "../units/time.js";
import { offsetIn, parseZone } from "../units/zone.js";
import { CLOCK_STEPS, DATE_STEPS, datesBetween } from "./calendar.js";

/** A stretch of time in which a zone keeps one distance from UTC; milliseconds, `to` not included. */
interface Stretch {
  readonly from: number;
  readonly to: number;
  /** What is added to UTC. */
  readonly offset: number;
  /** How clocks there call it: `EST`, `GMT+9`. */
  readonly name: string;
}

/** The zone in which a chart tells the time, over its span. */
export interface Zone {
  /** As asked for: `UTC`, `America/New_York`. */
  readonly name: string;
  readonly stretches: readonly Stretch[];
}

const WEEK = 604_800_000;

/**
 * The zone of a chart, with its changes of the clock within the span (and a week around it).
 *
 * @throws KalshiError `BAD_ARGUMENT` for a name that is no zone of the IANA database
 */
export function zoneOf(name: string | undefined, [from, to]: readonly [number, number]): Zone {
  const [first, last] = [from - WEEK, to + WEEK];
  if (name === undefined || name === "UTC") {
    return { name: "UTC", stretches: [{ from: first, to: last, offset: 0, name: "UTC" }] };
  }
  const zone = parseZone(name);
  const stretches: Stretch[] = [];
  let start = first;
  // No zone changes its clock twice within a week.
  for (let at = first; at < last; at += WEEK) {
    const next = Math.min(at + WEEK, last);
    if (offsetAt(zone, at) === offsetAt(zone, next)) continue;
    const change = changeBetween(zone, at, next);
    stretches.push({ from: start, to: change, ...told(zone, start) });
    start = change;
  }
  stretches.push({ from: start, to: last, ...told(zone, start) });
  return { name, stretches };
}

/** The stretch that a moment is in; the nearest one beyond the span. */
export function stretchAt(zone: Zone, ms: number): Stretch {
  return zone.stretches.find((one) => ms < one.to) ?? zone.stretches.at(-1)!;
}

/** A vega expression: what the clock of the zone shows at the milliseconds of `of`, as milliseconds that read right in UTC. */
export function wallExpression(zone: Zone, of: string): string {
  return chosen(zone, of, ({ offset }) => (offset === 0 ? of : `(${of} + ${offset})`));
}

/** A vega expression: what the zone's clock is called at the milliseconds of `of`. */
export function nameExpression(zone: Zone, of: string): string {
  return chosen(zone, of, ({ name }) => `'${name}'`);
}

/**
 * About `count` round moments of the zone's clock within a span: whole minutes, hours, midnights, firsts of a month. Null for UTC, where
 * vega finds them itself.
 */
export function ticks(zone: Zone, [from, to]: readonly [number, number], count: number): number[] | null {
  if (zone.name === "UTC" || !(to > from)) return null;
  const wanted = (to - from) / count;
  const step = CLOCK_STEPS.find((one) => one >= wanted * 0.75);
  const dates = DATE_STEPS.find((one) => one.about >= wanted * 0.75) ?? DATE_STEPS.at(-1)!;
  return zone.stretches.flatMap((stretch) => {
    const [first, last] = [Math.max(from, stretch.from), Math.min(to, stretch.to - 1)];
    if (first > last) return [];
    const walls =
      step === undefined
        ? datesBetween(first + stretch.offset, last + stretch.offset, dates)
        : multiples(first + stretch.offset, last + stretch.offset, step);
    return walls.map((wall) => wall - stretch.offset);
  });
}

function multiples(from: number, to: number, step: number): number[] {
  const found: number[] = [];
  for (let at = Math.ceil(from / step) * step; at <= to; at += step) found.push(at);
  return found;
}

function chosen(zone: Zone, of: string, write: (stretch: Stretch) => string): string {
  const last = zone.stretches.at(-1)!;
  return zone.stretches
    .slice(0, -1)
    .reduceRight((rest, stretch) => `(${of} < ${stretch.to} ? ${write(stretch)} : ${rest})`, write(last));
}

function told(zone: string, ms: number): { offset: number; name: string } {
  const clock = new Intl.DateTimeFormat("en-US", { timeZone: zone, timeZoneName: "short" });
  const name = clock.formatToParts(ms).find(({ type }) => type === "timeZoneName")!.value;
  return { offset: offsetAt(zone, ms), name };
}

function offsetAt(zone: string, ms: number): number {
  return offsetIn(zone, ms * MILLISECOND) / MILLISECOND;
}

/** The first second of the clock that holds at `to`. */
function changeBetween(zone: string, from: number, to: number): number {
  const after = offsetAt(zone, to);
  let [low, high] = [Math.floor(from / 1000), Math.ceil(to / 1000)];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetAt(zone, middle * 1000) === after) high = middle;
    else low = middle;
  }
  return high * 1000;
}
