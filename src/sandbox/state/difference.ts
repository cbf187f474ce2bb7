import type { Json } from "../types.js";
import { fromPlain, toPlain } from "./plain.js";

/** What has changed about an object since it was looked at last. */
export interface Difference {
  /** Fields that are whole values. */
  set?: Record<string, Json>;
  /** What was added to lists and sets, which only grow. */
  add?: Record<string, readonly Json[]>;
  /** Entries of maps that are new or others, and keys that are gone. */
  put?: Record<string, readonly (readonly [Json, Json])[]>;
  gone?: Record<string, readonly Json[]>;
}

/** Which entries of a map can have changed: all of them, unless told otherwise. */
export type Candidates = (name: string, map: ReadonlyMap<unknown, unknown>) => Iterable<unknown> | null;

/** Remembers an object as it was, field by field, and tells what has changed since. */
export class Shadow {
  readonly #texts = new Map<string, string>();
  readonly #sizes = new Map<string, number>();
  readonly #entries = new Map<string, Map<unknown, string>>();
  readonly #skipped: ReadonlySet<string>;

  constructor(skipped: readonly string[]) {
    this.#skipped = new Set(skipped);
  }

  /** Null when nothing has changed. */
  difference(object: object, candidates: Candidates = () => null): Difference | null {
    const found: Difference = {};
    for (const [name, value] of Object.entries(object)) {
      if (this.#skipped.has(name)) continue;
      if (value instanceof Map) this.#map(name, value, candidates(name, value), found);
      else if (Array.isArray(value) || value instanceof Set) this.#grown(name, value, found);
      else this.#whole(name, value, found);
    }
    return Object.keys(found).length === 0 ? null : found;
  }

  #whole(name: string, value: unknown, found: Difference): void {
    const plain = toPlain(value);
    const text = JSON.stringify(plain) ?? "null";
    if (this.#texts.get(name) === text) return;
    this.#texts.set(name, text);
    found.set = { ...found.set, [name]: plain };
  }

  #grown(name: string, value: readonly unknown[] | ReadonlySet<unknown>, found: Difference): void {
    const size = Array.isArray(value) ? value.length : (value as ReadonlySet<unknown>).size;
    const before = this.#sizes.get(name) ?? 0;
    if (size === before) return;
    this.#sizes.set(name, size);
    found.add = { ...found.add, [name]: [...value].slice(before).map(toPlain) };
  }

  #map(
    name: string,
    map: ReadonlyMap<unknown, unknown>,
    candidates: Iterable<unknown> | null,
    found: Difference,
  ): void {
    const known = this.#entries.get(name) ?? new Map<unknown, string>();
    this.#entries.set(name, known);
    const put: [Json, Json][] = [];
    for (const key of candidates ?? map.keys()) {
      const plain = toPlain(map.get(key));
      const text = JSON.stringify(plain);
      if (known.get(key) === text) continue;
      known.set(key, text);
      put.push([toPlain(key), plain]);
    }
    if (put.length > 0) found.put = { ...found.put, [name]: put };
    if (known.size <= map.size) return;
    const gone = [...known.keys()].filter((key) => !map.has(key));
    for (const key of gone) known.delete(key);
    found.gone = { ...found.gone, [name]: gone.map(toPlain) };
  }
}

/** Makes the same change to another object. Its lists, sets and maps are kept, and changed in place. */
export function applyDifference(object: object, { set, add, put, gone }: Difference): void {
  for (const [name, plain] of Object.entries(set ?? {})) Reflect.set(object, name, fromPlain(plain));
  for (const [name, items] of Object.entries(add ?? {})) {
    const into: unknown = Reflect.get(object, name);
    for (const item of items) {
      if (into instanceof Set) into.add(fromPlain(item));
      else (into as unknown[]).push(fromPlain(item));
    }
  }
  for (const [name, pairs] of Object.entries(put ?? {})) {
    const map = Reflect.get(object, name) as Map<unknown, unknown>;
    for (const [key, value] of pairs) map.set(fromPlain(key), fromPlain(value));
  }
  for (const [name, keys] of Object.entries(gone ?? {})) {
    const map = Reflect.get(object, name) as Map<unknown, unknown>;
    for (const key of keys) map.delete(fromPlain(key));
  }
}
