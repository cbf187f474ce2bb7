import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { reportedAs } from "../../../src/analysis/fees/charged-order.js";
import { DIRECT_PRECISION, type FeeFill, type FeeSchedule, orderFees } from "../../../src/analysis/fees/fee.js";
import { feesOf } from "../../../src/analysis/fees/fees-of.js";
import type { FillLike } from "../../../src/analysis/read-fills.js";
import { rawOf } from "../../../src/frames/exact.js";
import { CENT } from "../../../src/units/price.js";
import { parseTime } from "../../../src/units/time.js";
import { expectError } from "../../support/errors.js";

const START = parseTime("2026-10-01T12:00:00Z");
const terms = { feeType: "quadratic", multiplier: 1 };

/** Fills of one order, some in one microsecond, charged in the order given. */
const orders = fc.array(
  fc.record({
    bookSide: fc.constantFrom("bid" as const, "ask" as const),
    count: fc.integer({ min: 1, max: 3_000 }),
    price: fc.integer({ min: 1, max: 999 }).map((price) => price * 1_000),
    role: fc.constantFrom("taker" as const, "maker" as const),
    isWithLast: fc.boolean(),
  }),
  { minLength: 1, maxLength: 9 },
);

const schedules = fc.record({
  feeType: fc.constantFrom("quadratic", "quadratic_with_maker_fees"),
  multiplier: fc.constantFrom(0.5, 1),
  precision: fc.constantFrom(DIRECT_PRECISION, CENT),
  rule: fc.constantFrom("current" as const, "2026-08" as const),
});

describe("feesOf", () => {
  it("explains the fees of an order whose fills of one microsecond come in any order", () => {
    fc.assert(
      fc.property(schedules, orders, fc.infiniteStream(fc.nat()), (schedule, list, numbers) => {
        const ids = numbers[Symbol.iterator]();
        // No two alike, in any order.
        const charged = chargedFills(schedule, list, (row) => `${ids.next().value}${row}`.slice(-12));
        const { feeType, multiplier, rule } = schedule;
        const precision = schedule.precision === CENT ? "0.01" : "0.0001";
        const table = feesOf(charged, { terms: { feeType, multiplier }, precision, rule });
        expect(rawOf(table, "difference").every((difference) => difference === 0)).toBe(true);
      }),
    );
  });

  it("tells by how much a fee differs that the model does not explain, and goes on behind it", () => {
    const [first, second, third] = chargedFills(
      { ...terms, precision: DIRECT_PRECISION, rule: "current" },
      [1, 2, 3].map((count) => ({ ...plain, count: 100 * count, isWithLast: false })),
      (at) => `00000000000${at}`,
    );
    const table = feesOf([first!, { ...second!, fee_cost: second!.fee_cost + 100 }, third!], { terms });
    expect(rawOf(table, "difference")).toEqual([0, -100, 0]);
  });

  it("charges by the rounding of each fill's time, the older one until September 2026", () => {
    const at = (time: string) => ({ ...fillAt(0, plain, "1"), created_time: parseTime(time) });
    const table = feesOf([at("2026-08-31T23:59:59.999999Z"), { ...at("2026-09-01T00:00:00Z"), order_id: idOf("2") }], {
      terms,
      precision: "0.01",
    });
    expect(table.array("rule")).toEqual(["2026-08", "current"]);
    const named = feesOf([at("2026-08-31T23:59:59.999999Z")], { terms, precision: "0.01", rule: "current" });
    expect(named.array("rule")).toEqual(["current"]);
  });

  it("tells the precision by the change of the balance, of which the fee is only a part", () => {
    const fine = { ...fillAt(0, { ...plain, price: 520_000 }, "1"), fee_cost: 17_500 };
    const other = { ...fillAt(1, { ...plain, price: 520_000 }, "2"), fee_cost: 17_500 };
    expect(rawOf(feesOf([fine, other], { terms }), "fee")).toEqual([17_500, 17_500]);
    // A member whose balance moves by whole cents is charged parts of one where the price has some, or the contracts are no whole ones.
    const coarse = [
      { ...fillAt(0, { ...plain, price: 55_000 }, "1"), fee_cost: 5_000 },
      { ...fillAt(1, { ...plain, price: 520_000 }, "2"), fee_cost: 20_000 },
      { ...fillAt(2, { ...plain, price: 550_000, count: 30 }, "3"), fee_cost: 15_000 },
    ];
    expect(rawOf(feesOf(coarse, { terms }), "difference")).toEqual([0, 0, 0]);
  });

  it("adds up: fee = trade_fee + rounding_fee − rebate in every row", () => {
    const list = [50, 30, 30, 30].map((count) => ({ ...plain, count, isWithLast: false }));
    const charged = chargedFills({ ...terms, precision: CENT, rule: "2026-08" }, list, (at) => `00000000000${at}`);
    const table = feesOf(charged, { terms, precision: "0.01", rule: "2026-08" });
    const columns = ["trade_fee", "rounding_fee", "rebate", "fee", "fee_cost"].map((name) => rawOf(table, name));
    for (let row = 0; row < list.length; row += 1) {
      const [trade, rounding, rebate, fee, cost] = columns.map((column) => column[row]!);
      expect(trade! + rounding! - rebate!).toBe(fee);
      expect(fee).toBe(cost);
    }
    expect(columns[2]!.some((rebate) => rebate! > 0)).toBe(true);
  });

  it("answers no fills with no rows", () => {
    expect(feesOf([], { terms }).numRows()).toBe(0);
  });

  it("refuses fills that do not say whose order it was or who crossed the spread, and precisions that there are not", () => {
    const { is_taker, ...silent } = fillAt(0, plain, "1");
    expect(is_taker).toBe(true);
    expectError(() => feesOf([silent], { terms }), "BAD_RECORD", /is_taker/);
    expectError(
      () => feesOf([{ ...silent, is_taker: null as unknown as boolean }], { terms }),
      "BAD_RECORD",
      /is_taker/,
    );
    const priceless = { ...fillAt(0, plain, "1"), fee_cost: null as unknown as number };
    expectError(() => feesOf([priceless], { terms }), "BAD_RECORD", /every row/);
    const { order_id, ...orphan } = fillAt(0, plain, "1");
    expect(order_id).toBe(idOf("1"));
    expectError(() => feesOf([orphan], { terms }), "BAD_RECORD", /order_id/);
    const precision = "0.1" as "0.01";
    expectError(() => feesOf([], { terms, precision }), "BAD_ARGUMENT", /0\.0001/);
  });
});

const plain: FeeFill = { bookSide: "bid", count: 100, price: 500_000, role: "taker" };

function idOf(text: string): string {
  return `00000000-0000-4000-8000-${text.padStart(12, "0")}`;
}

function fillAt(time: number, one: FeeFill, order: string): FillLike & { fee_cost: number } {
  return {
    created_time: START + time,
    ticker: "NORIDX-26OCT01-T5000",
    yes_price: one.price,
    count: one.count,
    fee_cost: 0,
    outcome_side: one.bookSide === "bid" ? "yes" : "no",
    book_side: one.bookSide,
    side: null,
    is_taker: one.role === "taker",
    order_id: idOf(order),
  };
}

/** Fills of one order as the exchange would report them; `idAt` gives the last part of each id, which says nothing of the order. */
function chargedFills(
  schedule: FeeSchedule,
  list: readonly (FeeFill & { readonly isWithLast: boolean })[],
  idAt: (row: number) => string,
): (FillLike & { fee_cost: number })[] {
  let time = 0;
  return orderFees(schedule, list).map((fee, row) => {
    if (row > 0 && !list[row]!.isWithLast) time += 1;
    return { ...fillAt(time, list[row]!, "1"), fill_id: idOf(idAt(row)), fee_cost: reportedAs(fee) };
  });
}
