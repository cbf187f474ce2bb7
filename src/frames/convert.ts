import { Decimal } from "decimal.js";
import { KalshiError } from "../errors.js";
import { type Kind, maybe } from "../exchange/field.js";
import { parseTime } from "../units/time.js";
import type { TableColumn } from "./columns.js";
import { ScaledColumn, scaleOf } from "./scaled-column.js";
import { sourceOf } from "./source.js";
import { TextWriter } from "./text-writer.js";
import { writerOf } from "./writers.js";

/**
 * A typed column of values as a table holds them: dollars, contracts and milliseconds as numbers (rounded to the kind's step),
 * `Decimal` or whole bigint, times also as `Date` or RFC 3339 text, JSON as text or objects. Null, undefined and NaN are absent.
 *
 * @throws KalshiError `COLUMN_KIND` naming column and row
 */
export function columnFrom(
  name: string,
  kind: Kind,
  about: string,
  values: { readonly length: number; at(row: number): unknown },
): TableColumn {
  if (values instanceof ScaledColumn && values.kind === kind) {
    return new ScaledColumn(kind, about, values.raw, values.nulls);
  }
  const source = sourceOf("table", name, maybe(kind, name, about));
  const writer = writerOf(source);
  for (let row = 0; row < values.length; row += 1) {
    const value = values.at(row);
    if (value === null || value === undefined || (typeof value === "number" && Number.isNaN(value))) {
      writer.write(row, null);
      continue;
    }
    const inside = converters[kind](value);
    if (inside === undefined) throw unfit(name, kind, row, value);
    if (kind === "json" && writer instanceof TextWriter) writer.writeText(row, inside as string);
    else writer.write(row, inside);
  }
  return writer.column(values.length);
}

/** From a value of a table to the one of a record; undefined when it is not of the kind. */
const converters: Readonly<Record<Kind, (value: unknown) => unknown>> = {
  dollars: (value) => scaled(value, scaleOf("dollars")),
  contracts: (value) => scaled(value, scaleOf("contracts")),
  time: (value) => {
    if (value instanceof Date) return scaled(value.getTime(), scaleOf("time"));
    if (typeof value !== "string") return scaled(value, scaleOf("time"));
    try {
      return parseTime(value);
    } catch {
      // The caller names column and row, which the unit's own error cannot.
      return undefined;
    }
  },
  integer: (value) => (Number.isInteger(value) || typeof value === "bigint" ? scaled(value, 1) : undefined),
  number: (value) => {
    if (typeof value === "bigint") return Number(value);
    if (Decimal.isDecimal(value)) return value.toNumber();
    return typeof value === "number" ? value : undefined;
  },
  text: (value) => (typeof value === "string" ? value : undefined),
  uuid: (value) => (typeof value === "string" ? value : undefined),
  boolean: (value) => (typeof value === "boolean" ? value : undefined),
  json: (value) => (typeof value === "string" ? value : JSON.stringify(value)),
};

function scaled(value: unknown, scale: number): number | undefined {
  let integer: number;
  if (typeof value === "number") integer = Math.round(value * scale);
  else if (typeof value === "bigint") integer = Number(value * BigInt(scale));
  else if (Decimal.isDecimal(value)) integer = value.times(scale).round().toNumber();
  else return undefined;
  return Number.isSafeInteger(integer) ? integer : undefined;
}

function unfit(name: string, kind: Kind, row: number, value: unknown): KalshiError {
  const found = typeof value === "string" ? JSON.stringify(value) : String(value);
  const shown = found.length > 60 ? `${found.slice(0, 57)}...` : found;
  return new KalshiError("COLUMN_KIND", `column \`${name}\`, row ${row}: ${shown} is not of kind ${kind}`, {
    hint: "name the column's kind with `withSchema(table, { … })`, or derive it as what its name means",
    context: { column: name, kind, row, found: shown },
  });
}
