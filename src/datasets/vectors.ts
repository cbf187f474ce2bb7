import type { DuckDBDataChunk, DuckDBType, DuckDBValue, DuckDBVector } from "@duckdb/node-api";
import { BooleanColumn } from "../frames/boolean-column.js";
import type { TableColumn } from "../frames/columns.js";
import { ScaledColumn } from "../frames/scaled-column.js";
import { TextColumn } from "../frames/text-column.js";
import { UuidColumn } from "../frames/uuid-column.js";
import { COUNT_DECIMALS } from "../units/count.js";
import { PRICE_DECIMALS } from "../units/price.js";
import { duckdb, literal } from "./duckdb.js";

type Duck = typeof import("@duckdb/node-api");

/** Digits of DECIMAL columns: what fits 64 bits. */
export const DECIMAL_WIDTH = 18;

/** Largest dictionary that goes over as an ENUM, whose values are spelled out in SQL. */
const MOST_ENUM_VALUES = 5_000;

/** How a column goes to the engine: its type, that type in SQL, and what writes rows into a vector of it. */
export interface Writer {
  readonly type: DuckDBType;
  readonly sql: string;
  /** Whether the engine holds texts as an ENUM, to be cast back when written out. */
  readonly isEnum: boolean;
  fill(vector: DuckDBVector, column: TableColumn, from: number, count: number): void;
}

/**
 * The writer of a column. `enums` lets repeated texts go over as codes, which is quicker but fixes the dictionary.
 */
export async function writerFor(column: TableColumn, enums: boolean): Promise<Writer> {
  const duck = await duckdb();
  if (column instanceof UuidColumn) {
    return { type: duck.UUID, sql: "UUID", isEnum: false, fill: filler(duck, fillUuids) };
  }
  if (column instanceof BooleanColumn) {
    return { type: duck.BOOLEAN, sql: "BOOLEAN", isEnum: false, fill: filler(duck, fillBooleans) };
  }
  if (column instanceof ScaledColumn) return scaledWriter(duck, column);
  if (column instanceof TextColumn && enums && suitsEnum(column)) {
    const values = column.texts.slice(1);
    const sql = `ENUM(${values.map(literal).join(", ")})`;
    return { type: duck.ENUM(values), sql, isEnum: true, fill: filler(duck, fillCodes) };
  }
  return { type: duck.VARCHAR, sql: "VARCHAR", isEnum: false, fill: fillTexts };
}

/** Appends rows of columns to a table of the engine, chunk by chunk. */
export async function appendColumns(
  append: (chunk: DuckDBDataChunk) => void,
  columns: readonly TableColumn[],
  writers: readonly Writer[],
): Promise<void> {
  const { DuckDBDataChunk, DuckDBVector } = await duckdb();
  const rows = columns[0]?.length ?? 0;
  const size = DuckDBVector.standardSize();
  const types = writers.map(({ type }) => type);
  for (let from = 0; from < rows; from += size) {
    const count = Math.min(size, rows - from);
    const chunk = DuckDBDataChunk.create(types, count);
    for (const [at, column] of columns.entries()) {
      const vector = chunk.getColumnVector(at);
      writers[at]!.fill(vector, column, from, count);
      vector.flush();
    }
    append(chunk);
  }
}

type Fill = (memory: Uint8Array, vector: DuckDBVector, column: TableColumn, from: number, count: number) => boolean;

/** Writes straight into a vector's memory; through its own setters where that is not to be had. */
function filler(duck: Duck, fill: Fill): Writer["fill"] {
  return (vector, column, from, count) => {
    const memory = memoryOf(vector);
    if (memory === null || !fill(memory, vector, column, from, count)) fillSlowly(duck, vector, column, from, count);
  };
}

/**
 * The bytes behind a vector. The binding keeps them in a field that its types call private, so nothing is taken for granted:
 * null where it looks otherwise, and the setters do the work.
 */
export function memoryOf(vector: DuckDBVector): Uint8Array | null {
  const held: unknown = Reflect.get(vector, "items") ?? Reflect.get(vector, "dataView");
  return ArrayBuffer.isView(held) ? new Uint8Array(held.buffer, held.byteOffset, held.byteLength) : null;
}

function scaledWriter(duck: Duck, column: ScaledColumn): Writer {
  const integers = filler(duck, fillIntegers);
  switch (column.kind) {
    case "dollars":
      return decimalWriter(duck, PRICE_DECIMALS);
    case "contracts":
      return decimalWriter(duck, COUNT_DECIMALS);
    case "time":
      return { type: duck.TIMESTAMPTZ, sql: "TIMESTAMPTZ", isEnum: false, fill: integers };
    case "integer":
      return { type: duck.BIGINT, sql: "BIGINT", isEnum: false, fill: integers };
    default:
      return { type: duck.DOUBLE, sql: "DOUBLE", isEnum: false, fill: filler(duck, fillDoubles) };
  }
}

function decimalWriter(duck: Duck, decimals: number): Writer {
  return {
    type: duck.DECIMAL(DECIMAL_WIDTH, decimals),
    sql: `DECIMAL(${DECIMAL_WIDTH},${decimals})`,
    isEnum: false,
    fill: filler(duck, fillIntegers),
  };
}

/** 64-bit integers, little-endian, as two halves each: no bigint per value. */
function fillIntegers(
  memory: Uint8Array,
  vector: DuckDBVector,
  column: TableColumn,
  from: number,
  count: number,
): boolean {
  if (!(column instanceof ScaledColumn) || memory.byteLength !== count * 8) return false;
  const halves = new Int32Array(memory.buffer, memory.byteOffset, count * 2);
  const { raw, nulls } = column;
  for (let at = 0; at < count; at += 1) {
    if (nulls !== null && nulls[from + at] === 1) {
      vector.setItem(at, null);
      continue;
    }
    const value = raw[from + at]!;
    const high = Math.floor(value / 4294967296);
    halves[at * 2] = value - high * 4294967296;
    halves[at * 2 + 1] = high;
  }
  return true;
}

function fillDoubles(
  memory: Uint8Array,
  vector: DuckDBVector,
  column: TableColumn,
  from: number,
  count: number,
): boolean {
  if (!(column instanceof ScaledColumn) || memory.byteLength !== count * 8) return false;
  const doubles = new Float64Array(memory.buffer, memory.byteOffset, count);
  for (let at = 0; at < count; at += 1) {
    const value = column.rawAt(from + at);
    if (value === null) vector.setItem(at, null);
    else doubles[at] = value;
  }
  return true;
}

/** The engine keeps a UUID as a 128-bit integer, little-endian, its highest bit flipped so that integers order like texts. */
function fillUuids(
  memory: Uint8Array,
  vector: DuckDBVector,
  column: TableColumn,
  from: number,
  count: number,
): boolean {
  if (!(column instanceof UuidColumn) || memory.byteLength !== count * 16) return false;
  const { bytes, nulls } = column;
  for (let at = 0; at < count; at += 1) {
    if (nulls !== null && nulls[from + at] === 1) {
      vector.setItem(at, null);
      continue;
    }
    const source = (from + at) * 16;
    const target = at * 16 + 15;
    for (let byte = 0; byte < 16; byte += 1) memory[target - byte] = bytes[source + byte]!;
    memory[target] = memory[target]! ^ 0x80;
  }
  return true;
}

function fillBooleans(
  memory: Uint8Array,
  vector: DuckDBVector,
  column: TableColumn,
  from: number,
  count: number,
): boolean {
  if (!(column instanceof BooleanColumn) || memory.byteLength !== count) return false;
  for (let at = 0; at < count; at += 1) {
    const value = column.bytes[from + at]!;
    if (value > 1) vector.setItem(at, null);
    else memory[at] = value;
  }
  return true;
}

function fillCodes(
  memory: Uint8Array,
  vector: DuckDBVector,
  column: TableColumn,
  from: number,
  count: number,
): boolean {
  if (!(column instanceof TextColumn)) return false;
  const width = memory.byteLength / count;
  if (width !== 1 && width !== 2) return false;
  const codes = width === 1 ? memory : new Uint16Array(memory.buffer, memory.byteOffset, count);
  for (let at = 0; at < count; at += 1) {
    const code = column.codes[from + at]!;
    if (code === 0) vector.setItem(at, null);
    else codes[at] = code - 1;
  }
  return true;
}

function fillTexts(vector: DuckDBVector, column: TableColumn, from: number, count: number): void {
  for (let at = 0; at < count; at += 1) vector.setItem(at, column.at(from + at) as string | null);
}

function fillSlowly(duck: Duck, vector: DuckDBVector, column: TableColumn, from: number, count: number): void {
  for (let at = 0; at < count; at += 1) vector.setItem(at, engineValue(duck, column, from + at));
}

function engineValue(duck: Duck, column: TableColumn, row: number): DuckDBValue {
  const value = column.at(row);
  if (value === null) return null;
  if (column instanceof UuidColumn)
    return duck.DuckDBUUIDValue.fromUint128(BigInt(`0x${String(value).replaceAll("-", "")}`));
  if (!(column instanceof ScaledColumn)) return value as boolean | string;
  const raw = column.rawAt(row)!;
  switch (column.kind) {
    case "dollars":
      return new duck.DuckDBDecimalValue(BigInt(raw), DECIMAL_WIDTH, PRICE_DECIMALS);
    case "contracts":
      return new duck.DuckDBDecimalValue(BigInt(raw), DECIMAL_WIDTH, COUNT_DECIMALS);
    case "time":
      return new duck.DuckDBTimestampTZValue(BigInt(raw));
    case "integer":
      return BigInt(raw);
    default:
      return raw;
  }
}

function suitsEnum(column: TextColumn): boolean {
  const values = column.texts.length - 1;
  // SQL text ends at a NUL, so a dictionary with one goes over value by value.
  return (
    values > 0 &&
    values <= Math.min(MOST_ENUM_VALUES, column.length / 2) &&
    !column.texts.some((text) => text.includes("\0"))
  );
}
