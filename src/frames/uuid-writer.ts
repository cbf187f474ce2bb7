import type { WireObject } from "../exchange/field.js";
import type { TableColumn } from "./columns.js";
import { pick, type Source, strictly } from "./source.js";
import { TextWriter } from "./text-writer.js";
import { parseUuid, renderUuid, UuidColumn } from "./uuid-column.js";
import type { ColumnWriter } from "./writers.js";

/** Grows a column of 16-byte UUIDs; the first value that is no canonical one turns all of it into text. */
export class UuidWriter implements ColumnWriter {
  readonly #source: Source;
  #bytes = new Uint8Array(16 * 1024);
  #nulls: Uint8Array | null = null;
  #text: TextWriter | null = null;

  constructor(source: Source) {
    this.#source = source;
  }

  read(objects: readonly WireObject[], base: number): void {
    if (this.#text !== null) {
      this.#text.read(objects, base);
      return;
    }
    const source = this.#source;
    const { key } = source;
    this.#reserve(base + objects.length);
    if (this.#nulls !== null) this.#nulls.fill(0, base, base + objects.length);
    const bytes = this.#bytes;
    for (let at = 0; at < objects.length; at += 1) {
      const object = objects[at]!;
      let value = key !== null ? object[key] : pick(source, object);
      if (typeof value !== "string") value = strictly(source, object);
      if (value === null) this.#absent(base + at);
      else if (!parseUuid(value as string, bytes, (base + at) * 16)) {
        this.#becomeText(base + at).read(objects.slice(at), base + at);
        return;
      }
    }
  }

  write(row: number, value: unknown): void {
    if (this.#text !== null) {
      this.#text.write(row, value);
      return;
    }
    this.#reserve(row + 1);
    if (value === null || value === undefined) {
      this.#absent(row);
      return;
    }
    if (this.#nulls !== null) this.#nulls[row] = 0;
    if (!parseUuid(value as string, this.#bytes, row * 16)) this.#becomeText(row).write(row, value);
  }

  column(rows: number): TableColumn {
    if (this.#text !== null) return this.#text.column(rows);
    const nulls = this.#nulls?.subarray(0, rows).includes(1) === true ? this.#nulls.slice(0, rows) : null;
    return new UuidColumn(this.#source.field.about, this.#bytes.slice(0, rows * 16), nulls);
  }

  #becomeText(rows: number): TextWriter {
    const text = new TextWriter(this.#source);
    for (let row = 0; row < rows; row += 1) {
      text.write(row, this.#nulls?.[row] === 1 ? null : renderUuid(this.#bytes, row * 16));
    }
    this.#text = text;
    this.#bytes = new Uint8Array(0);
    this.#nulls = null;
    return text;
  }

  #absent(row: number): void {
    this.#nulls ??= new Uint8Array(this.#bytes.length / 16);
    this.#nulls[row] = 1;
    this.#bytes.fill(0, row * 16, row * 16 + 16);
  }

  #reserve(rows: number): void {
    if (rows * 16 <= this.#bytes.length) return;
    const capacity = Math.max(rows, this.#bytes.length / 8);
    const bytes = new Uint8Array(capacity * 16);
    bytes.set(this.#bytes);
    this.#bytes = bytes;
    if (this.#nulls !== null) {
      const nulls = new Uint8Array(capacity);
      nulls.set(this.#nulls);
      this.#nulls = nulls;
    }
  }
}
