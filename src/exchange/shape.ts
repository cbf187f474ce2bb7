import { KalshiError } from "../errors.js";
import { asObject, type Field, type Fields, type RecordOf, readField, recordParser, type WireObject } from "./field.js";

/**
 * What stands at one place of an answer: how it is read, and which keys below it are known. `free` means that anything may stand there.
 */
export interface Shape<T = unknown> {
  readonly parse: (raw: unknown, where: string) => T;
  readonly keys: Keys;
}

/** The keys of an object that the types know, each with what is known below it; `free` for JSON of any form and for plain values. */
export type Keys = "free" | { readonly [key: string]: Keys };

type ParsedBy<S> = S extends Shape<infer T> ? T : S extends Field ? RecordOf<{ value: S }>["value"] : never;

/** What an {@link object} of parts is read as. Keys that no part knows stay in `extra`. */
export type ObjectOf<P extends Parts> = { [N in keyof P]: ParsedBy<P[N]> } & {
  extra: Readonly<Record<string, unknown>> | null;
};

export type Parts = Readonly<Record<string, Field | Shape>>;

/** A record described by fields, as its table has it. @throws KalshiError `BAD_RECORD`, `LEGACY_FIELDS` (from its parser) */
export function record<F extends Fields>(noun: string, fields: F): Shape<RecordOf<F>> {
  return { parse: recordParser(noun, fields), keys: keysOf(fields) };
}

/** An object whose keys are fields, records and lists. @throws KalshiError `BAD_RECORD` (from its parser) */
export function object<P extends Parts>(parts: P): Shape<ObjectOf<P>> {
  const known = new Set(Object.entries(parts).flatMap(([name, part]) => wireKeys(name, part)));
  return {
    parse: (raw, where) => {
      const wire = asObject(where, raw);
      const parsed: Record<string, unknown> = {};
      for (const [name, part] of Object.entries(parts)) {
        parsed[name] = isShape(part) ? part.parse(wire[name], `${where} ${name}`) : readField(where, name, part, wire);
      }
      return { ...parsed, extra: unknownKeys(known, wire) } as ObjectOf<P>;
    },
    keys: Object.assign({}, ...Object.entries(parts).map(([name, part]) => keysOfPart(name, part))) as Keys,
  };
}

/** A list; absent and null are an empty one, as the exchange sends either. */
export function list<T>(item: Shape<T>): Shape<readonly T[]> {
  return {
    parse: (raw, where) => {
      if (raw === undefined || raw === null) return [];
      if (Array.isArray(raw)) return (raw as unknown[]).map((one) => item.parse(one, where));
      throw new KalshiError("BAD_RECORD", `${where} should be a list, was ${JSON.stringify(raw).slice(0, 80)}`, {
        hint: "the answer is refused rather than guessed at; if the exchange changed its shape, update this library",
        context: { where },
      });
    },
    keys: item.keys,
  };
}

/** One text of a list of texts. */
export const text: Shape<string> = {
  parse: (raw, where) => {
    if (typeof raw === "string") return raw;
    throw new KalshiError("BAD_RECORD", `${where} should be texts, had ${JSON.stringify(raw)?.slice(0, 80)}`, {
      hint: "the answer is refused rather than guessed at; if the exchange changed its shape, update this library",
      context: { where },
    });
  },
  keys: "free",
};

/** What may be left out; null then. */
export function optional<T>(shape: Shape<T>): Shape<T | null> {
  return {
    parse: (raw, where) => (raw === undefined || raw === null ? null : shape.parse(raw, where)),
    keys: shape.keys,
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
  return isShape(part) ? [name] : part.wire.map((path) => path.split(".")[0]!);
}

function keysOfPart(name: string, part: Field | Shape): Keys {
  return isShape(part) ? { [name]: part.keys } : keysOf({ [name]: part });
}

/** The keys of fields: a dotted path knows the key below the dot. */
function keysOf(fields: Fields): Keys {
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
