import { describe, expect, it } from "vitest";
import type { MarketRecord, TradeRecord } from "../../../src/sandbox/types.js";
import { DEFAULT_START, generateWorld } from "../../../src/sandbox/world/generate.js";
import { onGrid } from "../../../src/sandbox/world/grid.js";
import { DOLLAR } from "../../../src/units/price.js";
import { DAY, SECOND } from "../../../src/units/time.js";

const clock = { now: () => DEFAULT_START };
const { world } = generateWorld("generate-test", clock);
const markets = [...world.markets.values()];
const tradesOf = (market: MarketRecord) => world.trades.between(market.ticker, 0, Number.MAX_SAFE_INTEGER);
/** Every fifth event with its trades: a million of them would take long. */
const sample = [...world.events.keys()]
  .filter((_, i) => i % 5 === 0)
  .flatMap((event) => world.marketsOf(event))
  .map((market) => ({ market, trades: tradesOf(market) }));
const all: readonly TradeRecord[] = sample.flatMap(({ trades }) => trades);

describe("a generated world", () => {
  it("has thirteen series of all frequencies, 2,000 markets, and a million trades over three months", () => {
    expect([...world.series.keys()]).toEqual([
      "AVONHIGH",
      "NORHIGH",
      "NORIDX",
      "NORCPI",
      "HARBORCUP",
      "NORBALL",
      "ORBIT15M",
      "ORBITH",
      "NORFUEL",
      "NORCHART",
      "NORBILL",
      "NORLEAD",
      "SANDBOX",
    ]);
    const frequencies = [...world.series.values()].map(({ wire }) => wire.frequency);
    expect(frequencies).toEqual(
      expect.arrayContaining(["fifteen_min", "hourly", "daily", "weekly", "monthly", "annual"]),
    );
    expect(world.markets.size).toBeGreaterThan(2_000);
    expect(world.trades.size).toBeGreaterThan(950_000);
    expect(world.trades.size).toBeLessThan(1_300_000);
    const times = all.map(({ time }) => time);
    expect(Math.min(...times.filter((_, i) => i % 50 === 0))).toBeLessThan(DEFAULT_START - 86 * DAY);
    expect(times.every((time) => time < DEFAULT_START)).toBe(true);
  });

  it("is there in less than a second of work, for of its trades none has been made", () => {
    const begin = process.cpuUsage();
    const fresh = generateWorld("quick", clock).world;
    expect(fresh.trades.page({ limit: 100 })).toHaveLength(100);
    const { user, system } = process.cpuUsage(begin);
    // Both are in microseconds, as our times are.
    expect(user + system).toBeLessThan(SECOND);
  });

  it("has settled markets on both sides of the cutoff, open ones, and such that have not opened", () => {
    const { marketSettled } = world.cutoffs();
    expect(markets.filter(({ settledTime }) => settledTime < marketSettled).length).toBeGreaterThan(200);
    const settledSince = ({ settledTime }: MarketRecord) => settledTime >= marketSettled && settledTime < DEFAULT_START;
    expect(markets.filter(settledSince).length).toBeGreaterThan(200);
    expect(
      markets.filter(({ openTime, closeTime }) => openTime <= DEFAULT_START && closeTime > DEFAULT_START).length,
    ).toBeGreaterThan(20);
    expect(markets.some(({ openTime }) => openTime > DEFAULT_START)).toBe(true);
  });

  it("gives books to the markets that are not over, and to no others", () => {
    for (const { live, closeTime, ticker } of markets) expect(live, ticker).toBe(closeTime > DEFAULT_START);
  });

  it("trades only between opening and close, on the grid, and adds up to what each market says", () => {
    for (const { market, trades } of sample) {
      for (const { price, time, count } of trades) {
        if (!onGrid(market.grid, price) || time < market.openTime || time >= market.closeTime || count <= 0) {
          expect.fail(`${market.ticker}: ${price} × ${count} at ${time}`);
        }
      }
      expect(market.stats.volume).toBe(trades.reduce((sum, { count }) => sum + count, 0));
      expect(market.stats.lastPrice === null).toBe(trades.length === 0);
      expect(market.stats.lastPrice).toBe(trades.at(-1)?.price ?? null);
      expect(market.stats.openInterest).toBe(trades.at(-1)?.openInterest ?? 0);
    }
    expect(sample.some(({ trades }) => trades.length === 0)).toBe(true);
  });

  it("has trades of the exchange's temper: shared microseconds, fractions, sub-penny prices, block trades", () => {
    let shared = 0;
    for (const { trades } of sample) {
      for (let i = 1; i < trades.length; i += 1) if (trades[i]!.time === trades[i - 1]!.time) shared += 1;
    }
    expect(shared / all.length).toBeGreaterThan(0.25);
    expect(shared / all.length).toBeLessThan(0.6);
    const share = (test: (trade: TradeRecord) => boolean) => all.filter(test).length / all.length;
    expect(share(({ count }) => count % 100 !== 0)).toBeGreaterThan(0.03);
    expect(share(({ price }) => price % 10_000 !== 0)).toBeGreaterThan(0.01);
    expect(share(({ taker }) => taker === "yes")).toBeCloseTo(0.56, 1);
    expect(all.some(({ isBlock }) => isBlock)).toBe(true);
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
  });

  it("pays one market of every event that excludes the others, and shares of called-off games that make a dollar", () => {
    let scalars = 0;
    for (const event of world.events.values()) {
      if (event.wire.mutually_exclusive !== true) continue;
      const outcomes = world.marketsOf(event.ticker).map(({ outcome }) => outcome);
      expect(
        outcomes.reduce((sum, { value }) => sum + value, 0),
        event.ticker,
      ).toBe(DOLLAR);
      scalars += outcomes.filter(({ result }) => result === "scalar").length;
    }
    expect(scalars).toBeGreaterThanOrEqual(2);
    const cutoff = world.cutoffs().marketSettled;
    const isScalar = ({ outcome }: MarketRecord) => outcome.result === "scalar";
    expect(markets.some((market) => isScalar(market) && market.settledTime < cutoff)).toBe(true);
    expect(
      markets.some((market) => isScalar(market) && market.settledTime >= cutoff && market.settledTime < DEFAULT_START),
    ).toBe(true);
  });

  it("prices fairly: of contracts bought near a price about that share pays", () => {
    const settled = sample.filter(
      ({ market }) => market.settledTime < DEFAULT_START && market.outcome.result !== "scalar",
    );
    for (const [low, high] of [
      [0.1, 0.3],
      [0.4, 0.6],
      [0.7, 0.9],
    ] as const) {
      let [paid, asked, count] = [0, 0, 0];
      for (const { market, trades } of settled) {
        for (const { price } of trades) {
          if (price < low * DOLLAR || price >= high * DOLLAR) continue;
          paid += market.outcome.value / DOLLAR;
          asked += price / DOLLAR;
          count += 1;
        }
      }
      expect(Math.abs(paid - asked) / count).toBeLessThan(0.08);
    }
  });

  it("ends near the outcome", () => {
    const last = markets.filter(
      ({ settledTime, stats, outcome }) =>
        settledTime < DEFAULT_START && stats.lastPrice !== null && outcome.result !== "scalar",
    );
    const near = last.filter(
      ({ stats, outcome }) => Math.abs((stats.lastPrice as number) - outcome.value) < DOLLAR / 4,
    );
    expect(near.length / last.length).toBeGreaterThan(0.9);
  });

  it("is nearly sure of the winner before the close, as a day's weather market is", () => {
    const winners = markets.filter(
      ({ seriesTicker, settledTime, stats, outcome }) =>
        seriesTicker === "NORHIGH" &&
        settledTime < DEFAULT_START &&
        stats.lastPrice !== null &&
        outcome.result === "yes",
    );
    const share = (within: number) =>
      winners.filter(({ stats }) => (stats.lastPrice as number) >= DOLLAR - within).length / winners.length;
    expect(winners.length).toBeGreaterThan(50);
    expect(share(DOLLAR / 10)).toBeGreaterThan(0.94);
    expect(share(DOLLAR / 2)).toBeGreaterThan(0.97);
  });

  it("prices its series on seven of the exchange's grids", () => {
    const grids = (series: string) =>
      new Set(
        markets.filter(({ seriesTicker }) => seriesTicker === series).map(({ wire }) => wire.price_level_structure),
      );
    expect(grids("NORFUEL")).toEqual(new Set(["center_half_edge_deci_cent"]));
    expect(grids("NORCHART")).toEqual(new Set(["center_whole_edge_half_cent"]));
    expect(grids("NORLEAD")).toEqual(new Set(["center_whole_edge_quint_cent"]));
    expect(new Set(markets.map(({ wire }) => wire.price_level_structure)).size).toBe(7);
    for (const { ticker, grid } of markets.filter(({ seriesTicker }) => seriesTicker === "NORFUEL")) {
      const prices = world.trades.between(ticker, 0, DEFAULT_START).map(({ price }) => price);
      expect(prices.every((price) => onGrid(grid, price))).toBe(true);
    }
  });

  it("always has the series SANDBOX: two months of settled days, a lasting event on three grids, a quick one", () => {
    const events = [...world.events.values()].filter(({ seriesTicker }) => seriesTicker === "SANDBOX");
    expect(events.length).toBeGreaterThan(58);
    const lasting = world.marketsOf("SANDBOX-LIVE");
    expect(new Set(lasting.map(({ wire }) => wire.price_level_structure))).toEqual(
      new Set(["linear_cent", "tapered_deci_cent", "deci_cent"]),
    );
    expect(lasting.every(({ closeTime, live }) => live && closeTime > DEFAULT_START + 10 * DAY)).toBe(true);
    const quick = events.filter(({ ticker }) => ticker.startsWith("SANDBOX-Q"));
    expect(quick.map(({ ticker }) => ticker)).toEqual(["SANDBOX-Q26OCT15150000"]);
  });

  it("is the same for the same seed and start, and moves with the start", () => {
    const again = generateWorld("generate-test", clock).world;
    expect(JSON.stringify([...again.markets.values()])).toBe(JSON.stringify(markets));
    expect(again.trades.page({ limit: 500 })).toEqual(world.trades.page({ limit: 500 }));
    const later = generateWorld("generate-test", { now: () => DEFAULT_START + 30 * DAY }).world;
    expect(later.cutoffs().marketSettled).toBe(world.cutoffs().marketSettled + 30 * DAY);
    // What had happened stays the same.
    const old = markets.find(({ ticker }) => ticker.startsWith("AVONHIGH-26SEP20")) as MarketRecord;
    expect(later.trades.between(old.ticker, 0, DEFAULT_START)).toEqual(tradesOf(old));
  });
});
