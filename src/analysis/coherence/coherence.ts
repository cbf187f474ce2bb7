import type { ColumnTable } from "arquero";
import { coherenceFrame } from "../../frames/coherence.js";
import { columnFrom } from "../../frames/convert.js";
import { tableOfRecords } from "../../frames/frame.js";
import { columnOf } from "../../frames/schema.js";
import type { Price } from "../../units/price.js";
import { objectGiven } from "../given.js";
import { tableGiven } from "../given-rows.js";
import { withOriginsOf } from "../joins/origins.js";
import { textsOf } from "../read-fills.js";
import { areExclusive, areExhaustive, isWithin, type StrikeEvent, strikeEvents } from "./strikes.js";

export interface CoherenceOptions {
  /** Table of events: its `mutually_exclusive` says so of those whose strikes do not. */
  readonly events?: ColumnTable | undefined;
  /** How fine the values asked about are, such as 1 for whole degrees; 0 for values without a step. Default: as fine as the strikes. */
  readonly step?: number | undefined;
}

/**
 * Whether the quotes of an event's markets can all be right, one row per event: the sum of probabilities of markets that exclude each other,
 * and strikes of which a narrower one costs more than a wider one.
 *
 * Columns: `event_ticker`; `market_count`; `exclusive`, `exhaustive` (at most, at least one pays YES; null where not known); `sum_bid` ($, no bid
 * counting 0), `sum_ask`, `sum_midpoint` ($, null where a market has none); `violations`, pairs in which YES of the one implies YES of the
 * other and yet its bid is above the other's ask, and `worst_violation`, the largest such difference ($, before fees). Of exclusive markets a
 * `sum_bid` above $1, of exhaustive ones a `sum_ask` below $1 is no price of anything; {@link arbitrages} says what is left of it after fees.
 *
 * Quotes are those of the table of markets (`yes_bid`, `yes_ask`): an empty side by its size, or by its price of 0 or $1.
 *
 * @throws KalshiError `BAD_ARGUMENT`, `COLUMN_MISSING`, `COLUMN_KIND`, `BAD_PRICE`; `BAD_RECORD` for a market that is there twice
 */
export function coherence(markets: ColumnTable, options: CoherenceOptions = {}): ColumnTable {
  objectGiven("options", options);
  tableGiven("markets", markets, ["ticker", "event_ticker", "yes_bid", "yes_ask"]);
  const stated = exclusiveEvents(options.events);
  const records = strikeEvents(markets, options.step).map((event) => {
    const worst = violationsOf(event);
    return {
      event_ticker: event.event,
      market_count: event.markets.length,
      exclusive: isExclusive(event, stated),
      exhaustive: areExhaustive(event),
      sum_bid: event.markets.reduce((sum, { bid }) => sum + (bid ?? 0), 0),
      sum_ask: sumOf(event.markets.map(({ ask }) => ask)),
      sum_midpoint: half(sumOf(event.markets.map(({ bid, ask }) => (bid === null || ask === null ? null : bid + ask)))),
      violations: worst.length,
      worst_violation: worst.length === 0 ? null : Math.max(...worst),
    };
  });
  return withOriginsOf(tableOfRecords(coherenceFrame, records), [markets]);
}

/** Events that the exchange says to be mutually exclusive, or not. */
export function exclusiveEvents(events: ColumnTable | undefined): ReadonlyMap<string, boolean> {
  if (events === undefined) return new Map();
  tableGiven("events", events, ["event_ticker", "mutually_exclusive"]);
  const column = columnFrom("mutually_exclusive", "boolean", "", columnOf(events, "mutually_exclusive"));
  const [tickers, rows] = [textsOf(events, "event_ticker"), Array.from(events.indices())];
  return new Map(
    tickers.flatMap((ticker, at) => {
      const value = column.at(rows[at]!);
      return ticker === null || typeof value !== "boolean" ? [] : [[ticker, value] as const];
    }),
  );
}

/** By its strikes where they say, else by what the exchange says. */
export function isExclusive({ event, markets }: StrikeEvent, stated: ReadonlyMap<string, boolean>): boolean | null {
  return areExclusive(markets) ?? stated.get(event) ?? null;
}

/** By how much the bid of a narrower market is above the ask of a wider one, for each such pair. */
function violationsOf({ markets }: StrikeEvent): Price[] {
  const found: Price[] = [];
  for (const narrow of markets) {
    if (narrow.range === null || narrow.bid === null) continue;
    for (const wide of markets) {
      if (wide === narrow || wide.range === null || wide.ask === null || narrow.bid <= wide.ask) continue;
      if (isWithin(narrow.range, wide.range)) found.push(narrow.bid - wide.ask);
    }
  }
  return found;
}

function sumOf(values: readonly (Price | null)[]): Price | null {
  return values.reduce<Price | null>((sum, value) => (sum === null || value === null ? null : sum + value), 0);
}

function half(sum: Price | null): Price | null {
  return sum === null ? null : Math.ceil(sum / 2);
}
