import { describe, expect, it } from "vitest";
import type { MarketRecord } from "../../../src/sandbox/types.js";
import { DEFAULT_START, generateWorld } from "../../../src/sandbox/world/generate.js";
import { statusOf } from "../../../src/sandbox/world/lifecycle.js";
import { Rolling } from "../../../src/sandbox/world/rolling.js";
import { electionSeries } from "../../../src/sandbox/world/series/series-yearly.js";
import { DAY, HOUR, SECOND } from "../../../src/units/time.js";

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

  it("brings forth the next events of every series, once each", () => {
    const { world, pass } = running("days");
    const before = new Set(world.markets.keys());
    for (let i = 0; i < 32 * 24; i += 1) pass(HOUR);
    const added = [...world.markets.values()].filter((market) => !before.has(market.ticker) && !isQuick(market));
    const yearly = "NORLEAD";
    expect(new Set(added.map(({ seriesTicker }) => seriesTicker))).toEqual(
      new Set([...world.series.keys()].filter((ticker) => ticker !== yearly)),
    );
    const events = (series: string) =>
      new Set(added.filter(({ seriesTicker }) => seriesTicker === series).map(({ eventTicker }) => eventTicker)).size;
    expect([events("AVONHIGH"), events("ORBIT15M"), events("ORBITH")]).toEqual([32, 32 * 96, 32 * 24]);
    expect(new Set(added.map(({ ticker }) => ticker)).size).toBe(added.length);
  });

  it("always has a lasting event of SANDBOX: the next one opens before the one before it closes, also after a leap", () => {
    const { world, pass } = running("lasting");
    const open = (now: number) =>
      [...world.events.keys()].filter(
        (ticker) => ticker.startsWith("SANDBOX-LIVE") && statusOf(world.marketsOf(ticker)[0]!, now) === "active",
      );
    expect(open(DEFAULT_START)).toEqual(["SANDBOX-LIVE"]);
    const seen = new Set<string>();
    for (let day = 1; day <= 60; day += 1) {
      const now = pass(DAY);
      expect(open(now).length).toBeGreaterThanOrEqual(1);
      for (const ticker of open(now)) seen.add(ticker);
    }
    expect([...seen]).toEqual(["SANDBOX-LIVE", "SANDBOX-LIVE2", "SANDBOX-LIVE3", "SANDBOX-LIVE4"]);
    expect(open(pass(200 * DAY))).toEqual(["SANDBOX-LIVE16"]);
    expect(world.marketsOf("SANDBOX-LIVE16").map(({ ticker }) => ticker)).toContain("SANDBOX-LIVE16-T55");
  });

  it("holds an event every year of the series that is yearly", () => {
    const plans = electionSeries("years").events(DEFAULT_START, DEFAULT_START + 800 * DAY);
    expect(plans.map(({ ticker }) => ticker)).toEqual(["NORLEAD-27", "NORLEAD-28"]);
  });

  it("gives a market that a leap passed over the trades of its life, and one that has just opened none", () => {
    const { world, pass } = running("leap");
    const now = pass(2 * DAY);
    const quarters = [...world.markets.values()].filter(({ ticker }) => ticker.startsWith("ORBIT15M-26OCT16"));
    expect(quarters).toHaveLength(96);
    for (const { closeTime, live, stats, ticker } of quarters) {
      expect(live).toBe(closeTime > now);
      const trades = world.trades.between(ticker, 0, now);
      expect(stats.volume).toBe(trades.reduce((sum, { count }) => sum + count, 0));
    }
    expect(quarters.filter(({ stats }) => stats.volume > 0).length).toBeGreaterThan(85);
    pass(15 * 60 * SECOND - 2 * SECOND);
    const opened = pass(4 * SECOND);
    const youngest = [...world.markets.values()].filter(
      ({ openTime, seriesTicker }) =>
        seriesTicker === "ORBIT15M" && openTime <= opened && openTime > opened - 4 * SECOND,
    );
    expect(youngest.map(({ live, stats }) => [live, stats.volume])).toEqual([[true, 0]]);
  });

  it("has the quick event that a leap of the clock ends behind, as long as it is not paid", () => {
    const { world, pass } = running("quick end");
    const now = pass(DAY + 2 * SECOND);
    const quick = [...world.markets.values()].filter(isQuick);
    const closed = quick.filter(({ closeTime }) => closeTime > DEFAULT_START + HOUR && closeTime < now);
    expect(closed.map(({ closeTime }) => closeTime)).toEqual([DEFAULT_START + DAY]);
    expect(closed.map((market) => statusOf(market, now))).toEqual(["determined"]);
  });

  it("leaves out most of the quick events that a leap of the clock passed over", () => {
    const { world, pass } = running("quick leap");
    pass(DAY);
    expect([...world.markets.values()].filter(isQuick).length).toBeLessThan(6);
  });
});
