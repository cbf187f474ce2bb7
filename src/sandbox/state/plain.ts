import type { Json } from "../types.js";

/**
 * A value of the engine as JSON: what JSON has not is an object with one field, `$n` for a whole number without bound, `$m` for a map, `$s` for
 * a set. No object of the engine has a field of such a name.
 */
export function toPlain(value: unknown): Json {
  if (typeof value === "bigint") return { $n: String(value) };
  if (value instanceof Map) return { $m: [...value].map(([key, one]) => [toPlain(key), toPlain(one)]) };
  if (value instanceof Set) return { $s: [...value].map(toPlain) };
  if (Array.isArray(value)) return value.map(toPlain);
  if (typeof value !== "object" || value === null) return value as Json;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, toPlain(one)]));
}

/** The value again. */
export function fromPlain(plain: unknown): unknown {
  if (Array.isArray(plain)) return plain.map(fromPlain);
  if (typeof plain !== "object" || plain === null) return plain;
  const fields = plain as Readonly<Record<string, unknown>>;
  if (typeof fields.$n === "string") return BigInt(fields.$n);
  if (Array.isArray(fields.$m)) {
    return new Map(fields.$m.map((pair: readonly unknown[]) => [fromPlain(pair[0]), fromPlain(pair[1])]));
  }
  if (Array.isArray(fields.$s)) return new Set(fields.$s.map(fromPlain));
  return Object.fromEntries(Object.entries(fields).map(([name, one]) => [name, fromPlain(one)]));
}
