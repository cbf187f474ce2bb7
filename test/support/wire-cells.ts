import type { ColumnTable } from "arquero";
import * as fc from "fast-check";
import { always, type Field, type Fields, type Kind, maybe } from "../../src/exchange/field.js";
import { tableBuilder } from "../../src/frames/builder.js";
import { wireObjects } from "../frames/records.js";

/** A value of a file in one written form, whoever reads it: see {@link cellOf}. Null where it is absent. */
export type Cell = string | null;

/** A table, and what each of its values has to be by the exchange's own texts. */
export interface Expected {
  readonly name: string;
  readonly table: ColumnTable;
  readonly columns: readonly { readonly name: string; readonly kind: Kind }[];
  readonly rows: readonly (readonly Cell[])[];
}

/** Records of a noun as a table, in the order given, beside what each value has to be. */
export function expectedOf(name: string, fields: Fields, raw: readonly Record<string, unknown>[]): Expected {
  const builder = tableBuilder(name, fields);
  builder.add(raw);
  const all = Object.entries(fields);
  return {
    name,
    table: builder.finish(),
    columns: all.map(([column, { kind }]) => ({ name: column, kind })),
    rows: raw.map((object) => all.map(([, field]) => cellOf(field, object))),
  };
}

const kinds: readonly Kind[] = ["dollars", "contracts", "time", "text", "uuid", "integer", "number", "boolean", "json"];

/** A field of each kind that is always there, and one that may be absent. */
export const everyKind: Fields = Object.fromEntries([
  ...kinds.map((kind) => [`always_${kind}`, always(kind, `a_${kind}`, `about ${kind}`)] as const),
  ...kinds.map((kind) => [`maybe_${kind}`, maybe(kind, `m_${kind}`, `about ${kind}`)] as const),
]);

/** Records of every kind with every oddity: six decimals, fractions, nulls, any script, commas, quotes, newlines. */
export function extremes(seed: number, least: number): Record<string, unknown>[] {
  const found: Record<string, unknown>[] = [];
  for (let at = 0; found.length < least; at += 1)
    found.push(...fc.sample(wireObjects(everyKind), { numRuns: 20, seed: seed + at }).flat());
  return found;
}

/**
 * What a field of a wire object is in a file, made of its text alone: `0.560000`, `10.00`, microseconds since 1970, the eight bytes of a double
 * in hexadecimal, JSON without spaces.
 */
export function cellOf({ kind, wire, form }: Field, object: Record<string, unknown>): Cell {
  const value = wire.map((key) => object[key]).find((one) => one !== undefined && one !== null);
  if (value === undefined || value === null) return null;
  switch (kind) {
    case "dollars":
      return decimalText(form === "cents" ? (Number(value) / 100).toFixed(2) : String(value), 6);
    case "contracts":
      return decimalText(String(value), 2);
    case "time":
      return form === "plain" ? microsText(String(value)) : `${String(value)}${form === "seconds" ? "000000" : "000"}`;
    case "number":
      return doubleText(Number(value));
    case "json":
      return JSON.stringify(value);
    default:
      return String(value);
  }
}

/** A decimal text with so many places: digits are added, none is changed. */
export function decimalText(text: string, places: number): string {
  const [, sign = "", whole = "", fraction = ""] = /^(-?)(\d+)(?:\.(\d*))?$/.exec(text)!;
  const digits = `${whole.replace(/^0+(?=\d)/, "")}.${fraction.padEnd(places, "0").slice(0, places)}`;
  return /^[0.]+$/.test(digits) ? digits : sign + digits;
}

/** Microseconds of an RFC 3339 text, its seconds by the engine and its fraction by its digits; those behind the sixth are cut. */
export function microsText(text: string): string {
  const [, whole = "", fraction = "", zone = ""] = /^(.{19})(?:\.(\d+))?(.+)$/.exec(text)!;
  const seconds = Date.parse(whole + zone.replace(/^([+-]\d\d)(\d\d)$/, "$1:$2")) / 1000;
  return String(BigInt(seconds) * 1_000_000n + BigInt(fraction.padEnd(6, "0").slice(0, 6)));
}

export function doubleText(value: number): string {
  const bytes = Buffer.alloc(8);
  // Zero has a sign in memory that no text format keeps.
  bytes.writeDoubleBE(value === 0 ? 0 : value);
  return bytes.toString("hex");
}
