import { describe, expect, it } from "vitest";
import { DEFAULT_START, generateWorld } from "../../../../src/sandbox/world/generate.js";
import { statusOf } from "../../../../src/sandbox/world/lifecycle.js";
import { Rolling } from "../../../../src/sandbox/world/rolling.js";
import { comboSeries, isCombo } from "../../../../src/sandbox/world/series/combo-series.js";
import { addPastCombos } from "../../../../src/sandbox/world/series/generated-combos.js";
import { DOLLAR } from "../../../../src/units/price.js";
import { DAY, HOUR } from "../../../../src/units/time.js";

function withCombos(seed: string, start = DEFAULT_START) {
  let now = start;
  const growing = generateWorld(seed, { now: () => now });
  growing.world.addSeries(comboSeries);
  addPastCombos(growing.world);
  const combos = () => [...growing.world.markets.values()].filter(isCombo);
  return { growing, world: growing.world, combos, pass: (span: number) => (now += span) };
}

describe("the combos of others", () => {
  it.each(["kalshi-lab", "one", "two"])(
    "are a handful a day in a fresh world, most of them settled and some live: %s",
    (seed) => {
      const { combos } = withCombos(seed);
      const all = combos();
      expect(all.length).toBeGreaterThan(300);
      const state = (wanted: string) => all.filter((one) => statusOf(one, DEFAULT_START) === wanted);
      expect(state("finalized").length).toBeGreaterThan(280);
      expect(state("active").length).toBeGreaterThan(3);
      for (const one of all) {
        expect(one.live).toBe(one.closeTime > DEFAULT_START);
        expect(one.createdTime).toBeLessThanOrEqual(DEFAULT_START);
      }
    },
  );

  it("pay the product of their legs, which were open when they were combined, each of another event", () => {
    const { world, combos } = withCombos("legs");
    const seen = new Set<string>();
    for (const { legs = [], outcome, createdTime, determinedTime } of combos()) {
      const markets = legs.map(({ ticker }) => world.markets.get(ticker)!);
      expect(new Set(markets.map(({ eventTicker }) => eventTicker)).size).toBe(legs.length);
      expect(legs.length).toBeGreaterThanOrEqual(2);
      const product = legs.reduce((share, { side }, i) => {
        const paid = markets[i]!.outcome.value / DOLLAR;
        return share * (side === "yes" ? paid : 1 - paid);
      }, 1);
      expect(outcome.value / DOLLAR).toBeCloseTo(product, 4);
      for (const market of markets) {
        expect(market.openTime).toBeLessThanOrEqual(createdTime);
        expect(market.closeTime).toBeGreaterThan(createdTime);
        expect(market.determinedTime).toBeLessThan(determinedTime);
      }
      seen.add(outcome.result);
    }
    expect(seen).toContain("yes");
    expect(seen).toContain("no");
  });

  it("follow from the seed and the day, wherever the world starts, and go on as it runs", () => {
    const early = withCombos("same");
    const late = withCombos("same", DEFAULT_START + 10 * DAY);
    const rolling = new Rolling(early.growing);
    for (let hour = 0; hour < 240; hour += 1) {
      early.pass(HOUR);
      rolling.step();
    }
    const tickers = (one: typeof early) =>
      one
        .combos()
        .filter(({ createdTime }) => createdTime > DEFAULT_START - 40 * DAY)
        .map(({ ticker, createdTime, outcome }) => ({ ticker, createdTime, outcome }));
    expect(tickers(early)).toEqual(tickers(late));
  });

  it("take a small part of the time that a world takes", () => {
    const { world } = generateWorld("time", { now: () => DEFAULT_START });
    const before = process.cpuUsage();
    addPastCombos(world);
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1_000).toBeLessThan(400);
  });
});
