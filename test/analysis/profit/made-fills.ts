import fc from "fast-check";
import type { SettlementLike } from "../../../src/analysis/profit/settlement-value.js";
import type { FillLike } from "../../../src/analysis/read-fills.js";
import { parseCount } from "../../../src/units/count.js";
import { parsePrice } from "../../../src/units/price.js";
import { parseTime } from "../../../src/units/time.js";

let made = 0;

/** A fill from what a reader sees: `"bid 10 @ 0.40"`, each later than the one before. */
export function fill(text: string, more: Partial<FillLike> & { at?: string } = {}): FillLike {
  const [side, count, , price] = text.split(" ");
  made += 1;
  const { at, ...fields } = more;
  return {
    created_time: parseTime(at ?? "2026-10-01T00:00:00Z") + made,
    ticker: "KXA-26OCT01-T1",
    yes_price: parsePrice(price!),
    count: parseCount(count!),
    fee_cost: 0,
    outcome_side: side === "bid" ? "yes" : "no",
    book_side: side!,
    side: null,
    fill_id: `fill-${String(made).padStart(6, "0")}`,
    order_id: "order",
    subaccount_number: 0,
    ...fields,
  };
}

/** How a market was settled. */
export function settlement(result: string, more: object = {}): SettlementLike {
  return {
    settled_time: parseTime("2026-10-02T00:00:00Z"),
    ticker: "KXA-26OCT01-T1",
    market_result: result,
    yes_count: 0,
    no_count: 0,
    value: null,
    ...more,
  };
}

const anyFill = fc.record({
  market: fc.integer({ min: 0, max: 2 }),
  account: fc.integer({ min: 0, max: 1 }),
  buy: fc.boolean(),
  price: fc.integer({ min: 1, max: 9_999 }),
  count: fc.integer({ min: 1, max: 5_000 }),
  fee: fc.integer({ min: 0, max: 200_000 }),
});

/** Fills of two subaccounts in three markets, some of them settled, with marks. */
export const anyAccount = fc
  .record({
    list: fc.array(anyFill, { maxLength: 60 }),
    marks: fc.array(fc.integer({ min: 0, max: 10_000 }), { minLength: 3, maxLength: 3 }),
    settled: fc.array(fc.option(fc.integer({ min: 0, max: 10_000 })), { minLength: 3, maxLength: 3 }),
  })
  .map(({ list, marks, settled }) => ({
    fills: list.map((one) =>
      fill(`${one.buy ? "bid" : "ask"} ${one.count / 100} @ ${(one.price / 10_000).toFixed(4)}`, {
        ticker: `M${one.market}`,
        fee_cost: one.fee,
        subaccount_number: one.account,
      }),
    ),
    marks: Object.fromEntries(marks.map((mark, at) => [`M${at}`, (mark / 10_000).toFixed(4)])),
    settlements: settled.flatMap((value, at) =>
      value === null ? [] : [settlement("scalar", { ticker: `M${at}`, value: value * 100 })],
    ),
  }));
