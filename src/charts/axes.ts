import type { Json, Spec } from "./spec.js";

const DAY = 86_400_000;

/** Width that value axes keep for labels and title, so that panels one above the other line up. */
export const AXIS_EXTENT = 58;

/** Lowest and highest of some values, missing ones aside; null when there are none. */
export function extent(...columns: readonly (readonly (number | null)[])[]): [number, number] | null {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const column of columns) {
    for (const value of column) {
      if (value === null) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  return low <= high ? [low, high] : null;
}

/**
 * The x channel of a time in milliseconds, in UTC wherever it is read: scale and labels do not follow the reader's zone. Labels carry
 * the date below the first one and instead of midnight. `shown: false` keeps the grid and leaves labels to the panel below.
 */
export function timeX(field: string, [from, to]: readonly [number, number], shown = true): Spec {
  const span = to - from;
  const domain = span > 0 ? [from, to] : [from - 30_000, to + 30_000];
  const axis: Record<string, Json> = shown
    ? { title: "time (UTC)", labelExpr: timeLabel(span), labelFlush: true, tickCount: 8 }
    : { title: null, labels: false, ticks: false, domain: false, tickCount: 8 };
  return { field, type: "temporal", scale: { type: "utc", domain, nice: false }, axis };
}

function timeLabel(span: number): string {
  const clock = span > 0 && span < 8_000 ? "'%H:%M:%S.%L'" : "utcseconds(datum.value) ? '%H:%M:%S' : '%H:%M'";
  const midnight =
    "utchours(datum.value) + utcminutes(datum.value) + utcseconds(datum.value) + utcmilliseconds(datum.value) == 0";
  const month = span > 200 * DAY ? "utcdate(datum.value) == 1 ? '%b' : '%-d %b'" : "'%-d %b'";
  // The line below: the whole date under the first label of a day, the year under the first one of a year.
  const below = `!(datum.index > 0) ? utcFormat(datum.value, (${midnight}) ? '%Y' : '%-d %b %Y') : ''`;
  return `[utcFormat(datum.value, (${midnight}) ? (${month}) : (${clock})), ${below}]`;
}

/** A calculated field with a moment written out for tooltips, to the millisecond. Tooltip formats alone follow the reader's zone. */
export function timeText(field: string, as: string): Spec {
  return { calculate: `isValid(datum.${field}) ? utcFormat(datum.${field}, '%Y-%m-%d %H:%M:%S.%L') + ' UTC' : ''`, as };
}

/** Dollars of an axis with about `ticks` ticks: as many decimals as their step needs, two where that is less, none for tens. */
export function dollarFormat([low, high]: readonly [number, number], ticks = 6): string {
  // Ticks stand at the round step (1, 2 or 5 times a power of ten) nearest to this one.
  const step = (high - low) / ticks;
  if (step >= 10) return "$,.0f";
  if (step >= 0.0071) return "$,.2f";
  return step >= 0.00071 ? "$,.3f" : "$,.4f";
}

/**
 * Labels of an axis of contracts: each with the prefix of its own size, so that zero is `0` beside `20k`. A plain `format` takes one
 * prefix for all ticks and writes `0k`; and below a thousand there is none, so that half a contract is `0.5`, not `500m`.
 */
export const COUNT_LABEL = "abs(datum.value) < 1000 ? format(datum.value, ',.2~f') : format(datum.value, '.4~s')";

/** Exact dollars of a tooltip: as many decimals as there are, two at least where the eye expects them. */
export const EXACT_DOLLARS = "$,.6~f";

/** The y domain of prices: the data with a margin, inside the $0 to $1 that a contract can cost. */
export function priceDomain([low, high]: readonly [number, number]): [number, number] {
  const margin = Math.max((high - low) * 0.08, 0.005);
  return [Math.max(0, low - margin), Math.min(Math.max(1, high), high + margin)];
}

/** A moment for a subtitle: minutes and UTC. */
export function moment(ms: number): string {
  return new Date(ms).toISOString().slice(0, 16).replace("T", " ");
}

/** A span for a subtitle; seconds where the span is short. */
export function spanText([from, to]: readonly [number, number]): string {
  const seconds = to - from < 600_000;
  const write = (ms: number) => (seconds ? new Date(ms).toISOString().slice(0, 19).replace("T", " ") : moment(ms));
  const [first, last] = [write(from), write(to)];
  if (first === last) return `${first} UTC`;
  return `${first} to ${first.slice(0, 10) === last.slice(0, 10) ? last.slice(11) : last} UTC`;
}

/** `12,345` or `12,345.5`, the same in every locale; two decimals at most. */
export function thousands(value: number): string {
  return value.toLocaleString("en-US", { maximumFractionDigits: 2 });
}

/** `1 trade`, `2 trades`. */
export function plural(count: number, noun: string): string {
  return `${thousands(count)} ${noun}${count === 1 ? "" : "s"}`;
}
