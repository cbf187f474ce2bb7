import { Decimal } from "decimal.js";
import { KalshiError } from "../errors.js";
import type { Count } from "./count.js";
import { formatFixed } from "./fixed.js";
import type { Price } from "./price.js";

/** Exact money of a price times a count, in integer 1e-8 dollars. A bigint, since sums of it leave 2^53. */
export type Amount = bigint;

/** Decimals that an {@link Amount} holds: six of the price and two of the count. */
export const AMOUNT_DECIMALS = 8;

const AMOUNT_PER_PRICE = 100n;

/** Price times count, exactly. */
export function notional(price: Price, count: Count): Amount {
  const product = price * count;
  return Number.isSafeInteger(product) ? BigInt(product) : BigInt(price) * BigInt(count);
}

/** Micro-dollars as an {@link Amount}. */
export function amountOf(price: Price): Amount {
  return BigInt(price) * AMOUNT_PER_PRICE;
}

/** An {@link Amount} as a `Decimal` of dollars. */
export function amountToDecimal(amount: Amount): Decimal {
  return new Decimal(amount.toString()).div("1e8");
}

/** Micro-dollars as a `Decimal` of dollars. */
export function priceToDecimal(price: Price): Decimal {
  return new Decimal(price).div(1_000_000);
}

/** Hundredths of a contract as a `Decimal` of contracts. */
export function countToDecimal(count: Count): Decimal {
  return new Decimal(count).div(100);
}

/** How {@link roundAmount} treats what does not fit: toward −∞, toward +∞, or to the nearest with halves away from zero. */
export type Rounding = "down" | "up" | "half-up";

/**
 * An {@link Amount} in steps of `step` micro-dollars, by the stated rule, as micro-dollars.
 *
 * @throws KalshiError `BAD_PRICE` when the result is beyond the exact integers (nine billion dollars)
 */
export function roundAmount(amount: Amount, step: Price, rounding: Rounding): Price {
  const unit = BigInt(step) * AMOUNT_PER_PRICE;
  let steps = amount / unit;
  const rest = amount - steps * unit;
  if (rest !== 0n) {
    if (rounding === "down") steps -= rest < 0n ? 1n : 0n;
    else if (rounding === "up") steps += rest > 0n ? 1n : 0n;
    else if (2n * (rest < 0n ? -rest : rest) >= unit) steps += rest < 0n ? -1n : 1n;
  }
  const price = Number(steps * BigInt(step));
  if (!Number.isSafeInteger(price)) {
    throw new KalshiError("BAD_PRICE", `an amount beyond the exact range: ${amount} × 1e-8 dollars`, {
      hint: "sum smaller parts, or read the exact Decimal instead",
      context: { amount: amount.toString() },
    });
  }
  return price;
}

/** Dollars of an {@link Amount} as text with `decimals` decimals, rounded half away from zero. */
export function formatAmount(amount: Amount, decimals = 6): string {
  const unit = 10n ** BigInt(AMOUNT_DECIMALS - decimals);
  const magnitude = amount < 0n ? -amount : amount;
  const rounded = (magnitude + unit / 2n) / unit;
  const digits = rounded.toString().padStart(decimals + 1, "0");
  const sign = amount < 0n && rounded !== 0n ? "-" : "";
  if (decimals === 0) return sign + digits;
  return `${sign}${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}

/** Integer cents, as the exchange's older money fields carry them, as text of dollars. */
export function formatCents(cents: number): string {
  return formatFixed(cents, 2);
}
