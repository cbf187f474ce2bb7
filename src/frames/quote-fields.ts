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
};

/** Columns of whole books over time: a row for every level of every moment looked at. */
export const depthFields = {
  time: always("time", "time", "moment of the book"),
  ticker: always("text", "ticker", "market"),
  side: always("text", "side", "`yes` or `no`: whose bids"),
  price: always("dollars", "price", "bid in the side's own price, $ per contract"),
  yes_price: always("dollars", "yes_price", "the same level in YES prices: a bid for `yes`, an ask for `no`, $"),
  count: always("contracts", "count", "contracts resting"),
};
