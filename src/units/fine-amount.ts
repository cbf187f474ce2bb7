import { formatFixed } from "./fixed.js";
import { AMOUNT_DECIMALS, type Amount } from "./money.js";
import { PRICE_DECIMALS } from "./price.js";
import { toMicros } from "./sum.js";

/**
 * Money in integer 1e-20 dollars, which a cost on average is kept in: it is a quotient, and cut there, half away from zero, what the cut
 * leaves stays in the cost of what is held, so that totals never drift.
 */
export type FineAmount = bigint;

/** Decimals that a {@link FineAmount} holds. */
export const FINE_DECIMALS = 20;

const FINE_PER_AMOUNT = 10n ** BigInt(FINE_DECIMALS - AMOUNT_DECIMALS);

/** An {@link Amount} in finer integers. */
export function fineAmount(amount: Amount): FineAmount {
  return amount * FINE_PER_AMOUNT;
}

/** Dollars of a {@link FineAmount} with six decimals, rounded half away from zero. */
export function formatFine(value: FineAmount): string {
  return formatFixed(toMicros(value, FINE_DECIMALS), PRICE_DECIMALS);
}
