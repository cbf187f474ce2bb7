import { formatPrice } from "../../units/price.js";
import { parseTime, type Timestamp, toSeconds } from "../../units/time.js";
import type { EventFeeChange, EventRecord, Json, JsonObject, MarketRecord } from "../types.js";
import { priceRanges } from "../world/price-structures.js";
import { isCombo } from "../world/series/combo-series.js";

// Messages of the lifecycle channels. Times are in seconds.

const METADATA = [
  "title",
  "yes_sub_title",
  "no_sub_title",
  "rules_primary",
  "rules_secondary",
  "can_close_early",
  "event_ticker",
  "strike_type",
  "floor_strike",
  "cap_strike",
  "custom_strike",
] as const;

export function createdMessage(market: MarketRecord): JsonObject {
  const { wire } = market;
  return {
    event_type: "created",
    market_ticker: market.ticker,
    exchange_index: 0,
    open_ts: toSeconds(market.openTime),
    close_ts: toSeconds(market.closeTime),
    ...(isCombo(market) ? {} : structureOf(market)),
    additional_metadata: {
      ...Object.fromEntries(METADATA.map((name) => [name, wire[name] ?? undefined])),
      name: wire.yes_sub_title ?? undefined,
      expected_expiration_ts: secondsOf(wire.expected_expiration_time),
    },
  };
}

/** The market was paused, or goes on. */
export function pausedMessage({ ticker, paused }: MarketRecord): JsonObject {
  const isDeactivated = paused === true;
  return {
    event_type: isDeactivated ? "deactivated" : "activated",
    market_ticker: ticker,
    is_deactivated: isDeactivated,
  };
}

export function closeDateMessage({ ticker, closeTime }: MarketRecord): JsonObject {
  return { event_type: "close_date_updated", market_ticker: ticker, close_ts: toSeconds(closeTime) };
}

export function determinedMessage({ ticker, outcome }: MarketRecord, time: Timestamp): JsonObject {
  return {
    event_type: "determined",
    market_ticker: ticker,
    result: outcome.result,
    determination_ts: toSeconds(time),
    settlement_value: formatPrice(outcome.value),
  };
}

export function settledMessage({ ticker }: MarketRecord, time: Timestamp): JsonObject {
  return { event_type: "settled", market_ticker: ticker, settled_ts: toSeconds(time) };
}

export function structureMessage(market: MarketRecord): JsonObject {
  return { event_type: "price_level_structure_updated", market_ticker: market.ticker, ...structureOf(market) };
}

/** Only what has changed. */
export function metadataMessage({ ticker }: MarketRecord, changed: JsonObject): JsonObject {
  return { event_type: "metadata_updated", market_ticker: ticker, ...changed };
}

export function eventMessage({ ticker, seriesTicker, wire }: EventRecord): JsonObject {
  return {
    event_ticker: ticker,
    exchange_index: 0,
    title: textOf(wire.title),
    subtitle: textOf(wire.sub_title),
    collateral_return_type: textOf(wire.collateral_return_type),
    series_ticker: seriesTicker,
    strike_date: secondsOf(wire.strike_date),
    strike_period: typeof wire.strike_period === "string" ? wire.strike_period : undefined,
  };
}

export function eventFeeMessage(change: EventFeeChange): JsonObject {
  return {
    event_ticker: change.eventTicker,
    fee_type_override: change.feeType,
    fee_multiplier_override: change.feeMultiplier,
  };
}

function structureOf({ wire, grid }: MarketRecord): JsonObject {
  return { price_level_structure: wire.price_level_structure, price_ranges: priceRanges(grid) };
}

function textOf(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}

function secondsOf(value: Json | undefined): number | undefined {
  return typeof value === "string" ? toSeconds(parseTime(value)) : undefined;
}
