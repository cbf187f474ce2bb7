import { always, type RecordOf } from "./field.js";

/** Free money of one subaccount on one shard. @see API: GET /portfolio/subaccounts/balances */
export const subaccountBalanceFields = {
  updated_time: always("time", "updated_ts", "as of", "seconds"),
  subaccount_number: always("integer", "subaccount_number", "0 is the primary account"),
  balance: always("dollars", "balance", "free money, $"),
  exchange_index: always("integer", "exchange_index", "shard"),
};

export type SubaccountBalance = RecordOf<typeof subaccountBalanceFields>;

/** Whether a subaccount's opposite positions are netted. @see API: GET /portfolio/subaccounts/netting */
export const nettingFields = {
  subaccount_number: always("integer", "subaccount_number", "0 is the primary account"),
  enabled: always("boolean", "enabled", "whether positions are netted"),
  exchange_index: always("integer", "exchange_index", "shard"),
};

export type Netting = RecordOf<typeof nettingFields>;
