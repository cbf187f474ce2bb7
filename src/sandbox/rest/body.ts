import type { Count } from "../../units/count.js";
import { parseFixed } from "../../units/fixed.js";
import { Refused, undecodable } from "../wire/replies.js";

/** A body's fields, and what the exchange calls their type in a refusal. */
export interface Fields {
  readonly struct: string;
  readonly values: Readonly<Record<string, unknown>>;
}

export interface Kinds {
  readonly string: string;
  readonly number: number;
  readonly boolean: boolean;
}

const GO_TYPES: Readonly<Record<keyof Kinds, string>> = { string: "string", number: "int64", boolean: "bool" };

/** The fields of a body that is an object. No body, and null, are an object without fields, as for the exchange's own decoder. */
export function fieldsOf(struct: string, body: unknown): Fields {
  if (body === undefined || body === null) return { struct, values: {} };
  if (typeof body === "object" && !Array.isArray(body)) return { struct, values: { ...body } };
  throw new Refused(undecodable(`json: cannot unmarshal ${jsonKind(body)} into Go value of type ${struct}`));
}

/** A field of the given kind; undefined where absent or null. The refusal reads as the exchange's own decoder writes it. */
export function text<Kind extends keyof Kinds>(fields: Fields, name: string, kind: Kind): Kinds[Kind] | undefined {
  const value = fields.values[name];
  if (value === undefined || value === null) return undefined;
  if (isKind(value, kind)) return value;
  throw wrongKind(fields.struct, name, value, GO_TYPES[kind]);
}

const COUNT_TEXT = /^\d+(\.\d{1,2})?$/;

/** A count in hundredths from its text, which has two decimals at most; NaN where it is none. */
export function parseCount(value: string): Count {
  return COUNT_TEXT.test(value) ? parseFixed(value, 2) : Number.NaN;
}

/** A list; undefined where absent or null. */
export function items({ struct, values }: Fields, name: string): readonly unknown[] | undefined {
  const value = values[name];
  if (value === undefined || value === null) return undefined;
  if (Array.isArray(value)) return value as unknown[];
  throw wrongKind(struct, name, value, "slice");
}

export function wrongKind(struct: string, name: string, value: unknown, expected: string): Refused {
  const what = `json: cannot unmarshal ${jsonKind(value)} into Go struct field ${struct}.${name} of type ${expected}`;
  return new Refused(undecodable(what));
}

/** @throws Refused unless all of them are there */
export function demand({ values }: Fields, names: readonly string[]): void {
  for (const name of names) if (values[name] === undefined || values[name] === null) throw missing(name);
}

export function missing(name: string): Refused {
  return new Refused(undecodable(`${name} is required`));
}

function isKind<Kind extends keyof Kinds>(value: unknown, kind: Kind): value is Kinds[Kind] {
  return kind === "number" ? Number.isSafeInteger(value) : typeof value === kind;
}

function jsonKind(value: unknown): string {
  if (Array.isArray(value)) return "array";
  return typeof value === "boolean" ? "bool" : typeof value;
}
