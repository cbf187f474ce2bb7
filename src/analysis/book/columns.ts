import { columnFrom } from "../../frames/convert.js";
import { rawColumn } from "../../frames/raw-column.js";
import { divide } from "../../units/sum.js";

/** A text column. */
export function texts(name: string, about: string, values: readonly (string | null)[]) {
  return columnFrom(name, "text", about, values);
}

/** A column of doubles. */
export function numbers(name: string, about: string, values: readonly (number | null)[]) {
  return columnFrom(name, "number", about, values);
}

/** A column of integer micro-dollars. */
export function dollars(about: string, values: readonly (number | null)[]) {
  return rawColumn("dollars", about, values);
}

/** A column of hundredths of a contract. */
export function contracts(about: string, values: readonly (number | null)[]) {
  return rawColumn("contracts", about, values);
}

export function integers(about: string, values: readonly (number | null)[]) {
  return rawColumn("integer", about, values);
}

export function times(about: string, values: readonly (number | null)[]) {
  return rawColumn("time", about, values);
}

/** A mean of integers, rounded half away from zero to an integer; null where nothing weighs. */
export function mean(sum: bigint, weight: bigint): number | null {
  return weight === 0n ? null : Number(divide(sum, weight));
}
