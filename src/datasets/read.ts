import type { ColumnTable } from "arquero";
import { formatOf } from "./copy.js";
import { readCsv } from "./csv.js";
import { readParquet } from "./parquet.js";
import { readArrow } from "./read-arrow.js";

/**
 * A CSV, Parquet or Arrow file, by its ending, as a table.
 *
 * @throws KalshiError `FILE_FORMAT`, `FILE_NOT_FOUND`, `FILE_UNREADABLE`, `BAD_LINE`
 */
export async function readTable(path: string): Promise<ColumnTable> {
  const readers = { csv: readCsv, parquet: readParquet, arrow: readArrow };
  return readers[formatOf(path)](path);
}
