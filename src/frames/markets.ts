import type { ColumnTable } from "arquero";
import { marketFields } from "../exchange/market.js";
import type { TableOptions } from "./builder.js";
import { type Frame, tableOfRaw } from "./frame.js";

/** How markets stand in a table. */
export const marketsFrame = {
  noun: "market",
  source: "GET /markets, GET /historical/markets",
  fields: marketFields,
  key: ["ticker"],
  orderBy: ["created_time", "ticker"],
} satisfies Frame;

/**
 * Markets, one row per market. Ascending by time; a record that came twice stands once.
 *
 * Columns: `ticker`, `status`, `yes_bid`, `yes_ask`, `last_price` ($), `volume`, `open_interest` (contracts), times (ms since 1970, UTC), …
 *
 * @throws KalshiError `BAD_RECORD`, `LEGACY_FIELDS`
 * @see GET /markets, GET /historical/markets
 */
export function markets(raw: readonly unknown[], options?: TableOptions): ColumnTable {
  return tableOfRaw(marketsFrame, raw, options);
}
