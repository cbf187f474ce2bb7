import { describe, expect, it } from "vitest";
import { cutoffsAt, isArchived, isLive, movingCutoffs, OVERLAP } from "../../../src/sandbox/world/tiers.js";
import { DAY, formatTime, HOUR, parseTime } from "../../../src/units/time.js";
import { START, tinyMarket } from "../../support/tiny-world.js";

describe("cutoffs", () => {
  const read = (now: string) => {
    const { marketSettled, tradesCreated, positionsUpdated, ordersUpdated } = movingCutoffs(parseTime(now));
    return [marketSettled, tradesCreated, positionsUpdated, ordersUpdated].map(formatTime);
  };

  it("lie at midnights, 45 days back, for orders 14, and move a day at a time", () => {
    const [day, next] = ["2026-08-31T00:00:00Z", "2026-09-01T00:00:00Z"];
    expect(read("2026-10-15T00:00:00Z")).toEqual([day, day, day, "2026-10-01T00:00:00Z"]);
    expect(read("2026-10-15T23:59:59.999999Z")).toEqual([day, day, day, "2026-10-01T00:00:00Z"]);
    expect(read("2026-10-16T00:00:00Z")).toEqual([next, next, next, "2026-10-02T00:00:00Z"]);
  });

  it("put at a date are floored to its midnight, orders keeping to the clock", () => {
    const cutoffs = cutoffsAt(parseTime("2025-01-31T22:00:00Z"), parseTime("2026-03-01T12:00:00Z"));
    expect(formatTime(cutoffs.marketSettled)).toBe("2025-01-31T00:00:00Z");
    expect(formatTime(cutoffs.ordersUpdated)).toBe("2026-02-15T00:00:00Z");
  });
});

describe("the tier of a market", () => {
  const cutoffs = cutoffsAt(START, START);
  const at = cutoffs.marketSettled;
  const tiersOf = (settled: number, now = START) => {
    const market = tinyMarket({ ticker: "A", open: START - 9 * DAY, close: settled - HOUR, settled });
    return `${isLive(market, cutoffs, now) ? "live" : ""} ${isArchived(market, cutoffs, now) ? "historical" : ""}`.trim();
  };

  it("is by its settlement: live from the cutoff on, historical before it, both for some hours", () => {
    expect(tiersOf(at)).toBe("live");
    expect(tiersOf(at - 1)).toBe("live historical");
    expect(tiersOf(at - OVERLAP)).toBe("live historical");
    expect(tiersOf(at - OVERLAP - 1)).toBe("historical");
  });

  it("is the live one while it is unsettled, and none before it is created", () => {
    expect(tiersOf(START + DAY)).toBe("live");
    expect(tiersOf(at - OVERLAP - 1, at - OVERLAP - 2)).toBe("live");
    expect(tiersOf(START + DAY, START - 20 * DAY)).toBe("");
  });
});
