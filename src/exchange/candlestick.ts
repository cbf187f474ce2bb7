import { always, maybe, type RecordOf, recordParser } from "./field.js";
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

/** A candle of the live tier as answers have it; ticker and interval stand in the question. @see API: 8 Candlesticks */
export const candlestick = candlestickOf((name) => [`${name}_dollars`], "_fp", true);

/** A candle of the historical tier, whose names have no endings; read, it is as one of the live tier. */
export const historicalCandlestick = candlestickOf((name) => [name], "", false);

function candlestickOf(wire: (name: string) => readonly string[], ending: string, hasExtremes: boolean) {
  const amount = (name: string, about: string) => maybe("dollars", wire(name), `${about}, YES $; null without one`);
  const quotes = object({
    open: amount("open", "at the start"),
    high: amount("high", "highest"),
    low: amount("low", "lowest"),
    close: amount("close", "at the end"),
  });
  const extreme = (name: string, about: string) => maybe("dollars", hasExtremes ? wire(name) : [], about);
  return object({
    end_time: candlestickFields.end_time,
    price: object({
      open: amount("open", "first trade"),
      high: amount("high", "highest trade"),
      low: amount("low", "lowest trade"),
      close: amount("close", "last trade"),
      mean: amount("mean", "mean of the trades by volume"),
      previous: amount("previous", "close before this period"),
      min: extreme("min", "lowest trade, where an event's candles tell"),
      max: extreme("max", "highest trade, where an event's candles tell"),
    }),
    yes_bid: quotes,
    yes_ask: quotes,
    volume: always("contracts", `volume${ending}`, "contracts traded in the period"),
    open_interest: always("contracts", `open_interest${ending}`, "contracts held at the end"),
  });
}
