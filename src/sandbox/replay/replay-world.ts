import { DOLLAR, formatPrice } from "../../units/price.js";
import { type Clock, DAY, formatTime, MINUTE, type Timestamp } from "../../units/time.js";
import type { MarketRecord } from "../types.js";
import { cutoffsAt } from "../world/tiers.js";
import { MemoryWorld } from "../world/world.js";
import { gridFields, type NamedGrid, narrowestGrid } from "./recorded-grid.js";
import type { Scan, ScannedMarket } from "./scan.js";

/**
 * A world of the markets that a recording has. Their events and series are read off the tickers; what a recording cannot know claims
 * nothing: a market is open from a day before the recording to a day after, its title is its ticker, and it never ends. Its grid is told by
 * the recording, or else inferred.
 */
export function replayWorld(scan: Scan, clock: Clock, seed: string): MemoryWorld {
  const boundary = scan.from - 60 * DAY;
  const world = new MemoryWorld({ seed, clock, cutoffs: (now) => cutoffsAt(boundary, now) });
  for (const market of scan.markets.values()) {
    const parts = market.ticker.split("-");
    const seriesTicker = parts[0] as string;
    const eventTicker = parts.length > 1 ? parts.slice(0, -1).join("-") : market.ticker;
    if (!world.series.has(seriesTicker)) world.addSeries(seriesOf(seriesTicker, scan));
    const event = world.events.get(eventTicker) ?? eventOf(eventTicker, seriesTicker, scan);
    world.add(event, [marketOf(market, eventTicker, seriesTicker, scan)]);
  }
  return world;
}

function seriesOf(ticker: string, scan: Scan) {
  const wire = {
    additional_prohibitions: null,
    categories: [],
    category: "",
    contract_terms_url: "",
    contract_url: "",
    fee_multiplier: 1,
    fee_type: "quadratic",
    frequency: "custom",
    last_updated_ts: formatTime(scan.from),
    settlement_sources: null,
    tags: null,
    ticker,
    title: ticker,
  };
  return { ticker, category: "", feeType: "quadratic", feeMultiplier: 1, wire };
}

function eventOf(ticker: string, seriesTicker: string, scan: Scan) {
  const wire = {
    category: "",
    collateral_return_type: "",
    event_ticker: ticker,
    exchange_index: 0,
    last_updated_ts: formatTime(scan.from),
    mutually_exclusive: false,
    series_ticker: seriesTicker,
    settlement_sources: null,
    sub_title: "",
    title: ticker,
  };
  return { ticker, seriesTicker, wire };
}

function marketOf(found: ScannedMarket, eventTicker: string, seriesTicker: string, scan: Scan): MarketRecord {
  const { ticker, marketId } = found;
  const grid = gridOf(found);
  const openTime = floorMinute(scan.from - DAY);
  const closeTime = floorMinute(scan.to + DAY);
  const settledTime = closeTime + DAY;
  return {
    ticker,
    eventTicker,
    seriesTicker,
    marketId,
    createdTime: openTime,
    openTime,
    closeTime,
    determinedTime: settledTime,
    settledTime,
    outcome: { result: "no", value: 0, observed: "" },
    grid: grid.grid,
    live: true,
    stats: { lastPrice: null, volume: 0, openInterest: 0, yesBid: null, yesAsk: null },
    wire: {
      can_close_early: true,
      close_time: formatTime(closeTime),
      created_time: formatTime(openTime),
      event_ticker: eventTicker,
      exchange_index: 0,
      expected_expiration_time: formatTime(settledTime),
      expiration_time: formatTime(settledTime),
      latest_expiration_time: formatTime(settledTime),
      market_type: "binary",
      no_sub_title: "",
      notional_value_dollars: formatPrice(DOLLAR),
      open_time: formatTime(openTime),
      ...gridFields(grid),
      rules_primary: "",
      rules_secondary: "",
      settlement_bounds_type: "default",
      settlement_timer_seconds: 1,
      ticker,
      title: ticker,
      updated_time: formatTime(openTime),
      yes_sub_title: "",
    },
  };
}

/** As told, or else inferred from the prices that were seen. */
function gridOf({ grid, laterGrid, prices }: ScannedMarket): NamedGrid {
  return grid ?? (prices.size === 0 ? laterGrid : null) ?? narrowestGrid(prices);
}

function floorMinute(time: Timestamp): Timestamp {
  return Math.floor(time / MINUTE) * MINUTE;
}
