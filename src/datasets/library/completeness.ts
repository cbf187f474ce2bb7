import { DAY, formatTime, MINUTE, parseTime, type Timestamp } from "../../units/time.js";
import type { Subject } from "./library-file.js";
import { type Partition, partitionsIn } from "./partition.js";
import { type PartitionManifest, type PartOrigin, readPartition, writePartition } from "./partition-manifest.js";

/** How far everything was asked, and what is lacking. */
export type Completeness = Pick<PartOrigin, "through" | "complete" | "why">;

/** What of a subject tells how much of a day was asked. */
export type AskedOf = Partial<Pick<Subject, "period" | "from">>;

/**
 * What a partition may say of itself when everything before `through` was asked.
 *
 * @param asked - minutes of candlesticks, and from when on the subject is kept: of its first day there may be a part only
 */
export function completeness(
  { date }: Partition,
  through: Timestamp,
  why: string | null,
  { period = null, from = null }: AskedOf = {},
): Completeness {
  const start = date === null ? null : parseTime(`${date}T00:00:00Z`);
  const open =
    start !== null && through < endOf(start, period)
      ? `the day was not over when it was asked, ${formatTime(through)}`
      : null;
  const late = start !== null && from !== null && parseTime(from) > start ? `nothing before ${from} was asked` : null;
  const reasons = [why, open, late].filter((reason) => reason !== null).join("; ");
  return { through: formatTime(through), complete: reasons === "", why: reasons === "" ? null : reasons };
}

/** When the last candle of a day of UTC ends: those of a day begin within it, at an hour of the exchange's own, and end in the next. */
function endOf(start: Timestamp, period: number | null): Timestamp {
  return start + DAY + (period !== null && period > 60 ? period * MINUTE : 0);
}

/** An origin beside what a partition tells already: candlesticks of several periods share one, which is complete when each of them is. */
export function together(current: PartitionManifest | null, origin: PartOrigin): PartOrigin {
  const period = periodOf(origin);
  return period === null ? origin : withPeriod(current, origin, period, origin);
}

/** What a day lacks though time goes on and all of it is asked again; null when nothing. */
function lasting(why: string | null): string | null {
  const passing = /^(the day was not over|nothing before|the exchange did not answer for) /;
  return (why?.split("; ") ?? []).filter((reason) => !passing.test(reason)).join("; ") || null;
}

/** Whether the exchange has lost something of a day, by the words that say which span it has lost. */
export function isLostOn(date: string | null, lost: string): boolean {
  const [from, to] = [...lost.matchAll(/\d{4}-\d\d-\d\dT\S+Z/g)].map(([text]) => parseTime(text));
  if (date === null || from === undefined || to === undefined) return true;
  const start = parseTime(`${date}T00:00:00Z`);
  return from < start + DAY && start < to;
}

/**
 * Lets the days of a subject of which everything was asked say what they are by now: those that are over, those of which a part only is kept, and
 * those that the exchange has answered for since.
 */
export async function closeDays(
  library: string,
  { kind, series, ...asked }: Pick<Subject, "kind" | "series"> & AskedOf,
  through: Timestamp,
): Promise<void> {
  const period = asked.period == null ? null : String(asked.period);
  for (const partition of partitionsIn(library, kind)) {
    if (partition.series !== series) continue;
    const manifest = readPartition(library, partition);
    if (manifest === null) continue;
    const was = period === null ? manifest : periodsOf(manifest)[period];
    if (was === undefined) continue;
    const latest = was.through === null ? through : Math.max(through, parseTime(was.through));
    const known = completeness(partition, latest, lasting(was.why), asked);
    if (was.why === known.why) continue;
    const origin = period === null ? { ...manifest, ...known } : withPeriod(manifest, manifest, period, known);
    await writePartition(library, partition, origin, manifest.files, manifest.before);
  }
}

function withPeriod(
  current: PartitionManifest | null,
  origin: PartOrigin,
  period: string,
  { through, complete, why }: Completeness,
): PartOrigin {
  const periods = { ...(current === null ? {} : periodsOf(current)), [period]: { through, complete, why } };
  return { ...origin, ...ofAll(periods), periods };
}

/** What each period of candlesticks has come to. */
function periodsOf(manifest: PartitionManifest): NonNullable<PartOrigin["periods"]> {
  const { periods, through, complete, why } = manifest;
  const period = periodOf(manifest);
  return periods ?? (period === null ? {} : { [period]: { through, complete, why } });
}

function ofAll(periods: NonNullable<PartOrigin["periods"]>): Completeness {
  const all = Object.entries(periods);
  const [first] = all;
  if (all.length === 1) return first![1];
  const throughs = all.map(([, { through }]) => through);
  const lacking = all.flatMap(([period, { why }]) => (why === null ? [] : [`of ${period} minutes: ${why}`]));
  return {
    through: throughs.some((one) => one === null) ? null : throughs.sort()[0]!,
    complete: all.every(([, { complete }]) => complete),
    why: lacking.length === 0 ? null : lacking.join("; "),
  };
}

/** Minutes of the candlesticks that were asked for; null of other kinds. */
function periodOf({ query }: Pick<PartOrigin, "query">): string | null {
  const period: unknown = typeof query === "object" && query !== null ? Reflect.get(query, "period") : undefined;
  return typeof period === "number" ? String(period) : null;
}
