import type { ColumnTable } from "arquero";
import type { Fields } from "../exchange/field.js";
import { type TableOptions, tableBuilder } from "./builder.js";

/** How the records of one noun become a table: columns, what tells two records apart, and the order of rows. */
export interface Frame<F extends Fields = Fields> {
  /** Singular: `trade`. */
  readonly noun: string;
  /** Where the records come from, for the data dictionary. */
  readonly source: string;
  readonly fields: F;
  /** Columns that together are the key of a record; none when records cannot repeat. */
  readonly key: readonly string[];
  /** Columns by which tables and files ascend. */
  readonly orderBy: readonly string[];
}

/**
 * A table of wire objects: ascending, without duplicates.
 *
 * @throws KalshiError `BAD_RECORD`, `LEGACY_FIELDS`
 */
export function tableOfRaw(frame: Frame, raw: readonly unknown[], options: TableOptions = {}): ColumnTable {
  const builder = tableBuilder(frame.noun, frame.fields, options);
  builder.add(raw);
  return builder.finish({ orderBy: frame.orderBy, dedupeBy: frame.key });
}

/**
 * A table of records that are already typed: ascending, without duplicates.
 *
 * @throws KalshiError `BAD_RECORD`
 */
export function tableOfRecords(
  frame: Frame,
  records: readonly Readonly<Record<string, unknown>>[],
  options: TableOptions = {},
): ColumnTable {
  const builder = tableBuilder(frame.noun, frame.fields, options);
  builder.addRecords(records);
  return builder.finish({ orderBy: frame.orderBy, dedupeBy: frame.key });
}
