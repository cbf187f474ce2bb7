import { KalshiError } from "../errors.js";
import { formatFixed, parseFixed } from "./fixed.js";

/** A price or an amount of money in integer micro-dollars (1e-6 $). */
export type Price = number;

/** Decimals that a {@link Price} holds. */
export const PRICE_DECIMALS = 6;

/** One dollar, what a contract pays at most. */
export const DOLLAR: Price = 1_000_000;

/** One cent. */
export const CENT: Price = 10_000;

/**
 * Reads the exchange's dollar text, `"0.5600"` or `"2.500000"`.
 *
 * @throws KalshiError `BAD_PRICE`
 */
export function parsePrice(text: string): Price {
  const value = parseFixed(text, PRICE_DECIMALS);
  if (Number.isNaN(value)) {
    throw new KalshiError("BAD_PRICE", `not an amount in dollars: ${JSON.stringify(text)}`, {
      hint: 'write a plain decimal of at most six decimals, such as "0.56"',
      context: { text },
    });
  }
  return value;
}

/** Writes dollars as the exchange does: four decimals, up to six where they are needed. `decimals` sets the least. */
export function formatPrice(price: Price, decimals = 4): string {
  return formatFixed(price, PRICE_DECIMALS, decimals);
}

/** The NO price of a YES price, and back: both add up to a dollar. */
export function complement(price: Price): Price {
  return DOLLAR - price;
}
