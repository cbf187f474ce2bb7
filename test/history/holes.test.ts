import { describe, expect, it } from "vitest";
import { holeIn } from "../../src/history/holes.js";
import { parseTime } from "../../src/units/time.js";

const at = (time: string): number => parseTime(`2026-06-11T${time}Z`);

describe("holeIn", () => {
  it("knows the two hours of which the exchange has no trades, by any span that touches them", () => {
    for (const [from, to] of [
      ["06:00:00", "07:00:00"],
      ["08:00:00", "08:00:01"],
      ["08:59:59.999999", "12:00:00"],
      ["00:00:00", "23:00:00"],
    ] as const) {
      expect(holeIn("trade", at(from), at(to))).toMatch(
        /no trades between 2026-06-11T07:00:00Z and 2026-06-11T09:00:00Z/,
      );
    }
  });

  it("holds nothing against spans beside them, other records, or a span of nothing", () => {
    expect(holeIn("trade", at("00:00:00"), at("06:59:59"))).toBeNull();
    expect(holeIn("trade", at("09:00:00"), at("10:00:00"))).toBeNull();
    expect(holeIn("fill", at("08:00:00"), at("08:30:00"))).toBeNull();
    expect(holeIn("trade", Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY)).toBeNull();
  });
});
