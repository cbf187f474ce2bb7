import { KalshiError } from "../errors.js";
import { formatFixed, parseFixed } from "./fixed.js";

/** A number of contracts in integer hundredths. */
export type Count = number;

/** Decimals that a {@link Count} holds. */
export const COUNT_DECIMALS = 2;

/** One whole contract. */
export const CONTRACT: Count = 100;

/**
 * Reads the exchange's count text, `"10.00"`.
 *
 * @throws KalshiError `BAD_COUNT`
 */
export function parseCount(text: string): Count {
  const value = parseFixed(text, COUNT_DECIMALS);
  if (Number.isNaN(value)) {
    throw new KalshiError("BAD_COUNT", `not a number of contracts: ${JSON.stringify(text)}`, {
      hint: 'write a plain decimal of at most two decimals, such as "10" or "2.50"',
      context: { text },
    });
  }
  return value;
}

/** Writes contracts as the exchange does, always with two decimals. */
export function formatCount(count: Count): string {
  return formatFixed(count, COUNT_DECIMALS);
}
