import { describe, expect, it } from "vitest";
import { estimateFee } from "../../../src/analysis/fees/estimate.js";
import { feesOf } from "../../../src/analysis/fees/fees-of.js";
import { orderbook } from "../../../src/frames/orderbook.js";
import { expectError } from "../../support/errors.js";

const terms = { feeType: "quadratic_with_maker_fees", multiplier: 1 };
const book = orderbook([
  {
    ticker: "NORIDX-A-1",
    yes: [
      { price: 300_000, count: 5_000 },
      { price: 520_000, count: 1_000 },
    ],
    // Asks at 0.54 and 0.60.
    no: [
      { price: 400_000, count: 10_000 },
      { price: 460_000, count: 2_500 },
    ],
  },
]);

describe("estimateFee", () => {
  it("agrees with the printed upper bound where no part of a cent is rounded: 100 at 0.50 are $1.75, as maker $0.44", () => {
    const order = { side: "bid", price: "0.50", count: 100 } as const;
    expect(estimateFee(order, { terms }).fee?.toFixed(4)).toBe("1.7500");
    expect(estimateFee(order, { terms, role: "maker" }).fee?.toFixed(4)).toBe("0.4400");
    expect(estimateFee(order, { terms, role: "maker", precision: "0.0001" }).fee?.toFixed(4)).toBe("0.4375");
  });

  it("walks the levels that the order meets at their own prices, and lets the rest wait as maker at its own", () => {
    const told = estimateFee({ side: "bid", price: "0.60", count: "150" }, { terms, book, precision: "0.0001" });
    expect(told.taken.toFixed(2)).toBe("125.00");
    expect(told.resting.toFixed(2)).toBe("25.00");
    // 25 at 0.54, 100 at 0.60, and 25 at 0.60 as maker.
    const model = 0.07 * (25 * 0.54 * 0.46 + 100 * 0.6 * 0.4);
    expect(told.takerFee!.toNumber()).toBeCloseTo(model, 4);
    expect(told.makerFee!.toNumber()).toBeCloseTo(0.0175 * 25 * 0.6 * 0.4, 4);
    expect(told.fee!.eq(told.takerFee!.plus(told.makerFee!))).toBe(true);
    expect(told.cost.toFixed(2)).toBe((25 * 0.54 + 125 * 0.6).toFixed(2));
  });

  it("takes the best bid first on the other side, and costs an ask by the price of NO", () => {
    const told = estimateFee({ side: "ask", price: "0.30", count: "60" }, { terms, book });
    expect([told.taken.toFixed(2), told.resting.toFixed(2)]).toEqual(["60.00", "0.00"]);
    expect(told.cost.toFixed(2)).toBe((10 * 0.48 + 50 * 0.7).toFixed(2));
  });

  it("takes nothing from levels beyond its price", () => {
    const told = estimateFee({ side: "bid", price: "0.53", count: 10 }, { terms, book });
    expect([told.taken.toFixed(2), told.takerFee!.toFixed(2)]).toEqual(["0.00", "0.00"]);
  });

  it("is free where the multiplier is 0", () => {
    const free = { ...terms, multiplier: 0 };
    expect(estimateFee({ side: "bid", price: "0.5", count: 7 }, { terms: free, book }).fee!.isZero()).toBe(true);
  });

  it("tells no fee of a combo, whose roles may be swapped, but what of it fills and costs", () => {
    const combo = { ...terms, isCombo: true };
    const told = estimateFee({ side: "bid", price: "0.60", count: "150" }, { terms: combo, book });
    expect([told.takerFee, told.makerFee, told.fee]).toEqual([null, null, null]);
    expect(told.note).toMatch(/roles may be swapped/);
    expect([told.taken.toFixed(0), told.resting.toFixed(0), told.cost.toFixed(2)]).toEqual(["125", "25", "88.50"]);
    // Nothing is taken, so that much is sure.
    const waiting = estimateFee({ side: "bid", price: "0.53", count: 10 }, { terms: combo, book });
    expect([waiting.takerFee!.toFixed(2), waiting.makerFee, waiting.fee]).toEqual(["0.00", null, null]);
    const byType = { feeType: "quadratic_with_combo_maker_fees", multiplier: 1 };
    expect(estimateFee({ side: "bid", price: "0.53", count: 10 }, { terms: byType, book }).fee).toBeNull();
  });

  it("tells the fee of a combo that is free, and that of one whose role its terms say to be certain", () => {
    const order = { side: "bid", price: "0.50", count: 100 } as const;
    const combo = { feeType: "quadratic_with_combo_maker_fees", multiplier: 1, isCombo: false };
    expect(estimateFee(order, { terms: combo }).fee?.toFixed(2)).toBe("1.75");
    expect(estimateFee(order, { terms: combo, role: "maker", precision: "0.0001" }).fee?.toFixed(4)).toBe("0.8750");
    const free = { ...combo, multiplier: 0, isCombo: true };
    expect([estimateFee(order, { terms: free }).fee?.isZero(), estimateFee(order, { terms }).note]).toEqual([
      true,
      null,
    ]);
  });

  it("refuses a side, a role and a rule that there is not, and to make up the terms", () => {
    const order = { side: "bid", price: "0.5", count: 1 } as const;
    const asked =
      (more: object, options: object = { terms }) =>
      () =>
        estimateFee({ ...order, ...more } as typeof order, options as { terms: typeof terms });
    expectError(asked({ side: "buy" }), "BAD_ARGUMENT", /"bid" or "ask"/);
    expectError(asked({ side: "yes" }), "BAD_ARGUMENT", /"bid" or "ask"/);
    expectError(asked({}, { terms, role: "foo" }), "BAD_ARGUMENT", /"taker" or "maker"/);
    expectError(asked({}, { terms, rule: "foo" }), "BAD_ARGUMENT", /"current" or "2026-08"/);
    expectError(asked({}, {}), "BAD_ARGUMENT", /calendar/);
    expectError(() => feesOf([], {} as { terms: typeof terms }), "BAD_ARGUMENT", /calendar/);
  });

  it("refuses what is no price and no count of an order", () => {
    expectError(() => estimateFee({ side: "bid", price: "1.01", count: 1 }, { terms }), "BAD_PRICE", /YES side/);
    expectError(() => estimateFee({ side: "bid", price: "0.5", count: 0 }, { terms }), "BAD_COUNT", /0\.01/);
    expectError(
      () => estimateFee({ side: "bid", price: "0.5", count: "0.001" }, { terms }),
      "BAD_COUNT",
      /two decimals/,
    );
  });
});
