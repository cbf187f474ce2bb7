import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  DIRECT_PRECISION,
  type FeeFill,
  type FeeSchedule,
  fillFee,
  orderFees,
  roundFee,
} from "../../src/analysis/fees.js";
import { parseCount } from "../../src/units/count.js";
import { formatAmount, notional } from "../../src/units/money.js";
import { CENT, parsePrice } from "../../src/units/price.js";

const direct: FeeSchedule = { feeType: "quadratic", multiplier: 1, precision: DIRECT_PRECISION, rule: "current" };
const retail: FeeSchedule = { ...direct, precision: CENT };

function fill(bookSide: "bid" | "ask", count: string, price: string, role: "taker" | "maker" = "taker"): FeeFill {
  return { bookSide, count: parseCount(count), price: parsePrice(price), role };
}

const schedules = fc.record({
  feeType: fc.constantFrom("quadratic", "quadratic_with_maker_fees", "quadratic_with_combo_maker_fees"),
  multiplier: fc.constantFrom(0, 0.5, 1, 2),
  precision: fc.constantFrom(DIRECT_PRECISION, CENT),
  rule: fc.constantFrom("current" as const, "2026-08" as const),
});

const fills = fc.array(
  fc.record({
    bookSide: fc.constantFrom("bid" as const, "ask" as const),
    count: fc.integer({ min: 1, max: 10_000_000 }),
    price: fc.integer({ min: 1, max: 9_999 }).map((price) => price * 100),
    role: fc.constantFrom("taker" as const, "maker" as const),
  }),
  { minLength: 1, maxLength: 12 },
);

describe("fees", () => {
  it("agree with the fees seen on the wire for one contract at 0.52 and at 0.99", () => {
    expect(formatAmount(fillFee(direct, fill("bid", "1", "0.52")).trade)).toBe("0.017472");
    expect(formatAmount(fillFee(direct, fill("bid", "1", "0.52")).rounding)).toBe("0.000028");
    expect(formatAmount(fillFee(direct, fill("bid", "1", "0.52")).net)).toBe("0.017500");
    expect(formatAmount(fillFee(direct, fill("bid", "1", "0.99")).net)).toBe("0.000700");
  });

  it("round to whole cents for members who are not direct", () => {
    const fee = fillFee(retail, fill("bid", "1", "0.055"));
    expect([fee.trade, fee.rounding, fee.net].map((amount) => formatAmount(amount))).toEqual([
      "0.003639",
      "0.001361",
      "0.005000",
    ]);
  });

  it("give a cent back to an order once its rounding exceeds one, by the older rule", () => {
    let carried = 0n;
    const nets: string[] = [];
    const sums: string[] = [];
    for (let n = 0; n < 3; n += 1) {
      const fee = roundFee({ revenue: -15_000_000n, trade: 410_000n, precision: CENT, rule: "2026-08", carried });
      carried = fee.carried;
      nets.push(formatAmount(fee.net, 4));
      sums.push(formatAmount(carried, 4));
    }
    expect(nets).toEqual(["0.0100", "0.0000", "0.0100"]);
    expect(sums).toEqual(["0.0059", "0.0018", "0.0077"]);
  });

  it("agree under both rules for the fills seen on the wire", () => {
    for (const price of ["0.52", "0.99"]) {
      const one = fill("bid", "1", price);
      expect(fillFee({ ...direct, rule: "2026-08" }, one).net).toBe(fillFee(direct, one).net);
    }
  });

  it("charge makers nothing, a quarter or a half of the taker's rate, by fee type", () => {
    const maker = fill("ask", "100", "0.5", "maker");
    const of = (feeType: string) => formatAmount(fillFee({ ...direct, feeType }, maker).net, 4);
    expect(of("quadratic")).toBe("0.0000");
    expect(of("quadratic_with_maker_fees")).toBe("0.4375");
    expect(of("quadratic_with_combo_maker_fees")).toBe("0.8750");
  });

  it("scale with the multiplier, and are free at zero", () => {
    const taker = fill("bid", "100", "0.5");
    expect(formatAmount(fillFee({ ...direct, multiplier: 0.5 }, taker).net, 4)).toBe("0.8750");
    expect(fillFee({ ...direct, multiplier: 0 }, taker).net).toBe(0n);
  });

  it("refuse a fee type without a published rate", () => {
    expect(() => fillFee({ ...direct, feeType: "flat" }, fill("bid", "1", "0.5"))).toThrow(
      expect.objectContaining({ code: "BAD_ARGUMENT" }),
    );
  });

  it("leave every change of balance on the balance's precision, and never fall below zero", () => {
    fc.assert(
      fc.property(schedules, fills, (schedule, list) => {
        const unit = BigInt(schedule.precision) * 100n;
        orderFees(schedule, list).forEach((fee, at) => {
          const one = list[at]!;
          const spent = notional(one.price, one.count);
          const change = (one.bookSide === "bid" ? -spent : spent) - fee.net;
          expect(change % unit).toBe(0n);
          expect(fee.net >= 0n).toBe(true);
          expect(fee.net).toBe(fee.trade + fee.rounding - fee.rebate);
        });
      }),
    );
  });

  it("give back no more than rounding has cost the order", () => {
    fc.assert(
      fc.property(schedules, fills, (schedule, list) => {
        const fees = orderFees(schedule, list);
        const rounding = fees.reduce((sum, fee) => sum + fee.rounding, 0n);
        const rebate = fees.reduce((sum, fee) => sum + fee.rebate, 0n);
        expect(fees.at(-1)!.carried).toBe(rounding - rebate);
        expect(rebate <= rounding).toBe(true);
      }),
    );
  });

  it("do not depend on whether a fill opens or closes: both changes of balance are whole cents apart", () => {
    fc.assert(
      fc.property(schedules, fills, (schedule, [one]) => {
        const fee = fillFee(schedule, one!);
        const moved = roundFee({
          revenue: notional(1_000_000 - one!.price, one!.count) * (one!.bookSide === "bid" ? 1n : -1n),
          trade: fee.trade,
          precision: schedule.precision,
          rule: schedule.rule,
          carried: 0n,
        });
        expect(moved.net).toBe(fee.net);
      }),
    );
  });
});
