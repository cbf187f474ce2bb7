import type { Count } from "../../units/count.js";
import { type Amount, amountOf, notional } from "../../units/money.js";
import { DOLLAR, type Price } from "../../units/price.js";
import type { EventRecord, World } from "../types.js";
import type { Account } from "./accounts.js";

/**
 * Collateral that comes back because holdings of one event cannot all lose.
 *
 * In an event whose markets exclude each other, the markets together pay YES at most one dollar. Whoever holds n₁, n₂, … contracts of
 * NO in them is therefore sure of Σn − max n dollars, whatever happens: at worst the largest holding loses. That much is returned
 * as soon as it is held, and counts as balance; it is taken back as the holdings are closed or paid. Once markets of the event have
 * paid v dollars per contract of YES, the others can pay only 1 − v more, and Σn − (1 − v) max n is sure. A payment is never less than
 * what is taken back with it, so a balance does not fall below zero by it. YES holdings return nothing.
 *
 * Events marked `MECNET` or `DIRECNET` net where they are mutually exclusive; what `DIRECNET` returns elsewhere is not documented, and
 * here it is nothing.
 */
export function nets(event: EventRecord | undefined): boolean {
  const type = event?.wire.collateral_return_type;
  return (type === "MECNET" || type === "DIRECNET") && event?.wire.mutually_exclusive === true;
}

/** What one account holds of NO in the markets of an event that are not paid yet. */
export interface NoHoldings {
  readonly sum: Count;
  /** The market with the most, and how many more it has than the next. */
  readonly largest: string | null;
  readonly most: Count;
  readonly lead: Count;
}

export function noHoldings(account: Account, world: World, eventTicker: string): NoHoldings {
  let sum = 0;
  let most = 0;
  let second = 0;
  let largest: string | null = null;
  for (const { ticker } of world.marketsOf(eventTicker)) {
    const held = Math.max(0, -(account.positions.get(ticker)?.count ?? 0));
    sum += held;
    if (held > most) {
      second = most;
      most = held;
      largest = ticker;
    } else if (held > second) {
      second = held;
    }
  }
  return { sum, largest, most, lead: most - second };
}

/** Collateral returned for holdings, in whole steps of the balance. `paid`: what YES contracts of the event's other markets have got. */
export function returnedFor({ sum, most }: NoHoldings, paid: Price, precision: Price): Amount {
  const sure = notional(DOLLAR, sum) - notional(DOLLAR - Math.min(paid, DOLLAR), most);
  const step = amountOf(precision);
  return (sure / step) * step;
}

/** NO contracts of a market that may be closed without giving collateral back: as many as this holding leads by. */
export function unnetted(holdings: NoHoldings, ticker: string, paid: Price): Count {
  return paid === 0 && holdings.largest === ticker ? holdings.lead : 0;
}
