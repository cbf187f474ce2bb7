import type { ListEndpoint } from "../client/pages.js";
import { always, maybe, type RecordOf, recordParser } from "./field.js";

/** Columns of an own fill, in table order. @see API: GET /portfolio/fills, GET /historical/fills */
export const fillFields = {
  created_time: maybe("time", "created_time", "when it was matched"),
  ticker: always("text", ["ticker", "market_ticker"], "market"),
  outcome_side: maybe("text", "outcome_side", "`yes` or `no`: what the fill made longer"),
  book_side: maybe("text", "book_side", "`bid` or `ask`: the same, as a side of the YES book"),
  yes_price: always("dollars", "yes_price_dollars", "price of the YES side, $ per contract"),
  no_price: always("dollars", "no_price_dollars", "price of the NO side; both add up to $1"),
  count: always("contracts", "count_fp", "contracts"),
  fee_cost: always("dollars", "fee_cost", "fee of this fill, $"),
  is_taker: always("boolean", "is_taker", "whether our order crossed the spread"),
  action: maybe("text", "action", "older: buy or sell"),
  side: maybe("text", "side", "older: on sells the side bought to close"),
  order_id: always("uuid", "order_id", "the order"),
  fill_id: always("uuid", "fill_id", "key of the fill"),
  trade_id: always("uuid", "trade_id", "the public trade"),
  market_ticker: maybe("text", "market_ticker", "the same as `ticker`"),
  subaccount_number: maybe("integer", "subaccount_number", "0 is the primary account"),
  exchange_index: maybe("integer", "exchange_index", "shard"),
  ts: maybe("time", "ts", "the same moment in whole seconds", "seconds"),
};

export type Fill = RecordOf<typeof fillFields>;

/** Reads an own fill. @throws KalshiError `BAD_RECORD`, `LEGACY_FIELDS` */
export const parseFill = recordParser("fill", fillFields);

/** Own fills newer than the cutoff. @see GET /portfolio/fills */
export const liveFills: ListEndpoint = {
  path: "/portfolio/fills",
  access: "signed",
  list: "fills",
  maxLimit: 1000,
  key: "fill_id",
  descendsBy: "created_time",
};

/** Own fills older than the cutoff. @see GET /historical/fills */
export const historicalFills: ListEndpoint = { ...liveFills, path: "/historical/fills" };
