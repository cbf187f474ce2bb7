import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { quotient, weightedMean } from "../../src/units/sum.js";

const rounded = (value: bigint, divisor: bigint): number => Number((2n * value + divisor) / (2n * divisor));

describe("quotients of integers", () => {
  it("are rounded half up, exactly, however large", () => {
    expect([quotient(1, 2), quotient(3, 2), quotient(1, 3), quotient(2, 3)]).toEqual([1, 2, 0, 1]);
    fc.assert(
      fc.property(
        fc.maxSafeNat(),
        fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1 })),
        (value, divisor) => {
          expect(quotient(value, divisor)).toBe(rounded(BigInt(value), BigInt(divisor)));
        },
      ),
    );
  });

  it("weigh two prices by sizes whose products no double holds", () => {
    expect(weightedMean(1, 1, 2, 1)).toBe(2);
    const size = fc.integer({ min: 1, max: 1e13 });
    fc.assert(
      fc.property(fc.nat(1_000_000), size, fc.nat(1_000_000), size, (a, m, b, n) => {
        const sum = BigInt(a) * BigInt(m) + BigInt(b) * BigInt(n);
        expect(weightedMean(a, m, b, n)).toBe(rounded(sum, BigInt(m) + BigInt(n)));
      }),
    );
  });
});
