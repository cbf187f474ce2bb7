import { always, maybe } from "../exchange/field.js";

/** Columns of `forecastsAt(…)`: a row for every market and time before its close. */
export const forecastFields = {
  ticker: always("text", "ticker", "market"),
  event_ticker: maybe("text", "event_ticker", "event it belongs to"),
  before: always("text", "before", "how long before the close, as it was asked"),
  hours_before: always("number", "hours_before", "the same in hours"),
  time: always("time", "time", "the moment: close_time − that"),
  price: maybe("dollars", "price", "YES price that held then: the forecast, $; null where there was none yet"),
  price_time: maybe("time", "price_time", "when that price was made"),
  outcome: maybe("dollars", "outcome", "what one YES contract paid, $; null while not settled"),
  result: maybe("text", "result", "yes, no, scalar, or empty while open"),
  close_time: always("time", "close_time", "when trading ended"),
};

/** What was scored and what was not, of every table of scores. */
const counted = {
  before: maybe("text", "before", "how long before the close; null where the forecasts do not say"),
  hours_before: maybe("number", "hours_before", "the same in hours"),
  forecasts: always("integer", "forecasts", "forecasts scored"),
};

/** Columns of `forecastScores(…)`. */
export const forecastScoreFields = {
  ...counted,
  without_price: always("integer", "without_price", "markets left out: no price by then"),
  unsettled: always("integer", "unsettled", "markets left out: not settled"),
  scalar: always("integer", "scalar", "markets settled between 0 and 1: left out, or scored by value when asked to"),
  mean_price: maybe("number", "mean_price", "mean forecast, 0 to 1"),
  outcome_rate: maybe("number", "outcome_rate", "mean outcome, 0 to 1"),
  brier: maybe("number", "brier", "mean of (price − outcome)²"),
  reliability: maybe(
    "number",
    "reliability",
    "Σ n_k (mean price − mean outcome of group k)² / n; 0 is perfectly calibrated",
  ),
  resolution: maybe("number", "resolution", "Σ n_k (mean outcome of group k − outcome_rate)² / n; more is better"),
  uncertainty: maybe("number", "uncertainty", "variance of the outcomes: brier of always forecasting outcome_rate"),
  within_bin_variance: maybe("number", "within_bin_variance", "variance of the prices within their groups; 0 by value"),
  within_bin_covariance: maybe(
    "number",
    "within_bin_covariance",
    "twice the covariance of prices and outcomes within their groups; 0 by value",
  ),
  skill: maybe("number", "skill", "1 − brier / uncertainty; null where all outcomes are alike"),
  log_loss: maybe("number", "log_loss", "mean of −ln of the probability given to what happened, nats, prices clipped"),
  clipped: always("integer", "clipped", "forecasts nearer to 0 or 1 than the clip, and moved to it for log_loss"),
  accuracy: maybe("number", "accuracy", "share on the right side of 0.5; a price or an outcome of 0.5 counts half"),
};

const bucket = {
  bin: always("integer", "bin", "bin of prices, from 1"),
  price_from: always("number", "price_from", "lower edge, included, $; by count the lowest price in it"),
  price_to: always(
    "number",
    "price_to",
    "upper edge, not included but for the last, $; by count the highest price in it",
  ),
};

/** Columns of `calibration(…)`: a row for every bin that has forecasts. */
export const calibrationFields = {
  before: counted.before,
  hours_before: counted.hours_before,
  ...bucket,
  forecasts: counted.forecasts,
  events: maybe("integer", "events", "events that they belong to; null where the forecasts do not say"),
  mean_price: always("number", "mean_price", "mean forecast of the bin, 0 to 1"),
  outcome_rate: always("number", "outcome_rate", "mean outcome of the bin, 0 to 1: how often YES happened"),
  low: maybe("number", "low", "lower end of the confidence band"),
  high: maybe("number", "high", "upper end of the confidence band"),
  band: always("text", "band", "`wilson` or `bootstrap by event`"),
  confidence: always("number", "confidence", "of the band, 0 to 1"),
};

/** Columns of `returnsByPrice(…)`. */
export const priceReturnFields = {
  before: counted.before,
  hours_before: counted.hours_before,
  ...bucket,
  forecasts: always("integer", "forecasts", "rows: forecasts, or trades"),
  volume: always("contracts", "volume", "contracts bought, one a forecast"),
  events: maybe("integer", "events", "events that they belong to; null where the rows do not say"),
  mean_price: always("number", "mean_price", "mean price paid for a contract, $"),
  outcome_rate: always("number", "outcome_rate", "mean payout of a contract, $"),
  mean_profit: always("number", "mean_profit", "mean payout − mean price of a contract, $, before fees"),
  return_on_cost: maybe("number", "return_on_cost", "mean_profit / mean_price; null where nothing was paid"),
  low: maybe("number", "low", "lower end of the confidence band of return_on_cost; null without resampling"),
  high: maybe("number", "high", "upper end of it"),
};
