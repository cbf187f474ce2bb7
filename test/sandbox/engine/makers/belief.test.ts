import { describe, expect, it } from "vitest";
import { type Belief, createBelief } from "../../../../src/sandbox/engine/makers/belief.js";
import type { JsonObject, MarketRecord, Outcome } from "../../../../src/sandbox/types.js";
import { DOLLAR } from "../../../../src/units/price.js";
import { DAY, MINUTE } from "../../../../src/units/time.js";
import { START, tinyMarket } from "../../../support/tiny-world.js";

const YES: Outcome = { result: "yes", value: DOLLAR, observed: "" };
const NO: Outcome = { result: "no", value: 0, observed: "" };

interface Told {
  readonly wire?: JsonObject;
  readonly outcome: Outcome;
  readonly last?: number;
}

function event(told: readonly Told[], close = START + DAY): MarketRecord[] {
  return told.map(({ wire = {}, outcome, last }, n) => ({
    ...tinyMarket({ ticker: `M${n}`, outcome, close, ...(last === undefined ? {} : { lastPrice: last * DOLLAR }) }),
    wire,
  }));
}

function belief(markets: readonly MarketRecord[], exclusive: boolean, name = "one"): Belief {
  return createBelief({ markets, exclusive, name, swing: 0.1, start: START });
}

/** What every market is worth at shares of the way to the close. */
function fairs(markets: readonly MarketRecord[], exclusive: boolean, name?: string): number[][] {
  const { fair } = belief(markets, exclusive, name);
  const life = markets[0]!.closeTime - START;
  const ways = [0, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99];
  return ways.map((way) => markets.map(({ ticker }) => fair(ticker, START + way * life)));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

const range = (floor: number | undefined, cap: number | undefined): JsonObject => ({
  floor_strike: floor,
  cap_strike: cap,
});

describe("a belief", () => {
  it("gives markets of which one wins prices that sum to one at every moment, and lets the winner win", () => {
    const brackets = [
      { wire: range(undefined, 60), outcome: NO },
      { wire: range(60, 61), outcome: NO },
      { wire: range(62, 63), outcome: YES },
      { wire: range(63, undefined), outcome: NO },
    ].map((one) => ({ ...one, outcome: { ...one.outcome, observed: "62" } }));
    const names = [{ outcome: NO }, { outcome: YES }, { outcome: NO }];
    for (const told of [brackets, names]) {
      for (const name of ["one", "two", "three"]) {
        const rows = fairs(event(told), true, name);
        for (const row of rows) expect(sum(row)).toBeCloseTo(1, 6);
        expect(rows.at(-1)!.map((fair) => Math.round(fair))).toEqual(told.map(({ outcome }) => outcome.value / DOLLAR));
      }
    }
  });

  it("never prices a higher threshold above a lower one", () => {
    const told = [40, 45, 50, 55].map((floor) => ({ wire: range(floor, undefined), outcome: floor < 50 ? YES : NO }));
    for (const name of ["one", "two", "three"]) {
      const rows = fairs(event(told), false, name);
      for (const row of rows) expect(row).toEqual(row.toSorted((a, b) => b - a));
      expect(rows.at(-1)!.map((fair) => Math.round(fair))).toEqual([1, 1, 0, 0]);
    }
  });

  it("starts from what the markets showed last", () => {
    const prices = [0.88, 0.7, 0.5, 0.28];
    const told = prices.map((last, n) => ({ wire: range(40 + 5 * n, undefined), outcome: n < 2 ? YES : NO, last }));
    const { fair } = belief(event(told), false);
    for (const [n, price] of prices.entries()) expect(Math.abs(fair(`M${n}`, START) - price)).toBeLessThan(0.08);
    const game = [
      { outcome: YES, last: 0.3 },
      { outcome: NO, last: 0.7 },
    ];
    expect(Math.abs(belief(event(game), true).fair("M0", START) - 0.3)).toBeLessThan(0.06);
  });

  it("opens a short market near a half and knows its end a minute before the close", () => {
    for (const [n, outcome] of [YES, NO, YES, NO].entries()) {
      const close = START + 15 * MINUTE;
      const { fair } = belief(event([{ outcome }], close), false, `short ${n}`);
      expect(Math.abs(fair("M0", START) - 0.5)).toBeLessThan(0.05);
      expect(Math.abs(fair("M0", close - MINUTE) - outcome.value / DOLLAR)).toBeLessThan(0.1);
    }
  });

  it("ends where a market pays a part of the dollar", () => {
    const part = (value: number): Told => ({ outcome: { result: "scalar", value: value * DOLLAR, observed: "" } });
    const rows = fairs(event([part(0.56), part(0.44)]), true);
    const [first, second] = rows.at(-1)!;
    expect(Math.abs(first! - 0.56)).toBeLessThan(0.05);
    expect(first! + second!).toBeCloseTo(1, 6);
  });

  it("lets markets that have nothing in common go their own ways", () => {
    const rows = fairs(event([{ outcome: YES }, { outcome: YES }, { outcome: NO }]), false);
    expect(rows.at(-1)!.map((fair) => Math.round(fair))).toEqual([1, 1, 0]);
    expect(new Set(rows[3]!).size).toBe(3);
  });
});
