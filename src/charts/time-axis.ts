import type { Json, Spec } from "./spec.js";
import { nameExpression, stretchAt, ticks, wallExpression, type Zone } from "./zone.js";

const DAY = 86_400_000;

/** How many ticks a time axis has, about. */
const TICKS = 8;

/**
 * The x channel of a time in milliseconds, told in the chart's zone wherever it is read: scale and labels do not follow the reader's own.
 * Labels carry the date below the first one and instead of midnight. `shown: false` keeps the grid and leaves labels to the panel below.
 */
export function timeX(field: string, [from, to]: readonly [number, number], zone: Zone, shown = true): Spec {
  const span = to - from;
  const domain: [number, number] = span > 0 ? [from, to] : [from - 30_000, to + 30_000];
  const values = ticks(zone, domain, TICKS);
  const at: Record<string, Json> = values === null ? { tickCount: TICKS } : { values };
  const axis: Record<string, Json> = shown
    ? { title: `time (${zone.name})`, labelExpr: timeLabel(span, zone), labelFlush: true, ...at }
    : { title: null, labels: false, ticks: false, domain: false, ...at };
  return { field, type: "temporal", scale: { type: "utc", domain, nice: false }, axis };
}

function timeLabel(span: number, zone: Zone): string {
  // A tick given in numbers comes as a Date.
  const wall = wallExpression(zone, "(+datum.value)");
  const clock = span > 0 && span < 8_000 ? "'%H:%M:%S.%L'" : `utcseconds(${wall}) ? '%H:%M:%S' : '%H:%M'`;
  const midnight = `utchours(${wall}) + utcminutes(${wall}) + utcseconds(${wall}) + utcmilliseconds(${wall}) == 0`;
  const month = span > 200 * DAY ? `utcdate(${wall}) == 1 ? '%b' : '%-d %b'` : "'%-d %b'";
  // Ticks a week or so apart may miss the first of January.
  const newYear = `utcmonth(${wall}) == 0 && utcdate(${wall}) <= ${span > 30 * DAY && span < 120 * DAY ? 7 : 1}`;
  // The line below: the whole date under the first label of a day, the year under the first one of all and of each year.
  const first = `utcFormat(${wall}, (${midnight}) ? '%Y' : '%-d %b %Y')`;
  const below = `!(datum.index > 0) ? ${first} : (${midnight}) && ${newYear} ? utcFormat(${wall}, '%Y') : ''`;
  return `[utcFormat(${wall}, (${midnight}) ? (${month}) : (${clock})), ${below}]`;
}

/** A calculated field with a moment written out for tooltips, to the microsecond. Tooltip formats alone follow the reader's zone. */
export function timeText(field: string, as: string, zone: Zone): Spec {
  const value = `datum.${field}`;
  const whole = `floor(${value})`;
  const day = `utcFormat(${wallExpression(zone, whole)}, '%Y-%m-%d %H:%M:%S.%L')`;
  const micros = `format(round((${value} - ${whole}) * 1000), '03d')`;
  return { calculate: `isValid(${value}) ? ${day} + ${micros} + ' ' + ${nameExpression(zone, whole)} : ''`, as };
}

/** A time in milliseconds to the microsecond, as data carries it: the nearest double of its exact value. */
export function exactTime(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}

/** A moment for a subtitle, to the second, and what clocks of the zone are called then. */
export function moment(ms: number, zone: Zone): string {
  return `${wallText(ms, zone).slice(0, 19)} ${stretchAt(zone, ms).name}`;
}

/** A span for a subtitle; seconds where the span is short. */
export function spanText([from, to]: readonly [number, number], zone: Zone): string {
  const letters = to - from < 600_000 ? 19 : 16;
  const [first, last] = [wallText(from, zone).slice(0, letters), wallText(to, zone).slice(0, letters)];
  const [nameFirst, nameLast] = [stretchAt(zone, from).name, stretchAt(zone, to).name];
  if (first === last) return `${first} ${nameFirst}`;
  const end = first.slice(0, 10) === last.slice(0, 10) ? last.slice(11) : last;
  return `${first}${nameFirst === nameLast ? "" : ` ${nameFirst}`} to ${end} ${nameLast}`;
}

function wallText(ms: number, zone: Zone): string {
  return new Date(ms + stretchAt(zone, ms).offset).toISOString().replace("T", " ");
}
