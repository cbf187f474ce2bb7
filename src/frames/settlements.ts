import type { ColumnTable } from "arquero";
import { settlementFields } from "../exchange/settlement.js";
import type { TableOptions } from "./builder.js";
import { type Frame, tableOfRaw } from "./frame.js";

// A settlement has no id, and where nobody could ask by subaccount it does not name one: within a subaccount only equal rows are one.
const toTellApart = [
  "settled_time",
  "ticker",
  "subaccount_number",
  "yes_count",
  "no_count",
  "yes_total_cost",
  "no_total_cost",
  "revenue",
  "fee_cost",
  "market_result",
  "value",
  "exchange_index",
] as const;

/** How settlements stand in a table. */
export const settlementsFrame = {
  noun: "settlement",
  source: "GET /portfolio/settlements",
  fields: settlementFields,
  key: toTellApart,
  orderBy: toTellApart,
} satisfies Frame;

/**
 * Own settlements, one row per subaccount and market settled. Ascending by time; a record that came twice stands once.
 *
 * Columns: `settled_time` (ms since 1970, UTC), `market_result`, `yes_count`, `no_count` (contracts), `revenue`, `fee_cost` ($),
 * `subaccount_number` (null in records that nobody asked by subaccount), …
 *
 * @throws KalshiError `BAD_RECORD`, `LEGACY_FIELDS`
 * @see GET /portfolio/settlements
 */
export function settlements(raw: readonly unknown[], options?: TableOptions): ColumnTable {
  return tableOfRaw(settlementsFrame, raw, options);
}
