import { describe, expect, it } from "vitest";
import { bridge, sway } from "../../../../src/sandbox/engine/makers/bridge.js";
import { HOUR, MINUTE, SECOND } from "../../../../src/units/time.js";

const MOMENTS = Array.from({ length: 400 }, (_, n) => n * 9 * SECOND);

function variance(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value * value, 0) / values.length;
}

describe("a bridge", () => {
  it("says the same of a moment whatever was asked before", () => {
    const forwards = bridge("one", 0, HOUR);
    const backwards = bridge("one", 0, HOUR);
    const seen = MOMENTS.map(forwards);
    expect(MOMENTS.toReversed().map(backwards).reverse()).toEqual(seen);
    expect(MOMENTS.map(bridge("two", 0, HOUR))).not.toEqual(seen);
  });

  it("begins and ends at nothing, and has the variance of a random walk that must return", () => {
    const walks = Array.from({ length: 2_000 }, (_, n) => bridge(`walk ${n}`, 0, HOUR));
    expect([0, HOUR, 2 * HOUR].map(walks[0]!)).toEqual([0, 0, 0]);
    for (const share of [0.1, 0.5, 0.8]) {
      const ratio = variance(walks.map((walk) => walk(share * HOUR))) / (share * (1 - share));
      expect(ratio).toBeGreaterThan(0.88);
      expect(ratio).toBeLessThan(1.12);
    }
  });

  it("moves within a second as far as a random walk does", () => {
    const steps = Array.from({ length: 1_000 }, (_, n) => {
      const walk = bridge(`walk ${n}`, 0, HOUR);
      return walk(30 * MINUTE + SECOND) - walk(30 * MINUTE);
    });
    const ratio = variance(steps) / (SECOND / HOUR);
    expect(ratio).toBeGreaterThan(0.8);
    expect(ratio).toBeLessThan(1.2);
  });
});

describe("a sway", () => {
  it("has a variance of one and forgets within its memory", () => {
    const swaying = sway("one", MINUTE);
    const moments = Array.from({ length: 4_000 }, (_, n) => n * 17 * SECOND);
    const values = moments.map(swaying);
    expect(variance(values)).toBeGreaterThan(0.85);
    expect(variance(values)).toBeLessThan(1.15);
    const later = moments.map((moment) => swaying(moment + 3 * MINUTE));
    const together = values.reduce((sum, value, at) => sum + value * later[at]!, 0) / values.length;
    expect(Math.abs(together)).toBeLessThan(0.12);
    expect(moments.map(sway("one", MINUTE))).toEqual(values);
  });
});
