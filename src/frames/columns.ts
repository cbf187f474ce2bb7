import type { Kind } from "../exchange/field.js";

/** A set of absent places: one byte per row, 1 where the value is absent. `null` when nothing is absent. */
export type Nulls = Uint8Array | null;

/**
 * A column of a table: what arquero asks of one (`length`, `at`, iteration), with its kind, and what ordering and removing
 * duplicates need. Absent values read as `null`.
 */
export abstract class TableColumn<T = unknown> {
  readonly kind: Kind;
  /** Meaning and unit, for the data dictionary and the display. */
  readonly about: string;
  abstract readonly length: number;

  constructor(kind: Kind, about: string) {
    this.kind = kind;
    this.about = about;
  }

  /** The value of a row, or null. */
  abstract at(row: number): T | null;

  /** A new column of the given rows, in that order. */
  abstract take(rows: Uint32Array): TableColumn<T>;

  /** As {@link take}; a row number below zero gives an absent value. */
  abstract takeOrNull(rows: Int32Array): TableColumn<T>;

  /** The same values as a column object of its own, without copying them; it may mean something else. */
  abstract share(about?: string): TableColumn<T>;

  /** Order of two rows: negative, zero or positive; absent values last. */
  abstract compare(a: number, b: number): number;

  /** A 32-bit hash of a row's value; equal values have equal hashes. */
  abstract hash(row: number): number;

  *[Symbol.iterator](): IterableIterator<T | null> {
    for (let row = 0; row < this.length; row += 1) yield this.at(row);
  }

  /** All values. */
  toArray(): (T | null)[] {
    return Array.from({ length: this.length }, (_, row) => this.at(row));
  }
}

/** The chosen rows of a byte map, or null when none of them is set. */
export function takeNulls(nulls: Nulls, rows: Uint32Array): Nulls {
  if (nulls === null) return null;
  const taken = new Uint8Array(rows.length);
  let any = 0;
  for (let at = 0; at < rows.length; at += 1) {
    const absent = nulls[rows[at]!]!;
    taken[at] = absent;
    any |= absent;
  }
  return any === 0 ? null : taken;
}

/** The chosen rows of a byte map, where a row number below zero is absent; null when none of them is set. */
export function takeNullsOrNull(nulls: Nulls, rows: Int32Array): Nulls {
  const taken = new Uint8Array(rows.length);
  let any = 0;
  for (let at = 0; at < rows.length; at += 1) {
    const row = rows[at]!;
    const absent = row < 0 ? 1 : (nulls?.[row] ?? 0);
    taken[at] = absent;
    any |= absent;
  }
  return any === 0 ? null : taken;
}

/** Order of two rows of which at least one is absent: absent last, two absent ones equal. */
export function compareNulls(a: number, b: number): number {
  return a - b;
}

/** Order of two texts by code points, as files and databases order them (JavaScript's own `<` goes by UTF-16 units). */
export function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at += 1) {
    const x = a.charCodeAt(at);
    const y = b.charCodeAt(at);
    if (x === y) continue;
    // Surrogates stand for code points above every other unit.
    const high = (unit: number) => unit >= 0xd800 && unit <= 0xdfff;
    if (high(x) !== high(y)) return high(x) ? 1 : -1;
    return x - y;
  }
  return a.length - b.length;
}

/** Mixes the bits of a 32-bit integer. */
export function mix(value: number): number {
  let hash = Math.imul(value ^ (value >>> 16), 0x45d9f3b);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return hash ^ (hash >>> 13);
}
