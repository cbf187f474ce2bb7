import type { ColumnTable } from "arquero";
import { positionFields } from "../exchange/position.js";
import type { TableOptions } from "./builder.js";
import { type Frame, tableOfRaw } from "./frame.js";

/** How positions stand in a table. */
export const positionsFrame = {
  noun: "position",
  source: "GET /portfolio/positions, GET /historical/positions",
  fields: positionFields,
  key: ["ticker", "subaccount_number"],
  orderBy: ["ticker", "subaccount_number"],
} satisfies Frame;

/**
 * Own positions, one row per subaccount and market. Ascending by market; a record that came twice stands once.
 *
 * Columns: `ticker`, `position` (contracts: YES positive, NO negative), `market_exposure`, `realized_pnl`, `fees_paid` ($),
 * `subaccount_number` (null in records that nobody asked by subaccount), …
 *
 * @throws KalshiError `BAD_RECORD`, `LEGACY_FIELDS`
 * @see GET /portfolio/positions, GET /historical/positions
 */
export function positions(raw: readonly unknown[], options?: TableOptions): ColumnTable {
  return tableOfRaw(positionsFrame, raw, options);
}
