import { quoted } from "../duckdb.js";

/**
 * SQL that says whether `fresh` and `held` can be of one record by these columns. A record that names no subaccount can be of any: it was told
 * to a key that may not see them.
 */
export function sameRecord(names: readonly string[]): string {
  return names
    .map((name) => {
      const [fresh, held] = [`fresh.${quoted(name)}`, `held.${quoted(name)}`];
      return name === "subaccount_number"
        ? `(${fresh} = ${held} OR ${fresh} IS NULL OR ${held} IS NULL)`
        : `${fresh} IS NOT DISTINCT FROM ${held}`;
    })
    .join(" AND ");
}
