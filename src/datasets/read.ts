import type { ColumnTable } from "arquero";
import { formatOf } from "./copy.js";
import { readCsv } from "./csv.js";
import { readParquet } from "./parquet.js";

/**
 * A CSV or Parquet file, by its ending, as a table.
 *
 * @throws KalshiError `FILE_FORMAT`, `FILE_NOT_FOUND`, `FILE_UNREADABLE`, `BAD_LINE`
 */
export async function readTable(path: string): Promise<ColumnTable> {
  return formatOf(path) === "csv" ? readCsv(path) : readParquet(path);
}
