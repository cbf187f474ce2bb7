import type { ColumnTable } from "arquero";
import { KalshiError } from "../errors.js";
import { asObject, type Fields, maybe, readField, unknownFields, type WireObject } from "../exchange/field.js";
import { refuseLegacyRecord } from "../exchange/legacy.js";
import type { TableColumn } from "./columns.js";
import { arrange } from "./order.js";
import { type Numbers, ScaledColumn } from "./scaled-column.js";
import { sourceOf } from "./source.js";
import { makeTable } from "./table.js";
import { TextWriter } from "./text-writer.js";
import { type ColumnWriter, fits, writerOf } from "./writers.js";

export interface TableOptions {
  /** How amounts read: doubles (default), `Decimal` objects, or the integers themselves. The exact integers are kept either way. */
  readonly numbers?: Numbers;
  /** Adds a JSON text column `extra` of the fields that the types do not know. */
  readonly extra?: boolean;
}

export interface Arrangement {
  /** Columns to ascend by, the first counting most. */
  readonly orderBy?: readonly string[];
  /** Columns that together are the record's key; of rows with the same key the last one added stays. */
  readonly dedupeBy?: string | readonly string[];
}

/** Collects records page by page into typed columns. */
export interface TableBuilder {
  /**
   * Adds wire objects straight from `JSON.parse`; all of them or, when one is refused, none.
   *
   * @throws KalshiError `BAD_RECORD` naming the field, `LEGACY_FIELDS`
   */
  add(rawWireObjects: readonly unknown[]): void;
  /**
   * Adds records that are already typed, by column name (integers for amounts and times); all or none.
   *
   * @throws KalshiError `BAD_RECORD` naming the column
   */
  addRecords(records: readonly Readonly<Record<string, unknown>>[]): void;
  /** Rows so far, duplicates included. */
  readonly rows: number;
  /** Rows that the last {@link finish} left out because their key came again. */
  readonly duplicates: number;
  /** The table of all rows so far. The builder can go on afterwards. @throws KalshiError `COLUMN_MISSING` */
  finish(arrangement?: Arrangement): ColumnTable;
}

/** What the column `extra` means. */
export const extraField = maybe("json", "extra", "fields that this library does not know, as JSON text");

/**
 * Starts a table of records of one noun, one column per field, without making record objects in between.
 * The reading is that of `recordParser`: the same strictness, the same errors.
 */
export function tableBuilder(noun: string, fields: Fields, options: TableOptions = {}): TableBuilder {
  return new Builder(noun, fields, options);
}

class Builder implements TableBuilder {
  rows = 0;
  duplicates = 0;
  readonly #noun: string;
  readonly #fields: Fields;
  readonly #numbers: Numbers;
  readonly #writers: readonly (readonly [name: string, writer: ColumnWriter])[];
  readonly #extra: TextWriter | null;

  constructor(noun: string, fields: Fields, options: TableOptions) {
    this.#noun = noun;
    this.#fields = fields;
    this.#numbers = options.numbers ?? "double";
    this.#writers = Object.entries(fields).map(([name, field]) => [name, writerOf(sourceOf(noun, name, field))]);
    this.#extra = options.extra === true ? new TextWriter(sourceOf(noun, "extra", extraField)) : null;
  }

  add(raw: readonly unknown[]): void {
    for (const object of raw) asObject(this.#noun, object);
    const objects = raw as readonly WireObject[];
    try {
      // Column by column: each loop then runs one reader over one kind of value.
      for (const [, writer] of this.#writers) writer.read(objects, this.rows);
    } catch (error) {
      this.#refuseFirst(objects);
      throw error;
    }
    if (this.#extra !== null) {
      for (const [at, object] of objects.entries()) {
        this.#extra.write(this.rows + at, unknownFields(this.#fields, object));
      }
    }
    this.rows += objects.length;
  }

  addRecords(records: readonly Readonly<Record<string, unknown>>[]): void {
    for (const record of records) this.#check(record);
    for (const [name, writer] of this.#writers) {
      for (const [at, record] of records.entries()) writer.write(this.rows + at, record[name]);
    }
    if (this.#extra !== null) {
      for (const [at, record] of records.entries()) this.#extra.write(this.rows + at, record.extra);
    }
    this.rows += records.length;
  }

  finish(arrangement: Arrangement = {}): ColumnTable {
    const columns: Record<string, TableColumn> = {};
    for (const [name, writer] of this.#writers) columns[name] = writer.column(this.rows);
    if (this.#extra !== null) columns.extra = this.#extra.column(this.rows);
    const named = (name: string): TableColumn => columns[name] ?? this.#missing(name);
    const key = arrangement.dedupeBy ?? [];
    const { rows, duplicates } = arrange(
      this.rows,
      (arrangement.orderBy ?? []).map(named),
      (typeof key === "string" ? [key] : key).map(named),
    );
    this.duplicates = duplicates;
    for (const [name, column] of Object.entries(columns)) {
      const arranged = rows === null ? column : column.take(rows);
      columns[name] = arranged instanceof ScaledColumn ? arranged.reading(this.#numbers) : arranged;
    }
    return makeTable(columns);
  }

  /** Goes through refused objects record by record, so that the error is about the first of them. */
  #refuseFirst(objects: readonly WireObject[]): void {
    for (const object of objects) {
      refuseLegacyRecord(this.#noun, this.#fields, object);
      for (const [name, field] of Object.entries(this.#fields)) readField(this.#noun, name, field, object);
    }
  }

  #check(record: Readonly<Record<string, unknown>>): void {
    for (const [name, field] of Object.entries(this.#fields)) {
      const value = record[name];
      const absent = value === null || value === undefined;
      if (absent ? !field.required : fits(field, value)) continue;
      throw new KalshiError(
        "BAD_RECORD",
        `${this.#noun}: column \`${name}\` ${absent ? "is missing" : "has no value of its kind"}`,
        {
          hint: `give a record as \`parse…\` makes it: \`${name}\` is of kind ${field.kind}`,
          context: { noun: this.#noun, column: name, kind: field.kind, found: absent ? null : String(value) },
        },
      );
    }
  }

  #missing(name: string): never {
    throw new KalshiError("COLUMN_MISSING", `a table of this noun (${this.#noun}) has no column \`${name}\``, {
      hint: `its columns are ${Object.keys(this.#fields).join(", ")}`,
      context: { noun: this.#noun, column: name },
    });
  }
}
