import fc from "fast-check";
import type { QuoteLike } from "../../src/analysis/book/quote-rows.js";
import type { TradeLike } from "../../src/analysis/book/trade-rows.js";
import type { Trust } from "../../src/flow/settled-books.js";
import { topOfBookFrame } from "../../src/frames/flows.js";
import { tableOfRecords } from "../../src/frames/frame.js";
import { tradesFrame } from "../../src/frames/trades.js";
import { CENT } from "../../src/units/price.js";
import { MILLISECOND, parseTime } from "../../src/units/time.js";

export const START = parseTime("2026-10-01T13:59:30Z");

/** A quote of one of two markets, on or near few moments, so that ties are common. */
export type WholeQuote = Required<QuoteLike>;

const time = fc.integer({ min: 0, max: 400 }).map((tick) => START + tick * 500 * MILLISECOND);
const ticker = fc.constantFrom("A", "B");

export const quoteList: fc.Arbitrary<WholeQuote[]> = fc
  .array(
    fc.record({
      ...{ time, ticker },
      trust: fc.constantFrom<Trust>("ok", "ok", "ok", "ok", "unknown"),
      bid: fc.option(fc.integer({ min: 1, max: 49 }), { freq: 6 }),
      ask: fc.option(fc.integer({ min: 50, max: 99 }), { freq: 6 }),
      bidSize: fc.integer({ min: 1, max: 100_000 }),
      askSize: fc.integer({ min: 1, max: 100_000 }),
    }),
    { maxLength: 60 },
  )
  .map((list) =>
    list
      .map(({ bid, ask, bidSize, askSize, trust, ...at }) => {
        const [yesBid, yesAsk] = trust === "ok" ? [bid, ask] : [null, null];
        return {
          ...{ ...at, trust, yes_bid: yesBid === null ? null : yesBid * CENT },
          yes_bid_size: yesBid === null ? null : bidSize,
          yes_ask: yesAsk === null ? null : yesAsk * CENT,
          yes_ask_size: yesAsk === null ? null : askSize,
        };
      })
      .sort((a, b) => a.time - b.time),
  );

export const tradeList: fc.Arbitrary<Required<TradeLike>[]> = fc
  .array(
    fc.record({
      ...{ created_time: time, ticker },
      yes_price: fc.integer({ min: 1, max: 99 }).map((cents) => cents * CENT),
      count: fc.integer({ min: 1, max: 100_000 }),
      taker_outcome_side: fc.constantFrom("yes", "no", null),
      taker_book_side: fc.constant(null),
      taker_side: fc.constant(null),
      is_block_trade: fc.constantFrom(false, false, false, true),
    }),
    { maxLength: 40 },
  )
  .map((list) => list.sort((a, b) => a.created_time - b.created_time));

export function quotesOfList(list: readonly WholeQuote[]) {
  return tableOfRecords(
    topOfBookFrame,
    list.map((quote) => ({ ...quote, spread: null, midpoint: null, microprice: null, imbalance: null })),
  );
}

export function tradesOfList(list: readonly Required<TradeLike>[]) {
  return tableOfRecords(
    tradesFrame,
    list.map((trade, at) => ({
      ...trade,
      no_price: 1_000_000 - trade.yes_price,
      trade_id: `00000000-0000-4000-8000-${String(at).padStart(12, "0")}`,
      extra: null,
    })),
  );
}

/** As a recording gives them, page by page. */
export function paged<T>(list: readonly T[], size: number): { pages(): AsyncGenerator<readonly T[]> } {
  return {
    async *pages() {
      for (let at = 0; at < list.length; at += size) yield list.slice(at, at + size);
    },
  };
}
