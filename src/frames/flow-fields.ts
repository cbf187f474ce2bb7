import { always, maybe } from "../exchange/field.js";

const trust = always(
  "text",
  "trust",
  "`ok`; `unknown` from here on, all else null, where messages are missing; `crossed` where bid and ask overlapped beyond the millisecond",
);

/** Columns of best quotes over time, wherever from: a row whenever the best level of a side changes, as `topOfBook()` gives it. */
export const topOfBookFields = {
  time: always("time", "time", "when the exchange made it so"),
  ticker: always("text", "ticker", "market"),
  trust,
  yes_bid: maybe("dollars", "yes_bid", "best bid for YES, $; null while there is none"),
  yes_bid_size: maybe("contracts", "yes_bid_size", "contracts at the best bid"),
  yes_ask: maybe("dollars", "yes_ask", "best ask for YES, $; null while there is none"),
  yes_ask_size: maybe("contracts", "yes_ask_size", "contracts at the best ask"),
  spread: maybe("dollars", "spread", "yes_ask − yes_bid, $; null while a side is empty"),
  midpoint: maybe("dollars", "midpoint", "(yes_bid + yes_ask) / 2, $, half a micro-dollar rounded up"),
  microprice: maybe(
    "dollars",
    "microprice",
    "(bid × ask size + ask × bid size) / (bid size + ask size), $, rounded half up to a micro-dollar",
  ),
  imbalance: maybe("number", "imbalance", "(bid size − ask size) / (bid size + ask size), −1 to 1"),
};

/** Columns of `nearDepth(cents)`. */
export const nearDepthFields = {
  time: always("time", "time", "when the exchange made it so"),
  ticker: always("text", "ticker", "market"),
  trust,
  within: always("dollars", "within", "how far behind the best price of its side a level may be, $"),
  bid_depth: maybe(
    "contracts",
    "bid_depth",
    "contracts bid within that of the best bid, itself included; 0 without one",
  ),
  ask_depth: maybe(
    "contracts",
    "ask_depth",
    "contracts asked within that of the best ask, itself included; 0 without one",
  ),
  imbalance: maybe("number", "imbalance", "(bid depth − ask depth) / (bid depth + ask depth), −1 to 1"),
};

/** Columns of `bars(…)`. */
export const barFields = {
  start_time: always(
    "time",
    "start_time",
    "start of its span, included; by volume or count the time of its first trade",
  ),
  end_time: always("time", "end_time", "end of its span, not included; by volume or count the time of its last trade"),
  ticker: always("text", "ticker", "market"),
  trust: always("text", "trust", "`ok`; `partial` where trades of its span may be missing"),
  price_open: maybe("dollars", "price_open", "first trade, YES $; null without trades"),
  price_high: maybe("dollars", "price_high", "highest trade, YES $"),
  price_low: maybe("dollars", "price_low", "lowest trade, YES $"),
  price_close: maybe("dollars", "price_close", "last trade, YES $"),
  vwap: maybe(
    "dollars",
    "vwap",
    "mean price weighted by contracts, YES $, exact, then rounded half up to a micro-dollar",
  ),
  volume: always("contracts", "volume", "contracts traded"),
  taker_yes_volume: always("contracts", "taker_yes_volume", "of them those whose taker became long YES"),
  taker_no_volume: always("contracts", "taker_no_volume", "of them those whose taker became long NO"),
  trades: always("integer", "trades", "trades"),
  late_trades: always("integer", "late_trades", "of them those that came after their own bar had been given"),
};

/** Columns of `bookDeltas()`. */
export const bookDeltaFields = {
  message: always(
    "integer",
    "message",
    "number of the message, ascending as they came; all levels of one whole book have the same",
  ),
  time: always(
    "time",
    "time",
    "the exchange's time, estimated where it sent none; of a gap from when on messages are missing",
  ),
  received_time: always("time", "received_time", "when it reached us, by the local clock"),
  ticker: always("text", "ticker", "market"),
  kind: always(
    "text",
    "kind",
    "`snapshot`: a level of a whole book, which replaces what was there with all of its message; `delta`: a level has changed; `gap`: messages are missing until the next snapshot",
  ),
  connection: always("integer", "connection", "connection it came on, counted from 1"),
  seq: maybe("integer", "seq", "place in its subscription's count on that connection"),
  side: maybe("text", "side", "`yes` or `no`: whose bids; null of a gap, and of a book that is empty"),
  price: maybe("dollars", "price", "bid in the side's own price, $ per contract"),
  yes_price: maybe("dollars", "yes_price", "the same level in YES prices: a bid for `yes`, an ask for `no`, $"),
  delta: maybe("contracts", "delta", "by how many contracts the level has changed; null but of a delta"),
  count: maybe("contracts", "count", "contracts resting on the level after it; null while that is not known"),
};

/** Columns of `bookSnapshots(…)`: a row for every level, one without a level for a book that is empty or not known. */
export const bookLevelFields = {
  time: always("time", "time", "point of the grid"),
  ticker: always("text", "ticker", "market"),
  trust,
  side: maybe("text", "side", "`yes` or `no`: whose bids"),
  level: maybe("integer", "level", "1 is the best of its side"),
  price: maybe("dollars", "price", "bid in the side's own price, $ per contract"),
  yes_price: maybe("dollars", "yes_price", "the same level in YES prices: a bid for `yes`, an ask for `no`, $"),
  count: maybe("contracts", "count", "contracts resting"),
};
