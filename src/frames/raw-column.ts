import { ScaledColumn } from "./scaled-column.js";

/** A column of exact integers: micro-dollars, hundredths of a contract, microseconds, or plain ones; null where absent. */
export function rawColumn(
  kind: "dollars" | "contracts" | "time" | "integer",
  about: string,
  values: readonly (number | null)[],
): ScaledColumn {
  const nulls = values.includes(null) ? Uint8Array.from(values, (value) => (value === null ? 1 : 0)) : null;
  return new ScaledColumn(
    kind,
    about,
    Float64Array.from(values, (value) => value ?? 0),
    nulls,
  );
}
