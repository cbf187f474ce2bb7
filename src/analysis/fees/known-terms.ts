import { KalshiError } from "../../errors.js";
import type { FeeTerms, TermsAt } from "./calendar.js";
import { comboDoubt, type FillPlace } from "./combo.js";
import { modelRate } from "./fee.js";

/** Terms of one fill as far as they are known. */
export interface KnownTerms {
  /** Null where the fees in force are not known. */
  readonly terms: FeeTerms | null;
  /** Why no fee follows from them; null where one does. */
  readonly why: string | null;
}

/**
 * The terms of a fill: those given for all, or those that a calendar knows of its market and time.
 *
 * @throws KalshiError `BAD_ARGUMENT` where the terms given for all have no published rate: of a calendar's, `why` says it
 */
export function knownTerms(given: FeeTerms | TermsAt, fill: FillPlace): KnownTerms {
  if (!("termsAt" in given)) {
    modelRate(given, fill.role);
    return doubted(given, fill, fill.ticker);
  }
  const name = given.seriesOf?.(fill.ticker) ?? fill.ticker;
  const terms = whereKnown("FEES_UNKNOWN", () => given.termsAt(fill.ticker, fill.time));
  if (terms instanceof KalshiError) return { terms: null, why: `${name}: ${terms.message}` };
  const rate = whereKnown("BAD_ARGUMENT", () => modelRate(terms, fill.role));
  return rate instanceof KalshiError ? { terms, why: `${name}: ${rate.message}` } : doubted(terms, fill, name);
}

function doubted(terms: FeeTerms, fill: FillPlace, name: string): KnownTerms {
  const doubt = comboDoubt(terms, fill);
  return { terms, why: doubt === null ? null : `${name}: ${doubt}` };
}

function whereKnown<T>(code: "FEES_UNKNOWN" | "BAD_ARGUMENT", ask: () => T): T | KalshiError {
  try {
    return ask();
  } catch (error) {
    if (error instanceof KalshiError && error.code === code) return error;
    throw error;
  }
}
