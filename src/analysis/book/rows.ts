import type { ColumnTable } from "arquero";
import {
  checkRecord,
  isStream,
  isTable,
  type Needed,
  notWhatIsNeeded,
  type RecordShape,
  tableGiven,
} from "../given-rows.js";

/** What has pages of records: a question to a recording, such as `recording.quotes()`. */
export interface Paged<T> {
  pages(): AsyncIterable<readonly T[]>;
}

/** Records as they come: those of a recording, of a transform over events, or a list. By market they ascend in time. */
export type Streamed<T> = Iterable<T> | AsyncIterable<T> | Paged<T>;

/** A table in memory, or records as they come, of which only a few are kept at a time. */
export type Rows<T> = ColumnTable | Streamed<T>;

/** Adds up rows one by one. Tables and recordings go through the same one, so that both give the same answer. */
export interface Measure<T> {
  take(row: T): void;
  end(): ColumnTable;
}

/** How rows of a kind are read. */
export interface RowKind<T> extends RecordShape<T> {
  /** What they are called where they are not what they should be. */
  readonly name: string;
  /** Columns that a table must have. */
  readonly columns: readonly Needed[];
  /** A first look at a record, of which a recording has millions: those that are not plainly as they should be are looked at closely. */
  isPlain?(row: T): boolean;
  read(table: ColumnTable): Iterable<T>;
}

/**
 * A table is measured at once, anything else as it comes.
 *
 * @throws KalshiError `BAD_ARGUMENT` for what is neither, `COLUMN_MISSING`
 */
export function measured<T>(rows: Rows<T>, kind: RowKind<T>, measure: Measure<T>): ColumnTable | Promise<ColumnTable> {
  if (!isTable(rows)) return drained(pagesOf(rows, kind), measure);
  for (const row of tableRows(rows, kind)) measure.take(row);
  return measure.end();
}

async function drained<T>(pages: AsyncIterable<readonly T[]>, measure: Measure<T>): Promise<ColumnTable> {
  for await (const page of pages) for (const row of page) measure.take(row);
  return measure.end();
}

/** Rows of a table. @throws KalshiError `COLUMN_MISSING` naming every column that it lacks, `COLUMN_KIND` */
export function tableRows<T>(table: ColumnTable, { name, columns, read }: RowKind<T>): Iterable<T> {
  return read(tableGiven(name, table, columns));
}

/**
 * Records in pages, however they come; each of them is looked at.
 *
 * @throws KalshiError `BAD_ARGUMENT` for what has none, `BAD_RECORD`
 */
export function pagesOf<T>(rows: Streamed<T>, kind: RowKind<T>): AsyncGenerator<readonly T[]> {
  if (!isStream(rows)) throw notWhatIsNeeded(kind.name, rows, "a table, records or a question to a recording");
  return checkedPages(rows, kind);
}

async function* checkedPages<T>(rows: Streamed<T>, kind: RowKind<T>): AsyncGenerator<readonly T[]> {
  let at = 0;
  for await (const page of "pages" in rows ? rows.pages() : singles(rows)) {
    for (const row of page) {
      if (!isPlain(row, kind)) checkRecord(kind.name, row, kind, at);
      at += 1;
    }
    yield page;
  }
}

function isPlain<T>(row: T, kind: RowKind<T>): boolean {
  return kind.isPlain !== undefined && typeof row === "object" && row !== null && kind.isPlain(row);
}

async function* singles<T>(rows: Iterable<T> | AsyncIterable<T>): AsyncGenerator<readonly T[]> {
  for await (const row of rows) yield [row];
}
