import { parseTime, type Timestamp } from "../../units/time.js";
import type { FeeTerms } from "./calendar.js";
import { type FeeRole, modelRate } from "./fee.js";

/** From this day a quoter and an order that has rested less than five seconds are charged by each other's roles. */
const ROLES_SWAP_FROM = parseTime("2026-08-22T00:00:00Z");

/** Where, when and in which role a fill was made. */
export interface FillPlace {
  readonly ticker: string;
  readonly role: FeeRole;
  readonly time: Timestamp;
}

/**
 * Why the role in which a combo's fill was made does not tell what it was charged; null where it does, and for every other market.
 *
 * Two rules of combos depend on what no record of a fill says: since 2026-08-22 roles are swapped where a quoter meets an order that has
 * rested less than five seconds, and who rests pays nothing where all legs are independent ones of the NFL.
 *
 * @see API: fees, combos
 */
export function comboDoubt(terms: FeeTerms, { ticker, role, time }: FillPlace): string | null {
  if (!(terms.isCombo ?? isCombo(ticker, terms.feeType))) return null;
  const rate = modelRate(terms, role);
  if (time >= ROLES_SWAP_FROM && modelRate(terms, "taker") !== modelRate(terms, "maker"))
    return "a combo's roles may be swapped for the fee, where a quoter met an order that had rested less than 5 s";
  return role === "maker" && rate !== 0n
    ? "a combo of independent NFL legs alone is free for makers, which its records do not tell"
    : null;
}

/** Whether a market's ticker is one of combos. */
export function isComboTicker(ticker: string): boolean {
  return ticker.startsWith("KXMVE");
}

function isCombo(ticker: string, feeType: string): boolean {
  return isComboTicker(ticker) || feeType === "quadratic_with_combo_maker_fees";
}
