import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nearDepth } from "../../src/flow/near-depth.js";
import { deltaOf, snapshotOf } from "../support/events.js";
import { bestOf, countFromPlainly, happenings, MS, type PlainBook, tickers } from "../support/plain-market.js";
import { settledPlainly } from "./settled-plainly.js";

describe("nearDepth", () => {
  it("is the sum over all levels that near, as a plain model adds them up, for any reach", () => {
    fc.assert(
      fc.property(happenings, fc.constantFrom(0, 0.1, 1, 5, 12.5, 100), (events, cents) => {
        const reach = Math.round(cents * 10_000);
        const side = (levels: ReadonlyMap<number, number>): number =>
          countFromPlainly(levels, (bestOf(levels) ?? 0) - reach);
        const model = settledPlainly(events, ({ yes, no }: PlainBook) => [side(yes), side(no)]);
        const depths = [...nearDepth(cents)(events)];
        for (const ticker of tickers) {
          const own = depths.filter((depth) => depth.ticker === ticker);
          const known = own.map(({ time, trust, bid_depth, ask_depth }) => ({
            ...{ time, trust },
            value: trust === "ok" ? [bid_depth, ask_depth] : null,
          }));
          expect(known).toEqual(model.get(ticker) ?? []);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("has 0 for a side without levels, the balance of both, and says how near", () => {
    const events = [snapshotOf(1 * MS, [[400_000, 300]], []), deltaOf(2 * MS, "no", 550_000, 100)];
    expect([...nearDepth(2)(events)]).toMatchObject([
      { within: 20_000, bid_depth: 300, ask_depth: 0, imbalance: 1 },
      { within: 20_000, bid_depth: 300, ask_depth: 100, imbalance: 0.5 },
    ]);
  });

  it("refuses a reach that cannot be meant", () => {
    for (const cents of [-1, 101, Number.NaN]) {
      expect(() => nearDepth(cents)).toThrow(expect.objectContaining({ code: "BAD_ARGUMENT" }));
    }
  });
});
