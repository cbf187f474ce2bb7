import { always, maybe, type RecordOf } from "./field.js";

/** A group of own orders, which are withdrawn together once too much of them is filled. @see API: part 12, GET /portfolio/order_groups */
export const orderGroupFields = {
  id: always("uuid", "id", "key of the group"),
  contracts_limit: maybe("contracts", "contracts_limit_fp", "contracts that may be filled within 15 s"),
  is_auto_cancel_enabled: always(
    "boolean",
    "is_auto_cancel_enabled",
    "whether reaching the limit withdraws its orders",
  ),
  exchange_index: maybe("integer", "exchange_index", "shard it lives on"),
};

export type OrderGroup = RecordOf<typeof orderGroupFields>;
