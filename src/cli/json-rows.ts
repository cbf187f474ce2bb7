import type { ColumnTable } from "arquero";
import { rawOf } from "../frames/exact.js";
import { columnOf, schemaOf } from "../frames/schema.js";
import { formatCount } from "../units/count.js";
import { formatFixed } from "../units/fixed.js";
import { PRICE_DECIMALS } from "../units/price.js";
import { formatTimeFull } from "../units/time.js";

/** The rows of a table for JSON, exact: money as text with six decimals, counts with two, times in RFC 3339 with six. */
export function jsonRows(table: ColumnTable): Readonly<Record<string, unknown>>[] {
  const rows: Record<string, unknown>[] = Array.from({ length: table.numRows() }, () => ({}));
  for (const [name, { kind }] of Object.entries(schemaOf(table))) {
    for (const [row, value] of valuesOf(table, name, kind).entries()) rows[row]![name] = value;
  }
  return rows;
}

function valuesOf(table: ColumnTable, name: string, kind: string): unknown[] {
  const write = writers[kind];
  if (write !== undefined) return rawOf(table, name).map((value) => (value === null ? null : write(value)));
  const column = columnOf(table, name);
  return Array.from(table.indices(), (row) => column.at(row) ?? null);
}

const writers: Readonly<Record<string, (value: number) => string>> = {
  dollars: (value) => formatFixed(value, PRICE_DECIMALS),
  contracts: formatCount,
  time: formatTimeFull,
};
