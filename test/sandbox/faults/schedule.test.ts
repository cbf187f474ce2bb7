import { describe, expect, it } from "vitest";
import { readSchedule, Strikes } from "../../../src/sandbox/faults/schedule.js";
import { parseTime, SECOND } from "../../../src/units/time.js";
import { expectError } from "../../support/errors.js";

const START = parseTime("2026-11-02T12:00:00Z");

/** Which of so many, one each second, are struck. */
function struck(fields: Record<string, unknown>, many = 40, name = "seed"): number[] {
  const strikes = new Strikes(readSchedule("rule", fields), name);
  const hits: number[] = [];
  for (let n = 1; n <= many; n += 1) {
    if (!strikes.isHit(START + n * SECOND)) continue;
    strikes.injected += 1;
    hits.push(n);
  }
  expect(strikes.matched).toBe(many);
  return hits;
}

describe("the schedule of a fault", () => {
  it("leaves the first so many alone, and strikes so often at most", () => {
    expect(struck({ after: 3, count: 2 })).toEqual([4, 5]);
  });

  it("strikes every n-th, counted behind those left alone", () => {
    expect(struck({ every: 10 })).toEqual([10, 20, 30, 40]);
    expect(struck({ every: 10, after: 5 })).toEqual([15, 25, 35]);
  });

  it("strikes in bursts: so many in a row, and no more than the count in all", () => {
    expect(struck({ every: 10, burst: 3 })).toEqual([10, 11, 12, 20, 21, 22, 30, 31, 32, 40]);
    expect(struck({ every: 10, burst: 3, count: 4 })).toEqual([10, 11, 12, 20]);
  });

  it("keeps to a span of the sandbox's clock", () => {
    expect(struck({ from_time: "2026-11-02T12:00:05Z", until: "2026-11-02T12:00:08Z" })).toEqual([5, 6, 7]);
  });

  it("strikes at most once in each span of so many milliseconds of that clock", () => {
    expect(struck({ every_ms: 10_000 }, 35)).toEqual([1, 10, 20, 30]);
  });

  it("strikes the same ones for the same seed, others for another, as often as its rate says", () => {
    const first = struck({ rate: 0.3 }, 1_000);
    expect(struck({ rate: 0.3 }, 1_000)).toEqual(first);
    expect(struck({ rate: 0.3 }, 1_000, "other")).not.toEqual(first);
    expect(first.length).toBeGreaterThan(240);
    expect(first.length).toBeLessThan(360);
    // What is left alone draws all the same, so that the rest does not move.
    expect(struck({ rate: 0.3, after: 500 }, 1_000)).toEqual(first.filter((n) => n > 500));
  });

  it.each([
    [{ every: 0 }, /rule\.every is 0/],
    [{ burst: 0.5 }, /rule\.burst/],
    [{ every_ms: 0 }, /rule\.every_ms/],
    [{ from_time: 7 }, /rule\.from_time is 7/],
  ])("refuses %j and names the field", (fields, message) => {
    expect(expectError(() => readSchedule("rule", fields), "BAD_ARGUMENT", /./).message).toMatch(message);
  });
});
