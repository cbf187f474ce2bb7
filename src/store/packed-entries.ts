import type { RawEntries } from "./raw-entries.js";
import type { Entry } from "./segment.js";
import type { TextPattern } from "./text-pattern.js";

/** Entries in their order: as they are, or those of a raw or a packed segment, each made when it is asked for. */
export type Entries = readonly Entry[] | RawEntries | PackedEntries;

/** What a packed block holds, by column. */
export interface PackedColumns {
  readonly kinds: Uint8Array;
  readonly times: Float64Array;
  /** Null where all are zero. */
  readonly nanos: Uint16Array | null;
  /** The number of each entry's pattern, counted from 1; 0 for none. */
  readonly ids: Uint8Array;
  /** Its place among those of the same pattern, or among the bodies. */
  readonly rows: Uint32Array;
  /** Of the entries without a pattern. */
  readonly bodies: readonly Buffer[];
  readonly patterns: readonly TextPattern[];
}

/**
 * The entries of a packed block. They stand by column, and an entry is made when it is asked for: who reads the columns makes no objects.
 */
export class PackedEntries implements Iterable<Entry> {
  readonly length: number;
  /** Receive times. */
  readonly times: Float64Array;
  readonly rows: Uint32Array;
  readonly #columns: PackedColumns;

  constructor(columns: PackedColumns) {
    this.length = columns.kinds.length;
    this.times = columns.times;
    this.rows = columns.rows;
    this.#columns = columns;
  }

  /** The entry at a place, from the end where it is negative; undefined where there is none. */
  at(index: number): Entry | undefined {
    const at = index < 0 ? this.length + index : index;
    if (at < 0 || at >= this.length) return undefined;
    const { kinds, times, nanos, ids, rows, bodies, patterns } = this.#columns;
    const id = ids[at]!;
    const [kind, time, fraction, row] = [kinds[at]!, times[at]!, nanos === null ? 0 : nanos[at]!, rows[at]!];
    return id === 0
      ? { kind, time, nanos: fraction, body: bodies[row]! }
      : new PatternEntry(kind, time, fraction, patterns[id - 1]!, row);
  }

  *[Symbol.iterator](): Generator<Entry> {
    for (let at = 0; at < this.length; at += 1) yield this.at(at)!;
  }

  /** The pattern of the entry at a place, or null. */
  patternAt(at: number): TextPattern | null {
    return this.#columns.patterns[this.#columns.ids[at]! - 1] ?? null;
  }

  /** Behind the entries from a place on that have its pattern and are of its kind. */
  runEnd(at: number): number {
    const { ids, kinds } = this.#columns;
    const [id, kind] = [ids[at], kinds[at]];
    let end = at + 1;
    while (end < this.length && ids[end] === id && kinds[end] === kind) end += 1;
    return end;
  }

  kindAt(at: number): number {
    return this.#columns.kinds[at]!;
  }
}

/** An entry whose text is made when it is asked for. */
class PatternEntry implements Entry {
  readonly kind: number;
  readonly time: number;
  readonly nanos: number;
  readonly pattern: TextPattern;
  readonly row: number;

  constructor(kind: number, time: number, nanos: number, pattern: TextPattern, row: number) {
    this.kind = kind;
    this.time = time;
    this.nanos = nanos;
    this.pattern = pattern;
    this.row = row;
  }

  get body(): Buffer {
    return this.pattern.bytes(this.row);
  }
}
