import type { ColumnTable } from "arquero";
import { settlementFields } from "../exchange/settlement.js";
import type { TableOptions } from "./builder.js";
import { type Frame, tableOfRaw } from "./frame.js";

/** How settlements stand in a table. */
export const settlementsFrame = {
  noun: "settlement",
  source: "GET /portfolio/settlements",
  fields: settlementFields,
  key: ["ticker", "settled_time"],
  orderBy: ["settled_time", "ticker"],
} satisfies Frame;

/**
 * Own settlements, one row per market settled. Ascending by time; a record that came twice stands once.
 *
 * Columns: `settled_time` (ms since 1970, UTC), `market_result`, `yes_count`, `no_count` (contracts), `revenue`, `fee_cost` ($), …
 *
 * @throws KalshiError `BAD_RECORD`, `LEGACY_FIELDS`
 * @see GET /portfolio/settlements
 */
export function settlements(raw: readonly unknown[], options?: TableOptions): ColumnTable {
  return tableOfRaw(settlementsFrame, raw, options);
}
