import type { WireObject } from "../exchange/field.js";
import { pick, type Source, strictly } from "./source.js";
import { type Codes, TextColumn } from "./text-column.js";
import type { ColumnWriter } from "./writers.js";

/** Grows a dictionary column: one byte per row for up to 255 texts, then two, then four. */
export class TextWriter implements ColumnWriter {
  readonly #source: Source;
  readonly #codeOf = new Map<string, number>();
  readonly #texts: string[] = [""];
  #codes: Codes = new Uint8Array(1024);
  #last = "";
  #lastCode = 0;

  constructor(source: Source) {
    this.#source = source;
  }

  read(objects: readonly WireObject[], base: number): void {
    const source = this.#source;
    const { key } = source;
    const json = source.field.kind === "json";
    this.#reserve(base + objects.length);
    let codes = this.#codes;
    for (let at = 0; at < objects.length; at += 1) {
      const object = objects[at]!;
      let value = key !== null ? object[key] : pick(source, object);
      if (json || typeof value !== "string") {
        value = strictly(source, object);
        if (value === null) {
          codes[base + at] = 0;
          continue;
        }
        if (json) value = JSON.stringify(value);
      }
      codes[base + at] = this.#code(value as string);
      // A new text may have widened the codes; then this one was cut off in the old array.
      if (codes !== this.#codes) {
        codes = this.#codes;
        codes[base + at] = this.#lastCode;
      }
    }
  }

  write(row: number, value: unknown): void {
    this.#reserve(row + 1);
    if (value === null || value === undefined) {
      this.#codes[row] = 0;
      return;
    }
    const text = this.#source.field.kind === "json" ? JSON.stringify(value) : (value as string);
    const code = this.#code(text);
    this.#codes[row] = code;
  }

  /** Writes a text as it stands, also where the kind is JSON and the text is already written JSON. */
  writeText(row: number, text: string): void {
    this.#reserve(row + 1);
    const code = this.#code(text);
    this.#codes[row] = code;
  }

  /** Writes again what stands in another row. */
  copy(row: number, from: number): void {
    this.#reserve(row + 1);
    this.#codes[row] = this.#codes[from]!;
  }

  column(rows: number): TextColumn {
    const { kind, about } = this.#source.field;
    return new TextColumn(kind, about, this.#codes.slice(0, rows), this.#texts);
  }

  #code(text: string): number {
    if (this.#lastCode !== 0 && text === this.#last) return this.#lastCode;
    let code = this.#codeOf.get(text);
    if (code === undefined) {
      code = this.#texts.length;
      this.#texts.push(text);
      this.#codeOf.set(text, code);
      if (code === 0x100) this.#codes = Uint16Array.from(this.#codes);
      else if (code === 0x10000) this.#codes = Uint32Array.from(this.#codes);
    }
    this.#last = text;
    this.#lastCode = code;
    return code;
  }

  #reserve(length: number): void {
    const codes = this.#codes;
    if (length <= codes.length) return;
    const capacity = Math.max(length, codes.length * 2);
    const wider =
      codes instanceof Uint8Array
        ? new Uint8Array(capacity)
        : codes instanceof Uint16Array
          ? new Uint16Array(capacity)
          : new Uint32Array(capacity);
    wider.set(codes);
    this.#codes = wider;
  }
}
