import { table } from "arquero";
import { describe, expect, it } from "vitest";
import { depthWithin } from "../../../src/analysis/book/depth-within.js";
import { spreadByMarket } from "../../../src/analysis/book/spread.js";
import { rawOf } from "../../../src/frames/exact.js";
import { orderbook } from "../../../src/frames/orderbook.js";
import { CENT } from "../../../src/units/price.js";
import { parseTime, SECOND } from "../../../src/units/time.js";
import { quotesTable as quotes } from "../../support/quotes-table.js";

const START = parseTime("2026-10-01T14:00:00Z");
const quote = (seconds: number, bid: number | null, ask: number | null, ticker = "A") => ({
  time: START + seconds * SECOND,
  ticker,
  yes_bid: bid === null ? null : bid * CENT,
  yes_bid_size: null,
  yes_ask: ask === null ? null : ask * CENT,
  yes_ask_size: null,
});

describe("spreadByMarket", () => {
  it("weighs a spread by the time it was quoted", () => {
    const list = [quote(0, 40, 44), quote(1, 41, 43), quote(4, 42, 43)];
    const result = spreadByMarket(quotes(list), { until: (START + 10 * SECOND) / 1_000 });
    // 4 ¢ for one second, 2 ¢ for three, 1 ¢ for six
    expect(rawOf(result, "mean_spread")).toEqual([16_000]);
    expect(rawOf(result, "min_spread")).toEqual([10_000]);
    expect(rawOf(result, "max_spread")).toEqual([40_000]);
    expect(rawOf(result, "mean_midpoint")).toEqual([423_000]);
    expect(result.object()).toMatchObject({ ticker: "A", quotes: 3, observed: 10, two_sided: 10 });
  });

  it("counts the time with an empty side apart, and gives the last quote none without an end", () => {
    const result = spreadByMarket(quotes([quote(0, 40, 42), quote(2, 40, null), quote(5, 40, 50)]));
    expect(result.object()).toMatchObject({ mean_spread: 0.02, max_spread: 0.1, two_sided: 2, observed: 5 });
  });

  it("is null where a market never had both sides, and keeps markets apart", () => {
    const result = spreadByMarket(quotes([quote(0, 40, 42, "B"), quote(1, null, 42, "A"), quote(2, 40, 42, "B")]));
    expect(result.array("ticker")).toEqual(["A", "B"]);
    expect(result.array("mean_spread")).toEqual([null, 0.02]);
  });

  it("names a missing column", () => {
    expect(() => spreadByMarket(table({ time: [1] }))).toThrow(expect.objectContaining({ code: "COLUMN_MISSING" }));
  });
});

describe("depthWithin", () => {
  const book = orderbook({
    ticker: "A",
    yes: [
      { price: 30 * CENT, count: 50_000 },
      { price: 45 * CENT, count: 20_000 },
      { price: 47 * CENT, count: 10_000 },
    ],
    no: [{ price: 50 * CENT, count: 7_000 }],
  });

  it("counts contracts at most so far behind the best of their side", () => {
    expect(depthWithin(book, 0.02).object()).toMatchObject({
      yes_bid: 0.47,
      yes_ask: 0.5,
      bid_depth: 300,
      ask_depth: 70,
      imbalance: 230 / 370,
    });
    expect(depthWithin(book, 0.0199).object()).toMatchObject({ bid_depth: 100 });
  });

  it("gives null for the best of an empty side", () => {
    const bids = orderbook({ ticker: "A", yes: [{ price: 30 * CENT, count: 100 }], no: [] });
    expect(depthWithin(bids).object()).toMatchObject({ yes_ask: null, ask_depth: 0, imbalance: 1 });
  });
});
