import type { Timestamp } from "../../units/time.js";
import type { MarketRecord } from "../types.js";

/** What a market is at a moment, in the words of answers. Its times decide, and whether it was paused or its result contested. */
export type Status =
  | "initialized"
  | "inactive"
  | "active"
  | "closed"
  | "determined"
  | "disputed"
  | "amended"
  | "finalized";

/** What a list may be filtered by. An answer never says these words, `closed` aside. */
export const statusFilters = ["unopened", "open", "paused", "closed", "settled"] as const;
export type StatusFilter = (typeof statusFilters)[number];

/** A settlement that nobody has set a date for, while a result is disputed: in the year 2200. */
export const NEVER: Timestamp = Date.UTC(2200, 0, 1) * 1000;

export function statusOf(market: MarketRecord, now: Timestamp): Status {
  if (now < market.openTime) return "initialized";
  if (now < market.closeTime) return market.paused === true ? "inactive" : "active";
  if (now < market.determinedTime) return "closed";
  return now < market.settledTime ? (market.contest ?? "determined") : "finalized";
}

/** Whether the result is public at a moment. */
export function isDetermined(status: Status): boolean {
  return status === "determined" || status === "disputed" || status === "amended" || status === "finalized";
}

const statusesOf: Readonly<Record<StatusFilter, readonly Status[]>> = {
  unopened: ["initialized"],
  open: ["active"],
  paused: ["inactive"],
  closed: ["closed", "determined", "disputed", "amended"],
  settled: ["finalized"],
};

export function passes(filter: StatusFilter, market: MarketRecord, now: Timestamp): boolean {
  return statusesOf[filter].includes(statusOf(market, now));
}
