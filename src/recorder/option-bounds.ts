import { type Bounds, readNumber } from "../units/argument.js";
import type { LinkOptions } from "./link-options.js";
import type { RecordOptions } from "./record-options.js";

/** The longest that a timer of Node's can be: a longer one would end at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

const timer: Bounds = { most: LONGEST_TIMER_MS };
const maybeTimer: Bounds = { least: 0, most: LONGEST_TIMER_MS };
const unlimited: Bounds = { most: Number.POSITIVE_INFINITY };
const some: Bounds = { least: 1, isWhole: true };

const linkBounds = {
  silenceMs: timer,
  timeoutMs: timer,
  firstMessageMs: timer,
  repairMs: timer,
  stallMs: {},
  maxSubscriptions: some,
  maxConnections: some,
} as const satisfies Partial<Record<keyof LinkOptions, Bounds>>;

const recordBounds = {
  lookMs: timer,
  compareMs: maybeTimer,
  statusMs: timer,
  // What is longer than a timer is a matter of several.
  syncMs: { least: 0, most: Number.POSITIVE_INFINITY },
  maxSegmentBytes: unlimited,
  maxSegmentMs: unlimited,
  maxPendingBytes: unlimited,
} as const satisfies Partial<Record<keyof RecordOptions, Bounds>>;

/** Refuses numbers that a connection cannot go by. @throws KalshiError `BAD_ARGUMENT` */
export function checkLinkOptions(options: Partial<LinkOptions>): void {
  checkAll(options, linkBounds);
  const { backoffMs } = options;
  if (backoffMs === undefined) return;
  readNumber("backoffMs.first", backoffMs.first, timer, hintOf(timer));
  const longest: Bounds = { least: backoffMs.first, most: LONGEST_TIMER_MS };
  readNumber("backoffMs.longest", backoffMs.longest, longest, hintOf(longest));
}

/** Refuses numbers that a recorder cannot go by. @throws KalshiError `BAD_ARGUMENT` */
export function checkRecordOptions(options: RecordOptions): void {
  checkLinkOptions(options);
  checkAll(options, recordBounds);
  const { patience, compareWindow } = options;
  for (const [name, value] of Object.entries({ ...patience })) {
    readNumber(`patience.${name}`, value, { least: 0 }, "give microseconds, 0 or more");
  }
  for (const [name, value] of Object.entries({ ...compareWindow })) {
    readNumber(`compareWindow.${name}`, value, maybeTimer, hintOf(maybeTimer));
  }
}

function checkAll<T extends object>(options: T, all: Partial<Record<keyof T, Bounds>>): void {
  for (const [name, bounds] of Object.entries<Bounds | undefined>(all)) {
    const value: unknown = Reflect.get(options, name);
    if (value !== undefined && bounds !== undefined) readNumber(name, value as number, bounds, hintOf(bounds));
  }
}

/** `give a whole number, 1 or more` */
function hintOf({ least, most, isWhole }: Bounds): string {
  const what = isWhole === true ? "a whole number" : "a number";
  const from = least === undefined ? "more than 0" : `${least} or more`;
  const upTo = most === undefined || most === Number.POSITIVE_INFINITY ? "" : `, at most ${most}`;
  return `give ${what}, ${from}${upTo}; leave it out for the default`;
}
