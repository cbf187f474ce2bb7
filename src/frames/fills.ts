import type { ColumnTable } from "arquero";
import { fillFields } from "../exchange/fill.js";
import type { TableOptions } from "./builder.js";
import { type Frame, tableOfRaw } from "./frame.js";

/** How fills stand in a table. */
export const fillsFrame = {
  noun: "fill",
  source: "GET /portfolio/fills, GET /historical/fills",
  fields: fillFields,
  // An account that trades with itself has two fills of one trade.
  key: ["fill_id", "order_id"],
  orderBy: ["created_time", "fill_id", "order_id"],
} satisfies Frame;

/**
 * Own fills, one row per fill. Ascending by time; a record that came twice stands once.
 *
 * Columns: `created_time` (ms since 1970, UTC), `yes_price`, `no_price`, `fee_cost` ($), `count` (contracts), `outcome_side` ("yes" | "no"), …
 *
 * @throws KalshiError `BAD_RECORD`, `LEGACY_FIELDS`
 * @see GET /portfolio/fills, GET /historical/fills
 */
export function fills(raw: readonly unknown[], options?: TableOptions): ColumnTable {
  return tableOfRaw(fillsFrame, raw, options);
}
