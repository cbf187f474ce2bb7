import { CONTRACT, type Count, formatCount } from "../../units/count.js";
import { complement, formatPrice, type Price } from "../../units/price.js";
import { formatTime, SECOND, type Timestamp } from "../../units/time.js";
import type { TradeRecord } from "../types.js";

/** A page of trades as JSON text, keys in their order: put together as text, for a page of a thousand is asked by the hundred. */
export function tradesText(trades: readonly TradeRecord[], cursor: string): string {
  const time = timeWriter();
  const name = remembering((ticker: string) => JSON.stringify(ticker));
  const price = remembering((yes: Price) => [formatPrice(complement(yes)), formatPrice(yes)] as const);
  let rows = "";
  for (const trade of trades) {
    const { taker } = trade;
    const [no, yes] = price(trade.price);
    rows +=
      `${rows === "" ? "" : ","}{"count_fp":"${countText(trade.count)}","created_time":"${time(trade.time)}",` +
      `"is_block_trade":${trade.isBlock},"no_price_dollars":"${no}",` +
      `"taker_book_side":"${taker === "yes" ? "bid" : "ask"}","taker_outcome_side":"${taker}","taker_side":"${taker}",` +
      `"ticker":${name(trade.ticker)},"trade_id":${JSON.stringify(trade.id)},"yes_price_dollars":"${yes}"}`;
  }
  return `{"cursor":"${cursor}","trades":[${rows}]}`;
}

/** What was written once for a value is written again; a page has few prices and mostly one ticker. */
function remembering<Value, Text>(write: (value: Value) => Text): (value: Value) => Text {
  const known = new Map<Value, Text>();
  return (value) => {
    let text = known.get(value);
    if (text === undefined) {
      text = write(value);
      known.set(value, text);
    }
    return text;
  };
}

/** As {@link formatCount}, with a short way for whole contracts. */
function countText(count: Count): string {
  return count % CONTRACT === 0 ? `${count / CONTRACT}.00` : formatCount(count);
}

/** Writes times as {@link formatTime} does; neighbours mostly share their second or its text. */
function timeWriter(): (time: Timestamp) => string {
  let second = Number.NaN;
  let text = "";
  return (time) => {
    const fraction = time % SECOND;
    if (time - fraction !== second) {
      second = time - fraction;
      text = formatTime(second).slice(0, -1);
    }
    if (fraction === 0) return `${text}Z`;
    let digits = fraction;
    let width = 6;
    while (digits % 10 === 0) {
      digits /= 10;
      width -= 1;
    }
    const shown = String(digits);
    return `${text}.${ZEROS[width - shown.length]}${shown}Z`;
  };
}

const ZEROS = ["", "0", "00", "000", "0000", "00000"] as const;
