import { DAY, HOUR, startOfDay, type Timestamp } from "../../units/time.js";
import type { Cutoffs, MarketRecord } from "../types.js";

/** The live tier goes on serving rows this much older than the cutoff, so both tiers have them. */
export const OVERLAP = 6 * HOUR;

/** How far back the live tier of a generated world reaches, and how far its orders do. */
const LIVE_SPAN = 45 * DAY;
const ORDERS_SPAN = 14 * DAY;

/** Cutoffs that move with the clock, a day at every midnight UTC. */
export function movingCutoffs(now: Timestamp): Cutoffs {
  return cutoffsAt(startOfDay(now - LIVE_SPAN), now);
}

/** One fixed date for markets, trades and positions, floored to midnight UTC. Orders keep two weeks whatever the rest does. */
export function cutoffsAt(date: Timestamp, now: Timestamp): Cutoffs {
  const day = startOfDay(date);
  return {
    marketSettled: day,
    tradesCreated: day,
    ordersUpdated: startOfDay(now - ORDERS_SPAN),
    positionsUpdated: day,
  };
}

/** Whether the live tier serves a market: from its creation until a little after the cutoff passed its settlement. */
export function isLive(market: MarketRecord, cutoffs: Cutoffs, now: Timestamp): boolean {
  if (market.createdTime > now) return false;
  return market.settledTime > now || market.settledTime >= cutoffs.marketSettled - OVERLAP;
}

/** Whether the historical tier serves a market: once settled before the cutoff. */
export function isArchived(market: MarketRecord, cutoffs: Cutoffs, now: Timestamp): boolean {
  return market.settledTime <= now && market.settledTime < cutoffs.marketSettled;
}
