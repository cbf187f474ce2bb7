import type { MimeBundle } from "./messages.js";

/** What is asked of an arquero table; any object that has it is shown as one. */
export interface TableLike {
  numRows(): number;
  columnNames(): string[];
  objects(options: { offset: number; limit: number }): object[];
  toHTML(): string;
}

const headRows = 10;
const tailRows = 5;
const shownColumns = 40;
const shownCharacters = 120;

export function isTable(value: unknown): value is TableLike {
  if (typeof value !== "object" || value === null) return false;
  return ["numRows", "columnNames", "objects", "toHTML"].every(
    (name) => typeof Reflect.get(value, name) === "function",
  );
}

/** A table as HTML and as text: its first and last rows, and how many there are. */
export function tableBundle(table: TableLike): MimeBundle {
  const names = table.columnNames();
  const excerpt: Excerpt = {
    columns: names.slice(0, shownColumns),
    ...rowsOf(table),
    shape: shapeLine(table.numRows(), names.length),
  };
  return { "text/html": html(excerpt), "text/plain": text(excerpt) };
}

interface Excerpt {
  readonly columns: readonly string[];
  readonly head: readonly Record<string, unknown>[];
  /** The last rows; null when the head is already everything. */
  readonly tail: readonly Record<string, unknown>[] | null;
  readonly shape: string;
}

function rowsOf(table: TableLike): Pick<Excerpt, "head" | "tail"> {
  const rows = table.numRows();
  const read = (offset: number, limit: number) => table.objects({ offset, limit }) as Record<string, unknown>[];
  if (rows <= headRows + tailRows) return { head: read(0, rows), tail: null };
  return { head: read(0, headRows), tail: read(rows - tailRows, tailRows) };
}

function shapeLine(rows: number, columns: number): string {
  const count = (number: number, noun: string) => `${number.toLocaleString("en-US")} ${noun}${number === 1 ? "" : "s"}`;
  const hidden = columns > shownColumns ? `, the first ${shownColumns} shown` : "";
  return `${count(rows, "row")} × ${count(columns, "column")}${hidden}`;
}

function html({ columns, head, tail, shape }: Excerpt): string {
  const right = 'style="text-align:right;font-variant-numeric:tabular-nums"';
  const left = 'style="text-align:left"';
  const align = new Map(columns.map((name) => [name, isNumeric(name, head, tail) ? right : left]));
  const row = (record: Record<string, unknown>) =>
    `<tr>${columns.map((name) => `<td ${align.get(name)}>${htmlCell(record[name])}</td>`).join("")}</tr>`;
  const gap = `<tr>${columns.map((name) => `<td ${align.get(name)}>⋮</td>`).join("")}</tr>`;
  const body = [...head.map(row), ...(tail === null ? [] : [gap, ...tail.map(row)])];
  return [
    '<table class="dataframe">',
    `<thead><tr>${columns.map((name) => `<th ${align.get(name)}>${escapeHtml(name)}</th>`).join("")}</tr></thead>`,
    `<tbody>${body.join("\n")}</tbody>`,
    "</table>",
    `<p>${shape}</p>`,
  ].join("\n");
}

function text({ columns, head, tail, shape }: Excerpt): string {
  const line = (record: Record<string, unknown>) => columns.map((name) => cellText(record[name]));
  const lines = [[...columns], ...head.map(line)];
  if (tail !== null)
    lines.push(
      columns.map(() => "⋮"),
      ...tail.map(line),
    );
  const widths = columns.map((_, at) => Math.max(...lines.map((cells) => cells[at]!.length)));
  const numeric = columns.map((name) => isNumeric(name, head, tail));
  const padded = lines.map((cells) =>
    cells
      .map((cell, at) => (numeric[at] ? cell.padStart(widths[at]!) : cell.padEnd(widths[at]!)))
      .join("  ")
      .trimEnd(),
  );
  return [...padded, shape].join("\n");
}

function isNumeric(name: string, head: Excerpt["head"], tail: Excerpt["tail"]): boolean {
  const values = [...head, ...(tail ?? [])].map((row) => row[name]).filter((value) => value != null);
  // Decimal objects read as numbers too.
  return values.length > 0 && values.every((value) => isNumber(value));
}

function isNumber(value: unknown): boolean {
  return (
    typeof value === "number" ||
    typeof value === "bigint" ||
    Reflect.get(Object(value), "constructor")?.name === "Decimal"
  );
}

function htmlCell(value: unknown): string {
  const shown = escapeHtml(cellText(value));
  return value === null || value === undefined ? `<span style="opacity:0.5;font-style:italic">${shown}</span>` : shown;
}

function cellText(value: unknown): string {
  const whole = wholeText(value).replaceAll(/[\r\n\t]/g, " ");
  return whole.length > shownCharacters ? `${whole.slice(0, shownCharacters - 1)}…` : whole;
}

function wholeText(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "Invalid Date" : value.toISOString();
  if (typeof value !== "object") return String(value);
  if (Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype) {
    return JSON.stringify(value, (_, inner: unknown) => (typeof inner === "bigint" ? String(inner) : inner));
  }
  return String(value);
}

export function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
