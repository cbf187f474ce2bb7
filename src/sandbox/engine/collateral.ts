import { modelFactor, tradeFee } from "../../analysis/fees/fee.js";
import type { Count } from "../../units/count.js";
import { type Amount, amountOf, notional } from "../../units/money.js";
import { DOLLAR, type Price } from "../../units/price.js";
import type { FeeTerms } from "../world/fee-schedule.js";
import { type Account, type Order, sidePrice } from "./accounts.js";
import type { BookSide } from "./matching.js";

/** An order's claim on its account's money. */
export interface Claim {
  readonly side: BookSide;
  readonly price: Price;
  readonly remaining: Count;
  readonly role: "taker" | "maker";
  /** Fills that it may come to at once. Each may be rounded against the account by a step of its balance. */
  readonly fills: number;
}

export function claimOf({ side, price, remaining }: Order): Claim {
  return { side, price, remaining, role: "maker", fills: 1 };
}

/** What claims are weighed against: the market's fees, the account's precision, and contracts that a side may close for nothing. */
export interface CollateralTerms {
  readonly fees: FeeTerms;
  readonly precision: Price;
  readonly closable: Count;
}

/**
 * Collateral of one side's orders in a market: their cost at their limits with the fees and the rounding they may meet, in steps of the
 * account's balance.
 *
 * What only closes a holding needs no money: its proceeds are more than its fee. The cheapest contracts count as those, so that
 * the answer is never too low. A fill at a better price than the limit never costs more, its fee included.
 */
export function collateral(side: BookSide, claims: readonly Claim[], terms: CollateralTerms): Amount {
  const wanted = claims.reduce((sum, { remaining }) => sum + remaining, 0);
  if (wanted <= terms.closable) return 0n;
  const { feeType, feeMultiplier: multiplier } = terms.fees;
  const schedule = { feeType, multiplier, precision: terms.precision, rule: "current" as const };
  let free = terms.closable;
  let total: Amount = 0n;
  for (const { price, remaining, role, fills } of free > 0 ? cheapestFirst(side, claims, terms.fees) : claims) {
    const closing = Math.min(free, remaining);
    free -= closing;
    const count = remaining - closing;
    total += BigInt(fills) * (amountOf(terms.precision) + MICRO_DOLLAR);
    if (count > 0) total += notional(sidePrice(side, price), count) + tradeFee(schedule, { price, count, role });
  }
  const step = amountOf(terms.precision);
  return ((total + step - 1n) / step) * step;
}

const MICRO_DOLLAR = amountOf(1);

/** By what a contract costs with its fee. */
function cheapestFirst(side: BookSide, claims: readonly Claim[], fees: FeeTerms): readonly Claim[] {
  const terms = { feeType: fees.feeType, multiplier: fees.feeMultiplier };
  const cost = ({ price, role }: Claim) => {
    const own = sidePrice(side, price) / DOLLAR;
    return own + modelFactor(terms, role) * own * (1 - own);
  };
  return claims.toSorted((a, b) => cost(a) - cost(b));
}

/** An account's resting orders of a market as claims, one of them perhaps left out. */
export function claimsOf(account: Account, ticker: string, without?: Order): Claim[] {
  const claims: Claim[] = [];
  for (const order of account.restingIn.get(ticker) ?? []) if (order !== without) claims.push(claimOf(order));
  return claims;
}
