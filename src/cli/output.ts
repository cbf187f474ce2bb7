import type { ColumnTable } from "arquero";
import { tableText } from "../frames/text.js";
import type { Saved } from "../lab/query.js";

/** Prints a table on stdout: as JSON rows for programs, else neatly for people. */
export function printTable(table: ColumnTable, json: boolean, rows = 20): void {
  process.stdout.write(json ? `${JSON.stringify(table.objects())}\n` : `${tableText(table, rows)}\n`);
}

/** Prints one JSON value on stdout. */
export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

let isQuiet = false;

/** From now on only what is wrong, or in doubt, is told on stderr. */
export function beQuiet(): void {
  isQuiet = true;
}

export function isQuietNow(): boolean {
  return isQuiet;
}

/** A line for people, on stderr: stdout is for results. Not with `--quiet`. */
export function say(text: string): void {
  if (!isQuiet) warn(text);
}

/** A line about what is wrong, or in doubt: told with `--quiet` too. */
export function warn(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Prints a line of a result on stdout. */
export function printLine(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** `38,652 rows: 20,127 historical + 18,595 live, 70 of them in both tiers`; what an earlier question left on disk is named. */
export function sourcesText({
  rows,
  duplicates,
  provenance,
}: Pick<Saved, "rows" | "duplicates" | "provenance">): string {
  const number = (value: number): string => value.toLocaleString("en-US");
  const kept = (rows = 0): string => (rows === 0 ? "" : ` (${number(rows)} kept on disk)`);
  const tiers = provenance.sources
    .map(({ rows, tier, cached }) => `${number(rows)} ${tier}${kept(cached)}`)
    .join(" + ");
  const twice = duplicates === 0 ? "" : `, ${number(duplicates)} of them in both tiers`;
  const why = provenance.complete ? "" : `; incomplete: ${provenance.why}`;
  return `${number(rows)} rows: ${tiers}${twice}${why}`;
}

/** `1,234`. */
export function number(value: number): string {
  return value.toLocaleString("en-US");
}

/** `1 file`, `1,234 files`. */
export function counted(value: number, noun: string): string {
  return `${number(value)} ${noun}${value === 1 ? "" : "s"}`;
}

/** The words of a flag that takes several, separated by commas. */
export function list(text: string): string[] {
  return text.split(",").filter((word) => word !== "");
}
