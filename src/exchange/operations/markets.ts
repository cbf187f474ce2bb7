import { liveMarkets } from "../market.js";
import { operation } from "../operation.js";
import { needs, takes } from "../parameter.js";
import { list, object } from "../shape.js";
import { cursor, market } from "./answers.js";

/** Markets not settled, or settled after the cutoff, newest first. @see GET /markets */
export const getMarkets = operation({
  id: "GetMarkets",
  method: "GET",
  path: liveMarkets.path,
  access: liveMarkets.access,
  query: {
    limit: takes("integer", [0, liveMarkets.maxLimit]),
    cursor: takes("text"),
    event_ticker: takes("text"),
    series_ticker: takes("text"),
    tickers: takes("comma"),
    status: takes("text"),
    mve_filter: takes("text"),
    min_created_ts: takes("seconds"),
    max_created_ts: takes("seconds"),
    min_updated_ts: takes("seconds"),
    min_close_ts: takes("seconds"),
    max_close_ts: takes("seconds"),
    min_settled_ts: takes("seconds"),
    max_settled_ts: takes("seconds"),
  },
  answer: object({ markets: list(market), cursor }),
  list: liveMarkets,
});

/** One market of the live tier; archived ones are not found here. @see GET /markets/{ticker} */
export const getMarket = operation({
  id: "GetMarket",
  method: "GET",
  path: "/markets/{ticker}",
  access: "public",
  inPath: { ticker: needs("text") },
  answer: object({ market }),
});
