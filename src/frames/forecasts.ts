import { calibrationFields, forecastFields, forecastScoreFields, priceReturnFields } from "./forecast-fields.js";
import type { Frame } from "./frame.js";

/** How prices at fixed times before close, with what they became, stand in a table. */
export const forecastsFrame = {
  noun: "forecast",
  source: "`forecastsAt(prices, markets, { before })`",
  fields: forecastFields,
  key: ["hours_before", "ticker"],
  orderBy: ["hours_before", "ticker"],
} satisfies Frame;

/** How scores of forecasts stand in a table. */
export const forecastScoresFrame = {
  noun: "score of forecasts",
  source: "`forecastScores(forecasts)`",
  fields: forecastScoreFields,
  key: [],
  orderBy: ["hours_before"],
} satisfies Frame;

/** How calibration stands in a table. */
export const calibrationFrame = {
  noun: "calibration bin",
  source: "`calibration(forecasts)`",
  fields: calibrationFields,
  key: [],
  orderBy: ["hours_before", "bin"],
} satisfies Frame;

/** How returns by price stand in a table. */
export const priceReturnsFrame = {
  noun: "return of a price bucket",
  source: "`returnsByPrice(forecasts)`, `returnsByPrice(withOutcomes(trades, markets))`",
  fields: priceReturnFields,
  key: [],
  orderBy: ["hours_before", "bin"],
} satisfies Frame;
