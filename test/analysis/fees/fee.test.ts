import { Decimal } from "decimal.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  DIRECT_PRECISION,
  type Fee,
  type FeeFill,
  type FeeSchedule,
  fillFee,
  orderFees,
  roundFee,
} from "../../../src/analysis/fees/fee.js";
import { formatCount, parseCount } from "../../../src/units/count.js";
import { formatAmount, notional } from "../../../src/units/money.js";
import { CENT, formatPrice, parsePrice } from "../../../src/units/price.js";
import { charge } from "./independent.js";

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
  it.each([
    ["1 at 0.52, direct, as seen on the wire", direct, "1", "0.52", ["0.017472", "0.000028", "0.017500", "-0.537500"]],
    ["1 at 0.99, direct, as seen on the wire", direct, "1", "0.99", ["0.000693", "0.000007", "0.000700", "-0.990700"]],
    ["1 at 0.055, not direct", retail, "1", "0.055", ["0.003639", "0.001361", "0.005000", "-0.060000"]],
    ["1 at 0.50, as printed in the schedule", retail, "1", "0.50", ["0.017500", "0.002500", "0.020000", "-0.520000"]],
    ["100 at 0.50, as printed", retail, "100", "0.50", ["1.750000", "0.000000", "1.750000", "-51.750000"]],
  ])("of %s come about as the exchange tells it", (_, schedule, count, price, told) => {
    const one = fill("bid", count, price);
    const { trade, rounding, rebate, net } = fillFee(schedule, one);
    const change = -notional(one.price, one.count) - net;
    expect([trade, rounding, net, change].map((amount) => formatAmount(amount, 6))).toEqual(told);
    expect(rebate).toBe(0n);
  });

  it("of a maker of 100 at 0.50 are the printed $0.44, a quarter of the rate rounded up to a cent", () => {
    const schedule = { ...retail, feeType: "quadratic_with_maker_fees" };
    const fee = fillFee(schedule, fill("bid", "100", "0.50", "maker"));
    expect([fee.trade, fee.net].map((amount) => formatAmount(amount, 4))).toEqual(["0.4375", "0.4400"]);
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

  const rates = [
    ["quadratic", "taker", "0.07"],
    ["quadratic", "maker", "0"],
    ["quadratic_with_maker_fees", "maker", "0.0175"],
    ["quadratic_with_combo_maker_fees", "maker", "0.035"],
  ] as const;

  it.each(rates)(
    "of %s as %s agree with a computation in decimals over a grid of prices and counts",
    (feeType, role, rate) => {
      const cents = Array.from({ length: 99 }, (_, at) => ((at + 1) / 100).toFixed(2));
      const prices = [...cents, "0.001", "0.037", "0.055", "0.0999", "0.333", "0.999"];
      const counts = ["0.01", "0.3", "1", "33.33", "12345.67"];
      for (const price of prices)
        for (const count of counts)
          for (const multiplier of [0.5, 1])
            for (const [precision, isOld] of [
              [DIRECT_PRECISION, false],
              [CENT, false],
              [CENT, true],
              [DIRECT_PRECISION, true],
            ] as const)
              for (const side of ["bid", "ask"] as const) {
                const schedule = {
                  feeType,
                  multiplier,
                  precision,
                  rule: isOld ? ("2026-08" as const) : ("current" as const),
                };
                const ours = fillFee(schedule, fill(side, count, price, role));
                const theirs = charge({
                  ...{ rate, multiplier: String(multiplier), precision: precision === CENT ? "0.01" : "0.0001", isOld },
                  ...{ isBid: side === "bid", price, count, carried: new Decimal(0) },
                });
                expect(formatAmount(ours.net, 8), `${side} ${count} at ${price} by ${JSON.stringify(schedule)}`).toBe(
                  theirs.fee.toFixed(8),
                );
              }
    },
  );

  it("of whole orders agree with the same computation fill by fill, its accumulator included", () => {
    fc.assert(
      fc.property(schedules, fills, (schedule, list) => {
        let carried = new Decimal(0);
        for (const [at, fee] of orderFees(schedule, list).entries()) {
          const one = list[at]!;
          const rate = rates.find(([type, role]) => type === schedule.feeType && role === one.role)?.[2] ?? "0.07";
          const theirs = charge({
            ...{ rate, multiplier: String(schedule.multiplier), isOld: schedule.rule === "2026-08", carried },
            precision: schedule.precision === CENT ? "0.01" : "0.0001",
            ...{ isBid: one.bookSide === "bid", price: formatPrice(one.price), count: formatCount(one.count) },
          });
          expect(formatAmount(fee.net, 8)).toBe(theirs.fee.toFixed(8));
          expect(formatAmount(fee.carried, 8)).toBe(theirs.carried.toFixed(8));
          carried = theirs.carried;
        }
      }),
    );
  });

  it("of an order stay within the rule's bounds however it is split into fills", () => {
    const splits = fc.array(fc.integer({ min: 1, max: 100_000 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(schedules, fc.integer({ min: 1, max: 9_999 }), splits, (schedule, price, counts) => {
        const at = { bookSide: "bid" as const, price: price * 100, role: "taker" as const };
        const split = orderFees(
          schedule,
          counts.map((count) => ({ ...at, count })),
        );
        const whole = fillFee(schedule, { ...at, count: counts.reduce((sum, count) => sum + count, 0) });
        const sum = (pick: (fee: Fee) => bigint) => split.reduce((total, fee) => total + pick(fee), 0n);
        // Each fill's model fee is rounded up by less than a step; what rounding cost is given back or waits in the accumulator.
        const step = schedule.rule === "current" ? 100n : 10_000n;
        const trade = sum((fee) => fee.trade);
        expect(trade >= whole.trade).toBe(true);
        expect(trade - whole.trade < step * BigInt(counts.length)).toBe(true);
        const total = sum((fee) => fee.net);
        expect(total).toBe(trade + split.at(-1)!.carried);
        // So all that splitting can cost is these two steps a fill, and it never saves anything of the model's fee.
        const unit = BigInt(schedule.precision) * 100n;
        expect(total >= whole.trade).toBe(true);
        expect(total - whole.trade < (step + unit) * BigInt(counts.length)).toBe(true);
      }),
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
