import type { Field, Kind, WireObject } from "../exchange/field.js";
import { quickCount, quickPrice, quickTime } from "../units/digits.js";
import { ABSENT, BooleanColumn } from "./boolean-column.js";
import type { TableColumn } from "./columns.js";
import { ScaledWriter } from "./scaled-writer.js";
import { pick, type Source, strictly } from "./source.js";
import { TextWriter } from "./text-writer.js";
import { UuidWriter } from "./uuid-writer.js";

/** A column that grows. Rows are written at a place, so that a refused page leaves nothing behind. */
export interface ColumnWriter {
  /** Reads a field of every object into the rows from `base` on. @throws KalshiError `BAD_RECORD`, `LEGACY_FIELDS` */
  read(objects: readonly WireObject[], base: number): void;
  /** Writes a value in record form (see {@link Kind}); undefined counts as absent. @throws TypeError when it has another type */
  write(row: number, value: unknown): void;
  /** The first `rows` rows as a column. */
  column(rows: number): TableColumn;
}

/** The writer of a field of a noun, as a column of the given name. */
export function writerOf(source: Source): ColumnWriter {
  const { kind, form } = source.field;
  switch (kind) {
    case "dollars":
      return new ScaledWriter(source, form === "plain" ? quickPrice : null);
    case "contracts":
      return new ScaledWriter(source, quickCount);
    case "time":
      return new ScaledWriter(source, quickTime);
    case "integer":
    case "number":
      return new ScaledWriter(source, null);
    case "uuid":
      return new UuidWriter(source);
    case "boolean":
      return new BooleanWriter(source);
    case "text":
    case "json":
      return new TextWriter(source);
  }
}

/** What a value of a kind looks like in a record, for errors about values that are none. */
export function fits(field: Field, value: unknown): boolean {
  return value === null || value === undefined || forms[field.kind](value);
}

const forms: Readonly<Record<Kind, (value: unknown) => boolean>> = {
  dollars: Number.isSafeInteger,
  contracts: Number.isSafeInteger,
  time: Number.isSafeInteger,
  integer: Number.isSafeInteger,
  number: (value) => typeof value === "number",
  text: (value) => typeof value === "string",
  uuid: (value) => typeof value === "string",
  boolean: (value) => typeof value === "boolean",
  json: () => true,
};

class BooleanWriter implements ColumnWriter {
  readonly #source: Source;
  #bytes = new Uint8Array(1024);

  constructor(source: Source) {
    this.#source = source;
  }

  read(objects: readonly WireObject[], base: number): void {
    const source = this.#source;
    this.#bytes = grown(this.#bytes, base + objects.length);
    const bytes = this.#bytes;
    for (let at = 0; at < objects.length; at += 1) {
      let value = pick(source, objects[at]!);
      if (typeof value !== "boolean") value = strictly(source, objects[at]!);
      bytes[base + at] = value === null ? ABSENT : value === true ? 1 : 0;
    }
  }

  write(row: number, value: unknown): void {
    this.#bytes = grown(this.#bytes, row + 1);
    this.#bytes[row] = value === null || value === undefined ? ABSENT : value === true ? 1 : 0;
  }

  column(rows: number): TableColumn {
    return new BooleanColumn(this.#source.field.about, this.#bytes.slice(0, rows));
  }
}

/** The same bytes with room for `length`. */
export function grown(bytes: Uint8Array<ArrayBuffer>, length: number): Uint8Array<ArrayBuffer> {
  if (length <= bytes.length) return bytes;
  const wider = new Uint8Array(Math.max(length, bytes.length * 2));
  wider.set(bytes);
  return wider;
}
