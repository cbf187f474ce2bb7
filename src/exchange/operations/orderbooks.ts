import { always } from "../field.js";
import { operation } from "../operation.js";
import { bookPart } from "../orderbook.js";
import { needs, takes } from "../parameter.js";
import { list, object } from "../shape.js";

/** The book of one market now: bids of both sides, best last. `depth` 0 is all of it. @see GET /markets/{ticker}/orderbook */
export const getMarketOrderbook = operation({
  id: "GetMarketOrderbook",
  method: "GET",
  path: "/markets/{ticker}/orderbook",
  access: "public",
  inPath: { ticker: needs("text") },
  query: { depth: takes("integer", [0, 100]) },
  answer: bookPart({}),
});

/** The books of up to 100 markets now. Tell them apart by `ticker`. @see GET /markets/orderbooks */
export const getMarketOrderbooks = operation({
  id: "GetMarketOrderbooks",
  method: "GET",
  path: "/markets/orderbooks",
  access: "public",
  query: { tickers: needs("repeated", [1, 100]) },
  answer: object({ orderbooks: list(bookPart({ ticker: always("text", "ticker", "market") })) }),
});
