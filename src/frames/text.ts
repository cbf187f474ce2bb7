import type { ColumnTable } from "arquero";
import { type ShownColumn, shownColumn, shownRows } from "./cells.js";
import { shapeLine } from "./html.js";

const WIDEST_CELL = 40;
const WIDEST_LINE = 160;

/**
 * A table as aligned plain text: head and tail of at most `rows` rows, exact amounts, times in ISO form and UTC, `null` where a
 * value is absent. Columns that do not fit into a line of 160 characters are named below it.
 */
export function tableText(table: ColumnTable, rows = 10): string {
  const { head, tail } = shownRows(table, Math.max(1, rows));
  const shown = [...head, ...tail];
  const lines = Array.from({ length: shown.length + 1 }, () => "");
  const left: string[] = [];
  let width = 0;
  for (const name of table.columnNames()) {
    if (left.length > 0) {
      left.push(name);
      continue;
    }
    const texts = columnTexts(shownColumn(table, name, shown));
    const wide = texts[0]!.length + (width === 0 ? 0 : 2);
    if (width > 0 && width + wide > WIDEST_LINE) {
      left.push(name);
      continue;
    }
    for (const [at, text] of texts.entries()) lines[at] += `${width === 0 ? "" : "  "}${text}`;
    width += wide;
  }
  if (tail.length > 0) lines.splice(head.length + 1, 0, "⋮");
  const rest = left.length === 0 ? "" : `; not shown: ${left.join(", ")}`;
  return [...lines.map((line) => line.trimEnd()), `${shapeLine(table)}${rest}`].join("\n");
}

/** Head and cells, all of one width. */
function columnTexts(column: ShownColumn): string[] {
  const texts = [column.name, ...column.cells.map(({ text }) => shortened(text))];
  const width = Math.max(...texts.map((text) => text.length));
  return texts.map((text) => (column.right ? text.padStart(width) : text.padEnd(width)));
}

/** One line of at most 40 characters. */
function shortened(text: string): string {
  const line = text.replace(/\p{Cc}/gu, (character) => JSON.stringify(character).slice(1, -1));
  return line.length > WIDEST_CELL ? `${line.slice(0, WIDEST_CELL - 1)}…` : line;
}
