import { operation } from "../operation.js";
import { takes } from "../parameter.js";
import { list, object, record } from "../shape.js";
import { historicalTrades, liveTrades, tradeFields } from "../trade.js";
import { cursor } from "./answers.js";

const query = {
  limit: takes("integer", [0, liveTrades.maxLimit]),
  cursor: takes("text"),
  ticker: takes("text"),
  min_ts: takes("seconds"),
  max_ts: takes("seconds"),
  is_block_trade: takes("boolean"),
};

const answer = object({ trades: list(record("trade", tradeFields)), cursor });

/** Public trades after the cutoff, newest first. An unknown or archived ticker gives none. @see GET /markets/trades */
export const getTrades = operation({
  id: "GetTrades",
  method: "GET",
  path: liveTrades.path,
  access: liveTrades.access,
  query,
  answer,
  list: liveTrades,
});

/** Public trades before the cutoff, newest first. @see GET /historical/trades */
export const getTradesHistorical = operation({
  id: "GetTradesHistorical",
  method: "GET",
  path: historicalTrades.path,
  access: historicalTrades.access,
  query,
  answer,
  list: historicalTrades,
});
