import type { DuckDBVector } from "@duckdb/node-api";
import { KalshiError } from "../errors.js";
import { maybe } from "../exchange/field.js";
import { ABSENT, BooleanColumn } from "../frames/boolean-column.js";
import type { TableColumn } from "../frames/columns.js";
import { ScaledColumn } from "../frames/scaled-column.js";
import { sourceOf } from "../frames/source.js";
import { TextWriter } from "../frames/text-writer.js";
import { UuidColumn } from "../frames/uuid-column.js";
import type { ColumnEntry } from "./manifest.js";
import { memoryOf } from "./vectors.js";

/** Collects one column of a result, chunk by chunk. */
export interface ColumnReader {
  read(vector: DuckDBVector, base: number, count: number): void;
  column(): TableColumn;
}

/** The reader of a column of `rows` rows that the engine gives in the SQL type named. */
export function readerFor(entry: ColumnEntry, type: string, rows: number): ColumnReader {
  if (type === "UUID") return new UuidReader(entry, rows);
  if (type === "BOOLEAN") return new BooleanReader(entry, rows);
  if (type === "DOUBLE" || type === "BIGINT" || type.startsWith("DECIMAL(18,"))
    return new ScaledReader(entry, type, rows);
  return new TextReader(entry, rows);
}

class ScaledReader implements ColumnReader {
  readonly #entry: ColumnEntry;
  readonly #double: boolean;
  readonly #raw: Float64Array;
  readonly #nulls: Uint8Array;
  #anyNull = false;
  #narrow: boolean;

  constructor(entry: ColumnEntry, type: string, rows: number) {
    this.#entry = entry;
    this.#double = type === "DOUBLE";
    this.#raw = new Float64Array(rows);
    this.#nulls = new Uint8Array(rows);
    this.#narrow = entry.kind !== "time" && entry.kind !== "number";
  }

  read(vector: DuckDBVector, base: number, count: number): void {
    const memory = memoryOf(vector);
    const whole = memory !== null && memory.byteLength === count * 8;
    const halves = whole && !this.#double ? new Int32Array(memory.buffer, memory.byteOffset, count * 2) : null;
    const doubles = whole && this.#double ? new Float64Array(memory.buffer, memory.byteOffset, count) : null;
    const valid = validity(vector);
    for (let at = 0; at < count; at += 1) {
      if (!valid(at)) {
        this.#nulls[base + at] = 1;
        this.#anyNull = true;
        continue;
      }
      const value =
        halves !== null
          ? halves[at * 2 + 1]! * 4294967296 + (halves[at * 2]! >>> 0)
          : doubles !== null
            ? doubles[at]!
            : numberOf(vector.getItem(at));
      if (!this.#double && !Number.isSafeInteger(value)) throw tooLarge(this.#entry.name, value);
      if (this.#narrow && (value | 0) !== value) this.#narrow = false;
      this.#raw[base + at] = value;
    }
  }

  column(): TableColumn {
    const { kind, about } = this.#entry;
    const raw = this.#narrow ? Int32Array.from(this.#raw) : this.#raw;
    return new ScaledColumn(kind, about, raw, this.#anyNull ? this.#nulls : null);
  }
}

class UuidReader implements ColumnReader {
  readonly #entry: ColumnEntry;
  readonly #bytes: Uint8Array;
  readonly #nulls: Uint8Array;
  #anyNull = false;

  constructor(entry: ColumnEntry, rows: number) {
    this.#entry = entry;
    this.#bytes = new Uint8Array(rows * 16);
    this.#nulls = new Uint8Array(rows);
  }

  read(vector: DuckDBVector, base: number, count: number): void {
    const memory = memoryOf(vector);
    const whole = memory !== null && memory.byteLength === count * 16;
    const valid = validity(vector);
    for (let at = 0; at < count; at += 1) {
      const target = (base + at) * 16;
      if (!valid(at)) {
        this.#nulls[base + at] = 1;
        this.#anyNull = true;
      } else if (whole) {
        const source = at * 16 + 15;
        for (let byte = 0; byte < 16; byte += 1) this.#bytes[target + byte] = memory[source - byte]!;
        this.#bytes[target] = this.#bytes[target]! ^ 0x80;
      } else {
        const hex = String(vector.getItem(at)).replaceAll("-", "");
        for (let byte = 0; byte < 16; byte += 1)
          this.#bytes[target + byte] = Number.parseInt(hex.slice(byte * 2, byte * 2 + 2), 16);
      }
    }
  }

  column(): TableColumn {
    return new UuidColumn(this.#entry.about, this.#bytes, this.#anyNull ? this.#nulls : null);
  }
}

class BooleanReader implements ColumnReader {
  readonly #entry: ColumnEntry;
  readonly #bytes: Uint8Array;

  constructor(entry: ColumnEntry, rows: number) {
    this.#entry = entry;
    this.#bytes = new Uint8Array(rows);
  }

  read(vector: DuckDBVector, base: number, count: number): void {
    for (let at = 0; at < count; at += 1) {
      const value = vector.getItem(at);
      this.#bytes[base + at] = value === null ? ABSENT : value === true ? 1 : 0;
    }
  }

  column(): TableColumn {
    return new BooleanColumn(this.#entry.about, this.#bytes);
  }
}

class TextReader implements ColumnReader {
  readonly #writer: TextWriter;
  readonly #rows: number;

  constructor({ name, kind, about }: ColumnEntry, rows: number) {
    const held = kind === "json" || kind === "uuid" ? kind : "text";
    this.#writer = new TextWriter(sourceOf("table", name, maybe(held, name, about)));
    this.#rows = rows;
  }

  read(vector: DuckDBVector, base: number, count: number): void {
    const memory = memoryOf(vector);
    const words = memory !== null && memory.byteLength === count * 16 ? wordsOf(memory, count) : null;
    // A text is 16 bytes: itself, when short, else its length, beginning and address. Equal bytes are equal texts within a chunk.
    let last = -1;
    const seen = new Map<number, number>();
    const valid = validity(vector);
    for (let at = 0; at < count; at += 1) {
      if (!valid(at)) {
        this.#writer.write(base + at, null);
        continue;
      }
      if (words !== null) {
        const hash =
          words[at * 4]! ^
          Math.imul(words[at * 4 + 1]!, 31) ^
          Math.imul(words[at * 4 + 2]!, 961) ^
          Math.imul(words[at * 4 + 3]!, 29791);
        const other = last >= 0 && same(words, last, at) ? last : (seen.get(hash) ?? -1);
        if (other >= 0 && same(words, other, at)) {
          this.#writer.copy(base + at, base + other);
          last = at;
          continue;
        }
        seen.set(hash, at);
        last = at;
      }
      this.#writer.writeText(base + at, String(vector.getItem(at)));
    }
  }

  column(): TableColumn {
    return this.#writer.column(this.#rows);
  }
}

function wordsOf(memory: Uint8Array, count: number): Int32Array {
  return new Int32Array(memory.buffer, memory.byteOffset, count * 4);
}

function same(words: Int32Array, a: number, b: number): boolean {
  const x = a * 4;
  const y = b * 4;
  return (
    words[x] === words[y] &&
    words[x + 1] === words[y + 1] &&
    words[x + 2] === words[y + 2] &&
    words[x + 3] === words[y + 3]
  );
}

/** Tells which rows of a vector hold a value: from its bit map where that looks as expected, else by asking for the value. */
function validity(vector: DuckDBVector): (at: number) => boolean {
  const held: unknown = Reflect.get(vector, "validity");
  if (typeof held !== "object" || held === null || Reflect.get(held, "offset") !== 0) {
    return (at) => vector.getItem(at) !== null;
  }
  const data: unknown = Reflect.get(held, "data");
  if (data === null) return () => true;
  if (!(data instanceof BigUint64Array)) return (at) => vector.getItem(at) !== null;
  const bits = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return (at) => (bits[at >> 3]! & (1 << (at & 7))) !== 0;
}

function numberOf(item: unknown): number {
  if (typeof item === "bigint" || typeof item === "number") return Number(item);
  // Decimals come as objects with their scaled integer in `value`.
  const value: unknown = typeof item === "object" && item !== null ? Reflect.get(item, "value") : undefined;
  return typeof value === "bigint" ? Number(value) : Number.NaN;
}

function tooLarge(column: string, value: number): KalshiError {
  return new KalshiError("FILE_UNREADABLE", `column \`${column}\`: ${value} is beyond the exact integers`, {
    hint: "values beyond 2^53 of a column's step (nine billion dollars) cannot be held exactly",
    context: { column },
  });
}
