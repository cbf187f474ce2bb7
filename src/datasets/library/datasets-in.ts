import { readLibrary, readState } from "./library-file.js";
import { isOf, type Partition, partitionsIn } from "./partition.js";
import { readPartition } from "./partition-manifest.js";
import { unfinishedIn } from "./unfinished.js";

/** A kind of a series, or of the account, that a library has or is to have. */
export interface Dataset {
  readonly kind: string;
  readonly series: string | null;
  /** Minutes of candlesticks that are kept up to date; empty of other kinds. */
  readonly periods: readonly number[];
  /** Nothing older is kept, RFC 3339; null for all there is, and where nothing is kept up to date. */
  readonly from: string | null;
  /** Everything before was asked, RFC 3339; null while no sync has come to its end. */
  readonly through: string | null;
  readonly files: number;
  readonly rows: number;
  readonly bytes: number;
  /** Why it is not all there is, but for days that were not over; null when it is. */
  readonly lacks: string | null;
}

/** What a library has, by series and kind, as its own files tell. */
export async function datasetsIn(library: string): Promise<readonly Dataset[]> {
  const subjects = readLibrary(library)?.subjects ?? [];
  const groups = new Map<string, Pick<Partition, "kind" | "series">>();
  for (const { kind, series } of [...subjects, ...partitionsIn(library)])
    groups.set(JSON.stringify([kind, series]), { kind, series });
  const unfinished = unfinishedIn(library);
  return [...groups.values()].map((group): Dataset => {
    const kept = subjects.filter((one) => isOf(one, group));
    const throughs = kept.map((one) => readState(library, one).through);
    const files = partitionsIn(library, group.kind)
      .filter(({ series }) => series === group.series)
      .flatMap((partition) => readPartition(library, partition)?.files ?? []);
    return {
      ...group,
      periods: kept.flatMap(({ period }) => period ?? []),
      from: kept.map(({ from }) => from).sort()[0] ?? null,
      through: throughs.includes(null) ? null : (throughs.sort()[0] ?? null),
      files: files.length,
      rows: files.reduce((sum, { rows }) => sum + rows, 0),
      bytes: files.reduce((sum, { size }) => sum + size, 0),
      lacks:
        unfinished
          .filter((one) => isOf(one, group))
          .map(({ why }) => why)
          .join("; ") || null,
    };
  });
}
