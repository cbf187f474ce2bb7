import type { ColumnTable } from "arquero";
import { type Profit, pnl as profitOf } from "../../src/analysis/profit/pnl.js";
import { candlestickFields } from "../../src/exchange/candlestick.js";
import { tradeFields } from "../../src/exchange/trade.js";
import { tableBuilder } from "../../src/frames/builder.js";
import { orderbook } from "../../src/frames/orderbook.js";
import { CENT, DOLLAR } from "../../src/units/price.js";
import { HOUR, MINUTE, parseTime, SECOND } from "../../src/units/time.js";
import { quotesTable } from "../support/quotes-table.js";

export const START = parseTime("2026-10-01T14:00:00Z");

/** Numbers from 0 to 1, the same every time. */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

/** Trades of invented markets, a minute apart, prices walking by cents. */
export function trades(count: number, tickers: readonly string[] = ["KXGEN-26OCT01-T5"], every = MINUTE): ColumnTable {
  const next = random(7);
  const cents = tickers.map((_, at) => 30 + 10 * at);
  const builder = tableBuilder("trade", tradeFields);
  builder.addRecords(
    Array.from({ length: count }, (_, at) => {
      const market = at % tickers.length;
      cents[market] = Math.min(98, Math.max(2, cents[market]! + Math.round((next() - 0.5) * 6)));
      return {
        created_time: START + at * every,
        ticker: tickers[market],
        yes_price: cents[market]! * CENT,
        no_price: DOLLAR - cents[market]! * CENT,
        count: 100 + at,
        taker_outcome_side: "yes",
        taker_book_side: "bid",
        taker_side: null,
        is_block_trade: false,
        trade_id: `00000000-0000-4000-8000-${String(at).padStart(12, "0")}`,
      };
    }),
  );
  return builder.finish();
}

/** Hourly candles; those of `without` (by number) are missing, those of `quiet` had no trades. */
export function candles(
  count: number,
  { without = [], quiet = [] }: { without?: readonly number[]; quiet?: readonly number[] } = {},
): ColumnTable {
  const next = random(11);
  let cents = 50;
  const builder = tableBuilder("candlestick", candlestickFields);
  const records = Array.from({ length: count }, (_, at) => {
    const open = cents;
    cents = Math.min(95, Math.max(5, cents + Math.round((next() - 0.5) * 8)));
    const traded = !quiet.includes(at);
    const price = (value: number) => (traded ? value * CENT : null);
    return {
      ticker: "KXGEN-26OCT01-T5",
      start_time: START + at * HOUR,
      end_time: START + (at + 1) * HOUR,
      period_interval: 60,
      price_open: price(open),
      price_high: price(Math.max(open, cents) + 1),
      price_low: price(Math.min(open, cents) - 1),
      price_close: price(cents),
      yes_bid_close: (cents - 1) * CENT,
      yes_ask_close: (cents + 1) * CENT,
      volume: traded ? 10_000 + at : 0,
    };
  });
  builder.addRecords(records.filter((_, at) => !without.includes(at)));
  return builder.finish();
}

/** Quotes a second apart; the ask is gone in those of `oneSided`. */
export function quotes(count: number, oneSided: readonly number[] = []): ColumnTable {
  const next = random(13);
  let cents = 50;
  return quotesTable(
    Array.from({ length: count }, (_, at) => {
      cents = Math.min(95, Math.max(5, cents + Math.round((next() - 0.5) * 4)));
      return {
        time: START + at * SECOND,
        ticker: "SANDBOX-26OCT01-A",
        yes_bid: (cents - 1) * CENT,
        yes_bid_size: 1_000,
        yes_ask: oneSided.includes(at) ? null : (cents + 1 + (at % 2)) * CENT,
        yes_ask_size: 500,
      };
    }),
  );
}

/** A book of two and three levels: best bid $0.47, best ask $0.50. */
export function levels(): ColumnTable {
  return orderbook({
    ticker: "SANDBOX-26OCT01-A",
    yes: [
      { price: 45 * CENT, count: 20_000 },
      { price: 47 * CENT, count: 10_050 },
    ],
    no: [
      { price: 30 * CENT, count: 40_000 },
      { price: 49 * CENT, count: 5_000 },
      { price: 50 * CENT, count: 7_000 },
    ],
  });
}

/** Profit of random fills in three markets, one of them settled. */
export function profit(count: number): Profit {
  const next = random(17);
  const fills = Array.from({ length: count }, (_, at) => ({
    created_time: START + at * MINUTE,
    ticker: `SANDBOX-26OCT01-${"ABC"[at % 3]}`,
    yes_price: Math.round(20 + next() * 60) * CENT,
    count: 100 * Math.ceil(next() * 20),
    fee_cost: 100 * Math.round(next() * 900),
    outcome_side: next() < 0.5 ? "yes" : "no",
    book_side: null,
    side: null,
    fill_id: `fill-${String(at).padStart(5, "0")}`,
    order_id: "order",
  }));
  const settled = START + count * MINUTE;
  return profitOf({
    fills,
    settlements: [
      {
        settled_time: settled,
        ticker: "SANDBOX-26OCT01-A",
        market_result: "yes",
        yes_count: 0,
        no_count: 0,
        value: null,
      },
    ],
    marks: { "SANDBOX-26OCT01-B": "0.5" },
  });
}
