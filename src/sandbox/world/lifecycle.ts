import type { Timestamp } from "../../units/time.js";
import type { MarketRecord } from "../types.js";

/** What a market is at a moment, in the words of answers. Times alone decide. */
export type Status = "initialized" | "active" | "closed" | "determined" | "finalized";

/** What a list may be filtered by. An answer never says these words, `closed` aside. */
export const statusFilters = ["unopened", "open", "paused", "closed", "settled"] as const;
export type StatusFilter = (typeof statusFilters)[number];

export function statusOf(market: MarketRecord, now: Timestamp): Status {
  if (now < market.openTime) return "initialized";
  if (now < market.closeTime) return "active";
  if (now < market.determinedTime) return "closed";
  return now < market.settledTime ? "determined" : "finalized";
}

const statusesOf: Readonly<Record<StatusFilter, readonly Status[]>> = {
  unopened: ["initialized"],
  open: ["active"],
  paused: [],
  closed: ["closed", "determined"],
  settled: ["finalized"],
};

export function passes(filter: StatusFilter, market: MarketRecord, now: Timestamp): boolean {
  return statusesOf[filter].includes(statusOf(market, now));
}
