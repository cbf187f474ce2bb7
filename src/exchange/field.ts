import { KalshiError } from "../errors.js";
import { parseCount } from "../units/count.js";
import { CENT, parsePrice } from "../units/price.js";
import { fromMillis, fromSeconds, parseTime } from "../units/time.js";
import { refuseLegacyField, refuseLegacyRecord } from "./legacy.js";

/**
 * What a value is, and so how it is held, shown and written:
 *
 * | kind | in a record | in a table reads as | in Parquet |
 * | --- | --- | --- | --- |
 * | `dollars` | integer micro-dollars | dollars | DECIMAL(18,6) |
 * | `contracts` | integer hundredths | contracts | DECIMAL(18,2) |
 * | `time` | integer microseconds since 1970 | milliseconds since 1970 | TIMESTAMP(us, UTC) |
 * | `text`, `uuid` | string | string | VARCHAR, UUID |
 * | `integer`, `number` | number | number | BIGINT, DOUBLE |
 * | `boolean` | boolean | boolean | BOOLEAN |
 * | `json` | parsed JSON | JSON text | VARCHAR |
 */
export type Kind = "dollars" | "contracts" | "time" | "text" | "uuid" | "integer" | "number" | "boolean" | "json";

/** How a value stands on the wire, where its kind allows several forms. */
type WireForm = "plain" | "cents" | "centicents" | "seconds" | "millis";

/** One field of a record: its kind, where it stands on the wire, and whether the exchange always sends it. */
export interface Field<K extends Kind = Kind, Required extends boolean = boolean> {
  readonly kind: K;
  /** Key on the wire; a dot leads into a nested object; the first that is present counts. */
  readonly wire: readonly string[];
  readonly required: Required;
  readonly form: WireForm;
  /** Meaning and unit, for the data dictionary. */
  readonly about: string;
}

export type Fields = Readonly<Record<string, Field>>;

interface KindValues {
  dollars: number;
  contracts: number;
  time: number;
  text: string;
  uuid: string;
  integer: number;
  number: number;
  boolean: boolean;
  json: unknown;
}

type FieldValue<F> =
  F extends Field<infer K, infer R> ? (R extends true ? KindValues[K] : KindValues[K] | null) : never;

/** The typed record that a set of fields describes. Absent is `null`. What the fields do not know stays in `extra`. */
export type RecordOf<F extends Fields> = { [N in keyof F]: FieldValue<F[N]> } & {
  extra: Readonly<Record<string, unknown>> | null;
};

/** A field that the exchange always sends. */
export function always<K extends Kind>(
  kind: K,
  wire: string | readonly string[],
  about: string,
  form: WireForm = "plain",
): Field<K, true> {
  return { kind, wire: typeof wire === "string" ? [wire] : wire, required: true, form, about };
}

/** A field that may be left out or null. */
export function maybe<K extends Kind>(
  kind: K,
  wire: string | readonly string[],
  about: string,
  form: WireForm = "plain",
): Field<K, false> {
  return { kind, wire: typeof wire === "string" ? [wire] : wire, required: false, form, about };
}

/** An object as it came from the wire. */
export type WireObject = Readonly<Record<string, unknown>>;

/**
 * The value of one field of a wire object in its record form; null where it is absent and may be.
 *
 * @throws KalshiError `BAD_RECORD`, `LEGACY_FIELDS`
 */
export function readField(noun: string, name: string, field: Field, object: WireObject): unknown {
  const value = lookUp(object, field.wire);
  if (value === undefined || value === null) {
    refuseLegacyField(noun, field, object);
    if (!field.required) return null;
    throw badField(noun, name, field, value, "is missing", object);
  }
  // Where its schema demands a text, an unknown amount or time stands as an empty one.
  if (value === "" && !field.required && emptyIsUnknown.has(field.kind)) return null;
  const read = readers[field.kind](value, field.form);
  if (read !== undefined) return read;
  refuseLegacyField(noun, field, object);
  throw badField(noun, name, field, value, `should be ${expectations[field.kind]}`, object);
}

/** The fields of a wire object that no field knows, or null; also those inside of an object of which only parts are known. */
export function unknownFields(fields: Fields, object: WireObject): Readonly<Record<string, unknown>> | null {
  let extra: Record<string, unknown> | null = null;
  const known = knownKeys(fields);
  for (const key in object) {
    const inner = known.get(key);
    const value = inner === undefined ? object[key] : unknownWithin(inner, object[key]);
    if (value === null && inner !== undefined) continue;
    extra ??= {};
    extra[key] = value;
  }
  return extra;
}

function unknownWithin(inner: InnerKeys, value: unknown): Readonly<Record<string, unknown>> | null {
  if (inner === "all" || typeof value !== "object" || value === null) return null;
  const rest = Object.entries(value).filter(([key]) => !inner.has(key));
  return rest.length === 0 ? null : Object.fromEntries(rest);
}

/**
 * Makes the parser of a record: `unknown` in, typed record out.
 *
 * @throws KalshiError `BAD_RECORD` naming the field, `LEGACY_FIELDS` for records in the shape before 2026 (from the parser)
 */
export function recordParser<F extends Fields>(noun: string, fields: F): (raw: unknown) => RecordOf<F> {
  const entries = Object.entries(fields);
  return (raw) => {
    const object = asObject(noun, raw);
    const record: Record<string, unknown> = {};
    try {
      for (const [name, field] of entries) record[name] = readField(noun, name, field, object);
    } catch (error) {
      // The old shape lacks more than amounts; what is to be said of it is that it is old.
      refuseLegacyRecord(noun, fields, object);
      throw error;
    }
    record.extra = unknownFields(fields, object);
    return record as RecordOf<F>;
  };
}

/**
 * A wire value as an object.
 *
 * @throws KalshiError `BAD_RECORD`
 */
export function asObject(noun: string, raw: unknown): WireObject {
  if (typeof raw === "object" && raw !== null && !Array.isArray(raw)) return raw as WireObject;
  throw new KalshiError("BAD_RECORD", `a ${noun} should be a JSON object, was ${shown(raw)}`, {
    hint: "the answer or file is not in the exchange's shape; check where it came from",
    context: { noun, found: shown(raw) },
  });
}

const expectations: Readonly<Record<Kind, string>> = {
  dollars: 'text of dollars such as "0.5600"',
  contracts: 'text of contracts such as "10.00"',
  time: "an RFC 3339 time",
  text: "text",
  uuid: "text",
  integer: "a whole number",
  number: "a number",
  boolean: "true or false",
  json: "JSON",
};

const emptyIsUnknown: ReadonlySet<Kind> = new Set(["dollars", "contracts", "time"]);

/** Undefined means: not of the kind. */
const readers: Readonly<Record<Kind, (value: unknown, form: WireForm) => unknown>> = {
  dollars: (value, form) => {
    if (form !== "plain")
      return Number.isSafeInteger(value) ? (value as number) * (form === "cents" ? CENT : CENT / 100) : undefined;
    return typeof value === "string" ? orUndefined(parsePrice, value) : undefined;
  },
  contracts: (value) => (typeof value === "string" ? orUndefined(parseCount, value) : undefined),
  time: (value, form) => {
    if (typeof value === "number") {
      if (form === "seconds") return fromSeconds(value);
      return form === "millis" ? fromMillis(value) : undefined;
    }
    return typeof value === "string" ? orUndefined(parseTime, value) : undefined;
  },
  text: (value) => (typeof value === "string" ? value : undefined),
  uuid: (value) => (typeof value === "string" ? value : undefined),
  integer: (value) => (Number.isSafeInteger(value) ? value : undefined),
  number: (value) => (typeof value === "number" ? value : undefined),
  boolean: (value) => (typeof value === "boolean" ? value : undefined),
  json: (value) => value,
};

function orUndefined<T>(parse: (text: string) => T, text: string): T | undefined {
  try {
    return parse(text);
  } catch {
    // The caller names the field and the record, which the unit's own error cannot.
    return undefined;
  }
}

function lookUp(object: WireObject, wire: readonly string[]): unknown {
  for (const path of wire) {
    const dot = path.indexOf(".");
    if (dot < 0) {
      const value = object[path];
      if (value !== undefined) return value;
      continue;
    }
    const inner = object[path.slice(0, dot)];
    if (typeof inner === "object" && inner !== null) {
      const value = (inner as WireObject)[path.slice(dot + 1)];
      if (value !== undefined) return value;
    }
  }
  return undefined;
}

/** Which keys of a nested object are known. */
type InnerKeys = "all" | Set<string>;

const keysOf = new WeakMap<Fields, ReadonlyMap<string, InnerKeys>>();

function knownKeys(fields: Fields): ReadonlyMap<string, InnerKeys> {
  const found = keysOf.get(fields);
  if (found !== undefined) return found;
  const known = new Map<string, InnerKeys>();
  for (const path of Object.values(fields).flatMap((field) => field.wire)) {
    const [outer = "", inner] = path.split(".");
    const before = known.get(outer);
    if (inner === undefined || before === "all") known.set(outer, "all");
    else known.set(outer, (before ?? new Set()).add(inner));
  }
  keysOf.set(fields, known);
  return known;
}

function badField(
  noun: string,
  name: string,
  field: Field,
  value: unknown,
  what: string,
  object: WireObject,
): KalshiError {
  const id = object.trade_id ?? object.order_id ?? object.ticker ?? object.event_ticker ?? null;
  const at = field.wire.join(" or ");
  const found = value === undefined || value === null ? "" : `, was ${shown(value)}`;
  return new KalshiError(
    "BAD_RECORD",
    `${noun}${typeof id === "string" ? ` ${id}` : ""}: field \`${at}\` ${what}${found}`,
    {
      hint: "the record is refused rather than guessed at; if the exchange changed its shape, update this library",
      context: { noun, column: name, field: at, found: shown(value), id },
    },
  );
}

function shown(value: unknown): string {
  const text = value === undefined ? "absent" : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
