import type { ColumnTable } from "arquero";
import { KalshiError } from "../errors.js";
import { rawOf } from "../frames/exact.js";
import { type Count, formatCount } from "../units/count.js";
import { DOLLAR, type Price } from "../units/price.js";

/** A price of a contract: whole micro-dollars from $0 to $1. */
export function isPrice(value: unknown): value is Price {
  return Number.isSafeInteger(value) && (value as Price) >= 0 && (value as Price) <= DOLLAR;
}

export function isPriceOrNull(value: unknown): value is Price | null {
  return value === null || isPrice(value);
}

/** Contracts, in hundredths: none or more. */
export function isCount(value: unknown): value is Count {
  return Number.isSafeInteger(value) && (value as Count) >= 0;
}

export function isCountOrNull(value: unknown): value is Count | null {
  return value === null || isCount(value);
}

/**
 * Prices of contracts in a column, in micro-dollars and the table's row order; null where absent.
 *
 * @throws KalshiError `COLUMN_MISSING`, `COLUMN_KIND`; `BAD_PRICE` for one outside $0 to $1, as prices in cents are
 */
export function pricesOf(table: ColumnTable, column: string): (Price | null)[] {
  const prices = rawOf(table, column);
  for (let row = 0; row < prices.length; row += 1)
    if (!isPriceOrNull(prices[row])) throw badPrice(column, row, prices[row]!);
  return prices;
}

/**
 * Contracts in a column, in hundredths and the table's row order; null where absent.
 *
 * @throws KalshiError `COLUMN_MISSING`, `COLUMN_KIND`; `BAD_COUNT` for one below zero
 */
export function countsOf(table: ColumnTable, column: string): (Count | null)[] {
  const counts = rawOf(table, column);
  for (let row = 0; row < counts.length; row += 1)
    if (!isCountOrNull(counts[row])) throw badCount(column, row, counts[row]!);
  return counts;
}

export function badPrice(column: string, row: number, value: number): KalshiError {
  const dollars = value / DOLLAR;
  return new KalshiError("BAD_PRICE", `column \`${column}\`, row ${row}: $${dollars} is no price of a contract`, {
    hint: "prices are dollars from 0 to 1: 56 cents are 0.56",
    context: { column, row, value: dollars },
  });
}

export function badCount(column: string, row: number, value: number): KalshiError {
  return new KalshiError("BAD_COUNT", `column \`${column}\`, row ${row}: ${formatCount(value)} contracts`, {
    hint: "counts are never below zero: which side was bought or sold, columns of their own say",
    context: { column, row, value: value / 100 },
  });
}
