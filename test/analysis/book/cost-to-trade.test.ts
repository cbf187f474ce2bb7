import { Decimal } from "decimal.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { costToTrade } from "../../../src/analysis/book/cost-to-trade.js";
import { estimateFee } from "../../../src/analysis/fees/estimate.js";
import { rawOf } from "../../../src/frames/exact.js";
import { orderbook } from "../../../src/frames/orderbook.js";
import { CENT } from "../../../src/units/price.js";
import { parseTime } from "../../../src/units/time.js";
import { START } from "../../support/market-arbitraries.js";

const terms = { feeType: "quadratic", multiplier: 1 } as const;
const side = (min: number, max: number) =>
  fc
    .uniqueArray(fc.record({ cents: fc.integer({ min, max }), count: fc.integer({ min: 1, max: 5_000 }) }), {
      selector: ({ cents }) => cents,
      maxLength: 12,
    })
    .map((list) => list.map(({ cents, count }) => ({ price: cents * CENT, count })).sort((a, b) => a.price - b.price));
// A table of levels has no row for a book without any.
const books = fc.record({ yes: side(1, 49), no: side(1, 49) }).filter(({ yes, no }) => yes.length + no.length > 0);

describe("costToTrade", () => {
  it("charges by the rule that held when the book was, unless one is named", async () => {
    const no = [{ price: 549_900, count: 300 }];
    const book = (time: string) => ({ ticker: "A", time: parseTime(time), trust: "ok" as const, yes: [], no });
    const books = [book("2026-08-31T23:59:59.999999Z"), book("2026-09-01T00:00:00Z")];
    const fees = async (rule?: "current" | "2026-08") =>
      rawOf(await costToTrade(books, { side: "bid", count: "2.61", terms, rule }), "fee");
    // 0.07 × 2.61 × 0.4501 × 0.5499 = 0.0452196…: by the older rule 0.0453, and −1.174761 − 0.0453 goes down to −1.23.
    expect(await fees()).toEqual([55_239, 45_239]);
    expect(await fees("current")).toEqual([45_239, 45_239]);
    expect(await fees("2026-08")).toEqual([55_239, 55_239]);
  });

  it("is what filling hundredth by hundredth costs, with the fee that the order's estimate has", () => {
    fc.assert(
      fc.property(books, fc.constantFrom("bid", "ask"), fc.integer({ min: 1, max: 9_000 }), (book, side, count) => {
        const levels = orderbook({ ticker: "A", ...book });
        const contracts = new Decimal(count).div(100).toString();
        const table = costToTrade(levels, { side, count: contracts, terms });
        // What one pays a contract: the other side's bid is an offer of this one at the rest of the dollar.
        const offers = (side === "bid" ? book.no : book.yes).flatMap(({ price, count }) =>
          new Array<number>(count).fill(1_000_000 - price),
        );
        const met = offers.sort((a, b) => a - b).slice(0, count);
        const paid = met.reduce((sum, price) => sum + price, 0) / 100;
        const raw = (name: string) => rawOf(table, name)[0];
        expect([raw("filled"), raw("missing")]).toEqual([met.length, count - met.length]);
        expect(raw("cost")).toBe(paid);
        const inYes = (price: number) => (side === "bid" ? price : 1_000_000 - price);
        if (met.length === 0) expect([raw("average_price"), raw("worst_price"), raw("fee")]).toEqual([null, null, 0]);
        else {
          expect(raw("worst_price")).toBe(inYes(met.at(-1)!));
          expect(Math.abs(raw("average_price")! - inYes((paid * 100) / met.length))).toBeLessThanOrEqual(0.5 + 1e-6);
          expect(raw("slippage")).toBe(Math.round(paid - (met[0]! * met.length) / 100));
          const order = { side, price: side === "bid" ? "0.99" : "0.01", count: contracts } as const;
          const { takerFee } = estimateFee(order, { terms, book: levels });
          expect(raw("fee")).toBe(takerFee!.times(1e6).toNumber());
        }
        expect(raw("total")).toBe(raw("cost")! + raw("fee")!);
      }),
    );
  });

  it("tells no fee and no total of a combo, whose roles may be swapped for it, but what it costs", () => {
    const book = orderbook({ ticker: "KXMVESPORTS-1", yes: [], no: [{ price: 50 * CENT, count: 500 }] });
    const [told] = costToTrade(book, { side: "bid", count: 5, terms }).objects() as Record<string, unknown>[];
    expect([told!.cost, told!.fee, told!.total]).toEqual([2.5, null, null]);
    const sure = costToTrade(book, { side: "bid", count: 5, terms: { ...terms, isCombo: false } });
    expect(sure.get("fee", 0)).not.toBeNull();
    // Where nothing is to be had nothing is charged.
    expect(costToTrade(book, { side: "ask", count: 5, terms }).get("fee", 0)).toBe(0);
  });

  it("gives a curve by size, the same of snapshots as they come, and nulls where the book is not known", async () => {
    const yes = [{ price: 40 * CENT, count: 1_000 }];
    const no = [
      { price: 50 * CENT, count: 500 },
      { price: 55 * CENT, count: 500 },
    ];
    const curve = costToTrade(orderbook({ ticker: "A", yes, no }), { side: "bid", count: [5, 10, "10.5"], terms });
    expect(curve.array("average_price")).toEqual([0.45, 0.475, 0.475]);
    expect(curve.array("missing")).toEqual([0, 0, 0.5]);
    const at = { ticker: "A", time: START };
    const streamed = await costToTrade(
      [
        { ...at, trust: "ok", yes, no },
        { ...at, time: START + 1_000, trust: "unknown", yes: null, no: null },
      ],
      { side: "bid", count: [5, 10, "10.5"], terms: { termsAt: () => terms } },
    );
    for (const name of ["cost", "fee", "total", "worst_price", "filled"])
      expect(rawOf(streamed, name)).toEqual([...rawOf(curve, name), null, null, null]);
  });

  it("refuses no contracts, no side, and a calendar for a book without a time", () => {
    const levels = orderbook({ ticker: "A", yes: [], no: [{ price: CENT, count: 1 }] });
    const coded = (code: string) => expect.objectContaining({ code });
    expect(() => costToTrade(levels, { side: "bid", count: 0, terms })).toThrow(coded("BAD_COUNT"));
    expect(() => costToTrade(levels, { side: "yes" as "bid", count: 1, terms })).toThrow(coded("BAD_ARGUMENT"));
    const calendar = { termsAt: () => terms };
    expect(() => costToTrade(levels, { side: "bid", count: 1, terms: calendar })).toThrow(coded("BAD_ARGUMENT"));
  });
});
