import {
  Batch,
  bool,
  Column,
  type DataType,
  decimal128,
  float64,
  int64,
  type Table,
  TimeUnit,
  tableFromColumns,
  timestamp,
  utf8,
} from "@uwdata/flechette";
import type { Kind } from "../exchange/field.js";
import { BooleanColumn } from "../frames/boolean-column.js";
import type { TableColumn } from "../frames/columns.js";
import { ScaledColumn } from "../frames/scaled-column.js";
import { COUNT_DECIMALS } from "../units/count.js";
import { PRICE_DECIMALS } from "../units/price.js";
import { DECIMAL_WIDTH } from "./vectors.js";

/** The first rows of some columns as one record batch. UUIDs are texts in it, which every reader takes. */
export function recordBatch(columns: Readonly<Record<string, TableColumn>>, rows: number): Table {
  const made = Object.entries(columns).map(([name, column]): [string, Column<unknown>] => {
    const type = arrowType(column.kind);
    const { validity, nullCount } = validityOf(column, rows);
    const values = valuesOf(column, rows);
    // The batch is only written, so it needs no class of its own type, which would be for reading.
    const batch = new Batch<unknown>({ length: rows, nullCount, type, validity, ...values } as ConstructorParameters<
      typeof Batch
    >[0]);
    return [name, new Column([batch], type)];
  });
  return tableFromColumns(made);
}

function arrowType(kind: Kind): DataType {
  switch (kind) {
    case "dollars":
      return decimal128(DECIMAL_WIDTH, PRICE_DECIMALS);
    case "contracts":
      return decimal128(DECIMAL_WIDTH, COUNT_DECIMALS);
    case "time":
      return timestamp(TimeUnit.MICROSECOND, "UTC");
    case "integer":
      return int64();
    case "number":
      return float64();
    case "boolean":
      return bool();
    default:
      return utf8();
  }
}

/** A bit per row, set where there is a value; none where every row has one. */
function validityOf(column: TableColumn, rows: number): { validity: Uint8Array; nullCount: number } {
  const bits = new Uint8Array((rows + 7) >> 3);
  let nullCount = 0;
  for (let row = 0; row < rows; row += 1) {
    if (column.at(row) === null) nullCount += 1;
    else bits[row >> 3]! |= 1 << (row & 7);
  }
  return { validity: nullCount === 0 ? new Uint8Array(0) : bits, nullCount };
}

function valuesOf(
  column: TableColumn,
  rows: number,
): { values: Uint8Array | Int32Array | Float64Array; offsets?: Int32Array } {
  if (column instanceof ScaledColumn) {
    if (column.kind === "number") return { values: Float64Array.from({ length: rows }, (_, row) => column.raw[row]!) };
    return { values: integers(column, rows, column.kind === "dollars" || column.kind === "contracts" ? 4 : 2) };
  }
  if (column instanceof BooleanColumn) {
    const bits = new Uint8Array((rows + 7) >> 3);
    for (let row = 0; row < rows; row += 1) if (column.bytes[row] === 1) bits[row >> 3]! |= 1 << (row & 7);
    return { values: bits };
  }
  return texts(column, rows);
}

/** Integers of 64 or 128 bits, little-endian, as 32-bit words. */
function integers({ raw }: ScaledColumn, rows: number, words: 2 | 4): Int32Array {
  const made = new Int32Array(rows * words);
  for (let row = 0; row < rows; row += 1) {
    const value = raw[row]!;
    const high = Math.floor(value / 4294967296);
    made[row * words] = value - high * 4294967296;
    made[row * words + 1] = high;
    if (words === 4 && value < 0) made.fill(-1, row * 4 + 2, row * 4 + 4);
  }
  return made;
}

function texts(column: TableColumn, rows: number): { values: Uint8Array; offsets: Int32Array } {
  const offsets = new Int32Array(rows + 1);
  const parts: Buffer[] = [];
  // Most columns of text say the same few things again and again.
  const known = new Map<string, Buffer>();
  let length = 0;
  for (let row = 0; row < rows; row += 1) {
    const value = column.at(row);
    if (value !== null) {
      const text = String(value);
      let bytes = known.get(text);
      if (bytes === undefined) {
        bytes = Buffer.from(text);
        known.set(text, bytes);
      }
      parts.push(bytes);
      length += bytes.length;
    }
    offsets[row + 1] = length;
  }
  return { values: Buffer.concat(parts, length), offsets };
}
