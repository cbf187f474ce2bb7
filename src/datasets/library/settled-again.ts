import { dirname } from "node:path";
import { formatTime, type Timestamp } from "../../units/time.js";
import { literal, withConnection } from "../duckdb.js";
import { heldFiles, heldRows } from "./find-vanished.js";
import { partitionOf } from "./partition.js";
import { sameRecord } from "./same-record.js";

/** Columns that say which market was settled for whom. */
export const settledFor = ["ticker", "subaccount_number"] as const;

/** Columns that say which settlement of it that was. */
export const settledOnce = ["settled_time", ...settledFor] as const;

/**
 * Whether some settlements are of markets that a library has as settled before the time from which on they were asked: the earliest such time,
 * or null. Only the exchange can tell whether that one was amended, and is gone, or the market was settled twice.
 *
 * @param staged Parquet file of the answer
 */
export async function settledBefore(library: string, staged: string, from: Timestamp): Promise<Timestamp | null> {
  const day = formatTime(from).slice(0, 10);
  const files = heldFiles({ library, kind: "settlements", series: null }).filter(
    (file) => (partitionOf(dirname(file))?.date ?? day) <= day,
  );
  if (files.length === 0) return null;
  return await withConnection(async (connection) => {
    const found = await connection.runAndReadAll(
      `WITH fresh AS (SELECT * FROM read_parquet(${literal(staged)}))
       SELECT min(epoch_us(held.settled_time))::DOUBLE FROM ${heldRows(library, files, "", "SELECT * FROM fresh")} held
       JOIN fresh ON ${sameRecord(settledFor)} WHERE epoch_us(held.settled_time) < ${from}`,
    );
    const time = found.getRows()[0]![0];
    return time === null ? null : Number(time);
  });
}
