import { always, maybe } from "../exchange/field.js";

/** Columns of best quotes over time, from a live feed or a recording: a row whenever the best level of a side changes. */
export const quoteFields = {
  time: always("time", "time", "when the exchange made it so"),
  ticker: always("text", "ticker", "market"),
  yes_bid: maybe("dollars", "yes_bid", "best bid for YES, $; null while there is none"),
  yes_bid_size: maybe("contracts", "yes_bid_size", "contracts at the best bid"),
  yes_ask: maybe("dollars", "yes_ask", "best ask for YES, $; null while there is none"),
  yes_ask_size: maybe("contracts", "yes_ask_size", "contracts at the best ask"),
  spread: maybe("dollars", "spread", "yes_ask − yes_bid, $; null while a side is empty"),
  midpoint: maybe("dollars", "midpoint", "(yes_bid + yes_ask) / 2, $, half a micro-dollar rounded up"),
  trust: always("text", "trust", "`ok`; `unknown` from here on, all else null, where messages are missing"),
};

/** Columns of books over time: a row for every level of every moment looked at, one without a level where there is none. */
export const depthFields = {
  time: always("time", "time", "moment of the book"),
  ticker: always("text", "ticker", "market"),
  side: maybe("text", "side", "`yes` or `no`: whose bids; null in the one row of a book that is empty or unknown"),
  price: maybe("dollars", "price", "bid in the side's own price, $ per contract"),
  yes_price: maybe("dollars", "yes_price", "the same level in YES prices: a bid for `yes`, an ask for `no`, $"),
  count: maybe("contracts", "count", "contracts resting"),
  trust: always("text", "trust", "`ok`; `unknown` from here on, all else null, where messages are missing"),
};
