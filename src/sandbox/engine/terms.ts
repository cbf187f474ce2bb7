import type { Timestamp } from "../../units/time.js";
import type { World } from "../types.js";
import { termsOf } from "../world/fee-schedule.js";
import type { Margin } from "./margin.js";
import type { Register } from "./register.js";
import type { Trading } from "./trading.js";
import type { Venue } from "./venue.js";

export interface TermsContext {
  readonly world: World;
  readonly register: Register;
  readonly margin: Margin;
  readonly trading: Trading;
  venue(ticker: string): Venue | null;
}

/** Markets have other fees from now on: what their orders may cost is weighed anew, and what cannot be paid for any more is cancelled. */
export function applyTerms(context: TermsContext, tickers: readonly string[], time: Timestamp): void {
  const { world, register, margin, trading } = context;
  const venues = tickers.map(context.venue).filter((venue) => venue !== null);
  for (const venue of venues) venue.terms = termsOf(world, venue.market, time);
  for (const account of register.everyOfMembers()) {
    const concerned = venues.filter(({ market }) => account.restingIn.has(market.ticker));
    for (const venue of concerned) margin.refresh(venue, account);
    if (concerned.length > 0) trading.cover(account, time);
  }
}
