import type { ColumnTable } from "arquero";
import { Decimal } from "decimal.js";
import { KalshiError } from "../errors.js";
import type { Kind } from "../exchange/field.js";
import { COUNT_DECIMALS } from "../units/count.js";
import { AMOUNT_DECIMALS } from "../units/money.js";
import { PRICE_DECIMALS } from "../units/price.js";
import { ExactSum } from "../units/sum.js";
import { integerOf, ScaledColumn, scaleOf } from "./scaled-column.js";
import { columnOf, schemaOfColumn } from "./schema.js";

/** Decimals behind the point of a quotient. */
const QUOTIENT_DECIMALS = 20;

/**
 * The exact integers of a column in the table's row order, filter and order applied: micro-dollars, hundredths of a contract,
 * microseconds, or plain integers; null where absent.
 *
 * @throws KalshiError `COLUMN_MISSING`, `COLUMN_KIND` when the column holds no such integers
 */
export function rawOf(table: ColumnTable, column: string): (number | null)[] {
  const values: (number | null)[] = new Array(table.numRows());
  let at = 0;
  eachRaw(table, column, (value) => {
    values[at] = value;
    at += 1;
  });
  return values;
}

/**
 * The same as {@link rawOf} as floats, NaN where absent: a fraction of the memory and time for a million rows.
 *
 * @throws KalshiError `COLUMN_MISSING`, `COLUMN_KIND`
 */
export function rawFloats(table: ColumnTable, column: string): Float64Array {
  const found = columnOf(table, column);
  if (found instanceof ScaledColumn && found.kind !== "number" && !table.isFiltered() && !table.isOrdered()) {
    const values = new Float64Array(found.raw);
    for (let row = 0; found.nulls !== null && row < values.length; row += 1)
      if (found.nulls[row] === 1) values[row] = Number.NaN;
    return values;
  }
  const values = new Float64Array(table.numRows());
  let at = 0;
  eachRaw(table, column, (value) => {
    values[at] = value ?? Number.NaN;
    at += 1;
  });
  return values;
}

/**
 * The exact sum of a column of dollars, contracts or integers; absent values do not count. Groups are not looked at.
 *
 * @throws KalshiError `COLUMN_MISSING`, `COLUMN_KIND`
 */
export function exactSum(table: ColumnTable, column: string): Decimal {
  const { kind } = schemaOfColumn(table, column);
  if (kind === "time") throw notExact(column, kind, "times cannot be summed");
  const total = new ExactSum();
  eachRaw(table, column, (value) => {
    if (value !== null) total.add(value);
  });
  return decimalOf(total.value(), decimalsOf(kind));
}

/**
 * The exact sum of price times count in dollars; rows where one of them is absent do not count.
 *
 * @throws KalshiError `COLUMN_MISSING`, `COLUMN_KIND`
 */
export function exactNotional(table: ColumnTable, priceColumn = "yes_price", countColumn = "count"): Decimal {
  return decimalOf(weigh(table, priceColumn, countColumn).amount, AMOUNT_DECIMALS);
}

/**
 * The mean price weighted by contracts, in dollars, computed exactly and cut half up at 20 decimals; null when no contracts are there.
 *
 * @throws KalshiError `COLUMN_MISSING`, `COLUMN_KIND`
 */
export function vwap(table: ColumnTable, priceColumn = "yes_price", countColumn = "count"): Decimal | null {
  const { amount, count } = weigh(table, priceColumn, countColumn);
  if (count === 0n) return null;
  const shift = 10n ** BigInt(QUOTIENT_DECIMALS - PRICE_DECIMALS);
  // amount is in 1e-8 dollars and count in 1e-2 contracts: the quotient is in 1e-6 dollars.
  const scaled = 2n * amount * shift;
  const twice = 2n * count;
  const half = amount < 0n === count < 0n ? count : -count;
  return decimalOf((scaled + half) / twice, QUOTIENT_DECIMALS);
}

/** Integers with a decimal point put in, exactly (`Decimal`'s own division rounds to twenty digits). */
export function decimalOf(integer: bigint, decimals: number): Decimal {
  return new Decimal(`${integer}e-${decimals}`);
}

function weigh(table: ColumnTable, priceColumn: string, countColumn: string): { amount: bigint; count: bigint } {
  expectKind(table, priceColumn, "dollars");
  expectKind(table, countColumn, "contracts");
  const prices = rawOf(table, priceColumn);
  const amount = new ExactSum();
  const count = new ExactSum();
  let row = 0;
  eachRaw(table, countColumn, (contracts) => {
    const price = prices[row] ?? null;
    row += 1;
    if (price === null || contracts === null) return;
    amount.addProduct(price, contracts);
    count.add(contracts);
  });
  return { amount: amount.value(), count: count.value() };
}

function eachRaw(table: ColumnTable, name: string, visit: (value: number | null) => void): void {
  const column = columnOf(table, name);
  const { kind } = schemaOfColumn(table, name);
  if (kind !== "dollars" && kind !== "contracts" && kind !== "time" && kind !== "integer") {
    throw notExact(name, kind, "it holds no exact integers");
  }
  if (column instanceof ScaledColumn) {
    table.scan((row) => visit(column.rawAt(row!)), true);
    return;
  }
  const scale = scaleOf(kind);
  table.scan((row) => visit(rawOfValue(name, kind, scale, column.at(row!))), true);
}

function rawOfValue(name: string, kind: Kind, scale: number, value: unknown): number | null {
  if (value === null || value === undefined) return null;
  const raw =
    typeof value === "number"
      ? integerOf(value, scale)
      : Decimal.isDecimal(value)
        ? scaledDecimal(value, scale)
        : typeof value === "bigint"
          ? Number(value * BigInt(scale))
          : null;
  if (raw === null || !Number.isSafeInteger(raw)) {
    throw notExact(name, kind, `${String(value)} is no exact value of that kind`);
  }
  return raw;
}

/** A `Decimal` as an integer of `1 / scale`, a power of ten; null where it is finer, which its product, of twenty digits, might not show. */
function scaledDecimal(value: Decimal, scale: number): number | null {
  if (!(value.decimalPlaces() <= Math.log10(scale))) return null;
  const found = value.mul(scale).toNumber();
  return found === 0 ? 0 : found;
}

function expectKind(table: ColumnTable, column: string, kind: Kind): void {
  const found = schemaOfColumn(table, column).kind;
  if (found !== kind) throw notExact(column, found, `${kind} are needed`);
}

function decimalsOf(kind: Kind): number {
  return kind === "dollars" ? PRICE_DECIMALS : kind === "contracts" ? COUNT_DECIMALS : 0;
}

function notExact(column: string, kind: Kind, why: string): KalshiError {
  return new KalshiError("COLUMN_KIND", `column \`${column}\` of kind ${kind}: ${why}`, {
    hint: "give a derived column its kind with `withSchema(table, { … })`, which rounds it to the kind's step",
    context: { column, kind },
  });
}
