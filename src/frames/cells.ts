import type { ColumnTable } from "arquero";
import { Decimal } from "decimal.js";
import type { Kind } from "../exchange/field.js";
import { COUNT_DECIMALS } from "../units/count.js";
import { formatFixed } from "../units/fixed.js";
import { PRICE_DECIMALS } from "../units/price.js";
import { formatTime, formatTimeFull, SECOND } from "../units/time.js";
import { integerOf, ScaledColumn, scaleOf } from "./scaled-column.js";
import { columnOf, schemaOfColumn } from "./schema.js";

/** A column of a table ready to be shown: its head, and the texts of the rows asked for. */
export interface ShownColumn {
  readonly name: string;
  readonly kind: Kind;
  readonly about: string;
  /** Numbers stand to the right. */
  readonly right: boolean;
  readonly cells: readonly ShownCell[];
}

export interface ShownCell {
  readonly text: string;
  /** Null and empty text are shown, but fainter than a value. */
  readonly faint: boolean;
}

const NULL: ShownCell = { text: "null", faint: true };
const EMPTY: ShownCell = { text: '""', faint: true };
const right: ReadonlySet<Kind> = new Set(["dollars", "contracts", "integer", "number"]);

/** Row numbers of the table to show: all, or as many from its head as from its tail. */
export function shownRows(table: ColumnTable, rows: number): { head: number[]; tail: number[] } {
  const total = table.numRows();
  const all = Array.from(table.indices());
  if (total <= rows) return { head: all, tail: [] };
  const head = Math.ceil(rows / 2);
  return { head: all.slice(0, head), tail: all.slice(total - (rows - head)) };
}

/** The texts of a column: exact amounts of equally many decimals, times in ISO form and UTC. */
export function shownColumn(table: ColumnTable, name: string, rows: readonly number[]): ShownColumn {
  const column = columnOf(table, name);
  const { kind, about } = schemaOfColumn(table, name);
  const values = rows.map((row) => (column instanceof ScaledColumn ? amountOf(column, row) : column.at(row)));
  return { name, kind, about, right: right.has(kind), cells: shownCells(kind, values) };
}

/** A value of a scaled column as its exact double, whatever it reads as. */
function amountOf(column: ScaledColumn<unknown>, row: number): number | null {
  const raw = column.rawAt(row);
  return raw === null ? null : raw / column.scale;
}

function shownCells(kind: Kind, values: readonly unknown[]): ShownCell[] {
  if (kind === "dollars") return amounts(values, PRICE_DECIMALS, 4);
  if (kind === "contracts") return amounts(values, COUNT_DECIMALS, COUNT_DECIMALS);
  if (kind === "time") return times(values);
  return values.map((value) => {
    if (value === null || value === undefined) return NULL;
    if (value === "") return EMPTY;
    return {
      text: typeof value === "object" && !Decimal.isDecimal(value) ? JSON.stringify(value) : String(value),
      faint: false,
    };
  });
}

function amounts(values: readonly unknown[], decimals: number, least: number): ShownCell[] {
  const scale = 10 ** decimals;
  const integers = values.map((value) => {
    const number = Decimal.isDecimal(value) ? value.toNumber() : value;
    if (typeof number !== "number" || Number.isNaN(number)) return null;
    // A mean or another value between the steps is shown rounded to the step.
    return integerOf(number, scale) ?? Math.round(number * scale);
  });
  const shown = integers.reduce<number>(
    (most, integer) => Math.max(most, integer === null ? 0 : needed(integer, decimals)),
    least,
  );
  return integers.map((integer) => {
    if (integer === null) return NULL;
    return {
      text: Number.isSafeInteger(integer) ? formatFixed(integer, decimals, shown) : String(integer / scale),
      faint: false,
    };
  });
}

/** Decimals that an integer of `10^-decimals` needs to be written in full. */
function needed(integer: number, decimals: number): number {
  let left = decimals;
  for (let rest = Math.abs(integer); left > 0 && rest % 10 === 0; rest /= 10) left -= 1;
  return left;
}

function times(values: readonly unknown[]): ShownCell[] {
  const micros = values.map((value) => {
    const ms = value instanceof Date ? value.getTime() : value;
    return typeof ms === "number" && Math.abs(ms) <= 8.64e15 ? Math.round(ms * scaleOf("time")) : null;
  });
  const whole = micros.every((time) => time === null || time % SECOND === 0);
  return micros.map((time) =>
    time === null ? NULL : { text: whole ? formatTime(time) : formatTimeFull(time), faint: false },
  );
}
