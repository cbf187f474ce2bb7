import type { WireObject } from "../exchange/field.js";
import { type Raw, ScaledColumn } from "./scaled-column.js";
import { pick, type Source, strictly } from "./source.js";
import type { ColumnWriter } from "./writers.js";

/** Grows a column of integers (or, for the kind `number`, of doubles): 32 bits until one does not fit. */
export class ScaledWriter implements ColumnWriter {
  readonly #source: Source;
  /** A digit parser for the usual text; NaN leaves the value to the strict reader. */
  readonly #quick: ((text: string) => number) | null;
  #raw: Raw;
  #nulls: Uint8Array | null = null;

  constructor(source: Source, quick: ((text: string) => number) | null) {
    const { kind } = source.field;
    this.#source = source;
    this.#quick = quick;
    this.#raw = kind === "time" || kind === "number" ? new Float64Array(1024) : new Int32Array(1024);
  }

  read(objects: readonly WireObject[], base: number): void {
    const source = this.#source;
    const quick = this.#quick;
    const key = source.key;
    this.#reserve(base + objects.length);
    if (this.#nulls !== null) this.#nulls.fill(0, base, base + objects.length);
    let raw = this.#raw;
    let narrow = raw instanceof Int32Array;
    for (let at = 0; at < objects.length; at += 1) {
      const object = objects[at]!;
      let value = Number.NaN;
      if (quick !== null) {
        const text = key !== null ? object[key] : pick(source, object);
        if (typeof text === "string") value = quick(text);
      }
      if (Number.isNaN(value)) {
        const strict = strictly(source, object) as number | null;
        if (strict === null) {
          this.#absent(base + at);
          continue;
        }
        value = strict;
      }
      if (narrow && (value | 0) !== value) {
        this.#widen();
        raw = this.#raw;
        narrow = false;
      }
      raw[base + at] = value;
    }
  }

  write(row: number, value: unknown): void {
    this.#reserve(row + 1);
    if (value === null || value === undefined) {
      this.#absent(row);
      return;
    }
    if (this.#nulls !== null) this.#nulls[row] = 0;
    const number = value as number;
    if (this.#raw instanceof Int32Array && (number | 0) !== number) this.#widen();
    this.#raw[row] = number;
  }

  column(rows: number): ScaledColumn {
    const { kind, about } = this.#source.field;
    const nulls = this.#nulls?.subarray(0, rows).includes(1) === true ? this.#nulls.slice(0, rows) : null;
    return new ScaledColumn(kind, about, this.#raw.slice(0, rows), nulls);
  }

  #absent(row: number): void {
    this.#nulls ??= new Uint8Array(this.#raw.length);
    this.#nulls[row] = 1;
    this.#raw[row] = 0;
  }

  #reserve(length: number): void {
    if (length <= this.#raw.length) return;
    const capacity = Math.max(length, this.#raw.length * 2);
    const raw = this.#raw instanceof Int32Array ? new Int32Array(capacity) : new Float64Array(capacity);
    raw.set(this.#raw);
    this.#raw = raw;
    if (this.#nulls !== null) {
      const nulls = new Uint8Array(capacity);
      nulls.set(this.#nulls);
      this.#nulls = nulls;
    }
  }

  #widen(): void {
    this.#raw = Float64Array.from(this.#raw);
  }
}
