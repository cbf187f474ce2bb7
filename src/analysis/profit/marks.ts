import { Decimal } from "decimal.js";
import { KalshiError } from "../../errors.js";
import type { Price } from "../../units/price.js";

/** A YES price in dollars: `"0.565"`, `0.565` or a `Decimal`. */
export type Mark = string | number | Decimal;

/** Marks by ticker. */
export type Marks = Readonly<Record<string, Mark>> | ReadonlyMap<string, Mark>;

/**
 * Marks in micro-dollars, rounded half up to one.
 *
 * @throws KalshiError `BAD_PRICE` for what is no price from $0 to $1
 */
export function readMarks(marks: Marks | undefined): Map<string, Price> {
  const read = new Map<string, Price>();
  if (marks === undefined) return read;
  const entries = marks instanceof Map ? marks : Object.entries(marks as Readonly<Record<string, Mark>>);
  for (const [ticker, mark] of entries as Iterable<[string, Mark]>) {
    const dollars = decimal(mark);
    if (dollars === null || dollars.isNaN() || dollars.lt(0) || dollars.gt(1)) throw badMark(ticker, mark);
    read.set(ticker, dollars.times(1_000_000).round().toNumber());
  }
  return read;
}

function decimal(mark: Mark): Decimal | null {
  try {
    return new Decimal(mark);
  } catch {
    // The caller names the market, which Decimal's own error cannot.
    return null;
  }
}

function badMark(ticker: string, mark: Mark): KalshiError {
  return new KalshiError("BAD_PRICE", `mark of ${ticker}: not a YES price in dollars: ${String(mark)}`, {
    hint: 'give a price from 0 to 1, such as "0.56"; leave a market out to value its position at cost',
    context: { ticker, mark: String(mark) },
  });
}
