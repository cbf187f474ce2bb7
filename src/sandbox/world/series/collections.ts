import { DAY, formatTime, startOfDay, type Timestamp } from "../../../units/time.js";
import type { EventRecord, JsonObject } from "../../types.js";
import { tickerDate, titleDate } from "../plan.js";
import { grids, priceRanges } from "../price-structures.js";
import type { MemoryWorld } from "../world.js";
import { COMBO_SERIES, isCombo } from "./combo-series.js";

/** What the markets of one day may be combined to. */
export interface Collection {
  readonly ticker: string;
  readonly open: Timestamp;
  readonly close: Timestamp;
  readonly title: string;
}

export const FEWEST_LEGS = 2;
export const MOST_LEGS = 6;
/** Collections that are told of: so many days back, and the next day's. */
const DAYS_BACK = 14;
/** Of combos prices go by tenths of a cent, near 0 and 1 by hundredths. */
export const COMBO_GRID = "center_deci_edge_centi_cent";

/** Collections that a world tells of at this moment, latest first: one a day; none where there are no combos. */
export function collectionsOf(world: MemoryWorld): readonly Collection[] {
  if (!world.series.has(COMBO_SERIES)) return [];
  const today = startOfDay(world.clock.now());
  return Array.from({ length: DAYS_BACK + 2 }, (_, i) => collectionOf(today + DAY - i * DAY));
}

export function findCollection(world: MemoryWorld, ticker: string): Collection | undefined {
  return collectionsOf(world).find((one) => one.ticker === ticker);
}

export function collectionStatus({ open, close }: Collection, now: Timestamp): "unopened" | "open" | "closed" {
  if (now < open) return "unopened";
  return now < close ? "open" : "closed";
}

/** The collection of a day, by its midnight. */
export function collectionOf(day: Timestamp): Collection {
  return {
    ticker: `${COMBO_SERIES}-C${tickerDate(day)}`,
    open: day,
    close: day + DAY,
    title: `Combinations of ${titleDate(day)}`,
  };
}

/** Events whose markets may be legs: those with books that are open at some time of the collection, as far as they exist by now. */
export function associatedEvents(world: MemoryWorld, { open, close }: Collection): readonly EventRecord[] {
  const now = world.clock.now();
  return [...world.events.values()].filter(({ ticker }) => {
    const [first] = world.marketsOf(ticker);
    // Events of less than a quarter of an hour are over before anybody has combined them.
    if (first === undefined || isCombo(first) || first.closeTime - first.openTime < DAY / 96) return false;
    return first.createdTime <= now && first.openTime < close && first.closeTime > open;
  });
}

/** A collection as sent. */
export function collectionWire(world: MemoryWorld, collection: Collection): JsonObject {
  const events = associatedEvents(world, collection);
  return {
    associated_event_tickers: events.map(({ ticker }) => ticker),
    associated_events: events.map((event) => ({
      active_quoters: [],
      is_yes_only: false,
      // Of markets that exclude each other one is enough.
      size_max: event.wire.mutually_exclusive === true ? 1 : undefined,
      ticker: event.ticker,
    })),
    close_date: formatTime(collection.close),
    collection_ticker: collection.ticker,
    description: `Markets that trade on ${titleDate(collection.open)}, combined: all legs have to come true.`,
    exchange_index: 0,
    functional_description: "Pays the product of what its legs pay.",
    is_all_yes: false,
    is_ordered: false,
    is_single_market_per_event: false,
    open_date: formatTime(collection.open),
    price_level_structure: COMBO_GRID,
    price_ranges: priceRanges(grids[COMBO_GRID]),
    series_ticker: COMBO_SERIES,
    size_max: MOST_LEGS,
    size_min: FEWEST_LEGS,
    title: collection.title,
  };
}
