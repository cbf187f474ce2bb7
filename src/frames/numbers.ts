import type { ColumnTable } from "arquero";
import { columnFrom } from "./convert.js";

/** Plain numbers of a column in the table's row order; null where absent. @throws KalshiError `COLUMN_KIND` */
export function numbersOf(table: ColumnTable, name: string): (number | null)[] {
  const column = columnFrom(name, "number", "", [...(table.array(name) as Iterable<unknown>)]);
  return Array.from({ length: column.length }, (_, row) => column.at(row) as number | null);
}
