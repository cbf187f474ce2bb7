import { createHash } from "node:crypto";
import { complement, DOLLAR, formatPrice, type Price } from "../../../units/price.js";
import { DAY, formatTime, HOUR, SECOND, type Timestamp } from "../../../units/time.js";
import type { EventRecord, JsonObject, Leg, MarketRecord, Outcome, World } from "../../types.js";
import { NEVER, statusOf } from "../lifecycle.js";
import { tickerDate } from "../plan.js";
import { grids, priceRanges } from "../price-structures.js";
import { Random } from "../random.js";
import { COMBO_GRID, type Collection } from "./collections.js";
import { COMBO_SERIES } from "./combo-series.js";

/** A chosen leg with the market that it is about. */
export interface ChosenLeg extends Leg {
  readonly market: MarketRecord;
}

/** From the last leg's determination to the combo's, and from there to its payment. */
const DETERMINED_AFTER = 5 * SECOND;
const SETTLED_AFTER = 30 * SECOND;

/** The event and the ticker of a combination. The order of the legs does not matter: the same legs are the same market. */
export function comboTickers(collection: Collection, legs: readonly ChosenLeg[]): { event: string; market: string } {
  const events = legs.map(({ market }) => market.eventTicker).sort();
  const sides = legs.map(({ ticker, side }) => `${ticker} ${side}`).sort();
  const event = `${COMBO_SERIES}-S${tickerDate(collection.open)}${digest([collection.ticker, ...events], 8)}`;
  return { event, market: `${event}-${digest([collection.ticker, ...sides], 11)}` };
}

/** The market of a combination, made now: it opens at once and closes with the last of its legs. It has a book if that is after `liveFrom`. */
export function comboMarket(
  seed: string,
  collection: Collection,
  legs: readonly ChosenLeg[],
  now: Timestamp,
  liveFrom: Timestamp = now,
): { readonly event: EventRecord; readonly market: MarketRecord } {
  const tickers = comboTickers(collection, legs);
  const random = new Random(`${seed}/combo/${tickers.market}`);
  const end = comboEnd(legs, now);
  const { closeTime } = end;
  const market: MarketRecord = {
    ticker: tickers.market,
    eventTicker: tickers.event,
    seriesTicker: COMBO_SERIES,
    marketId: random.uuid(),
    createdTime: now,
    openTime: now,
    ...end,
    grid: grids[COMBO_GRID],
    live: closeTime > liveFrom,
    legs: legs.map(({ ticker, side }) => ({ ticker, side })),
    stats: { lastPrice: null, volume: 0, openInterest: 0, yesBid: null, yesAsk: null },
    wire: marketFields(collection, tickers, legs, closeTime, now),
  };
  return { event: eventRecord(tickers.event, legs, now), market };
}

/** How a combo ends by what is planned for its legs, or has become of them. One that hangs on a disputed leg waits. */
export function comboEnd(
  legs: readonly ChosenLeg[],
  now: Timestamp,
): Pick<MarketRecord, "closeTime" | "determinedTime" | "settledTime" | "outcome"> {
  const closeTime = Math.max(...legs.map(({ market }) => market.closeTime));
  const isDisputed = legs.some(({ market }) => statusOf(market, now) === "disputed");
  const known = Math.max(...legs.map(({ market }) => market.determinedTime));
  const planned = Math.max(known, closeTime) + DETERMINED_AFTER;
  // What was held up, as by a dispute, follows from now.
  const determinedTime = isDisputed ? NEVER : planned > now ? planned : now + DETERMINED_AFTER;
  return { closeTime, determinedTime, settledTime: determinedTime + SETTLED_AFTER, outcome: outcomeOf(legs) };
}

/** The legs of a combo with their markets; null where one is unknown. */
export function legsOf(world: World, { legs }: MarketRecord): readonly ChosenLeg[] | null {
  const found = (legs ?? []).map((leg) => ({ ...leg, market: world.markets.get(leg.ticker) }));
  const known = found.filter((leg): leg is ChosenLeg => leg.market !== undefined);
  return known.length === 0 || known.length < found.length ? null : known;
}

/** The product of what the legs pay: all of a dollar, nothing, or a share where one of them is called off. */
function outcomeOf(legs: readonly ChosenLeg[]): Outcome {
  const share = legs.reduce(
    (product, { market, side }) => product * (sideValue(market.outcome.value, side) / DOLLAR),
    1,
  );
  // Paid to the hundredth of a cent.
  const value = Math.round(share * 10_000) * (DOLLAR / 10_000);
  const result = value === DOLLAR ? "yes" : value === 0 ? "no" : "scalar";
  return { result, value, observed: "" };
}

/** What one contract of a side is worth where a contract of YES is worth `value`. */
export function sideValue(value: Price, side: "yes" | "no"): Price {
  return side === "yes" ? value : complement(value);
}

function eventRecord(ticker: string, legs: readonly ChosenLeg[], now: Timestamp): EventRecord {
  return {
    ticker,
    seriesTicker: COMBO_SERIES,
    wire: {
      category: "Sandbox",
      collateral_return_type: "",
      event_ticker: ticker,
      exchange_index: 0,
      last_updated_ts: formatTime(now),
      mutually_exclusive: false,
      series_ticker: COMBO_SERIES,
      settlement_sources: [{ name: "Sandbox", url: "https://source.example/" }],
      sub_title: `${legs.length} legs`,
      title: "Combo",
    },
  };
}

function marketFields(
  collection: Collection,
  tickers: { readonly event: string; readonly market: string },
  legs: readonly ChosenLeg[],
  closeTime: Timestamp,
  now: Timestamp,
): JsonObject {
  const title = legs.map(({ market, side }) => `${side} ${String(market.wire.yes_sub_title)}`).join(",");
  const latest = formatTime(Math.ceil((closeTime + 7 * DAY) / HOUR) * HOUR);
  return {
    can_close_early: true,
    close_time: formatTime(closeTime),
    created_time: formatTime(now),
    event_ticker: tickers.event,
    exchange_index: 0,
    expected_expiration_time: formatTime(Math.ceil((closeTime + HOUR) / SECOND) * SECOND),
    expiration_time: latest,
    latest_expiration_time: latest,
    market_type: "binary",
    mve_collection_ticker: collection.ticker,
    no_sub_title: title,
    notional_value_dollars: formatPrice(DOLLAR),
    open_time: formatTime(now),
    price_level_structure: COMBO_GRID,
    price_ranges: priceRanges(grids[COMBO_GRID]),
    rules_primary: "If every leg comes true, then the market resolves to Yes.",
    rules_secondary: "This market belongs to a generated world. It pays nothing and promises nothing.",
    settlement_bounds_type: "default",
    settlement_timer_seconds: SETTLED_AFTER / SECOND,
    strike_type: "custom",
    ticker: tickers.market,
    title,
    updated_time: formatTime(now),
    yes_sub_title: title,
  };
}

/** So many capital letters and digits that tell one combination from others. */
function digest(parts: readonly string[], length: number): string {
  return createHash("sha256").update(parts.join("\n")).digest("hex").slice(0, length).toUpperCase();
}
