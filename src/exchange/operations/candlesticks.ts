import { candlestick, historicalCandlestick } from "../candlestick.js";
import { always } from "../field.js";
import { operation } from "../operation.js";
import { needs, takes } from "../parameter.js";
import { list, object, text } from "../shape.js";

/** The span, both ends included, by the candles' ends; minutes of a candle are 1, 60 or 1440. */
const span = { start_ts: needs("seconds"), end_ts: needs("seconds"), period_interval: needs("integer") };
const before = { include_latest_before_start: takes("boolean") };

const ticker = always("text", "ticker", "market");

/** Candles of a market of the live tier, oldest first. @see GET /series/{series_ticker}/markets/{ticker}/candlesticks */
export const getMarketCandlesticks = operation({
  id: "GetMarketCandlesticks",
  method: "GET",
  path: "/series/{series_ticker}/markets/{ticker}/candlesticks",
  access: "public",
  inPath: { series_ticker: needs("text"), ticker: needs("text") },
  query: { ...span, ...before },
  answer: object({ ticker, candlesticks: list(candlestick) }),
});

/** Candles of up to 100 markets of the live tier, 10,000 candles in all. @see GET /markets/candlesticks */
export const batchGetMarketCandlesticks = operation({
  id: "BatchGetMarketCandlesticks",
  method: "GET",
  path: "/markets/candlesticks",
  access: "public",
  query: {
    market_tickers: needs("comma", [1, 100]),
    ...span,
    period_interval: needs("integer", [1, Number.MAX_SAFE_INTEGER]),
    ...before,
  },
  answer: object({
    markets: list(
      object({ market_ticker: always("text", "market_ticker", "market"), candlesticks: list(candlestick) }),
    ),
  }),
});

/**
 * Candles of all markets of an event, in the order of `market_tickers`. More than 5,000 in all are cut off: go on from `adjusted_end_time`.
 *
 * @see GET /series/{series_ticker}/events/{ticker}/candlesticks
 */
export const getMarketCandlesticksByEvent = operation({
  id: "GetMarketCandlesticksByEvent",
  method: "GET",
  path: "/series/{series_ticker}/events/{ticker}/candlesticks",
  access: "public",
  inPath: { series_ticker: needs("text"), ticker: needs("text") },
  query: span,
  answer: object({
    market_tickers: list(text),
    market_candlesticks: list(list(candlestick)),
    adjusted_end_time: always("time", "adjusted_end_ts", "end of the span that was answered", "seconds"),
  }),
});

/** Candles of an archived market, oldest first. @see GET /historical/markets/{ticker}/candlesticks */
export const getMarketCandlesticksHistorical = operation({
  id: "GetMarketCandlesticksHistorical",
  method: "GET",
  path: "/historical/markets/{ticker}/candlesticks",
  access: "public",
  inPath: { ticker: needs("text") },
  query: span,
  answer: object({ ticker, candlesticks: list(historicalCandlestick) }),
});
