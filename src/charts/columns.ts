import type { ColumnTable } from "arquero";
import { KalshiError } from "../errors.js";
import { type Raw, ScaledColumn } from "../frames/scaled-column.js";

/** Values of one drawn column: a missing one is null. */
export type Numbers = readonly (number | null)[];

/**
 * Refuses a table that lacks a column a chart draws.
 *
 * @throws KalshiError `COLUMN_MISSING` naming what is needed and what was found
 */
export function needColumns(chart: string, table: ColumnTable, names: readonly string[]): void {
  const found = table.columnNames();
  const missing = names.filter((name) => !found.includes(name));
  if (missing.length === 0) return;
  throw columnMissing(chart, missing.map((name) => `\`${name}\``).join(", "), found);
}

/** The error for a table that has none of the columns asked for. `needed` is said in words. */
export function columnMissing(chart: string, needed: string, found: readonly string[]): KalshiError {
  return new KalshiError("COLUMN_MISSING", `chart.${chart}: the table has no ${needed}`, {
    hint: `columns found: ${found.length === 0 ? "none" : found.join(", ")}; keep or rename the column before drawing`,
    context: { chart, needed, found },
  });
}

/**
 * Refuses to draw nothing.
 *
 * @throws KalshiError `CHART_EMPTY`
 */
export function needRows(chart: string, rows: number, what: string, hint: string): void {
  if (rows > 0) return;
  throw new KalshiError("CHART_EMPTY", `chart.${chart}: there are no ${what} to draw`, { hint, context: { chart } });
}

/** True where the table has every one of these columns. */
export function hasColumns(table: ColumnTable, names: readonly string[]): boolean {
  const found = table.columnNames();
  return names.every((name) => found.includes(name));
}

/**
 * A column of dollars, contracts or other numbers in the table's row order. Columns of this library read the same whatever form their
 * table shows them in; elsewhere `Decimal` and bigint values are read as numbers.
 *
 * @throws KalshiError `COLUMN_KIND` where a value is no number
 */
export function numbers(chart: string, table: ColumnTable, name: string): (number | null)[] {
  const values = valuesOf(table, name);
  for (let row = 0; row < values.length; row += 1) {
    const value = values[row];
    if (typeof value === "number" && Number.isFinite(value)) continue;
    values[row] = numberOf(chart, name, value);
  }
  return values as (number | null)[];
}

/**
 * A column of prices in dollars, read as {@link numbers} are.
 *
 * @throws KalshiError `COLUMN_KIND` where a value is no number, `BAD_PRICE` where it is outside $0 to $1, as cents are
 */
export function prices(chart: string, table: ColumnTable, name: string): (number | null)[] {
  const values = numbers(chart, table, name);
  for (let row = 0; row < values.length; row += 1) {
    const price = values[row]!;
    // An absent one compares as 0 does.
    if (price < 0 || price > 1) throw noPrice(chart, name, price);
  }
  return values;
}

function noPrice(chart: string, name: string, price: number): KalshiError {
  return new KalshiError("BAD_PRICE", `chart.${chart}: column \`${name}\` has $${price}, no price of a contract`, {
    hint: "prices are dollars from 0 to 1: 56 cents are 0.56",
    context: { chart, column: name, price },
  });
}

function numberOf(chart: string, name: string, value: unknown): number | null {
  if (value === null || value === undefined) return null;
  const number = typeof value === "string" && value.trim() === "" ? Number.NaN : Number(value);
  if (Number.isFinite(number)) return number;
  throw wrongKind(chart, name, "numbers", value);
}

/**
 * A column of times in milliseconds since 1970, in the table's row order. `Date` objects are read as well.
 *
 * @throws KalshiError `COLUMN_KIND` where a value is no time
 */
export function times(chart: string, table: ColumnTable, name: string): (number | null)[] {
  const values = valuesOf(table, name);
  for (let row = 0; row < values.length; row += 1) {
    const value = values[row];
    if (typeof value === "number" && Number.isFinite(value)) continue;
    values[row] = timeOf(chart, name, value);
  }
  return values as (number | null)[];
}

function timeOf(chart: string, name: string, value: unknown): number | null {
  if (value === null || value === undefined) return null;
  const ms = value instanceof Date ? value.getTime() : value;
  if (typeof ms === "number" && Number.isFinite(ms)) return ms;
  throw wrongKind(chart, name, "times", value);
}

/** A column as text in the table's row order; null reads as "". */
export function texts(table: ColumnTable, name: string): string[] {
  return valuesOf(table, name).map((value) => (value === null || value === undefined ? "" : String(value)));
}

/** A column's values in the table's row order, in an array of the caller's own. */
function valuesOf(table: ColumnTable, name: string): unknown[] {
  const column: unknown = table.column(name);
  const isWhole = !table.isFiltered() && !table.isOrdered();
  if (column instanceof ScaledColumn) {
    const { raw, scale, nulls } = column;
    // Without nulls and in the order they lie in, numbers are read without asking for each.
    if (isWhole && nulls === null) return quotients(raw, scale);
    return read(table, (row) => {
      const value = column.rawAt(row);
      return value === null ? null : value / scale;
    });
  }
  if (isWhole && Array.isArray(column)) return column.slice(0, table.totalRows());
  const other = column as { at(row: number): unknown };
  return read(table, (row) => other.at(row));
}

function quotients(raw: Raw, scale: number): number[] {
  const values: number[] = [];
  for (let row = 0; row < raw.length; row += 1) values.push(raw[row]! / scale);
  return values;
}

function read(table: ColumnTable, valueAt: (row: number) => unknown): unknown[] {
  const values: unknown[] = [];
  if (table.isFiltered() || table.isOrdered()) {
    table.scan((row) => {
      values.push(valueAt(row!));
    }, true);
    return values;
  }
  const rows = table.totalRows();
  for (let row = 0; row < rows; row += 1) values.push(valueAt(row));
  return values;
}

function wrongKind(chart: string, name: string, kind: string, value: unknown): KalshiError {
  return new KalshiError(
    "COLUMN_KIND",
    `chart.${chart}: column \`${name}\` should hold ${kind}, was ${String(value)}`,
    {
      hint: "times are milliseconds since 1970 (UTC), prices dollars, counts contracts; convert the column before drawing",
      context: { chart, column: name, found: String(value) },
    },
  );
}

/** The error for a chart of one market that was handed several. */
export function severalMarkets(chart: string, one: string, other: string): KalshiError {
  return new KalshiError("BAD_ARGUMENT", `chart.${chart}: the table holds several markets, ${one} and ${other}`, {
    hint: `say which one: { ticker: ${JSON.stringify(one)} }`,
    context: { chart, tickers: [one, other] },
  });
}
