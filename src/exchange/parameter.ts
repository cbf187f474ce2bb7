import type { QueryValues } from "../client/http.js";
import { KalshiError } from "../errors.js";
import { formatCount, parseCount } from "../units/count.js";
import { formatPrice, parsePrice } from "../units/price.js";
import { formatTime, readTime, type Timestamp, toSeconds } from "../units/time.js";

/**
 * What a parameter or a field of a request is, and so what a caller may give for it and how it stands on the wire:
 *
 * | kind | a caller gives | on the wire |
 * | --- | --- | --- |
 * | `text`, `integer`, `number`, `boolean` | the same | the same |
 * | `seconds` | Unix seconds, a `Date`, or ISO text | Unix seconds |
 * | `millis` | Unix milliseconds, a `Date`, or ISO text | Unix milliseconds |
 * | `time` | a `Date`, or ISO text | RFC 3339, UTC |
 * | `comma` | a list of texts | one text, separated by commas |
 * | `repeated` | a list | the parameter again and again; in a body a list |
 * | `dollars` | `"0.56"`, or the number 0.56 | `"0.5600"` |
 * | `contracts` | `"10"`, `"2.50"`, or a number | `"10.00"` |
 * | `objects` | a list of objects, each with parameters of its own | the same, each written as those say |
 * | `json` | anything | the same |
 */
export type ParameterKind = keyof Given;

interface Given {
  text: string;
  integer: number;
  number: number;
  boolean: boolean;
  seconds: number | Date | string;
  millis: number | Date | string;
  time: Date | string;
  comma: readonly string[] | string;
  repeated: readonly (string | number)[];
  dollars: string | number;
  contracts: string | number;
  objects: readonly Readonly<Record<string, unknown>>[];
  json: unknown;
}

export interface Parameter<K extends ParameterKind = ParameterKind, Required extends boolean = boolean> {
  readonly kind: K;
  readonly required: Required;
  /** Smallest and largest number, or the fewest and most items of a list. */
  readonly range: readonly [number, number] | null;
}

/** A list of objects in a request's body, and what each of them may hold. */
export interface ObjectsParameter<F extends Parameters = Parameters> extends Parameter<"objects", true> {
  readonly fields: F;
}

export type Parameters = Readonly<Record<string, Parameter>>;

type RequiredOf<P extends Parameters> = {
  [N in keyof P]: P[N] extends Parameter<ParameterKind, true> ? N : never;
}[keyof P];

type GivenFor<X extends Parameter> = X extends ObjectsParameter<infer F> ? readonly ArgumentsOf<F>[] : Given[X["kind"]];

/** What a caller gives for a set of parameters, under the exchange's own names. */
export type ArgumentsOf<P extends Parameters> = { readonly [N in RequiredOf<P>]: GivenFor<P[N]> } & {
  readonly [N in Exclude<keyof P, RequiredOf<P>>]?: GivenFor<P[N]> | undefined;
};

/** A parameter that must be given. */
export function needs<K extends ParameterKind>(
  kind: K,
  range: readonly [number, number] | null = null,
): Parameter<K, true> {
  return { kind, required: true, range };
}

/** A parameter that may be left out. */
export function takes<K extends ParameterKind>(
  kind: K,
  range: readonly [number, number] | null = null,
): Parameter<K, false> {
  return { kind, required: false, range };
}

/** A list of objects that must be given, with the parameters of each. */
export function needsObjects<F extends Parameters>(
  fields: F,
  range: readonly [number, number] | null = null,
): ObjectsParameter<F> {
  return { kind: "objects", required: true, range, fields };
}

type WireValue = QueryValues[string] | Readonly<Record<string, unknown>> | readonly unknown[] | null;

/**
 * Arguments as they go onto the wire, checked first.
 *
 * @throws KalshiError `BAD_ARGUMENT` for one that is missing, unknown, out of range or of the wrong kind; `BAD_PRICE`, `BAD_COUNT`, `BAD_TIME`
 */
export function writeArguments(
  operation: string,
  parameters: Parameters,
  given: Readonly<Record<string, unknown>>,
): Record<string, WireValue> {
  for (const name of Object.keys(given)) {
    if (!(name in parameters)) {
      throw wrong(
        operation,
        name,
        given[name],
        "does not exist",
        `it takes ${Object.keys(parameters).join(", ") || "none"}`,
      );
    }
  }
  const written: Record<string, WireValue> = {};
  for (const [name, parameter] of Object.entries(parameters)) {
    // The cursor of a last page, or of the loop's start: no cursor.
    const value = name === "cursor" && given[name] === "" ? undefined : given[name];
    if (value !== undefined) written[name] = write(operation, name, parameter, value);
    else if (parameter.required) throw wrong(operation, name, value, "is missing", `give ${name}`);
  }
  return written;
}

function write(operation: string, name: string, parameter: Parameter, value: unknown): WireValue {
  const { kind, range } = parameter;
  if (!accepts[kind](value))
    throw wrong(operation, name, value, `should be ${expectations[kind]}`, `give ${expectations[kind]}`);
  const items = Array.isArray(value) ? value.length : kind === "comma" ? (value as string).split(",").length : null;
  const size = items ?? (typeof value === "number" ? value : null);
  if (range !== null && size !== null && !(size >= range[0] && size <= range[1])) {
    const what = items === null ? `is ${size}` : `has ${size} items`;
    const most = range[1] === Number.MAX_SAFE_INTEGER ? "or more" : `to ${range[1]}`;
    const hint = `give ${range[0]} ${most}${items === null ? "" : " of them at a time"}`;
    throw wrong(operation, name, value, what, hint);
  }
  if (!isObjects(parameter)) return writers[kind](value);
  return (value as Readonly<Record<string, unknown>>[]).map((one, at) =>
    writeArguments(`${operation} ${name}[${at}]`, parameter.fields, one),
  );
}

function isObjects(parameter: Parameter): parameter is ObjectsParameter {
  return parameter.kind === "objects";
}

const accepts: Readonly<Record<ParameterKind, (value: unknown) => boolean>> = {
  text: (value) => typeof value === "string" && value !== "",
  integer: Number.isSafeInteger,
  number: Number.isFinite,
  boolean: (value) => typeof value === "boolean",
  seconds: (value) => Number.isSafeInteger(value) || isMoment(value),
  millis: (value) => Number.isSafeInteger(value) || isMoment(value),
  time: (value) => isMoment(value),
  // Written, an empty list would be no filter at all.
  comma: (value) => (typeof value === "string" && value !== "") || (isListOf(value, "string") && value.length > 0),
  repeated: (value) => isListOf(value, "string", "number"),
  dollars: (value) => typeof value === "string" || typeof value === "number",
  contracts: (value) => typeof value === "string" || typeof value === "number",
  objects: (value) => isListOf(value, "object") && !value.includes(null),
  json: () => true,
};

const expectations: Readonly<Record<ParameterKind, string>> = {
  text: "text",
  integer: "a whole number",
  number: "a number",
  boolean: "true or false",
  seconds: "Unix seconds, a Date or ISO text",
  millis: "Unix milliseconds, a Date or ISO text",
  time: "a Date or ISO text",
  comma: "a list of one text or more",
  repeated: "a list",
  dollars: 'dollars such as "0.56"',
  contracts: 'contracts such as "10" or "2.50"',
  objects: "a list of objects",
  json: "JSON",
};

const writers: Readonly<Record<ParameterKind, (value: unknown) => WireValue>> = {
  text: (value) => value as string,
  integer: (value) => value as number,
  number: (value) => value as number,
  boolean: (value) => value as boolean,
  seconds: (value) => (typeof value === "number" ? value : toSeconds(momentOf(value))),
  millis: (value) => (typeof value === "number" ? value : Math.floor(momentOf(value) / 1000)),
  time: (value) => formatTime(momentOf(value)),
  comma: (value) => (typeof value === "string" ? value : (value as string[]).join(",")),
  repeated: (value) => (value as (string | number)[]).map(String),
  dollars: (value) => formatPrice(parsePrice(String(value))),
  contracts: (value) => formatCount(parseCount(String(value))),
  objects: (value) => value as WireValue,
  json: (value) => value as WireValue,
};

function isMoment(value: unknown): boolean {
  return value instanceof Date || (typeof value === "string" && value !== "");
}

/** What the present is, the exchange is not asked here. @throws KalshiError `BAD_TIME` */
function momentOf(value: unknown): Timestamp {
  if (typeof value === "string" && value.trim().startsWith("-")) {
    throw new KalshiError("BAD_TIME", `${JSON.stringify(value)} counts from a present that is not known here`, {
      hint: "give a Date, ISO text or Unix seconds; the questions of a lab take relative times",
      context: { found: value },
    });
  }
  return readTime(value as Date | string, 0);
}

function isListOf(value: unknown, ...types: readonly string[]): value is unknown[] {
  return Array.isArray(value) && value.every((one) => types.includes(typeof one));
}

function wrong(operation: string, name: string, value: unknown, what: string, hint: string): KalshiError {
  return new KalshiError("BAD_ARGUMENT", `${operation}: ${name} ${what}`, {
    hint,
    context: { operation, name, found: value },
  });
}
