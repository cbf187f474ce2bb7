import type { ColumnTable } from "arquero";
import { settlementFields } from "../exchange/settlement.js";
import type { TableOptions } from "./builder.js";
import { type Frame, tableOfRaw } from "./frame.js";

/** How settlements stand in a table. */
export const settlementsFrame = {
  noun: "settlement",
  source: "GET /portfolio/settlements",
  fields: settlementFields,
  // Settlements of several subaccounts come together, and nothing in them names the subaccount: only equal rows are one.
  key: ["ticker", "settled_time", "yes_count", "no_count", "yes_total_cost", "no_total_cost"],
  orderBy: ["settled_time", "ticker", "yes_count", "no_count", "yes_total_cost", "no_total_cost"],
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
