import type { ColumnTable } from "arquero";
import { escapeHtml } from "../book/book.js";
import { type ShownColumn, shownColumn, shownRows } from "./cells.js";

export interface TableHtmlOptions {
  /** Most rows to show; longer tables show as many from the head as from the tail. Default 20. */
  readonly rows?: number;
}

// Colours come from the page (currentColor), so that it reads on light and dark ground alike.
const style = {
  box: "overflow-x:auto;max-width:100%",
  table: "border-collapse:collapse;font-size:12px;font-variant-numeric:tabular-nums;margin:0;color:inherit",
  head: "padding:3px 8px;border-bottom:1px solid currentColor;white-space:nowrap;font-weight:600;color:inherit",
  cell: "padding:2px 8px;border-bottom:1px solid rgba(128,128,128,.25);white-space:nowrap;max-width:32em;overflow:hidden;text-overflow:ellipsis;color:inherit",
  // At the left, since the middle of a wide table is out of sight.
  gap: "padding:2px 8px;text-align:left;opacity:.55;color:inherit",
  faint: "opacity:.45;font-style:italic",
  foot: "font-size:12px;opacity:.7;margin:4px 0 0",
};

/**
 * A table as HTML: head and tail, exact amounts, times in ISO form and UTC, `null` where a value is absent, the kind and meaning
 * of each column as tooltip of its head, and a line `rows × columns`. Pure text, without scripts.
 */
export function tableHtml(table: ColumnTable, options: TableHtmlOptions = {}): string {
  const { head, tail } = shownRows(table, Math.max(1, options.rows ?? 20));
  const rows = [...head, ...tail];
  const columns = table.columnNames().map((name) => shownColumn(table, name, rows));
  const body = rows.map((_, at) => {
    const line = rowHtml(columns, at, at < head.length ? at : table.numRows() - rows.length + at);
    if (at !== head.length || tail.length === 0) return line;
    const skipped = table.numRows() - rows.length;
    return `<tr><td colspan="${columns.length + 1}" style="${style.gap}">⋮ ${thousands(skipped)} more</td></tr>${line}`;
  });
  return [
    `<div style="${style.box}"><table style="${style.table}">`,
    `<thead><tr><th style="${style.head}"></th>${columns.map(headHtml).join("")}</tr></thead>`,
    `<tbody>${body.join("")}</tbody></table>`,
    `<p style="${style.foot}">${shapeLine(table)}</p></div>`,
  ].join("");
}

/** `1,234 rows × 10 columns`. */
export function shapeLine(table: ColumnTable): string {
  const rows = table.numRows();
  const columns = table.numCols();
  return `${thousands(rows)} row${rows === 1 ? "" : "s"} × ${columns} column${columns === 1 ? "" : "s"}`;
}

function headHtml(column: ShownColumn): string {
  const title = column.about === "" ? column.kind : `${column.kind}: ${column.about}`;
  return `<th title="${escapeHtml(title)}" style="${style.head};text-align:${side(column)}">${escapeHtml(column.name)}</th>`;
}

function rowHtml(columns: readonly ShownColumn[], at: number, number: number): string {
  const cells = columns.map((column) => {
    const { text, faint } = column.cells[at]!;
    const title = text.length > 60 ? ` title="${escapeHtml(text)}"` : "";
    return `<td${title} style="${style.cell};text-align:${side(column)}${faint ? `;${style.faint}` : ""}">${escapeHtml(text)}</td>`;
  });
  return `<tr><td style="${style.cell};text-align:right;opacity:.45">${number}</td>${cells.join("")}</tr>`;
}

function side(column: ShownColumn): string {
  return column.right ? "right" : "left";
}

function thousands(value: number): string {
  return value.toLocaleString("en-US");
}
