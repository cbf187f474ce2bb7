import type { ListEndpoint } from "../client/pages.js";
import { always, maybe, type RecordOf, recordParser } from "./field.js";

/** Columns of an own order, in table order. @see API: GET /portfolio/orders, GET /historical/orders */
export const orderFields = {
  created_time: maybe("time", "created_time", "when it was accepted"),
  ticker: always("text", "ticker", "market"),
  outcome_side: maybe("text", "outcome_side", "`yes` or `no`: what its fills make longer"),
  book_side: maybe("text", "book_side", "`bid` or `ask`: the same, as a side of the YES book"),
  status: always("text", "status", "resting, canceled or executed"),
  yes_price: always("dollars", "yes_price_dollars", "limit of the YES side, $ per contract"),
  no_price: always("dollars", "no_price_dollars", "limit of the NO side"),
  initial_count: always("contracts", "initial_count_fp", "contracts asked for"),
  fill_count: always("contracts", "fill_count_fp", "contracts filled"),
  remaining_count: always("contracts", "remaining_count_fp", "contracts still resting"),
  taker_fill_cost: always("dollars", "taker_fill_cost_dollars", "paid as taker, without fees, $"),
  maker_fill_cost: always("dollars", "maker_fill_cost_dollars", "paid as maker, without fees, $"),
  taker_fees: always("dollars", "taker_fees_dollars", "fees as taker, $"),
  maker_fees: always("dollars", "maker_fees_dollars", "fees as maker, $"),
  last_update_time: maybe("time", "last_update_time", "last change, fill or cancellation"),
  expiration_time: maybe("time", "expiration_time", "when it lapses"),
  type: maybe("text", "type", "always limit now"),
  action: maybe("text", "action", "older: buy or sell"),
  side: maybe("text", "side", "older: yes or no"),
  self_trade_prevention_type: maybe("text", "self_trade_prevention_type", "taker_at_cross or maker"),
  cancel_order_on_pause: maybe("boolean", "cancel_order_on_pause", "withdrawn when the market pauses"),
  order_group_id: maybe("text", "order_group_id", "group it belongs to"),
  client_order_id: maybe("text", "client_order_id", "our own id, unique for ever"),
  order_id: always("uuid", "order_id", "key of the order"),
  user_id: maybe("text", "user_id", "account"),
  subaccount_number: maybe("integer", "subaccount_number", "0 is the primary account"),
  exchange_index: maybe("integer", "exchange_index", "shard"),
};

export type Order = RecordOf<typeof orderFields>;

/** Reads an own order. @throws KalshiError `BAD_RECORD`, `LEGACY_FIELDS` */
export const parseOrder = recordParser("order", orderFields);

/** Own orders, resting or finished after the cutoff. @see GET /portfolio/orders */
export const liveOrders: ListEndpoint = {
  path: "/portfolio/orders",
  access: "signed",
  list: "orders",
  maxLimit: 1000,
  key: "order_id",
};

/** Own orders finished before the cutoff. @see GET /historical/orders */
export const historicalOrders: ListEndpoint = { ...liveOrders, path: "/historical/orders" };
