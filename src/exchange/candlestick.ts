import { always, type Field, maybe, type RecordOf, recordParser } from "./field.js";
import { object } from "./shape.js";

/**
 * Columns of a candle, alike for both tiers, in table order. The wire leaves ticker, interval and start to the request: whoever
 * reads an answer adds them (`ticker`, `period_interval`, `start_period_ts`) before parsing.
 *
 * @see API: GET /series/{s}/markets/{t}/candlesticks, GET /historical/markets/{t}/candlesticks
 */
export const candlestickFields = {
  ticker: always("text", "ticker", "market"),
  start_time: always("time", "start_period_ts", "start of the period, not included", "seconds"),
  end_time: always("time", "end_period_ts", "end of the period, included", "seconds"),
  period_interval: always("integer", "period_interval", "minutes: 1, 60 or 1440"),
  price_open: maybe("dollars", ["price.open_dollars", "price.open"], "first trade, YES $; null without trades"),
  price_high: maybe("dollars", ["price.high_dollars", "price.high"], "highest trade, YES $"),
  price_low: maybe("dollars", ["price.low_dollars", "price.low"], "lowest trade, YES $"),
  price_close: maybe("dollars", ["price.close_dollars", "price.close"], "last trade, YES $"),
  price_mean: maybe("dollars", ["price.mean_dollars", "price.mean"], "mean of the trades by volume, YES $"),
  price_previous: maybe("dollars", ["price.previous_dollars", "price.previous"], "close before this period, YES $"),
  yes_bid_open: maybe("dollars", ["yes_bid.open_dollars", "yes_bid.open"], "best bid at the start, $"),
  yes_bid_high: maybe("dollars", ["yes_bid.high_dollars", "yes_bid.high"], "highest best bid, $"),
  yes_bid_low: maybe("dollars", ["yes_bid.low_dollars", "yes_bid.low"], "lowest best bid, $"),
  yes_bid_close: maybe("dollars", ["yes_bid.close_dollars", "yes_bid.close"], "best bid at the end, $"),
  yes_ask_open: maybe("dollars", ["yes_ask.open_dollars", "yes_ask.open"], "best ask at the start, $"),
  yes_ask_high: maybe("dollars", ["yes_ask.high_dollars", "yes_ask.high"], "highest best ask, $"),
  yes_ask_low: maybe("dollars", ["yes_ask.low_dollars", "yes_ask.low"], "lowest best ask, $"),
  yes_ask_close: maybe("dollars", ["yes_ask.close_dollars", "yes_ask.close"], "best ask at the end, $"),
  volume: always("contracts", ["volume_fp", "volume"], "contracts traded in the period"),
  open_interest: maybe("contracts", ["open_interest_fp", "open_interest"], "contracts held at the end"),
};

export type Candlestick = RecordOf<typeof candlestickFields>;

/** Reads a candle to which ticker, interval and start were added. @throws KalshiError `BAD_RECORD`, `LEGACY_FIELDS` */
export const parseCandlestick = recordParser("candlestick", candlestickFields);

const quotes = object({
  open: quote("open", "at the start"),
  high: quote("high", "highest"),
  low: quote("low", "lowest"),
  close: quote("close", "at the end"),
});

/** A candle as answers of either tier have it; ticker and interval stand in the question. @see API: 8 Candlesticks */
export const candlestick = object({
  end_time: candlestickFields.end_time,
  price: object({
    open: quote("open", "first trade"),
    high: quote("high", "highest trade"),
    low: quote("low", "lowest trade"),
    close: quote("close", "last trade"),
    mean: quote("mean", "mean of the trades by volume"),
    previous: quote("previous", "close before this period"),
    min: quote("min", "lowest trade, where an event's candles tell"),
    max: quote("max", "highest trade, where an event's candles tell"),
  }),
  yes_bid: quotes,
  yes_ask: quotes,
  volume: candlestickFields.volume,
  open_interest: candlestickFields.open_interest,
});

/** The live tier's name ends in what it is, the historical tier's does not. */
function quote(name: string, about: string): Field<"dollars", false> {
  return maybe("dollars", [`${name}_dollars`, name], `${about}, YES $; null without one`);
}
