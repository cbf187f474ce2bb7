import { always, maybe, type RecordOf } from "./field.js";

/** A deposit or a withdrawal. @see API: GET /portfolio/deposits, GET /portfolio/withdrawals */
export const bankTransferFields = {
  created_time: always("time", "created_ts", "when it was begun", "seconds"),
  finalized_time: maybe("time", "finalized_ts", "when it was applied, failed or came back", "seconds"),
  status: always("text", "status", "pending, applied, failed or returned"),
  type: always("text", "type", "ach, wire, crypto, debit or apm"),
  amount: always("dollars", "amount_cents", "money moved, $ (whole cents on the wire)", "cents"),
  fee: always("dollars", "fee_cents", "what moving it cost, $ (whole cents on the wire)", "cents"),
  id: always("text", "id", "key of the transfer"),
};

export type BankTransfer = RecordOf<typeof bankTransferFields>;

/** Money moved between event contracts and perpetuals, or between shards. @see API: GET /portfolio/intra_exchange_instance_transfers */
export const instanceTransferFields = {
  created_time: always("time", "created_ts", "when it was begun", "seconds"),
  source: always("text", "source", "`event_contract` or `margined`: where it came from"),
  destination: always("text", "destination", "where it went"),
  source_exchange_shard: always("integer", "source_exchange_shard", "shard it came from"),
  destination_exchange_shard: always("integer", "destination_exchange_shard", "shard it went to"),
  amount: always("dollars", "amount", "money moved, $"),
  status: always("text", "status", "pending or complete"),
  transfer_id: always("uuid", "transfer_id", "key of the transfer"),
};

export type InstanceTransfer = RecordOf<typeof instanceTransferFields>;

/** Money moved between own subaccounts. @see API: GET /portfolio/subaccounts/transfers */
export const subaccountTransferFields = {
  created_time: always("time", "created_ts", "when it was moved", "seconds"),
  from_subaccount: always("integer", "from_subaccount", "0 is the primary account"),
  to_subaccount: always("integer", "to_subaccount", "0 is the primary account"),
  amount: always("dollars", "amount_cents", "money moved, $ (whole cents on the wire)", "cents"),
  transfer_id: always("uuid", "transfer_id", "key of the transfer"),
  exchange_index: always("integer", "exchange_index", "shard"),
};

export type SubaccountTransfer = RecordOf<typeof subaccountTransferFields>;
