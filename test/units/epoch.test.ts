import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type EpochUnit, otherUnit } from "../../src/units/epoch.js";

const perSecond: Readonly<Record<EpochUnit, number>> = {
  ...{ seconds: 1, milliseconds: 1e3, microseconds: 1e6, nanoseconds: 1e9 },
};
const names = Object.keys(perSecond) as EpochUnit[];
/** Whole seconds from 2020 to 2100. */
const second = fc.integer({ min: Date.UTC(2020) / 1000, max: Date.UTC(2100) / 1000 - 1 });

describe("a number of time since 1970", () => {
  it("is told to be of another unit exactly where it was counted in another one, and of which", () => {
    fc.assert(
      fc.property(second, fc.constantFrom(...names), fc.constantFrom(...names), (at, counted, asked) => {
        const told = otherUnit(at * perSecond[counted], asked);
        if (counted === asked) expect(told).toBeNull();
        else {
          expect(told).toContain(`${new Date(at * 1000).toISOString().slice(0, 19)}`);
          expect(told).toMatch(new RegExp(`in ${asked}, and .* in ${counted}$`));
        }
      }),
    );
  });

  it("far from the present in every unit is nobody's mistake of a unit", () => {
    for (const time of [0, 1, -5, 1_020_000, 1e25, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])
      for (const asked of names) expect(otherUnit(time, asked)).toBeNull();
  });
});
