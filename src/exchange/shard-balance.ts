import { always, type RecordOf } from "./field.js";

/** Money on one shard. @see API: part 17, GET /portfolio/balance */
export const shardBalanceFields = {
  exchange_index: always("integer", "exchange_index", "shard"),
  balance: always("dollars", "balance", "money on it, $"),
};

export type ShardBalance = RecordOf<typeof shardBalanceFields>;

/** The part of the free money that should lie on one shard. @see API: GET /portfolio/target_balance_allocation */
export const allocationFields = {
  exchange_index: always("integer", "exchange_index", "shard"),
  percent: always("integer", "percent", "whole percent of the free money; all shards add up to 100"),
};

export type Allocation = RecordOf<typeof allocationFields>;
