import type { ColumnTable } from "arquero";
import { KalshiError } from "../errors.js";
import { isCount, isCountOrNull, isPrice, isPriceOrNull } from "./given-amounts.js";

/** A column that is needed, or several of which one is enough. */
export type Needed = string | readonly string[];

/** True for an arquero table, also one of another copy of arquero. */
export function isTable(value: unknown): value is ColumnTable {
  return typeof value === "object" && value !== null && "columnNames" in value && "numRows" in value;
}

/**
 * A table as it is given, with the columns that are needed.
 *
 * @throws KalshiError `BAD_ARGUMENT` for what is no table; `COLUMN_MISSING` naming every column that it lacks
 */
export function tableGiven(name: string, value: unknown, needed: readonly Needed[] = []): ColumnTable {
  if (!isTable(value)) throw notWhatIsNeeded(name, value, "a table");
  const columns = new Set(value.columnNames());
  const missing = needed.filter((one) => !(typeof one === "string" ? [one] : one).some((each) => columns.has(each)));
  if (missing.length === 0) return value;
  const names = missing.map((one) => (typeof one === "string" ? quoted(one) : `one of ${one.map(quoted).join(", ")}`));
  throw new KalshiError("COLUMN_MISSING", `${name}: the table lacks ${names.join("; ")}`, {
    hint: `its columns are ${[...columns].join(", ")}`,
    context: { table: name, missing: missing.flat(), columns: [...columns] },
  });
}

/** What records of a kind are held to, each of them. */
export interface RecordShape<T> {
  /** Fields that a record must have, if only as null. */
  readonly fields: readonly (keyof T & string)[];
  /** Fields that hold integers: amounts in micro-dollars, counts in hundredths, times in microseconds. Null where that is unknown. */
  readonly whole?: readonly (keyof T & string)[];
  /** Those of them that are prices of contracts, from $0 to $1, and those that are counts, never below zero. */
  readonly prices?: readonly (keyof T & string)[];
  readonly counts?: readonly (keyof T & string)[];
  /** Those of them that are never unknown. */
  readonly known?: readonly (keyof T & string)[];
  /** Fields that hold levels of a book, or null. */
  readonly levels?: readonly (keyof T & string)[];
}

/**
 * Records as they are given, as a list.
 *
 * @throws KalshiError `BAD_ARGUMENT` for what is no list of records; `BAD_RECORD` naming every field that one of them lacks, or the first that
 * holds something else
 */
export function recordsGiven<T>(
  name: string,
  value: Iterable<T>,
  fields: readonly (keyof T & string)[] = [],
  rest: Omit<RecordShape<T>, "fields"> = {},
): readonly T[] {
  if (!isList(value)) throw notWhatIsNeeded(name, value, "a table or a list of records");
  const records = [...value];
  const shape: RecordShape<T> = { fields, ...rest };
  for (let at = 0; at < records.length; at += 1) checkRecord(name, records[at]!, shape, at);
  return records;
}

/** @throws KalshiError `BAD_RECORD` naming every field that a record lacks, or the first that holds something else than it should */
export function checkRecord<T>(name: string, record: T, shape: RecordShape<T>, at: number): void {
  if (typeof record !== "object" || record === null) throw badRecord(name, at, `is ${wordsFor(record)}`, shape.fields);
  for (const field of shape.fields) if (record[field] === undefined) throw lacking(name, record, shape.fields, at);
  const { whole = NONE, prices = NONE, counts = NONE, known = NONE, levels = NONE } = shape;
  for (const field of whole) {
    const value: unknown = record[field];
    if (isWhole(value) || value === null || value === undefined) continue;
    const found = typeof value === "string" ? JSON.stringify(value) : String(value);
    throw badRecord(name, at, `has ${quoted(field)} ${found}, and an integer is needed`, [field]);
  }
  for (const field of prices) {
    const value: unknown = record[field] ?? null;
    if (!isPriceOrNull(value))
      throw badRecord(name, at, `has ${quoted(field)} ${value}, no price from $0 to $1`, [field]);
  }
  for (const field of counts) {
    const value: unknown = record[field] ?? null;
    if (!isCountOrNull(value)) throw badRecord(name, at, `has ${quoted(field)} ${value}, a count below zero`, [field]);
  }
  for (const field of known)
    if (record[field] === null) throw badRecord(name, at, `has no value in ${quoted(field)}`, [field]);
  for (const field of levels)
    if (!isLevels(record[field])) throw badRecord(name, at, `has no levels in ${quoted(field)}`, [field]);
}

const NONE = [] as const;

/** An amount, a count or a time as this library has them. */
export function isWhole(value: unknown): boolean {
  return typeof value === "number" && Number.isSafeInteger(value);
}

/** One of them, or unknown. */
export function isWholeOrNull(value: unknown): boolean {
  return value === null || (typeof value === "number" && Number.isSafeInteger(value));
}

function isLevels(value: unknown): boolean {
  if (value === null) return true;
  if (!Array.isArray(value)) return false;
  for (const level of value as readonly { price?: unknown; count?: unknown }[])
    if (!isPrice(level?.price) || !isCount(level.count)) return false;
  return true;
}

function lacking<T>(name: string, record: T, fields: readonly (keyof T & string)[], at: number): KalshiError {
  const missing = fields.filter((field) => record[field] === undefined);
  return badRecord(name, at, `has no ${missing.map(quoted).join(", ")}`, missing);
}

function badRecord(name: string, at: number, found: string, fields: readonly string[]): KalshiError {
  return new KalshiError("BAD_RECORD", `${name}: record ${at} ${found}`, {
    hint: "give records as this library reads them (prices in micro-dollars, 560000 for 56 cents, counts in hundredths), or a table",
    context: { records: name, at, fields },
  });
}

/** Records that can be read one after another, or pages of them. */
export function isStream(value: unknown): boolean {
  return (
    isList(value) ||
    (typeof value === "object" && value !== null && (Symbol.asyncIterator in value || "pages" in value))
  );
}

/** The error for an argument that is something else. */
export function notWhatIsNeeded(name: string, value: unknown, needed: string): KalshiError {
  return new KalshiError("BAD_ARGUMENT", `${name}: ${wordsFor(value)} was given, and ${needed} is needed`, {
    hint: "give what a question of a lab answers, such as `await lab.fills()`, a recording's, or arquero's `table({ … })`",
    context: { argument: name, found: wordsFor(value) },
  });
}

/** Text is a list of letters for JavaScript alone. */
function isList(value: unknown): value is Iterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.iterator in value && !isTable(value);
}

function wordsFor(value: unknown): string {
  if (value === undefined || value === null) return value === null ? "null" : "nothing";
  if (isTable(value)) return "a table";
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "an object" : `the ${typeof value} ${JSON.stringify(value) ?? ""}`.trim();
}

function quoted(name: string): string {
  return `\`${name}\``;
}
