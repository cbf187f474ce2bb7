import { DAY, HOUR, MINUTE, SECOND, startOfDay, type Timestamp } from "../../../units/time.js";
import type { MarketRecord } from "../../types.js";
import { BulkTrades } from "../past/bulk-trades.js";
import { buildEvent, type EventPlan } from "../plan.js";
import type { MemoryWorld } from "../world.js";
import { seriesRecord } from "./series.js";
import { above } from "./strikes.js";

/** The market whose trades all lie in the historical tier. */
export const BULK_ARCHIVED = "BULK-ARCHIVED-T50";
/** The market about half of whose trades are in the live tier, the older half in the historical one. */
export const BULK_STRADDLING = "BULK-STRADDLING-T50";

/** Trades a bulk market may have: 8 bytes of memory each. */
export const MOST_BULK_TRADES = 10_000_000;

const SPAN = 40 * DAY;

/**
 * Adds the series `BULK`: two settled markets of `count` trades each, by the cutoff of the moment one before it and one across it. Of
 * their trades only the times are in memory. Nobody quotes in them: their candles have prices and volumes alone.
 */
export function addBulkSeries(world: MemoryWorld, count: number): void {
  const record = seriesRecord({
    ticker: "BULK",
    title: "Markets with very many trades",
    category: "Sandbox",
    frequency: "custom",
    tags: ["Generated"],
    source: "Sandbox",
    feeType: "quadratic",
    feeMultiplier: 1,
  });
  world.addSeries(record);
  const start = world.clock.now();
  const cutoff = world.cutoffs().tradesCreated;
  // Half a span to either side of the cutoff, less where the present is near.
  const half = Math.max(DAY, Math.min(SPAN / 2, startOfDay(start - cutoff) - DAY));
  const middle = Math.min(cutoff, startOfDay(start) - half - DAY);
  for (const plan of [
    bulkEvent("BULK-ARCHIVED", "before the cutoff", middle - 2 * DAY - SPAN, middle - 2 * DAY, 73),
    bulkEvent("BULK-STRADDLING", "on both sides of the cutoff", middle - half, middle + half, 41),
  ]) {
    const { event, markets } = buildEvent(world.seed, record, plan, start);
    const market = markets[0] as MarketRecord;
    const { seed } = world;
    const { ticker, grid, openTime: from, closeTime: to } = market;
    const end = market.outcome.result === "yes" ? 0.99 : 0.01;
    world.add(event, [market]);
    world.trades.addBulk(new BulkTrades({ seed, ticker, grid, count, from, to, end }));
  }
}

function bulkEvent(ticker: string, where: string, from: Timestamp, to: Timestamp, final: number): EventPlan {
  return {
    ticker,
    title: `Does the level end above 50 (very many trades ${where})?`,
    subTitle: `Very many trades ${where}`,
    question: (label) => `the level is ${label} at the close of ${ticker}`,
    exclusive: false,
    strike: {},
    createdTime: from - HOUR,
    openTime: from,
    closeTime: to,
    knownTime: to,
    determinedAfter: MINUTE,
    settledAfter: 30 * SECOND,
    final,
    observed: String(final),
    initial: 50,
    spread: 12,
    strikes: [above(50, { step: 1, decimals: 0, show: (value) => value }, "tapered_deci_cent")],
    bursts: 0,
    fractional: 0,
  };
}
