import type { ColumnTable } from "arquero";
import { isTable } from "../read-fills.js";

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

/** A table is measured at once, anything else as it comes. */
export function measured<T>(
  rows: Rows<T>,
  read: (table: ColumnTable) => Iterable<T>,
  measure: Measure<T>,
): ColumnTable | Promise<ColumnTable> {
  if (!isTable(rows)) return drained(rows, measure);
  for (const row of read(rows)) measure.take(row);
  return measure.end();
}

async function drained<T>(rows: Streamed<T>, measure: Measure<T>): Promise<ColumnTable> {
  for await (const page of pagesOf(rows)) for (const row of page) measure.take(row);
  return measure.end();
}

/** Records in pages, however they come. */
export async function* pagesOf<T>(rows: Streamed<T>): AsyncGenerator<readonly T[]> {
  if ("pages" in rows) yield* rows.pages();
  else for await (const row of rows) yield [row];
}
