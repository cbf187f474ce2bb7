import { always, maybe } from "../field.js";
import { historicalMarkets } from "../market.js";
import { operation } from "../operation.js";
import { needs, takes } from "../parameter.js";
import { list, object } from "../shape.js";
import { cursor, market } from "./answers.js";

/** The boundaries between the live and the historical tier. They move forward by about a day each day. @see GET /historical/cutoff */
export const getHistoricalCutoff = operation({
  id: "GetHistoricalCutoff",
  method: "GET",
  path: "/historical/cutoff",
  access: "public",
  answer: object({
    market_settled_time: always("time", "market_settled_ts", "markets, by their settlement"),
    trades_created_time: always("time", "trades_created_ts", "trades and fills, by their time"),
    orders_updated_time: always("time", "orders_updated_ts", "orders, by their cancellation or full execution"),
    market_positions_last_updated_time: maybe(
      "time",
      "market_positions_last_updated_ts",
      "settled positions, by their last update; null: as for markets",
    ),
  }),
});

/** Markets settled before the cutoff, latest settlement first. @see GET /historical/markets */
export const getHistoricalMarkets = operation({
  id: "GetHistoricalMarkets",
  method: "GET",
  path: historicalMarkets.path,
  access: historicalMarkets.access,
  query: {
    limit: takes("integer", [0, historicalMarkets.maxLimit]),
    cursor: takes("text"),
    tickers: takes("comma"),
    event_ticker: takes("text"),
    series_ticker: takes("text"),
    mve_filter: takes("text"),
  },
  answer: object({ markets: list(market), cursor }),
  list: historicalMarkets,
});

/** One archived market. @see GET /historical/markets/{ticker} */
export const getHistoricalMarket = operation({
  id: "GetHistoricalMarket",
  method: "GET",
  path: "/historical/markets/{ticker}",
  access: "public",
  inPath: { ticker: needs("text") },
  answer: object({ market }),
});
