import { readdirSync } from "node:fs";
import { join } from "node:path";
import { namesIn } from "./place.js";

/** A part of the library: the rows of a kind, of a series where they are kept by series, and of a day of UTC where they are kept by day. */
export interface Partition {
  readonly kind: string;
  readonly series: string | null;
  /** `2026-08-30`. */
  readonly date: string | null;
}

/** Where the data files of a partition are, from the library on: `kind=trades/series=KXHIGHNY/date=2026-08-30`. */
export function partitionPath({ kind, series, date }: Partition): string {
  return join(...[part("kind", kind), part("series", series), part("date", date)].filter((name) => name !== null));
}

function part(key: string, value: string | null): string | null {
  // As Hive escapes what a folder's name may not hold.
  return value === null ? null : `${key}=${encodeURIComponent(value)}`;
}

/** The partition that a path of the library belongs to; null when it is none. */
export function partitionOf(path: string): Partition | null {
  const found: Record<string, string> = {};
  for (const name of path.split(/[\\/]/)) {
    const [, key, value] = /^(kind|series|date)=(.+)$/.exec(name) ?? [];
    if (key === undefined || value === undefined) return null;
    found[key] = decodeURIComponent(value);
  }
  const { kind, series = null, date = null } = found;
  return kind === undefined ? null : { kind, series, date };
}

/** The partitions of the library that have a folder, by path. */
export function partitionsIn(library: string, kind?: string): Partition[] {
  const found: Partition[] = [];
  const look = (path: string): void => {
    const entries = readdirSync(join(library, path), { withFileTypes: true });
    const below = entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(path, name));
    const partition = partitionOf(path);
    if (partition !== null && (below.length === 0 || entries.some((entry) => entry.isFile()))) found.push(partition);
    for (const one of below.sort()) look(one);
  };
  for (const name of namesIn(library).sort())
    if (name.startsWith("kind=") && (kind === undefined || name === `kind=${kind}`)) look(name);
  return found;
}

/** The data files that a partition has on disk. */
export function dataFilesIn(library: string, partition: Partition): string[] {
  return namesIn(join(library, partitionPath(partition)))
    .filter((name) => name.endsWith(".parquet"))
    .sort();
}

/** Whether both are of one kind of one series, whatever their day. */
export function isOf(one: Omit<Partition, "date">, other: Omit<Partition, "date">): boolean {
  return one.kind === other.kind && one.series === other.series;
}
