import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Bucket, Limits, tierNames, tiers } from "../../../src/sandbox/rest/limits.js";
import { MILLISECOND, SECOND } from "../../../src/units/time.js";

function manual(start = 0) {
  let now = start;
  return { now: () => now, pass: (span: number) => (now += span) };
}

describe("a token bucket", () => {
  it("starts full, refuses what it cannot cover, and refills evenly", () => {
    const wall = manual();
    const bucket = new Bucket({ rate: 200, capacity: 600 }, wall);
    for (let i = 0; i < 60; i += 1) expect(bucket.take(10)).toBe(true);
    expect(bucket.take(10)).toBe(false);
    wall.pass(49 * MILLISECOND);
    expect(bucket.take(10)).toBe(false);
    wall.pass(MILLISECOND);
    expect(bucket.take(10)).toBe(true);
    expect(bucket.take(1)).toBe(false);
  });

  it("never holds more than its capacity, however long it rests", () => {
    const wall = manual();
    const bucket = new Bucket({ rate: 100, capacity: 100 }, wall);
    wall.pass(3_600 * SECOND);
    expect(bucket.take(101)).toBe(false);
    expect(bucket.take(100)).toBe(true);
    expect(bucket.take(1)).toBe(false);
  });

  it("takes nothing for a batch that does not fit", () => {
    const bucket = new Bucket({ rate: 100, capacity: 100 }, manual());
    expect(bucket.take(250)).toBe(false);
    expect(bucket.take(100)).toBe(true);
  });

  it("grants over any span no more than its capacity and what flowed in", () => {
    const step = fc.record({ pause: fc.integer({ min: 0, max: 2 * SECOND }), cost: fc.integer({ min: 1, max: 60 }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const wall = manual();
        const bucket = new Bucket({ rate: 50, capacity: 120 }, wall);
        let granted = 0;
        for (const { pause, cost } of steps) {
          wall.pass(pause);
          if (bucket.take(cost)) granted += cost;
        }
        expect(granted).toBeLessThanOrEqual(120 + (wall.now() / SECOND) * 50 + 1e-6);
      }),
    );
  });
});

describe("limits", () => {
  it("keeps reads, writes and accounts apart", () => {
    const limits = new Limits({ tier: "basic", wall: manual() });
    expect(limits.takeSigned("a", "write", 100)).toBe(true);
    expect(limits.takeSigned("a", "write", 10)).toBe(false);
    expect(limits.takeSigned("a", "read", 600)).toBe(true);
    expect(limits.takeSigned("a", "read", 10)).toBe(false);
    expect(limits.takeSigned("b", "write", 100)).toBe(true);
  });

  it("counts unsigned calls by address", () => {
    const limits = new Limits({ tier: "premier", wall: manual(), unsigned: { rate: 1, capacity: 2 } });
    expect([1, 2, 3].map(() => limits.takeUnsigned("127.0.0.1"))).toEqual([true, true, false]);
    expect(limits.takeUnsigned("127.0.0.2")).toBe(true);
  });

  it("states for every tier the buckets that it enforces, and grants for all but the lowest", () => {
    for (const tier of tierNames) {
      const { read, write, grants, usage_tier } = new Limits({ tier, wall: manual() }).describe("a");
      expect(read).toEqual({ bucket_capacity: tiers[tier].read.capacity, refill_rate: tiers[tier].read.rate });
      expect(write).toEqual({ bucket_capacity: tiers[tier].write.capacity, refill_rate: tiers[tier].write.rate });
      expect(usage_tier).toBe(tier);
      expect(grants).toHaveLength(tier === "basic" ? 0 : 1);
    }
  });
});
