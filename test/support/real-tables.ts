import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { ColumnTable } from "arquero";
import { markets } from "../../src/frames/markets.js";
import { trades } from "../../src/frames/trades.js";
import { folder } from "./real-data.js";

/** The real trades as the exchange sends them. */
export function realTradeRecords(): Record<string, unknown>[] {
  return lines(gunzipSync(readFileSync(join(folder, "trades.ndjson.gz"))).toString());
}

/** The real markets, with what the wire always has and this data has not. */
export function realMarketRecords(): Record<string, unknown>[] {
  const raw = lines(readFileSync(join(folder, "markets.ndjson"), "utf8"));
  return raw.map((market) => ({ created_time: market.open_time, updated_time: market.open_time, ...market }));
}

/** The real trades as a table. */
export function realTrades(): ColumnTable {
  return trades(realTradeRecords());
}

/** The real markets as a table. */
export function realMarkets(): ColumnTable {
  return markets(realMarketRecords());
}

function lines(text: string): Record<string, unknown>[] {
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
