import { table } from "arquero";
import { Decimal } from "decimal.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Arbitrage, arbitrages } from "../../../src/analysis/coherence/arbitrages.js";
import { orderbook } from "../../../src/frames/orderbook.js";
import { charge } from "../fees/independent.js";

interface Strike {
  readonly strike_type: string;
  readonly floor_strike: number | null;
  readonly cap_strike: number | null;
}

const less = (cap_strike: number): Strike => ({ strike_type: "less", floor_strike: null, cap_strike });
const between = (floor_strike: number, cap_strike: number): Strike => ({
  strike_type: "between",
  floor_strike,
  cap_strike,
});
const greater = (floor_strike: number): Strike => ({ strike_type: "greater", floor_strike, cap_strike: null });

const families: readonly (readonly Strike[])[] = [
  [less(2), between(2, 3), between(4, 5), greater(5)],
  [less(2), between(2, 3), greater(4)],
  [greater(1), greater(3), greater(6)],
  [less(3), less(6), greater(4)],
  [less(3), less(6), greater(5)],
  [less(4), greater(3)],
];

const pays = ({ strike_type, floor_strike, cap_strike }: Strike, value: number): boolean => {
  if (strike_type === "less") return value < cap_strike!;
  if (strike_type === "greater") return value > floor_strike!;
  return value >= floor_strike! && value <= cap_strike!;
};

const values = Array.from({ length: 14 }, (_, at) => at - 2);

/** Bids of a market, in cents and contracts, each side in its own price. */
interface Bids {
  readonly yes: readonly (readonly [cents: number, count: number])[];
  readonly no: readonly (readonly [cents: number, count: number])[];
}

const side = fc.uniqueArray(fc.tuple(fc.integer({ min: 1, max: 75 }), fc.integer({ min: 1, max: 4 })), {
  maxLength: 3,
  selector: ([cents]) => cents,
});
const bids: fc.Arbitrary<Bids> = fc.record({ yes: side, no: side });

const levelsOf = (books: readonly Bids[]) => {
  const levels = (list: Bids["yes"]) =>
    [...list].sort(([a], [b]) => a - b).map(([cents, count]) => ({ price: cents * 10_000, count: count * 100 }));
  return orderbook(books.map(({ yes, no }, at) => ({ ticker: `M${at}`, yes: levels(yes), no: levels(no) })));
};

const marketsOf = (strikes: readonly Strike[]) =>
  table({
    ticker: strikes.map((_, at) => `M${at}`),
    event_ticker: strikes.map(() => "E"),
    strike_type: strikes.map(({ strike_type }) => strike_type),
    floor_strike: strikes.map(({ floor_strike }) => floor_strike),
    cap_strike: strikes.map(({ cap_strike }) => cap_strike),
  });

/** What a number of contracts of a side costs with its fee, level by level; null where the book has not as many. */
function priceOf(book: Bids, which: "yes" | "no", count: number, precision: string): Decimal | null {
  const met = [...(which === "yes" ? book.no : book.yes)].sort(([a], [b]) => b - a);
  let [left, total, carried] = [count, new Decimal(0), new Decimal(0)];
  for (const [cents, there] of met) {
    if (left === 0) break;
    const taken = Math.min(left, there);
    // Whoever bids for NO at p sells YES at 1 − p, and the other way round.
    const own = new Decimal(100 - cents).div(100);
    const yesPrice = which === "yes" ? own : new Decimal(1).minus(own);
    const one = charge({
      ...{ rate: "0.07", multiplier: "1", precision, isOld: false, isBid: which === "yes" },
      ...{ price: yesPrice.toFixed(), count: String(taken), carried },
    });
    carried = one.carried;
    total = total.plus(own.times(taken)).plus(one.fee);
    left -= taken;
  }
  return left > 0 ? null : total;
}

interface Holding {
  readonly at: number;
  readonly which: "yes" | "no";
  readonly count: number;
}

/** What is left for certain of some contracts, by going through every value. */
function certain(
  strikes: readonly Strike[],
  books: readonly Bids[],
  holdings: readonly Holding[],
  precision: string,
): Decimal | null {
  const costs = holdings.map(({ at, which, count }) => priceOf(books[at]!, which, count, precision));
  if (costs.includes(null)) return null;
  const least = Math.min(
    ...values.map((value) =>
      holdings.reduce(
        (sum, { at, which, count }) => sum + ((which === "yes") === pays(strikes[at]!, value) ? count : 0),
        0,
      ),
    ),
  );
  return costs.reduce<Decimal>((sum, cost) => sum.minus(cost!), new Decimal(least));
}

/** The best of equal numbers of every pair of contracts and of YES of all, and of exclusive markets of NO of all up to a number each. */
function bestByTrying(strikes: readonly Strike[], books: readonly Bids[], precision: string): Decimal {
  let best = new Decimal(0);
  const consider = (holdings: readonly Holding[]) => {
    const left = certain(strikes, books, holdings, precision);
    if (left?.gt(best) === true) best = left;
  };
  const depth = (at: number, which: "yes" | "no") =>
    (which === "yes" ? books[at]!.no : books[at]!.yes).reduce((sum, [, count]) => sum + count, 0);
  const every = strikes.flatMap((_, at) => [
    { at, which: "yes" as const },
    { at, which: "no" as const },
  ]);
  const isExclusive = values.every((value) => strikes.filter((strike) => pays(strike, value)).length <= 1);
  for (let count = 1; count <= 12; count += 1) {
    for (const one of every)
      for (const other of every)
        if (one.at < other.at)
          consider([
            { ...one, count },
            { ...other, count },
          ]);
    consider(strikes.map((_, at) => ({ at, which: "yes", count })));
    // Of markets that do not exclude each other that would be several pairs at once.
    if (!isExclusive) continue;
    consider(
      strikes
        .map((_, at) => ({ at, which: "no" as const, count: Math.min(count, depth(at, "no")) }))
        .filter((one) => one.count > 0),
    );
  }
  return best;
}

const asHoldings = ({ legs }: Arbitrage): Holding[] =>
  (legs.objects() as { ticker: string; side: "yes" | "no"; count: number }[]).map((leg) => ({
    at: Number(leg.ticker.slice(1)),
    which: leg.side,
    count: leg.count,
  }));

describe("arbitrages", () => {
  it("are certain, cost and pay what they say to the last decimal, and none found by trying everything is better", () => {
    let found = 0;
    fc.assert(
      fc.property(
        fc
          .constantFrom(...families)
          .chain((strikes) =>
            fc.tuple(fc.constant(strikes), fc.array(bids, { minLength: strikes.length, maxLength: strikes.length })),
          ),
        fc.constantFrom("0.01" as const, "0.0001" as const),
        ([strikes, books], precision) => {
          const list = arbitrages(levelsOf(books), marketsOf(strikes), {
            terms: { feeType: "quadratic", multiplier: 1 },
            precision,
            step: 1,
          });
          found += list.length;
          for (const one of list) {
            expect(one.isProven).toBe(true);
            expect(one.profit.gt(0)).toBe(true);
            expect(one.payout.minus(one.cost).minus(one.fees).toFixed()).toBe(one.profit.toFixed());
            expect(certain(strikes, books, asHoldings(one), precision)?.toFixed()).toBe(one.profit.toFixed());
          }
          const profits = list.map(({ profit }) => profit.toNumber());
          expect([...profits].sort((a, b) => b - a)).toEqual(profits);
          const tried = bestByTrying(strikes, books, precision);
          expect((list[0]?.profit ?? new Decimal(0)).gte(tried)).toBe(true);
        },
      ),
      { numRuns: 120 },
    );
    expect(found).toBeGreaterThan(20);
  });

  const terms = { feeType: "quadratic", multiplier: 1 };
  const books = (yes: readonly Bids["yes"][], no: readonly Bids["no"][]) =>
    levelsOf(yes.map((list, at) => ({ yes: list, no: no[at]! })));
  const two = marketsOf([less(3), greater(2)]);

  it("gives the worked case: YES of both at $0.40 and $0.50, as deep as it goes", () => {
    // Of 2 contracts: 2 − 0.80 − 1.00 − fees of 0.0336 and 0.035; of the third YES costs $0.58 and $0.50, which is too much.
    const levels = books(
      [[], []],
      [
        [
          [60, 2],
          [42, 5],
        ],
        [[50, 9]],
      ],
    );
    const [best, ...others] = arbitrages(levels, two, { terms, precision: "0.0001" });
    expect(best).toMatchObject({ kind: "yes of all", event_ticker: "E", isProven: true });
    expect([best!.contracts, best!.cost, best!.fees, best!.payout, best!.profit].map(String)).toEqual([
      "2",
      "1.8",
      "0.0686",
      "2",
      "0.1314",
    ]);
    expect(best!.legs.objects()).toEqual([
      { ticker: "M0", side: "yes", count: 2, cost: 0.8, fee: 0.0336, worst_price: 0.4 },
      { ticker: "M1", side: "yes", count: 2, cost: 1, fee: 0.035, worst_price: 0.5 },
    ]);
    expect(others).toEqual([]);
  });

  it("has none where fees eat the difference, and does not call markets exhaustive that are not", () => {
    const near = books([[], []], [[[50, 5]], [[52, 5]]]);
    expect(arbitrages(near, two, { terms })).toEqual([]);
    expect(arbitrages(near, two, { terms: { ...terms, multiplier: 0 } })[0]?.profit.toFixed()).toBe("0.1");
    const cheap = books([[], []], [[[80, 5]], [[80, 5]]]);
    expect(arbitrages(cheap, marketsOf([less(3), greater(3)]), { terms })).toEqual([]);
  });

  it("asks no rate of a fee type that is not published where nothing is charged, and refuses it where something is", () => {
    const near = books([[], []], [[[50, 5]], [[52, 5]]]);
    const unknown = { feeType: "cubic", multiplier: 0 };
    expect(arbitrages(near, two, { terms: unknown })[0]?.profit.toFixed()).toBe("0.1");
    expect(() => arbitrages(near, two, { terms: { ...unknown, multiplier: 1 } })).toThrow(
      expect.objectContaining({ code: "BAD_ARGUMENT", message: expect.stringContaining("cubic") }),
    );
  });

  it("takes the exchange's word for markets that exclude each other, in steps of a hundredth of a contract when asked to", () => {
    const levels = levelsOf([
      { yes: [[60, 0.25]], no: [] },
      { yes: [[70, 2]], no: [] },
    ]);
    const custom = marketsOf([less(1), less(1)]).derive({ strike_type: () => "custom" });
    const events = table({ event_ticker: ["E"], mutually_exclusive: [true] });
    expect(arbitrages(levels, custom, { terms, precision: "0.0001" })).toEqual([]);
    expect(arbitrages(levels, custom, { terms, precision: "0.0001", events })).toEqual([]);
    const [best] = arbitrages(levels, custom, { terms, precision: "0.0001", events, contracts: "0.01" });
    expect(best).toMatchObject({ kind: "no of all" });
    expect(best!.contracts.toFixed()).toBe("0.25");
    expect(() => arbitrages(levels, custom, { terms, contracts: "0" })).toThrow(
      expect.objectContaining({ code: "BAD_COUNT" }),
    );
  });
});
