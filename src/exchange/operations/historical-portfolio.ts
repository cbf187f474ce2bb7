import { maybe } from "../field.js";
import { historicalFills } from "../fill.js";
import { operation } from "../operation.js";
import { historicalOrders, orderFields } from "../order.js";
import { takes } from "../parameter.js";
import { historicalPositions } from "../position.js";
import { list, object, record } from "../shape.js";
import { fillsAnswer, positionsAnswer } from "./portfolio-answers.js";

const page = { limit: takes("integer", [1, 1000]), cursor: takes("text") };
const one = { ticker: takes("text"), subaccount: takes("integer") };
const span = { min_ts: takes("seconds"), max_ts: takes("seconds") };

/** Own fills older than the cutoff. @see GET /historical/fills */
export const getFillsHistorical = operation({
  id: "GetFillsHistorical",
  method: "GET",
  path: historicalFills.path,
  access: "signed",
  query: { ...one, ...span, ...page },
  answer: fillsAnswer,
  list: historicalFills,
});

/** Own orders finished before the cutoff. @see GET /historical/orders */
export const getHistoricalOrders = operation({
  id: "GetHistoricalOrders",
  method: "GET",
  path: historicalOrders.path,
  access: "signed",
  query: { ...one, ...span, ...page },
  answer: object({
    orders: list(record("order", orderFields)),
    cursor: maybe("text", "cursor", "next page, empty after the last"),
  }),
  list: historicalOrders,
});

/** Own positions settled before the cutoff. @see GET /historical/positions */
export const getHistoricalPositions = operation({
  id: "GetHistoricalPositions",
  method: "GET",
  path: historicalPositions.path,
  access: "signed",
  query: { ...one, event_ticker: takes("text"), ...page },
  answer: positionsAnswer,
  list: historicalPositions,
});
