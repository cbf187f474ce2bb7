import { dirname, join } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import { formatTime } from "../../units/time.js";
import { literal, quoted } from "../duckdb.js";
import { libraryKind } from "./kinds.js";
import type { Merging } from "./merge-rows.js";
import { dataFilesIn, partitionOf, partitionPath, partitionsIn } from "./partition.js";
import { sameRecord } from "./same-record.js";
import { MOST_NAMED, noneVanished, type VanishedRows } from "./vanished.js";

type Of = Pick<Merging, "library" | "kind" | "series">;

/** The data files that a library has of a kind of a series, in paths from the library on. */
export function heldFiles({ library, kind, series }: Of): readonly string[] {
  return partitionsIn(library, kind)
    .filter((partition) => partition.series === series)
    .flatMap((partition) => dataFilesIn(library, partition).map((file) => join(partitionPath(partition), file)));
}

/** SQL that reads such files. */
function readingOf(library: string, files: readonly string[], options = ""): string {
  const paths = files.map((file) => literal(join(library, file))).join(", ");
  return `read_parquet([${paths}], union_by_name = true, hive_partitioning = false${options})`;
}

/** The same as a relation that has all columns of `like`: files that an earlier version has written may have fewer. */
export function heldRows(
  library: string,
  files: readonly string[],
  options = "",
  like = "SELECT * EXCLUDE (__date) FROM staged",
): string {
  return `(SELECT * FROM ${readingOf(library, files, options)} UNION ALL BY NAME ${like} WHERE false)`;
}

/**
 * What some files have of that which was read again, and the answer has not. A candle that was still open may be gone for want of trades; it is
 * told when it is over.
 *
 * @param connection - with the answer's rows as `staged`
 */
export async function findVanished(
  connection: DuckDBConnection,
  { library, kind, reread, asked = "", finalBefore }: Merging,
  files: readonly string[],
): Promise<VanishedRows> {
  if (reread === undefined) return noneVanished;
  const { key, time } = libraryKind(kind);
  const first = reread.from === null ? null : formatTime(reread.from).slice(0, 10);
  const some = files.filter((file) => first === null || (partitionOf(dirname(file))?.date ?? first) >= first);
  if (some.length === 0) return noneVanished;
  const within = [
    ...(reread.from === null || time === null ? [] : [`epoch_us(held.${quoted(time)}) >= ${reread.from}`]),
    ...(reread.tickers === null ? [] : [`held.ticker IN (${reread.tickers.map(literal).join(", ")})`]),
    ...(kind === "candlesticks"
      ? [`held.period_interval = ${reread.period}`, `epoch_us(held.end_time) <= ${finalBefore}`]
      : []),
    `NOT EXISTS (SELECT 1 FROM staged fresh WHERE ${sameRecord(key)})`,
  ];
  const keyText = `list_filter([${key.map((name) => `held.${quoted(name)}::VARCHAR`).join(", ")}], lambda one: one IS NOT NULL)`;
  await connection.run(
    `CREATE OR REPLACE TEMP TABLE vanished AS SELECT held.ticker AS ticker, array_to_string(${keyText}, ' ') AS key,
     ${time === null ? "NULL" : `epoch_us(held.${quoted(time)})`}::DOUBLE AS time
     FROM ${heldRows(library, some)} held WHERE ${within.join(" AND ")}`,
  );
  const counted = await connection.runAndReadAll("SELECT count(*)::DOUBLE FROM vanished");
  const found = await connection.runAndReadAll(
    `SELECT ticker, key, time FROM vanished ORDER BY time, key LIMIT ${MOST_NAMED}`,
  );
  const named = found.getRows().map(([ticker, keyOf, at]) => ({
    ...{ ticker: String(ticker), key: String(keyOf), since: asked },
    time: at === null ? null : formatTime(Number(at)),
  }));
  return { named, more: Number(counted.getRows()[0]![0]) - named.length };
}
