import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatTime, HOUR, parseTime, SECOND } from "../../src/units/time.js";
import { dateIn, momentsOf, NEW_YORK, offsetIn, parseZone } from "../../src/units/zone.js";
import { isSummer, newYork, sunday } from "../support/account-files.js";
import { expectError } from "../support/errors.js";

/** Seconds of the years in which New York's clocks followed the present law. */
const seconds = fc.integer({ min: Date.UTC(2007, 3, 1) / 1000, max: Date.UTC(2036, 11, 31) / 1000 });

/** Seconds around the changes of the clocks. */
const changes = fc
  .record({
    year: fc.integer({ min: 2007, max: 2036 }),
    spring: fc.boolean(),
    near: fc.integer({ min: -20_000, max: 20_000 }),
  })
  .map(({ year, spring, near }) => (spring ? sunday(year, 2, 8) + 7 * 3600 : sunday(year, 10, 1) + 6 * 3600) + near);

describe("a named zone", () => {
  it("has the offset that the law of New York says, around its changes and in between", () => {
    fc.assert(
      fc.property(fc.oneof(seconds, changes), (second) => {
        expect(offsetIn(NEW_YORK, second * SECOND)).toBe((isSummer(second) ? -4 : -5) * HOUR);
        expect(dateIn(NEW_YORK, second * SECOND)).toBe(newYork(second, false).slice(0, 10));
      }),
      { numRuns: 400 },
    );
  });

  it("finds every moment again from what the clocks showed, and no other", () => {
    fc.assert(
      fc.property(fc.oneof(seconds, changes), fc.integer({ min: 0, max: 999_999 }), (second, micros) => {
        const time = second * SECOND + micros;
        const shown = time + offsetIn(NEW_YORK, time);
        const moments = momentsOf(NEW_YORK, shown);
        expect(moments).toContain(time);
        for (const moment of moments) expect(moment + offsetIn(NEW_YORK, moment)).toBe(shown);
      }),
      { numRuns: 400 },
    );
  });

  it("shows one hour twice in autumn, and one never in spring", () => {
    const moments = (shown: string) => momentsOf(NEW_YORK, parseTime(shown)).map(formatTime);
    expect(moments("2026-11-01T01:30:00Z")).toEqual(["2026-11-01T05:30:00Z", "2026-11-01T06:30:00Z"]);
    expect(moments("2026-11-01T02:00:00Z")).toEqual(["2026-11-01T07:00:00Z"]);
    expect(moments("2026-03-08T02:30:00Z")).toEqual([]);
    expect(moments("2026-03-08T03:00:00Z")).toEqual(["2026-03-08T07:00:00Z"]);
  });

  it("is refused when there is none of that name", () => {
    expect(parseZone("Europe/Berlin")).toBe("Europe/Berlin");
    expectError(() => parseZone("New York"), "BAD_ARGUMENT", /America\/New_York/);
  });
});
