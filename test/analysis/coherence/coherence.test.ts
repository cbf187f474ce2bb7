import { type ColumnTable, table } from "arquero";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { coherence } from "../../../src/analysis/coherence/coherence.js";
import { impliedDistribution } from "../../../src/analysis/coherence/implied.js";
import { monotone } from "../../../src/analysis/coherence/monotone.js";

interface Given {
  readonly ticker?: string;
  readonly event_ticker?: string;
  readonly strike_type?: string | null;
  readonly floor_strike?: number | null;
  readonly cap_strike?: number | null;
  readonly yes_bid?: number | null;
  readonly yes_ask?: number | null;
  readonly price?: number | null;
}

const marketsOf = (rows: readonly Given[]): ColumnTable => {
  const column = <K extends keyof Given>(name: K, other: Given[K] = null as Given[K]) =>
    rows.map((row, at) => (name === "ticker" ? (row.ticker ?? `M${at}`) : (row[name] ?? other)));
  return table({
    ticker: column("ticker"),
    event_ticker: column("event_ticker", "E"),
    strike_type: column("strike_type"),
    floor_strike: column("floor_strike"),
    cap_strike: column("cap_strike"),
    yes_bid: column("yes_bid"),
    yes_ask: column("yes_ask"),
    price: column("price"),
  });
};

const less = (cap_strike: number, rest: Given = {}): Given => ({ strike_type: "less", cap_strike, ...rest });
const between = (floor_strike: number, cap_strike: number, rest: Given = {}): Given => ({
  strike_type: "between",
  floor_strike,
  cap_strike,
  ...rest,
});
const greater = (floor_strike: number, rest: Given = {}): Given => ({ strike_type: "greater", floor_strike, ...rest });

/** A day's highest temperature, as the exchange cuts it up. */
const degrees = (prices: readonly (number | null)[]) =>
  marketsOf([
    greater(51, { price: prices[3]! }),
    less(48, { price: prices[0]! }),
    between(48, 49, { price: prices[1]! }),
    between(50, 51, { price: prices[2]! }),
  ]);

const code = (found: string) => expect.objectContaining({ code: found });

describe("coherence", () => {
  it("tells by the strikes which markets exclude each other and which cover every value", () => {
    const flags = (rows: readonly Given[], step?: number) =>
      coherence(marketsOf(rows), { step }).select("exclusive", "exhaustive").object();
    const whole = [less(48), between(48, 49), between(50, 51), greater(51)];
    expect(flags(whole)).toEqual({ exclusive: true, exhaustive: true });
    expect(flags(whole, 0)).toEqual({ exclusive: false, exhaustive: false });
    expect(flags([less(48), between(50, 51), greater(51)])).toEqual({ exclusive: true, exhaustive: false });
    expect(flags([less(48), between(48, 50), between(50, 51), greater(51)])).toEqual({
      exclusive: false,
      exhaustive: true,
    });
    expect(flags([less(48), greater(48)])).toEqual({ exclusive: true, exhaustive: false });
    expect(flags([less(48), greater(47.5)])).toEqual({ exclusive: false, exhaustive: true });
    expect(flags([between(100, 249.99), between(250, 499.99)])).toEqual({ exclusive: true, exhaustive: false });
    expect(
      flags([
        { strike_type: "less_or_equal", cap_strike: 3 },
        { strike_type: "greater_or_equal", floor_strike: 4 },
      ]),
    ).toEqual({ exclusive: true, exhaustive: true });
    expect(flags([{ strike_type: "custom" }, less(1)])).toEqual({ exclusive: null, exhaustive: null });
  });

  it("takes the exchange's word where strikes do not say, and keeps events apart", () => {
    const markets = marketsOf([{ event_ticker: "F" }, { event_ticker: "F" }, { event_ticker: "G" }, less(3)]);
    const events = table({ event_ticker: ["F", "G", "X"], mutually_exclusive: [true, false, true] });
    expect(coherence(markets, { events }).select("event_ticker", "exclusive", "market_count").objects()).toEqual([
      { event_ticker: "E", exclusive: true, market_count: 1 },
      { event_ticker: "F", exclusive: true, market_count: 2 },
      { event_ticker: "G", exclusive: false, market_count: 1 },
    ]);
  });

  it("adds up quotes exactly, and by their size or price tells that a side is empty", () => {
    const rows = [less(48, { yes_bid: 0.1, yes_ask: 0.2 }), greater(47, { yes_bid: 0.7, yes_ask: 0.9 })];
    const sums = ["sum_bid", "sum_ask", "sum_midpoint"];
    expect(coherence(marketsOf(rows)).select(sums).object()).toEqual({
      sum_bid: 0.8,
      sum_ask: 1.1,
      sum_midpoint: 0.95,
    });
    const oneSided = [...rows, between(1, 2, { yes_bid: 0, yes_ask: 0.01 })];
    expect(coherence(marketsOf(oneSided)).select(sums).object()).toEqual({
      sum_bid: 0.8,
      sum_ask: 1.11,
      sum_midpoint: null,
    });
    const sized = marketsOf(rows).assign(table({ yes_ask_size: [3, 0] }));
    expect(coherence(sized).select(sums).object()).toEqual({ sum_bid: 0.8, sum_ask: null, sum_midpoint: null });
  });

  it("finds each pair of strikes of which the narrower is bid above what the wider is offered at", () => {
    const rows = [
      greater(10, { yes_bid: 0.5, yes_ask: 0.52 }),
      greater(20, { yes_bid: 0.55, yes_ask: 0.6 }),
      greater(30, { yes_bid: 0.53, yes_ask: 0.56 }),
    ];
    expect(coherence(marketsOf(rows)).select("violations", "worst_violation").object()).toEqual({
      violations: 2,
      worst_violation: 0.03,
    });
    const fine = [less(10, { yes_bid: 0.3, yes_ask: 0.4 }), less(20, { yes_bid: 0.38, yes_ask: 0.5 })];
    expect(coherence(marketsOf(fine)).select("violations", "worst_violation").object()).toEqual({
      violations: 0,
      worst_violation: null,
    });
  });
});

describe("impliedDistribution", () => {
  it("of markets that exclude each other divides prices by their sum, over spans half a step wider", () => {
    const implied = impliedDistribution(degrees([0.11, 0.33, 0.44, 0.22]), { price: "price" });
    expect(implied).toMatchObject({ kind: "spans", unpriced: 0, exhaustive: true, event_ticker: "E" });
    expect(implied.sum).toBeCloseTo(1.1, 14);
    expect(implied.repaired).toBeCloseTo(0.04, 14);
    const rows = implied.table.objects() as Record<string, number | null>[];
    expect(rows.map(({ value_from, value_to }) => [value_from, value_to])).toEqual([
      [null, 47.5],
      [47.5, 49.5],
      [49.5, 51.5],
      [51.5, null],
    ]);
    expect(rows.map(({ assumed_from, assumed_to }) => [assumed_from, assumed_to])).toEqual([
      [45.5, 47.5],
      [47.5, 49.5],
      [49.5, 51.5],
      [51.5, 53.5],
    ]);
    for (const [at, share] of [0.1, 0.3, 0.4, 0.2].entries()) expect(rows[at]!.probability).toBeCloseTo(share, 14);
    expect(implied.mean).toBeCloseTo(0.1 * 46.5 + 0.3 * 48.5 + 0.4 * 50.5 + 0.2 * 52.5, 12);
    expect(implied.quantile(0.5)).toBeCloseTo(49.5 + 0.25 * 2, 12);
    expect(implied.quantile(0)).toBeCloseTo(45.5, 12);
    expect(implied.quantile(1)).toBeCloseTo(53.5, 12);
    expect(implied.tails.lower).toBeCloseTo(0.1, 14);
    expect(implied.tails.upper).toBeCloseTo(0.2, 14);
    expect(rows.at(-1)!.cumulative).toBe(1);
  });

  it("lets the caller say where tails end, and has no mean where one cannot be told", () => {
    const wide = impliedDistribution(degrees([0.25, 0.25, 0.25, 0.25]), {
      price: "price",
      tails: { lower: 27.5, upper: 71.5 },
    });
    expect(wide.mean).toBeCloseTo((37.5 + 48.5 + 50.5 + 61.5) / 4, 12);
    const two = impliedDistribution(marketsOf([less(5, { price: 0.5 }), greater(4, { price: 0.5 })]), {
      price: "price",
    });
    expect([two.mean, two.quantile(0.2)]).toEqual([null, null]);
  });

  it("takes a market without price for impossible and counts it; a side without a quote for $0 or $1", () => {
    expect(impliedDistribution(degrees([null, 0.5, 0.5, 0]), { price: "price" })).toMatchObject({
      unpriced: 1,
      repaired: 0,
      sum: 1,
    });
    const quoted = marketsOf([less(48, { yes_bid: 0, yes_ask: 0.2 }), greater(47, { yes_bid: 0.8, yes_ask: 1 })]);
    const rows = impliedDistribution(quoted).table.array("raw_probability") as number[];
    expect(rows.map((row) => Number((row as number).toFixed(9)))).toEqual([0.1, 0.9]);
  });

  it("of a ladder mends what falls where it should rise, as little as can be, whichever way its markets look", () => {
    const ladder = impliedDistribution(
      marketsOf([
        greater(10, { price: 0.9 }),
        greater(20, { price: 0.5 }),
        greater(30, { price: 0.6 }),
        less(40, { price: 0.95 }),
      ]),
      { price: "price", step: 0 },
    );
    expect(ladder).toMatchObject({ kind: "ladder", sum: null });
    expect(ladder.repaired).toBeCloseTo(0.05, 14);
    const found = ladder.table.array("probability") as number[];
    for (const [at, share] of [0.1, 0.35, 0, 0.5, 0.05].entries()) expect(found[at]).toBeCloseTo(share, 14);
    expect(ladder.quantile(0.1)).toBeCloseTo(10, 10);
    expect(ladder.quantile(0.7)).toBeCloseTo(35, 10);
    expect(ladder.mean).toBeCloseTo(0.1 * 5 + 0.35 * 15 + 0.5 * 35 + 0.05 * 45, 10);
  });

  it("of any prices is a distribution: not below 0, all together 1, quantiles rising", () => {
    const steps = fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 2, maxLength: 12 });
    fc.assert(
      fc.property(steps, fc.boolean(), (cents, isLadder) => {
        fc.pre(isLadder || cents.some((price) => price > 0));
        const rows = cents.map((price, at) =>
          isLadder ? greater(at, { price: price / 100 }) : between(2 * at, 2 * at + 1, { price: price / 100 }),
        );
        const implied = impliedDistribution(marketsOf(rows), { price: "price" });
        const shares = implied.table.array("probability") as number[];
        expect(shares.every((share) => share >= 0)).toBe(true);
        expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12);
        const quantiles = [0, 0.1, 0.5, 0.9, 1].map((share) => implied.quantile(share)!);
        expect([...quantiles].sort((a, b) => a - b)).toEqual(quantiles);
        expect(implied.mean).toBeGreaterThanOrEqual(quantiles[0]!);
        expect(implied.mean).toBeLessThanOrEqual(quantiles[4]!);
      }),
    );
  });

  it("refuses several events, markets without strikes, without any price, and families that are neither", () => {
    expect(() => impliedDistribution(marketsOf([less(1), less(1, { event_ticker: "F" })]))).toThrow(
      code("BAD_ARGUMENT"),
    );
    expect(() => impliedDistribution(marketsOf([{ strike_type: null }]))).toThrow(code("BAD_RECORD"));
    expect(() => impliedDistribution(degrees([null, null, null, null]), { price: "price" })).toThrow(
      code("BAD_RECORD"),
    );
    expect(() =>
      impliedDistribution(marketsOf([greater(1, { price: 0.5 }), between(3, 4, { price: 0.5 })]), { price: "price" }),
    ).toThrow(code("BAD_ARGUMENT"));
    expect(() => impliedDistribution(degrees([0.2, 0.3, 0.3, 0.2]), { price: "price" }).quantile(50)).toThrow(
      code("BAD_ARGUMENT"),
    );
  });
});

describe("monotone", () => {
  it("is the rising sequence nearest to the given one: no other on a grid is nearer", () => {
    const grid = [0, 1, 2, 3];
    const all = grid
      .flatMap((a) => grid.flatMap((b) => grid.map((c) => [a, b, c])))
      .filter(([a, b, c]) => a! <= b! && b! <= c!);
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...grid), { minLength: 3, maxLength: 3 }),
        fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 3, maxLength: 3 }),
        (values, weights) => {
          const far = (one: readonly number[]) =>
            one.reduce((sum, value, at) => sum + weights[at]! * (value - values[at]!) ** 2, 0);
          const found = monotone(values, weights);
          expect(found[0]! <= found[1]! && found[1]! <= found[2]!).toBe(true);
          for (const other of all) expect(far(found)).toBeLessThanOrEqual(far(other) + 1e-12);
        },
      ),
    );
  });
});
