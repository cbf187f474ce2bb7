import { describe, expect, it } from "vitest";
import { comingWindows, maintenanceAt } from "../../../src/sandbox/world/maintenance.js";
import { formatTime, parseTime } from "../../../src/units/time.js";

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
});
