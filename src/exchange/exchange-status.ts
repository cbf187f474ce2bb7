import { always, maybe } from "./field.js";
import { list, object, optional } from "./shape.js";

/** Whether one shard works. */
const shardStatus = object({
  exchange_index: always("integer", "exchange_index", "shard"),
  description: always("text", "description", "what it holds"),
  exchange_active: always("boolean", "exchange_active", "whether orders can be withdrawn"),
  trading_active: always("boolean", "trading_active", "whether orders can be placed"),
  intra_exchange_transfers_active: always(
    "boolean",
    "intra_exchange_transfers_active",
    "whether money moves between shards",
  ),
});

/** Whether the exchange is open, as a whole and shard by shard. @see API: GET /exchange/status */
export const exchangeStatus = object({
  exchange_active: always("boolean", "exchange_active", "whether it works at all"),
  trading_active: always("boolean", "trading_active", "whether orders can be placed"),
  intra_exchange_transfers_active: maybe(
    "boolean",
    "intra_exchange_transfers_active",
    "whether money moves between shards",
  ),
  exchange_estimated_resume_time: maybe("time", "exchange_estimated_resume_time", "when a pause is expected to end"),
  exchange_index_statuses: optional(list(shardStatus)),
});

export type ExchangeStatus = ReturnType<typeof exchangeStatus.parse>;
