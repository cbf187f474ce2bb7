import type { ColumnTable } from "arquero";
import { tableText } from "../frames/text.js";

/** Prints a table on stdout: as JSON rows for programs, else neatly for people. */
export function printTable(table: ColumnTable, json: boolean, rows = 20): void {
  process.stdout.write(json ? `${JSON.stringify(table.objects())}\n` : `${tableText(table, rows)}\n`);
}

/** Prints one JSON value on stdout. */
export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

/** A line for people, on stderr: stdout is for results. */
export function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Prints a line of a result on stdout. */
export function printLine(text: string): void {
  process.stdout.write(`${text}\n`);
}
