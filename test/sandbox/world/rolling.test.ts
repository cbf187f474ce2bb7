import { describe, expect, it } from "vitest";
import type { MarketRecord } from "../../../src/sandbox/types.js";
import { DEFAULT_START, generateWorld } from "../../../src/sandbox/world/generate.js";
import { statusOf } from "../../../src/sandbox/world/lifecycle.js";
import { Rolling } from "../../../src/sandbox/world/rolling.js";
import { DAY, SECOND } from "../../../src/units/time.js";

function running(seed: string) {
  let now = DEFAULT_START;
  const growing = generateWorld(seed, { now: () => now });
  const rolling = new Rolling(growing);
  const pass = (span: number) => {
    now += span;
    rolling.step();
    return now;
  };
  return { world: growing.world, pass };
}

const isQuick = ({ eventTicker }: MarketRecord) => eventTicker.startsWith("SANDBOX-Q");

describe("a running world", () => {
  it("opens a quick event every thirty seconds, determined a second after its close and paid two later", () => {
    const { world, pass } = running("quick");
    for (let i = 0; i < 600; i += 1) pass(SECOND / 5);
    const quick = [...world.markets.values()].filter(isQuick);
    expect(quick.map(({ openTime }) => (openTime - DEFAULT_START) / SECOND)).toEqual([0, 30, 60, 90, 120]);
    for (const market of quick) {
      expect(market.live).toBe(true);
      const state = (seconds: number) => statusOf(market, market.closeTime + seconds * SECOND);
      expect([-30, -1, 0.5, 1.5, 3.5].map(state)).toEqual(["active", "active", "closed", "determined", "finalized"]);
    }
  });

  it("draws the same outcomes for the same seed however its steps fall", () => {
    const outcomes = (step: number) => {
      const { world, pass } = running("outcomes");
      for (let passed = 0; passed < 300 * SECOND; passed += step) pass(step);
      return [...world.markets.values()].filter(isQuick).map(({ ticker, outcome }) => [ticker, outcome]);
    };
    expect(outcomes(SECOND)).toEqual(outcomes(SECOND / 4));
    expect(outcomes(SECOND)).toHaveLength(11);
  });

  it("brings forth the next days of every series, once each", () => {
    const { world, pass } = running("days");
    const before = new Set(world.markets.keys());
    for (let i = 0; i < 12; i += 1) pass(DAY / 4);
    const added = [...world.markets.values()].filter((market) => !before.has(market.ticker) && !isQuick(market));
    expect(new Set(added.map(({ seriesTicker }) => seriesTicker))).toEqual(
      new Set(["AVONHIGH", "NORIDX", "HARBORCUP", "SANDBOX"]),
    );
    expect(added.filter(({ seriesTicker }) => seriesTicker === "AVONHIGH")).toHaveLength(18);
    expect(new Set(added.map(({ ticker }) => ticker)).size).toBe(added.length);
    expect(added.every(({ live }) => live)).toBe(true);
  });

  it("leaves out most of the quick events that a leap of the clock passed over", () => {
    const { world, pass } = running("leap");
    pass(DAY);
    expect([...world.markets.values()].filter(isQuick).length).toBeLessThan(6);
  });
});
