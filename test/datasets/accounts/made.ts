import { Decimal } from "decimal.js";
import fc from "fast-check";
import type { SettlementLike } from "../../../src/analysis/profit/settlement-value.js";
import type { FillLike } from "../../../src/analysis/read-fills.js";
import { SECOND } from "../../../src/units/time.js";
import type { Style, TrueFill, TrueSettlement } from "../../support/account-files.js";

const START = Date.UTC(2026, 0, 5) / 1000;

/** Fills of two markets through a year with both changes of the clocks, many of them in one second; the markets settle, or do not. */
export const anyTruth = fc
  .record({
    list: fc.array(
      fc.record({
        market: fc.integer({ min: 0, max: 1 }),
        yes: fc.boolean(),
        price: fc.integer({ min: 1, max: 999 }),
        count: fc.integer({ min: 1, max: 3_000 }),
        fee: fc.integer({ min: 0, max: 200_000 }),
        pause: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 2_500_000 })),
      }),
      { minLength: 1, maxLength: 40 },
    ),
    settled: fc.array(fc.option(fc.constantFrom("0", "1", "0.565")), { minLength: 2, maxLength: 2 }),
  })
  .map(({ list, settled }) => {
    let second = START;
    const fills = list.map((one): TrueFill => {
      second += one.pause;
      return {
        second,
        ticker: `KXM${one.market}`,
        long: one.yes ? "yes" : "no",
        price: new Decimal(one.price).div(1000),
        count: new Decimal(one.count).div(100),
        fee: new Decimal(one.fee).div(1_000_000),
      };
    });
    const settlements = settled.flatMap((value, market): TrueSettlement[] =>
      value === null ? [] : [{ second: second + 3600, ticker: `KXM${market}`, value: new Decimal(value) }],
    );
    return { fills, settlements };
  });

const numbers = fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 30, maxLength: 30 });

export const anyStyle: fc.Arbitrary<Style> = fc.record({
  money: fc.constantFrom("cents", "dollars"),
  cut: fc.boolean(),
  rounded: fc.boolean(),
  prices: fc.constantFrom("own", "yes"),
  later: fc.boolean(),
  offsets: fc.boolean(),
  bom: fc.boolean(),
  lineEnd: fc.constantFrom("\n", "\r\n"),
  quoted: fc.boolean(),
  shuffle: fc.oneof(fc.constant([]), numbers),
  capitals: fc.boolean(),
  unknown: fc.boolean(),
});

/** The newest file: nothing of it is cut or rounded. */
export const exactStyle: Style = {
  money: "dollars",
  cut: false,
  rounded: false,
  prices: "own",
  later: true,
  offsets: true,
  bom: false,
  lineEnd: "\n",
  quoted: false,
  shuffle: [],
  capitals: false,
  unknown: false,
};

/** The same fills as the exchange's own records, without their orders: fills of one moment then count as they come. */
export function asFills(fills: readonly TrueFill[]): FillLike[] {
  return fills.map((fill, at) => ({
    created_time: fill.second * SECOND,
    ticker: fill.ticker,
    yes_price: micros(fill.price),
    count: fill.count.times(100).toNumber(),
    fee_cost: micros(fill.fee),
    outcome_side: fill.long,
    book_side: null,
    side: null,
    fill_id: String(at).padStart(6, "0"),
  }));
}

export function asSettlements(settlements: readonly TrueSettlement[]): SettlementLike[] {
  return settlements.map(({ second, ticker, value }) => ({
    settled_time: second * SECOND,
    ticker,
    market_result: value.eq(1) ? "yes" : value.eq(0) ? "no" : "scalar",
    yes_count: 0,
    no_count: 0,
    value: micros(value),
  }));
}

export function micros(dollars: Decimal): number {
  // A negative zero is none.
  return dollars.times(1_000_000).toDecimalPlaces(0, Decimal.ROUND_HALF_UP).toNumber() + 0;
}
