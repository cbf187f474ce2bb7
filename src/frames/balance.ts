import type { ColumnTable } from "arquero";
import { balanceFields } from "../exchange/balance.js";
import type { TableOptions } from "./builder.js";
import { type Frame, tableOfRaw } from "./frame.js";

/** How balance stand in a table. */
export const balanceFrame = {
  noun: "balance",
  source: "GET /portfolio/balance",
  fields: balanceFields,
  key: [],
  orderBy: ["updated_time"],
} satisfies Frame;

/**
 * The account's balance, one row per answer. Ascending by time; a record that came twice stands once.
 *
 * Columns: `updated_time` (ms since 1970, UTC), `balance`, `portfolio_value` ($), …
 *
 * @throws KalshiError `BAD_RECORD`, `LEGACY_FIELDS`
 * @see GET /portfolio/balance
 */
export function balance(raw: readonly unknown[], options?: TableOptions): ColumnTable {
  return tableOfRaw(balanceFrame, raw, options);
}
