import type { ColumnTable } from "arquero";
import { tradeFields } from "../exchange/trade.js";
import type { TableOptions } from "./builder.js";
import { type Frame, tableOfRaw } from "./frame.js";

/** How trades stand in a table. */
export const tradesFrame = {
  noun: "trade",
  source: "GET /markets/trades, GET /historical/trades",
  fields: tradeFields,
  key: ["trade_id"],
  orderBy: ["created_time", "trade_id"],
} satisfies Frame;

/**
 * Public trades, one row per trade. Ascending by time; a record that came twice stands once.
 *
 * Columns: `created_time` (ms since 1970, UTC), `yes_price`, `no_price` ($), `count` (contracts), `taker_outcome_side` ("yes" | "no"), …
 *
 * @throws KalshiError `BAD_RECORD`, `LEGACY_FIELDS`
 * @see GET /markets/trades, GET /historical/trades
 */
export function trades(raw: readonly unknown[], options?: TableOptions): ColumnTable {
  return tableOfRaw(tradesFrame, raw, options);
}
