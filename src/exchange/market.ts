import type { ListEndpoint } from "../client/pages.js";
import { always, maybe, type RecordOf, recordParser } from "./field.js";

/** Columns of a market, in table order. @see API: GET /markets, GET /historical/markets */
export const marketFields = {
  ticker: always("text", "ticker", "key of the market"),
  event_ticker: always("text", "event_ticker", "event it belongs to"),
  title: maybe("text", "title", "deprecated: the event's title and `yes_sub_title` tell"),
  subtitle: maybe("text", "subtitle", "deprecated"),
  yes_sub_title: always("text", "yes_sub_title", "what YES means"),
  no_sub_title: always("text", "no_sub_title", "what NO means, often the same text"),
  status: always("text", "status", "initialized, active, inactive, closed, determined, disputed, amended or finalized"),
  result: always("text", "result", "yes, no, scalar, or empty while open"),
  settlement_value: maybe("dollars", "settlement_value_dollars", "payout of one YES contract, $"),
  yes_bid: always("dollars", "yes_bid_dollars", "best bid, $; 0 with size 0 means none"),
  yes_bid_size: maybe("contracts", "yes_bid_size_fp", "contracts at the best bid"),
  yes_ask: always("dollars", "yes_ask_dollars", "best ask, $; 1 with size 0 means none"),
  yes_ask_size: maybe("contracts", "yes_ask_size_fp", "contracts at the best ask"),
  no_bid: always("dollars", "no_bid_dollars", "1 − yes_ask"),
  no_ask: always("dollars", "no_ask_dollars", "1 − yes_bid"),
  last_price: always("dollars", "last_price_dollars", "YES price of the last trade, $; 0 if never traded"),
  previous_yes_bid: maybe("dollars", "previous_yes_bid_dollars", "a day ago"),
  previous_yes_ask: maybe("dollars", "previous_yes_ask_dollars", "a day ago"),
  previous_price: maybe("dollars", "previous_price_dollars", "a day ago"),
  volume: always("contracts", "volume_fp", "contracts traded, all time"),
  volume_24h: always("contracts", "volume_24h_fp", "contracts traded in a day"),
  open_interest: always("contracts", "open_interest_fp", "contracts held"),
  notional_value: maybe("dollars", "notional_value_dollars", "what a contract pays at most, $"),
  created_time: always("time", "created_time", "when it was listed"),
  open_time: always("time", "open_time", "when trading starts"),
  close_time: always("time", "close_time", "when trading ends; may move both ways"),
  expected_expiration_time: maybe("time", "expected_expiration_time", "when the outcome is expected"),
  latest_expiration_time: always("time", "latest_expiration_time", "when it is decided at the latest"),
  expiration_time: maybe("time", "expiration_time", "deprecated"),
  settlement_time: maybe("time", "settlement_ts", "when it was paid"),
  updated_time: maybe("time", "updated_time", "last change of its description"),
  occurrence_time: maybe("time", "occurrence_datetime", "when the thing asked about takes place"),
  fee_waiver_expiration_time: maybe("time", "fee_waiver_expiration_time", "free of fees until then"),
  settlement_timer_seconds: maybe("integer", "settlement_timer_seconds", "seconds from determination to payout"),
  expiration_value: always("text", "expiration_value", "the value observed, as text"),
  market_type: always("text", "market_type", "binary or scalar"),
  strike_type: maybe("text", "strike_type", "how the strikes are read"),
  floor_strike: maybe("number", "floor_strike", "lower bound"),
  cap_strike: maybe("number", "cap_strike", "upper bound"),
  functional_strike: maybe("text", "functional_strike", "strike as a formula"),
  custom_strike: maybe("json", "custom_strike", "strike of another form"),
  price_level_structure: always("text", "price_level_structure", "label of the price grid"),
  price_ranges: always("json", "price_ranges", "the price grid: bands of start, end and step, $"),
  can_close_early: always("boolean", "can_close_early", "may close before close_time"),
  early_close_condition: maybe("text", "early_close_condition", "when it does"),
  is_provisional: maybe("boolean", "is_provisional", "may vanish if never traded"),
  rules_primary: always("text", "rules_primary", "the rules"),
  rules_secondary: always("text", "rules_secondary", "and their details"),
  mve_collection_ticker: maybe("text", "mve_collection_ticker", "collection of a combo"),
  mve_selected_legs: maybe("json", "mve_selected_legs", "legs of a combo"),
  primary_participant_key: maybe("text", "primary_participant_key", "whom it is about"),
  settlement_bounds_type: maybe("text", "settlement_bounds_type", "default or floor"),
  settlement_floor: maybe("dollars", "settlement_floor_dollars", "lowest payout of one YES contract, $"),
  exchange_index: maybe("integer", "exchange_index", "shard"),
};

export type Market = RecordOf<typeof marketFields>;

/** Reads a market. @throws KalshiError `BAD_RECORD`, `LEGACY_FIELDS` */
export const parseMarket = recordParser("market", marketFields);

/** Markets not settled, or settled after the cutoff. @see GET /markets */
export const liveMarkets: ListEndpoint = {
  path: "/markets",
  access: "public",
  list: "markets",
  maxLimit: 1000,
  key: "ticker",
};

/** Markets settled before the cutoff. @see GET /historical/markets */
export const historicalMarkets: ListEndpoint = { ...liveMarkets, path: "/historical/markets" };
