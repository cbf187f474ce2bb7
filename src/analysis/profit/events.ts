import type { KnownMarket } from "./markets.js";
import type { SettlementLike } from "./settlement-value.js";

/** Which event a market belongs to, where a record says so; a ticker does not. */
export function eventsOf(
  settlements: readonly SettlementLike[],
  markets: readonly KnownMarket[] | null,
): ReadonlyMap<string, string> {
  const events = new Map<string, string>();
  for (const { ticker, event_ticker } of [...settlements, ...(markets ?? [])])
    if (event_ticker !== null && event_ticker !== undefined) events.set(ticker, event_ticker);
  return events;
}
