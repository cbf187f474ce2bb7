import { describe, expect, it } from "vitest";
import { OpeningHours } from "../../../src/sandbox/engine/opening-hours.js";
import { comingWindows, maintenanceAt } from "../../../src/sandbox/world/maintenance.js";
import { formatTime, HOUR, MINUTE, parseTime } from "../../../src/units/time.js";
import { ManualClock } from "../../support/tiny-world.js";

describe("the exchange's hours", () => {
  it("end on Thursdays from three to five in the morning of New York, in summer and winter", () => {
    const windows = (from: string, count: number) =>
      comingWindows(parseTime(from), count).map(({ start, end }) => [formatTime(start), formatTime(end)]);
    expect(windows("2026-10-15T15:00:00Z", 2)).toEqual([
      ["2026-10-22T07:00:00Z", "2026-10-22T09:00:00Z"],
      ["2026-10-29T07:00:00Z", "2026-10-29T09:00:00Z"],
    ]);
    expect(windows("2026-12-03T09:59:59Z", 1)).toEqual([["2026-12-03T08:00:00Z", "2026-12-03T10:00:00Z"]]);
    expect(maintenanceAt(parseTime("2026-10-22T07:00:00Z"))).not.toBeNull();
    expect(maintenanceAt(parseTime("2026-10-22T09:00:00Z"))).toBeNull();
    expect(maintenanceAt(parseTime("2026-10-21T08:00:00Z"))).toBeNull();
  });

  it("pause the exchange for the window, and leave alone a pause that was not theirs", () => {
    const clock = new ManualClock(parseTime("2026-10-22T06:59:00Z"));
    let halt: "none" | "trading" | "exchange" = "none";
    const exchange = {
      pauseTrading: () => {
        halt = "trading";
      },
      pauseExchange: () => {
        halt = "exchange";
      },
      resumeExchange: () => {
        halt = "none";
      },
      halted: () => halt,
    };
    const hours = new OpeningHours(exchange, clock);
    const at = (by: number) => {
      clock.advance(by);
      hours.step();
      return halt;
    };
    expect([at(0), at(MINUTE), at(HOUR), at(HOUR)]).toEqual(["none", "exchange", "exchange", "none"]);
    exchange.pauseTrading();
    expect([at(7 * 24 * HOUR - 2 * HOUR), at(2 * HOUR)]).toEqual(["trading", "trading"]);
  });
});
