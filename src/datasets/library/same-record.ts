import { quoted } from "../duckdb.js";

/**
 * SQL that says whether `fresh` and `held` are of one record by these columns. An older record that names no subaccount is of the primary one,
 * which later ones name by 0.
 */
export function sameRecord(names: readonly string[]): string {
  const value = (side: string, name: string): string => {
    const column = `${side}.${quoted(name)}`;
    return name === "subaccount_number" ? `coalesce(${column}, 0)` : column;
  };
  return names.map((name) => `${value("fresh", name)} IS NOT DISTINCT FROM ${value("held", name)}`).join(" AND ");
}
