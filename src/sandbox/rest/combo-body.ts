import type { MarketRecord } from "../types.js";
import { invalidParameter, Refused, refusal } from "../wire/replies.js";
import { statusOf } from "../world/lifecycle.js";
import { associatedEvents, type Collection, FEWEST_LEGS, MOST_LEGS } from "../world/series/collections.js";
import type { ChosenLeg } from "../world/series/combo-market.js";
import type { MemoryWorld } from "../world/world.js";
import { demand, fieldsOf, items, missing, text } from "./body.js";

/** A combination as asked for. */
export interface ComboRequest {
  readonly legs: readonly { readonly ticker: string; readonly eventTicker: string; readonly side: "yes" | "no" }[];
  readonly withMarket: boolean;
}

export function readCombo(body: unknown): ComboRequest {
  const struct = "CreateMarketInMultivariateEventCollectionRequest";
  const fields = fieldsOf(struct, body);
  const selected = items(fields, "selected_markets");
  if (selected === undefined) throw missing("selected_markets");
  const withMarket = text(fields, "with_market_payload", "boolean") === true;
  return { legs: selected.map(readLeg), withMarket };
}

function readLeg(item: unknown): ComboRequest["legs"][number] {
  const fields = fieldsOf("TickerPair", item);
  demand(fields, ["market_ticker", "event_ticker", "side"]);
  const side = text(fields, "side", "string");
  if (side !== "yes" && side !== "no") throw new Refused(invalidParameter("side should be one of yes, no"));
  return {
    ticker: text(fields, "market_ticker", "string") ?? "",
    eventTicker: text(fields, "event_ticker", "string") ?? "",
    side,
  };
}

/**
 * The legs that a collection makes a combo of.
 *
 * @throws Refused `duplicated_legs` for a leg that comes twice, `conflicting_leg_outcomes` for legs that cannot come true together,
 * `invalid_market_combination` for markets that the collection has not, each with the tickers at fault in its details
 */
export function chooseLegs(world: MemoryWorld, collection: Collection, { legs }: ComboRequest): readonly ChosenLeg[] {
  const offered = new Set(associatedEvents(world, collection).map(({ ticker }) => ticker));
  const now = world.clock.now();
  const isOffered = (leg: ComboRequest["legs"][number]) => {
    const market = world.markets.get(leg.ticker);
    if (market === undefined || market.eventTicker !== leg.eventTicker || !offered.has(leg.eventTicker)) return false;
    return market.live && statusOf(market, now) === "active";
  };
  demandNone(
    "invalid_market_combination",
    legs.filter((leg) => !isOffered(leg)),
  );
  demandNone(
    "duplicated_legs",
    legs.filter((leg, i) => legs.findIndex((one) => isSame(one, leg)) < i),
  );
  demandNone(
    "conflicting_leg_outcomes",
    legs.filter((leg, i) => legs.some((one, k) => k < i && excludes(world, one, leg))),
  );
  if (legs.length < FEWEST_LEGS || legs.length > MOST_LEGS) throw refuse("invalid_market_combination", legs);
  return legs.map(({ ticker, side }) => ({ ticker, side, market: world.markets.get(ticker) as MarketRecord }));
}

type AskedLeg = ComboRequest["legs"][number];

function isSame(one: AskedLeg, other: AskedLeg): boolean {
  return one.ticker === other.ticker && one.side === other.side;
}

/** Both sides of a market, or two markets of an event of which one pays at most. */
function excludes(world: MemoryWorld, one: AskedLeg, other: AskedLeg): boolean {
  if (one.ticker === other.ticker) return one.side !== other.side;
  const isExclusive = world.events.get(one.eventTicker)?.wire.mutually_exclusive === true;
  return isExclusive && one.eventTicker === other.eventTicker && one.side === "yes" && other.side === "yes";
}

function demandNone(code: string, atFault: readonly AskedLeg[]): void {
  if (atFault.length > 0) throw refuse(code, atFault);
}

function refuse(code: string, legs: readonly AskedLeg[]): Refused {
  const details = [...new Set(legs.map(({ ticker }) => ticker))].join(",");
  return new Refused(refusal(400, code, code.replaceAll("_", " "), details === "" ? undefined : details));
}
