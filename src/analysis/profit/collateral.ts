import { KalshiError } from "../../errors.js";
import type { Event } from "../../exchange/event.js";
import type { Count } from "../../units/count.js";
import { type Amount, amountOf, notional } from "../../units/money.js";
import { DOLLAR, type Price } from "../../units/price.js";

/** What of an event decides whether collateral is returned across its markets. */
export type NettedEvent = Pick<Event, "event_ticker" | "collateral_return_type" | "mutually_exclusive">;

/** What one subaccount holds in one market of an event, or what that market has paid. */
export interface EventHolding {
  readonly event: string | null;
  readonly subaccount: number;
  /** YES positive. */
  readonly position: Count;
}

/**
 * Collateral that the exchange has given back for holdings which cannot all lose, each event and subaccount in whole steps of the balance.
 *
 * Of markets that exclude each other at most one pays its YES, so of NO contracts held in several all but the largest holding are sure to be
 * paid: n₁ + n₂ + … − max n dollars. What the event's settled markets have paid for YES already can no longer be lost.
 *
 * @param settledValue - what one YES contract of each settled market paid, by event
 */
export function returnedCollateral(
  holdings: readonly EventHolding[],
  events: readonly NettedEvent[],
  settledValue: ReadonlyMap<string, Price>,
  precision: Price,
): Amount {
  const netting = new Set(events.filter(isNetted).map((event) => event.event_ticker));
  const known = new Set(events.map((event) => event.event_ticker));
  const held = new Map<string, { readonly event: string; sum: Count; most: Count }>();
  for (const { event, subaccount, position } of holdings) {
    if (position >= 0) continue;
    if (event === null || !known.has(event)) throw unknownEvent(event);
    if (!netting.has(event)) continue;
    const key = `${subaccount} ${event}`;
    const of = held.get(key) ?? { event, sum: 0, most: 0 };
    of.sum -= position;
    of.most = Math.max(of.most, -position);
    held.set(key, of);
  }
  let total: Amount = 0n;
  for (const { event, sum, most } of held.values()) {
    const left = DOLLAR - Math.min(DOLLAR, settledValue.get(event) ?? 0);
    const sure = notional(DOLLAR, sum) - notional(left, most);
    total += sure - (sure % amountOf(precision));
  }
  return total;
}

function isNetted({ collateral_return_type: type, mutually_exclusive }: NettedEvent): boolean {
  return mutually_exclusive && (type === "MECNET" || type === "DIRECNET");
}

function unknownEvent(event: string | null): KalshiError {
  return new KalshiError(
    "BAD_ARGUMENT",
    `the balance depends on the event ${event ?? "of a market"}, which is not given`,
    {
      hint: "pass `events` and `markets` of all NO contracts that are held: collateral may be returned for them",
      context: { event },
    },
  );
}
