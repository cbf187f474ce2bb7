import { KalshiError } from "../../errors.js";
import { parseTime, type Timestamp } from "../../units/time.js";

/** A JSON object of a fault plan, its fields not yet read. */
export type Fields = Readonly<Record<string, unknown>>;

/** Readers of single fields; `at` names the field in what is thrown. All throw KalshiError `BAD_ARGUMENT`, times also `BAD_TIME`. */
export function objectAt(at: string, value: unknown): Fields {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Fields;
  throw wrong(at, value, "give a JSON object");
}

export function refuseUnknown(at: string, fields: Fields, known: readonly string[]): void {
  const unknown = Object.keys(fields).find((name) => !known.includes(name));
  if (unknown !== undefined) throw wrong(`${at}${unknown}`, fields[unknown], `known here are ${known.join(", ")}`);
}

export function oneOf<Value>(at: string, value: unknown, known: readonly Value[]): Value {
  const found = known.find((one) => one === value);
  if (found === undefined) throw wrong(at, value, `give one of ${known.join(", ")}`);
  return found;
}

export function numberIn(at: string, value: unknown, least: number, most: number): number {
  if (typeof value === "number" && value >= least && value <= most) return value;
  throw wrong(at, value, `give a number from ${least} to ${most}`);
}

export function wholeFrom(at: string, value: unknown, least: number): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= least) return value;
  throw wrong(at, value, `give a whole number from ${least} on`);
}

export function textAt(at: string, value: unknown, form: RegExp, hint: string): string {
  if (typeof value === "string" && form.test(value)) return value;
  throw wrong(at, value, hint);
}

export function timeAt(at: string, value: unknown): Timestamp {
  if (typeof value !== "string") throw wrong(at, value, "give RFC 3339");
  return parseTime(value);
}

export function wrong(field: string, found: unknown, hint: string): KalshiError {
  const shown = found === undefined ? "missing" : JSON.stringify(found);
  return new KalshiError("BAD_ARGUMENT", `fault plan: ${field} is ${shown}`, { hint, context: { field, found } });
}
