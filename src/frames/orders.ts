import type { ColumnTable } from "arquero";
import { orderFields } from "../exchange/order.js";
import type { TableOptions } from "./builder.js";
import { type Frame, tableOfRaw } from "./frame.js";

/** How orders stand in a table. */
export const ordersFrame = {
  noun: "order",
  source: "GET /portfolio/orders, GET /historical/orders",
  fields: orderFields,
  key: ["order_id"],
  orderBy: ["created_time", "order_id"],
} satisfies Frame;

/**
 * Own orders, one row per order. Ascending by time; a record that came twice stands once.
 *
 * Columns: `created_time` (ms since 1970, UTC), `status`, `yes_price` ($), `initial_count`, `fill_count`, `remaining_count` (contracts), …
 *
 * @throws KalshiError `BAD_RECORD`, `LEGACY_FIELDS`
 * @see GET /portfolio/orders, GET /historical/orders
 */
export function orders(raw: readonly unknown[], options?: TableOptions): ColumnTable {
  return tableOfRaw(ordersFrame, raw, options);
}
