import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A record of a data folder, or what stands in its place. */
export type Line = Record<string, unknown>;

/** The records of a small data folder: a series, its event, the event's market, and two trades of it. */
export const series: Line = {
  category: "Tests",
  fee_multiplier: 1,
  fee_type: "quadratic",
  frequency: "daily",
  ticker: "TOY",
  title: "A toy",
};
export const event: Line = {
  collateral_return_type: "",
  event_ticker: "TOY-1",
  mutually_exclusive: false,
  series_ticker: "TOY",
  sub_title: "one",
  title: "One?",
};
export const market: Line = {
  can_close_early: false,
  close_time: "2026-01-02T00:00:00Z",
  event_ticker: "TOY-1",
  expected_expiration_time: "2026-01-02T02:00:00Z",
  expiration_value: "7",
  last_price_dollars: "0.9000",
  latest_expiration_time: "2026-01-09T00:00:00Z",
  market_type: "binary",
  no_ask_dollars: "1.0000",
  no_bid_dollars: "0.0000",
  no_sub_title: "no",
  notional_value_dollars: "1.0000",
  open_interest_fp: "2.00",
  open_time: "2026-01-01T00:00:00Z",
  previous_price_dollars: "0.0000",
  previous_yes_ask_dollars: "0.0000",
  previous_yes_bid_dollars: "0.0000",
  price_level_structure: "linear_cent",
  price_ranges: [{ end: "1.0000", start: "0.0000", step: "0.0100" }],
  result: "yes",
  rules_primary: "",
  rules_secondary: "",
  settlement_timer_seconds: 1,
  status: "finalized",
  ticker: "TOY-1-A",
  volume_24h_fp: "0.00",
  volume_fp: "3.00",
  yes_ask_dollars: "1.0000",
  yes_bid_dollars: "0.0000",
  yes_sub_title: "yes",
};
export const trade: Line = {
  count_fp: "1.00",
  created_time: "2026-01-01T10:00:00.5Z",
  no_price_dollars: "0.1000",
  taker_side: "yes",
  ticker: "TOY-1-A",
  trade_id: "00000000-0000-4000-8000-000000000001",
  yes_price_dollars: "0.9000",
};
export const another: Line = {
  ...trade,
  count_fp: "2.00",
  created_time: "2026-01-01T09:00:00Z",
  taker_side: "no",
  trade_id: "00000000-0000-4000-8000-000000000002",
};

/** Writes a file of JSON lines into a data folder; texts as they are. */
export function writeLines(folder: string, name: string, lines: readonly (Line | string)[]): void {
  const text = lines.map((line) => `${typeof line === "string" ? line : JSON.stringify(line)}\n`).join("");
  writeFileSync(join(folder, name), text);
}

/** Makes the small data folder. */
export function writeDataFolder(folder: string): void {
  mkdirSync(folder, { recursive: true });
  writeLines(folder, "series.ndjson", [series]);
  writeLines(folder, "events.ndjson", [event]);
  writeLines(folder, "markets.ndjson", [market]);
  writeLines(folder, "trades.ndjson", [trade, another]);
}
