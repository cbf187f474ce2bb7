import { formatCount } from "../../units/count.js";
import { formatPrice, type Price } from "../../units/price.js";
import { toSeconds } from "../../units/time.js";
import type { JsonObject } from "../types.js";
import type { Candle } from "../world/past/candles.js";
import type { Ohlc } from "../world/past/quotes.js";

// Quotes and open interest of real records are not known: the folder has none. The specification demands a text in their place and
// knows no null, and any number would be a lie, so the text is empty. "No bid" is another thing: "0.0000".
const UNKNOWN = "";

/** A candle of the live tier: suffixed keys; without trades the price has none but `previous_dollars`. */
export function liveCandle(candle: Candle): JsonObject {
  const { price, previous } = candle;
  return {
    end_period_ts: toSeconds(candle.end),
    open_interest_fp: candle.openInterest === null ? UNKNOWN : formatCount(candle.openInterest),
    price: {
      ...(price === null ? {} : { ...liveOhlc(price), mean_dollars: formatPrice(price.mean) }),
      previous_dollars: previous === null ? undefined : formatPrice(previous),
    },
    volume_fp: formatCount(candle.volume),
    yes_ask: liveOhlc(candle.ask),
    yes_bid: liveOhlc(candle.bid),
  };
}

/** The lowest and the highest close of one period over the markets of an event. */
export interface CloseRange {
  readonly lowest: Price;
  readonly highest: Price;
}

/** A candle of the event form, which tells the lowest and the highest close of any market of the event besides. */
export function eventCandle(candle: Candle, closes: CloseRange | undefined): JsonObject {
  const wire = liveCandle(candle);
  if (closes === undefined) return wire;
  const bounds = { max_dollars: formatPrice(closes.highest), min_dollars: formatPrice(closes.lowest) };
  return { ...wire, price: { ...(wire.price as JsonObject), ...bounds } };
}

/** A candle of the historical tier: bare keys; null where there were no trades. */
export function historicalCandle(candle: Candle): JsonObject {
  const { price, previous } = candle;
  const orNull = (value: Price | null | undefined) =>
    value === null || value === undefined ? null : formatPrice(value);
  return {
    end_period_ts: toSeconds(candle.end),
    open_interest: candle.openInterest === null ? UNKNOWN : formatCount(candle.openInterest),
    price: {
      close: orNull(price?.close),
      high: orNull(price?.high),
      low: orNull(price?.low),
      mean: orNull(price?.mean),
      open: orNull(price?.open),
      previous: orNull(previous),
    },
    volume: formatCount(candle.volume),
    yes_ask: historicalOhlc(candle.ask),
    yes_bid: historicalOhlc(candle.bid),
  };
}

function liveOhlc(ohlc: Ohlc | null): JsonObject {
  const text = (value: Price | undefined) => (value === undefined ? UNKNOWN : formatPrice(value));
  return {
    close_dollars: text(ohlc?.close),
    high_dollars: text(ohlc?.high),
    low_dollars: text(ohlc?.low),
    open_dollars: text(ohlc?.open),
  };
}

function historicalOhlc(ohlc: Ohlc | null): JsonObject {
  const text = (value: Price | undefined) => (value === undefined ? UNKNOWN : formatPrice(value));
  return { close: text(ohlc?.close), high: text(ohlc?.high), low: text(ohlc?.low), open: text(ohlc?.open) };
}
