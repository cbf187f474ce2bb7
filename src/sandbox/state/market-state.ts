import type { EventRecord, MarketRecord, World } from "../types.js";
import { type GridLabel, grids } from "../world/price-structures.js";

/** What may have become of a market by operations on it. */
const CHANGING = [
  "closeTime",
  "determinedTime",
  "settledTime",
  "outcome",
  "paused",
  "contest",
  "updatedTime",
  "wire",
] as const;

/** A market as operations have left it; its price grid is named in `wire`. */
export type MarketState = { readonly ticker: string } & Partial<Pick<MarketRecord, (typeof CHANGING)[number]>>;

/** A combination that somebody has brought forth, as it was made, with the event that it belongs to. Its price grid is named in `wire`. */
export interface ComboState {
  readonly event: EventRecord;
  readonly market: Omit<MarketRecord, "grid" | "stats">;
}

export function marketState(market: MarketRecord): MarketState {
  return { ticker: market.ticker, ...Object.fromEntries(CHANGING.map((name) => [name, market[name]])) };
}

/** The markets that an operation on one of an event can have changed: all of the event, and the combos of them. */
export function concernedBy(world: World, ticker: string): readonly MarketRecord[] {
  const own = world.marketsOf(world.markets.get(ticker)?.eventTicker ?? "");
  const tickers = new Set(own.map((market) => market.ticker));
  const combos = [...world.markets.values()].filter(({ legs = [] }) => legs.some((leg) => tickers.has(leg.ticker)));
  return [...own, ...combos];
}

/** Null for a market that is no combo, or whose event is not there. */
export function comboState(world: World, market: MarketRecord): ComboState | null {
  const event = world.events.get(market.eventTicker);
  if (market.legs === undefined || event === undefined) return null;
  const { grid: _, stats: __, ...rest } = market;
  return { event, market: rest };
}

/** Makes the markets of a world what was kept of them: combos first, then what operations did. Those that are gone are passed over. */
export function restoreMarkets(world: World, combos: Iterable<ComboState>, states: Iterable<MarketState>): void {
  for (const { event, market } of combos) {
    if (world.markets.has(market.ticker)) continue;
    const stats = { lastPrice: null, volume: 0, openInterest: 0, yesBid: null, yesAsk: null };
    const grid = grids[market.wire.price_level_structure as GridLabel];
    world.add(world.events.get(event.ticker) ?? event, [{ ...market, grid, stats }]);
  }
  for (const state of states) {
    const market = world.markets.get(state.ticker);
    if (market === undefined) continue;
    const label = state.wire?.price_level_structure;
    if (isLabel(label) && label !== market.wire.price_level_structure) market.grid = grids[label];
    // What is absent now was undone.
    for (const name of CHANGING) if (state[name] === undefined) Reflect.deleteProperty(market, name);
    Object.assign(market, state);
  }
}

function isLabel(label: unknown): label is GridLabel {
  return typeof label === "string" && Object.hasOwn(grids, label);
}
