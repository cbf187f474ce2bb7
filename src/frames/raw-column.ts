import { ScaledColumn } from "./scaled-column.js";

/** A column of exact integers: micro-dollars, hundredths of a contract, microseconds, or plain ones; null where absent. */
export function rawColumn(
  kind: "dollars" | "contracts" | "time" | "integer",
  about: string,
  values: readonly (number | null)[],
): ScaledColumn {
  const raw = new Float64Array(values.length);
  let nulls: Uint8Array | null = null;
  for (let row = 0; row < raw.length; row += 1) {
    const value = values[row]!;
    if (value !== null) {
      raw[row] = value;
      continue;
    }
    nulls ??= new Uint8Array(raw.length);
    nulls[row] = 1;
  }
  return new ScaledColumn(kind, about, raw, nulls);
}
