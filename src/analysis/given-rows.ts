import type { ColumnTable } from "arquero";
import { KalshiError } from "../errors.js";

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

/**
 * Records as they are given, as a list.
 *
 * @throws KalshiError `BAD_ARGUMENT` for what is no list of records; `BAD_RECORD` naming every field that one of them lacks
 */
export function recordsGiven<T>(
  name: string,
  value: Iterable<T>,
  needed: readonly (keyof T & string)[] = [],
): readonly T[] {
  if (!isList(value)) throw notWhatIsNeeded(name, value, "a table or a list of records");
  const records = [...value];
  for (const [at, record] of records.entries()) checkRecord(name, record, needed, at);
  return records;
}

/** @throws KalshiError `BAD_RECORD` naming every field that a record lacks */
export function checkRecord<T>(name: string, record: T, needed: readonly (keyof T & string)[], at: number): void {
  const isRecord = typeof record === "object" && record !== null;
  const missing = isRecord ? needed.filter((field) => record[field] === undefined) : needed;
  if (isRecord && missing.length === 0) return;
  const found = isRecord ? `no ${missing.map(quoted).join(", ")}` : wordsFor(record);
  throw new KalshiError("BAD_RECORD", `${name}: record ${at} ${isRecord ? "has" : "is"} ${found}`, {
    hint: "give records as this library reads them (prices in micro-dollars, counts in hundredths), or a table",
    context: { records: name, at, missing },
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
