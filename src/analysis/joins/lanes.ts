import { KalshiError } from "../../errors.js";
import type { TableColumn } from "../../frames/columns.js";
import { ScaledColumn } from "../../frames/scaled-column.js";

/** Rows of a table by key, within a key ascending by time, at one time in the table's own order. Rows without key or time are in none. */
export interface Lanes {
  readonly rows: Int32Array;
  /** Where in `rows` the rows of each key begin; one more at the end. */
  readonly starts: Int32Array;
}

/** Sorts rows into their lanes: by counting, and by comparing only where a key's rows do not ascend already. */
export function lanesOf(keys: Int32Array, size: number, time: ScaledColumn<unknown>): Lanes {
  const { raw, nulls } = time;
  const starts = new Int32Array(size + 1);
  const isIn = (row: number): boolean => keys[row]! >= 0 && nulls?.[row] !== 1;
  for (let row = 0; row < keys.length; row += 1) if (isIn(row)) starts[keys[row]! + 1]! += 1;
  for (let key = 0; key < size; key += 1) starts[key + 1]! += starts[key]!;
  const next = starts.slice();
  const rows = new Int32Array(starts[size]!);
  for (let row = 0; row < keys.length; row += 1) {
    if (!isIn(row)) continue;
    const key = keys[row]!;
    rows[next[key]!] = row;
    next[key]! += 1;
  }
  for (let key = 0; key < size; key += 1) {
    const lane = rows.subarray(starts[key], starts[key + 1]);
    if (!ascends(lane, raw)) lane.sort((a, b) => raw[a]! - raw[b]! || a - b);
  }
  return { rows, starts };
}

/** Names of the columns that tell when a row holds, the likeliest first. A bar or candle is known at its end. */
export const TIMES = ["time", "created_time", "end_time"] as const;

/**
 * The name of the column that tells when a row holds: `time`, `created_time` or `end_time`, whichever the table has first.
 *
 * @throws KalshiError `COLUMN_MISSING`
 */
export function timeName(names: readonly string[]): string {
  const found = TIMES.find((name) => names.includes(name));
  if (found !== undefined) return found;
  throw new KalshiError("COLUMN_MISSING", `the table has none of the columns ${TIMES.join(", ")}`, {
    hint: `name its column of times: { on: "…" }; its columns are ${names.join(", ")}`,
    context: { columns: names },
  });
}

/**
 * A column of times among typed ones.
 *
 * @throws KalshiError `COLUMN_MISSING`, `COLUMN_KIND`
 */
export function timeColumn(columns: Readonly<Record<string, TableColumn>>, name: string): ScaledColumn<unknown> {
  const column = columnNamed(columns, name);
  if (column instanceof ScaledColumn && column.kind === "time") return column;
  throw new KalshiError("COLUMN_KIND", `column \`${name}\` is of kind ${column.kind}, and times are needed`, {
    hint: `give the column its kind: withSchema(table, { ${name}: "time" }), of milliseconds since 1970, Date or RFC 3339 text`,
    context: { column: name, kind: column.kind },
  });
}

/** A column among typed ones. @throws KalshiError `COLUMN_MISSING` */
export function columnNamed(columns: Readonly<Record<string, TableColumn>>, name: string): TableColumn {
  const column = columns[name];
  if (column !== undefined) return column;
  throw new KalshiError("COLUMN_MISSING", `the table has no column \`${name}\``, {
    hint: `its columns are ${Object.keys(columns).join(", ")}`,
    context: { column: name, columns: Object.keys(columns) },
  });
}

function ascends(lane: Int32Array, raw: ArrayLike<number>): boolean {
  for (let at = 1; at < lane.length; at += 1) if (raw[lane[at - 1]!]! > raw[lane[at]!]!) return false;
  return true;
}
