import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatCount, parseCount } from "../../src/units/count.js";
import { formatAmount, notional, roundAmount } from "../../src/units/money.js";
import { formatPrice, parsePrice } from "../../src/units/price.js";
import { ExactSum, product } from "../../src/units/sum.js";
import { formatTime, formatTimeFull, parseTime, readTime } from "../../src/units/time.js";
import { expectError } from "../support/errors.js";

const NOW = parseTime("2026-10-15T15:00:00Z");

describe("prices and counts", () => {
  it("every price comes back from its text as it was", () => {
    fc.assert(
      fc.property(fc.integer({ min: -9e14, max: 9e14 }), (price) => parsePrice(formatPrice(price)) === price + 0),
    );
  });

  it("every count comes back from its text as it was, always with two decimals", () => {
    fc.assert(
      fc.property(fc.integer({ min: -9e13, max: 9e13 }), (count) => {
        const text = formatCount(count);
        expect(text).toMatch(/^-?\d+\.\d\d$/);
        return parseCount(text) === count + 0;
      }),
    );
  });

  it("prices are written with four decimals, and with more only where they are needed", () => {
    expect([560_000, 17_500, 1, 0, -500_000].map((price) => formatPrice(price))).toEqual([
      "0.5600",
      "0.0175",
      "0.000001",
      "0.0000",
      "-0.5000",
    ]);
  });

  it.each(["", "-", ".", "1e3", "0x1", " 1", "1 ", "1,5", "NaN", "0.1234567", "99999999999999999", "١"])(
    "refuses %j as a price",
    (text) => {
      expectError(() => parsePrice(text), "BAD_PRICE", /decimal/);
    },
  );

  it("refuses a count finer than a hundredth, and takes zeros beyond it", () => {
    expectError(() => parseCount("1.005"), "BAD_COUNT", /decimal/);
    expect(parseCount("1.500000")).toBe(150);
  });
});

describe("money", () => {
  it("price times count is exact beyond 2^53", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e12 }), fc.integer({ min: -1e12, max: 1e12 }), (price, count) => {
        expect(notional(price, count)).toBe(BigInt(price) * BigInt(count));
      }),
    );
  });

  it("rounding goes the stated way, and never further than one step", () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }),
        fc.constantFrom(1, 100, 10_000),
        (amount, step) => {
          const unit = BigInt(step) * 100n;
          const [down, up, half] = (["down", "up", "half-up"] as const).map(
            (rule) => BigInt(roundAmount(amount, step, rule)) * 100n,
          );
          expect(down! <= amount && amount - down! < unit).toBe(true);
          expect(up! >= amount && up! - amount < unit).toBe(true);
          const distance = half! > amount ? half! - amount : amount - half!;
          expect(2n * distance <= unit).toBe(true);
        },
      ),
    );
  });

  it("amounts are written rounded half away from zero", () => {
    expect([formatAmount(150n), formatAmount(149n), formatAmount(-150n), formatAmount(5_000_000_000n, 2)]).toEqual([
      "0.000002",
      "0.000001",
      "-0.000002",
      "50.00",
    ]);
  });
});

describe("times", () => {
  it("every microsecond comes back from both of its texts", () => {
    fc.assert(
      fc.property(fc.integer({ min: -2e15, max: 4e15 }), (time) => {
        expect(parseTime(formatTime(time))).toBe(time);
        expect(parseTime(formatTimeFull(time))).toBe(time);
      }),
    );
  });

  it("trimmed zeros of a fraction are read as the exchange means them", () => {
    expect(parseTime("2026-10-15T15:00:00.5Z") - NOW).toBe(500_000);
    expect(parseTime("2026-10-15T15:00:00.000001Z") - NOW).toBe(1);
    expect(parseTime("2026-10-15T17:00:00+02:00")).toBe(NOW);
    expect(formatTime(NOW + 470_000)).toBe("2026-10-15T15:00:00.47Z");
  });

  it("a date alone is midnight UTC, and a span counts back from now", () => {
    expect(formatTime(readTime("2026-10-15", NOW))).toBe("2026-10-15T00:00:00Z");
    expect(formatTime(readTime("-7d", NOW))).toBe("2026-10-08T15:00:00Z");
    expect(readTime(new Date(NOW / 1000), 0)).toBe(NOW);
  });

  it.each([
    "yesterday",
    "2026-02-30",
    "2026-13-01T00:00:00Z",
    "2026-10-15T25:00:00Z",
    "2026-10-15 15:00",
    "1760540400",
  ])("refuses %j", (text) => {
    expectError(() => readTime(text, NOW), "BAD_TIME", /RFC 3339/);
  });
});

describe("sums", () => {
  it("are what big integers sum to, and numbers as long as these are exact", () => {
    const value = fc.maxSafeInteger();
    fc.assert(
      fc.property(fc.array(fc.tuple(value, value, fc.boolean())), (terms) => {
        const sum = new ExactSum();
        let expected = 0n;
        for (const [a, b, isProduct] of terms) {
          if (isProduct) sum.addProduct(a, b);
          else sum.add(a);
          expected += isProduct ? BigInt(a) * BigInt(b) : BigInt(a);
          expect(BigInt(product(a, b))).toBe(BigInt(a) * BigInt(b));
        }
        expect(sum.value()).toBe(expected);
        const read = sum.read();
        expect(BigInt(read)).toBe(expected);
        expect(typeof read).toBe(Number.isSafeInteger(Number(expected)) ? "number" : "bigint");
      }),
    );
  });
});
