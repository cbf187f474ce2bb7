import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { TradeRecord } from "../../../src/sandbox/types.js";
import { tradesText } from "../../../src/sandbox/wire/trade-text.js";
import { wireText } from "../../../src/sandbox/wire/wire.js";
import { formatCount } from "../../../src/units/count.js";
import { complement, formatPrice } from "../../../src/units/price.js";
import { formatTime, MILLISECOND, parseTime, SECOND } from "../../../src/units/time.js";

const FROM = parseTime("2026-08-01T00:00:00Z");

/** A trade as answers have it, field by field. */
function row({ count, time, isBlock, price, taker, ticker, id }: TradeRecord) {
  return {
    count_fp: formatCount(count),
    created_time: formatTime(time),
    is_block_trade: isBlock,
    no_price_dollars: formatPrice(complement(price)),
    taker_book_side: taker === "yes" ? "bid" : "ask",
    taker_outcome_side: taker,
    taker_side: taker,
    ticker,
    trade_id: id,
    yes_price_dollars: formatPrice(price),
  };
}

describe("the text of a page of trades", () => {
  it("is what the rows give as objects, to the letter", () => {
    const micros = fc.integer({ min: 0, max: 4 * SECOND });
    const trade: fc.Arbitrary<TradeRecord> = fc.record({
      id: fc.oneof(fc.uuid(), fc.string()),
      ticker: fc.constantFrom("A", 'B"', "Ö"),
      price: fc.integer({ min: 1, max: 999_999 }),
      count: fc.oneof(fc.integer({ min: 1, max: 100_000 }), fc.constantFrom(100, 2_500_000)),
      taker: fc.constantFrom("yes" as const, "no" as const),
      time: fc
        .oneof(
          micros,
          micros.map((time) => time - (time % MILLISECOND)),
        )
        .map((time) => FROM + time),
      isBlock: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(trade, { maxLength: 6 }), (trades) => {
        expect(tradesText(trades, "next")).toBe(wireText({ cursor: "next", trades: trades.map(row) }));
      }),
    );
  });
});
