import { type ColumnTable, table } from "arquero";
import { describe, expect, it } from "vitest";
import { chart } from "../../src/charts/all.js";
import type { Chart } from "../../src/charts/chart.js";

const at = Date.UTC(2026, 9, 1);

const trades = (price: number) => table({ created_time: [at, at + 1000], ticker: ["A", "A"], yes_price: [0.5, price] });
const quotes = (price: number) => table({ time: [at, at + 1000], yes_bid: [0.4, price], yes_ask: [0.5, price] });
const candles = (price: number) => {
  const prices = { price_open: [price], price_high: [price], price_low: [price], price_close: [price] };
  return table({ start_time: [at], end_time: [at + 60_000], ticker: ["A"], ...prices, volume: [1] });
};
const levels = (price: number) => table({ ticker: ["A"], side: ["yes"], yes_price: [price], count: [10] });

const asked: Readonly<Record<string, (price: number) => Chart>> = {
  price: (price) => chart.price(trades(price)),
  "price of candles": (price) => chart.price(candles(price)),
  "price with quotes": (price) => chart.price(trades(0.5), { quotes: quotes(price) }),
  event: (price) => chart.event(trades(price)),
  candlesticks: (price) => chart.candlesticks(candles(price)),
  spread: (price) => chart.spread(quotes(price)),
  depth: (price) => chart.depth(levels(price)),
  ladder: (price) => chart.ladder(levels(price)),
};

describe("charts", () => {
  it.each(Object.keys(asked))("refuse prices in cents, and ones below zero: %s", (name) => {
    for (const price of [45, -0.01])
      expect(() => asked[name]!(price)).toThrow(expect.objectContaining({ code: "BAD_PRICE" }));
    asked[name]!(0.45);
  });

  it.each(["depth", "ladder", "depthOverTime"] as const)(
    "refuse a book that has a level twice, or one of no side: %s",
    (name) => {
      const draw = (book: ColumnTable) => chart[name](book);
      const book = (side: string, price: number) => {
        const of = { time: [at, at, at], ticker: ["A", "A", "A"], count: [10, 20, 5] };
        return table({ ...of, side: ["yes", side, "no"], yes_price: [0.45, price, 0.5] });
      };
      for (const wrong of [book("yes", 0.45), book("bid", 0.44)])
        expect(() => draw(wrong)).toThrow(expect.objectContaining({ code: "BAD_RECORD" }));
      draw(book("yes", 0.44));
    },
  );
});
