import { ColumnTable } from "arquero";
import type { TableColumn } from "./columns.js";
import { installTableDisplay } from "./display.js";

/** An arquero table over the given columns, which must be equally long. */
export function makeTable(columns: Readonly<Record<string, TableColumn>>): ColumnTable {
  installTableDisplay();
  return new ColumnTable(columns);
}
