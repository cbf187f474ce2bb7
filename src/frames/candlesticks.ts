import type { ColumnTable } from "arquero";
import { candlestickFields } from "../exchange/candlestick.js";
import type { TableOptions } from "./builder.js";
import { type Frame, tableOfRaw } from "./frame.js";

/** How candlesticks stand in a table. */
export const candlesticksFrame = {
  noun: "candlestick",
  source: "GET /series/{s}/markets/{t}/candlesticks, GET /historical/markets/{t}/candlesticks",
  fields: candlestickFields,
  key: ["ticker", "period_interval", "end_time"],
  orderBy: ["end_time", "ticker", "period_interval"],
} satisfies Frame;

/**
 * Candles, one row per market and period, from wire candles to which ticker, interval and start were added. Ascending by time; a record that came twice stands once.
 *
 * Columns: `start_time`, `end_time` (ms since 1970, UTC), `price_open` … `price_close`, `yes_bid_open` … `yes_ask_close` ($), `volume` (contracts), …
 *
 * @throws KalshiError `BAD_RECORD`, `LEGACY_FIELDS`
 * @see GET /series/{s}/markets/{t}/candlesticks, GET /historical/markets/{t}/candlesticks
 */
export function candlesticks(raw: readonly unknown[], options?: TableOptions): ColumnTable {
  return tableOfRaw(candlesticksFrame, raw, options);
}
