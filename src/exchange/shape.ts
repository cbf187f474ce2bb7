import { KalshiError } from "../errors.js";
import type { WireObject } from "./field.js";
import {
  always,
  asObject,
  type Field,
  type Fields,
  type Kind,
  type RecordOf,
  readField,
  recordParser,
} from "./field.js";
import { refuseLegacyRecord } from "./legacy.js";

/**
 * What stands at one place of an answer: how it is read, and which keys below it are known. `free` means that anything may stand there.
 */
export interface Shape<T = unknown> {
  readonly parse: (raw: unknown, where: string) => T;
  readonly keys: Keys;
  /** Key on the wire where it is another than the part's name. */
  readonly wire?: string | undefined;
}

/**
 * The keys of an object that the types know, each with what is known below it, `*` for any key; `free` for JSON of any form and for plain
 * values. A list is known by its items.
 */
export type Keys = "free" | { readonly [key: string]: Keys };

type ParsedBy<S> = S extends Shape<infer T> ? T : S extends Field ? RecordOf<{ value: S }>["value"] : never;

/** What an {@link object} of parts is read as. Keys that no part knows stay in `extra`. */
export type ObjectOf<P extends Parts> = { [N in keyof P]: ParsedBy<P[N]> } & {
  extra: Readonly<Record<string, unknown>> | null;
};

export type Parts = Readonly<Record<string, Field | Shape>>;

/** What a {@link record} with typed insides is read as. */
export type Refined<F extends Fields, I> = Omit<RecordOf<F>, keyof I> & {
  [N in keyof I & keyof F]: F[N] extends Field<Kind, true> ? ParsedBy<I[N]> : ParsedBy<I[N]> | null;
};

/** Shapes of the JSON fields of a record. */
type Inside<F extends Fields> = { readonly [N in keyof F]?: Shape };

/** A record described by fields, as its table has it. @throws KalshiError `BAD_RECORD`, `LEGACY_FIELDS` (from its parser) */
export function record<F extends Fields>(noun: string, fields: F): Shape<RecordOf<F>>;
/** The same; `inside` types JSON fields that a table keeps as text. */
export function record<F extends Fields, I extends Inside<F>>(noun: string, fields: F, inside: I): Shape<Refined<F, I>>;
export function record(noun: string, fields: Fields, inside: Inside<Fields> = {}): Shape<Record<string, unknown>> {
  const parseRecord = recordParser(noun, fields);
  const shapes = Object.entries(inside as Readonly<Record<string, Shape>>);
  return {
    parse: (raw) => {
      const parsed: Record<string, unknown> = parseRecord(raw);
      for (const [name, shape] of shapes) {
        if (parsed[name] !== null) parsed[name] = shape.parse(parsed[name], `${noun} ${name}`);
      }
      return parsed;
    },
    keys: {
      ...keysOf(fields),
      ...Object.fromEntries(shapes.map(([name, shape]) => [fields[name]!.wire[0], shape.keys])),
    },
  };
}

/** An object whose keys are fields, records and lists. @throws KalshiError `BAD_RECORD`, `LEGACY_FIELDS` (from its parser) */
export function object<P extends Parts>(parts: P): Shape<ObjectOf<P>> {
  const entries = Object.entries(parts);
  const fields = Object.fromEntries(entries.filter((entry): entry is [string, Field] => !isShape(entry[1])));
  const known = new Set(entries.flatMap(([name, part]) => wireKeys(name, part)));
  return {
    parse: (raw, where) => {
      const wire = asObject(where, raw);
      const parsed: Record<string, unknown> = {};
      try {
        for (const [name, part] of entries) {
          parsed[name] = isShape(part)
            ? part.parse(wire[part.wire ?? name], `${where} ${name}`)
            : readField(where, name, part, wire);
        }
      } catch (error) {
        refuseLegacyRecord(where, fields, wire);
        throw error;
      }
      return { ...parsed, extra: unknownKeys(known, wire) } as ObjectOf<P>;
    },
    keys: Object.assign({}, ...entries.map(([name, part]) => keysOfPart(name, part))) as Keys,
  };
}

/** A part that stands under another key on the wire. */
export function at<T>(wire: string, shape: Shape<T>): Shape<T> {
  return { ...shape, wire };
}

/** A list; null is an empty one. One that is not there at all is refused: it could be one that was not sent. */
export function list<T>(item: Shape<T>): Shape<readonly T[]> {
  return {
    parse: (raw, where) => {
      if (raw === null) return [];
      if (Array.isArray(raw)) return (raw as unknown[]).map((one) => item.parse(one, where));
      throw notA("a list", raw, where);
    },
    keys: item.keys,
  };
}

/** An object whose keys are data: ids or names, each with a value of one shape. */
export function map<T>(item: Shape<T>): Shape<Readonly<Record<string, T>>> {
  return {
    parse: (raw, where) =>
      Object.fromEntries(Object.entries(asObject(where, raw)).map(([key, one]) => [key, item.parse(one, where)])),
    keys: { "*": item.keys },
  };
}

/** A plain value of a kind, for lists and maps of them. @throws KalshiError `BAD_RECORD` (from its parser) */
export function value<K extends Kind>(kind: K): Shape<RecordOf<{ value: Field<K, true> }>["value"]> {
  const field = always(kind, "value", "");
  return {
    parse: (raw, where) =>
      readField(where, "value", field, { value: raw }) as RecordOf<{ value: Field<K, true> }>["value"],
    keys: "free",
  };
}

/** Text, for lists and maps of it. */
export const text = value("text");

/** What may be left out; null then. */
export function optional<T>(shape: Shape<T>): Shape<T | null> {
  return {
    ...shape,
    parse: (raw, where) => (raw === undefined || raw === null ? null : shape.parse(raw, where)),
  };
}

/** JSON of any form, given as it came. */
export const anything: Shape<unknown> = { parse: (raw) => raw, keys: "free" };

/** The answer of an operation that has none. */
export const nothing: Shape<null> = { parse: () => null, keys: {} };

function isShape(part: Field | Shape): part is Shape {
  return "parse" in part;
}

function wireKeys(name: string, part: Field | Shape): readonly string[] {
  return isShape(part) ? [part.wire ?? name] : part.wire.map((path) => path.split(".")[0]!);
}

function keysOfPart(name: string, part: Field | Shape): Keys {
  return isShape(part) ? { [part.wire ?? name]: part.keys } : keysOf({ [name]: part });
}

/** The keys of fields: a dotted path knows the key below the dot. */
function keysOf(fields: Fields): Readonly<Record<string, Keys>> {
  const keys: Record<string, Keys> = {};
  for (const path of Object.values(fields).flatMap((field) => field.wire)) {
    const [outer = "", inner] = path.split(".");
    if (inner === undefined) keys[outer] = "free";
    else if (keys[outer] !== "free") keys[outer] = { ...(keys[outer] as object | undefined), [inner]: "free" };
  }
  return keys;
}

function unknownKeys(known: ReadonlySet<string>, wire: WireObject): Readonly<Record<string, unknown>> | null {
  const rest = Object.entries(wire).filter(([key]) => !known.has(key));
  return rest.length === 0 ? null : Object.fromEntries(rest);
}

function notA(expected: string, raw: unknown, where: string): KalshiError {
  const found = raw === undefined ? "absent" : JSON.stringify(raw).slice(0, 80);
  return new KalshiError("BAD_RECORD", `${where} should be ${expected}, was ${found}`, {
    hint: "the answer is refused rather than guessed at; if the exchange changed its shape, update this library",
    context: { where, found },
  });
}
