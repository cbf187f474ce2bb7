import type { Count } from "../../units/count.js";
import type { Amount } from "../../units/money.js";
import type { Price } from "../../units/price.js";
import type { World } from "../types.js";
import { Refused, refusal } from "../wire/replies.js";
import { type Account, available, type Order } from "./accounts.js";
import { type Claim, claimsOf, collateral } from "./collateral.js";
import type { BookSide } from "./matching.js";
import { nets, noHoldings, returnedFor, unnetted } from "./netting.js";
import type { Venue } from "./venue.js";

/** What an account's orders and holdings bind of its money. */
export interface Margin {
  /** Weighs an account anew after its orders or holdings in a market have changed. */
  refresh(venue: Venue, account: Account): void;
  /** The same for all markets of an event. */
  refreshEvent(eventTicker: string, account: Account): void;
  /** Frees what an account's orders bound in a market that has no book any more. */
  release(ticker: string, account: Account): void;
  /** Events that an account has holdings or orders in. */
  eventsOf(account: Account): readonly string[];
  /**
   * Whether an account can pay for an order, `instead` of a resting one perhaps.
   *
   * @throws Refused with the exchange's own answer
   */
  afford(venue: Venue, account: Account, claim: Claim, instead?: Order): void;
}

export interface MarginOptions {
  readonly world: World;
  /** Null for a market that has no book any more. */
  venueOf(ticker: string): Venue | null;
  /** Dollars that markets of an event have paid per contract of YES so far. */
  paidBy(eventTicker: string): Price;
}

export function createMargin({ world, venueOf, paidBy }: MarginOptions): Margin {
  function refresh(venue: Venue, account: Account): void {
    if (account.house) return;
    const { eventTicker } = venue.market;
    // Holdings of one market decide what may be closed for nothing in another of a netted event.
    if (isNetted(account, eventTicker)) refreshEvent(eventTicker, account);
    else reserve(venue, account);
  }

  function refreshEvent(eventTicker: string, account: Account): void {
    if (account.house) return;
    setReturned(account, eventTicker);
    for (const { ticker } of world.marketsOf(eventTicker)) {
      const venue = account.restingIn.has(ticker) || account.reserved.has(ticker) ? venueOf(ticker) : null;
      if (venue !== null) reserve(venue, account);
    }
  }

  function setReturned(account: Account, eventTicker: string): void {
    const { precision } = account;
    const amount = isNetted(account, eventTicker)
      ? returnedFor(noHoldings(account, world, eventTicker), paidBy(eventTicker), precision)
      : 0n;
    account.returnedTotal += amount - (account.returned.get(eventTicker) ?? 0n);
    if (amount === 0n) account.returned.delete(eventTicker);
    else account.returned.set(eventTicker, amount);
  }

  function reserve(venue: Venue, account: Account): void {
    const { ticker } = venue.market;
    setReserved(account, ticker, boundBy(venue, account, claimsOf(account, ticker)));
  }

  function setReserved(account: Account, ticker: string, amount: Amount): void {
    account.reservedTotal += amount - (account.reserved.get(ticker) ?? 0n);
    if (amount === 0n) account.reserved.delete(ticker);
    else account.reserved.set(ticker, amount);
  }

  function afford(venue: Venue, account: Account, claim: Claim, instead?: Order): void {
    const { ticker } = venue.market;
    const needed = boundBy(venue, account, [...claimsOf(account, ticker, instead), claim]);
    const more = needed - (account.reserved.get(ticker) ?? 0n);
    if (more > 0n && more > available(account)) {
      throw new Refused(refusal(400, "insufficient_balance", "insufficient balance"));
    }
  }

  function boundBy(venue: Venue, account: Account, claims: readonly Claim[]): Amount {
    if (claims.length === 0) return 0n;
    const of = (side: BookSide) => {
      const own = claims.filter((claim) => claim.side === side);
      if (own.length === 0) return 0n;
      const closable = closableBy(venue, account, side);
      return collateral(side, own, { fees: venue.terms, precision: account.precision, closable });
    };
    return of("bid") + of("ask");
  }

  /** Contracts that a side's orders may close without money. */
  function closableBy({ market }: Venue, account: Account, side: BookSide): Count {
    const held = account.positions.get(market.ticker)?.count ?? 0;
    if (side === "ask") return Math.max(0, held);
    const owed = Math.max(0, -held);
    if (owed === 0 || !isNetted(account, market.eventTicker)) return owed;
    const holdings = noHoldings(account, world, market.eventTicker);
    return unnetted(holdings, market.ticker, paidBy(market.eventTicker));
  }

  function isNetted(account: Account, eventTicker: string): boolean {
    return account.netting && nets(world.events.get(eventTicker));
  }

  function eventsOf(account: Account): readonly string[] {
    const tickers = [...account.positions.keys(), ...account.restingIn.keys()];
    const events = tickers.map((ticker) => world.markets.get(ticker)?.eventTicker);
    return [...new Set(events.filter((event) => event !== undefined))];
  }

  const release = (ticker: string, account: Account) => setReserved(account, ticker, 0n);

  return { refresh, refreshEvent, release, eventsOf, afford };
}

/** Cancels an account's newest orders that bind money until what is left is not less than nothing. */
export function coverShortage(account: Account, cancel: (order: Order) => void): void {
  if (account.house) return;
  while (available(account) < 0n) {
    const order = [...account.resting].findLast(({ ticker }) => account.reserved.has(ticker));
    if (order === undefined) return;
    cancel(order);
  }
}
