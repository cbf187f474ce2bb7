import type { ListEndpoint } from "../client/pages.js";
import { always, maybe, type RecordOf, recordParser } from "./field.js";

/** Columns of a public trade, in table order. @see API: GET /markets/trades, GET /historical/trades */
export const tradeFields = {
  created_time: always("time", "created_time", "when it was matched"),
  ticker: always("text", "ticker", "market"),
  yes_price: always("dollars", "yes_price_dollars", "price of the YES side, $ per contract"),
  no_price: always("dollars", "no_price_dollars", "price of the NO side; both add up to $1"),
  count: always("contracts", "count_fp", "contracts"),
  taker_outcome_side: maybe("text", "taker_outcome_side", "`yes` or `no`: what the taker became long of"),
  taker_book_side: maybe("text", "taker_book_side", "`bid` or `ask`: the same, as a side of the YES book"),
  taker_side: maybe("text", "taker_side", "older name of `taker_outcome_side`"),
  is_block_trade: maybe("boolean", "is_block_trade", "agreed off the book"),
  trade_id: always("uuid", "trade_id", "key of the trade"),
};

export type Trade = RecordOf<typeof tradeFields>;

/** Reads a trade as REST sends it. @throws KalshiError `BAD_RECORD`, `LEGACY_FIELDS` */
export const parseTrade = recordParser("trade", tradeFields);

/** Trades newer than the cutoff. @see GET /markets/trades */
export const liveTrades: ListEndpoint = {
  path: "/markets/trades",
  access: "public",
  list: "trades",
  maxLimit: 1000,
  key: "trade_id",
  descendsBy: "created_time",
};

/** Trades older than the cutoff. @see GET /historical/trades */
export const historicalTrades: ListEndpoint = { ...liveTrades, path: "/historical/trades" };
