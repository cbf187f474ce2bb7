import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { difference, divide, quotient, toMicros, weightedMean } from "../../src/units/sum.js";

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

describe("rounding to micro-dollars", () => {
  it("is half away from zero, however fine and large the amount, as a number or a bigint", () => {
    expect([toMicros(149, 8), toMicros(150, 8), toMicros(-150, 8), toMicros(-149, 8)]).toEqual([1, 2, -2, -1]);
    expect([toMicros(7n, 6), toMicros(-49n, 8), toMicros(5n * 10n ** 13n, 20)]).toEqual([7, 0, 1]);
    const amount = fc.bigInt({ min: -(10n ** 28n), max: 10n ** 28n });
    fc.assert(
      fc.property(amount, fc.integer({ min: 13, max: 20 }), (value, decimals) => {
        const unit = 10n ** BigInt(decimals - 6);
        const magnitude = rounded(value < 0n ? -value : value, unit);
        expect(toMicros(value, decimals)).toBe(value < 0n && magnitude !== 0 ? -magnitude : magnitude);
      }),
    );
    fc.assert(
      fc.property(fc.maxSafeInteger(), (value) => {
        expect(toMicros(value, 8)).toBe(toMicros(BigInt(value), 8));
      }),
    );
  });

  it("divides bigints half away from zero", () => {
    expect([divide(1n, 2n), divide(-1n, 2n), divide(1n, 3n), divide(-5n, 3n)]).toEqual([1n, -1n, 0n, -2n]);
    const [value, divisor] = [
      fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }),
      fc.bigInt({ min: 1n, max: 10n ** 20n }),
    ];
    fc.assert(
      fc.property(value, divisor, (a, b) => {
        const off = 2n * (divide(a, b) * b - a);
        // Half of the divisor at most, and away from zero at the half.
        expect(off <= b && off >= -b).toBe(true);
        if (off === b) expect(a > 0n).toBe(true);
        if (off === -b) expect(a < 0n).toBe(true);
      }),
    );
  });

  it("takes integers from each other exactly, beyond what a double holds", () => {
    const integer = fc.oneof(fc.maxSafeInteger(), fc.bigInt());
    fc.assert(
      fc.property(integer, integer, (a, b) => {
        expect(BigInt(difference(a, b))).toBe(BigInt(a) - BigInt(b));
      }),
    );
  });
});
