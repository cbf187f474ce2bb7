import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { TradeQuery, TradeRecord } from "../../../../src/sandbox/types.js";
import { DEFAULT_START, generateWorld } from "../../../../src/sandbox/world/generate.js";
import { MarketHistory } from "../../../../src/sandbox/world/past/history.js";
import { Recent } from "../../../../src/sandbox/world/past/recent.js";
import { compareTrades } from "../../../../src/sandbox/world/past/trade-order.js";
import { buildEvent } from "../../../../src/sandbox/world/plan.js";
import { cityWeatherSeries } from "../../../../src/sandbox/world/series/series-daily.js";
import { DAY, HOUR } from "../../../../src/units/time.js";

const SEED = "history-test";
const LAST = 3 * DAY;
const { world } = generateWorld(SEED, { now: () => DEFAULT_START });

/** All trades of the last days, oldest first, got market by market. */
const recent: readonly TradeRecord[] = [...world.markets.keys()]
  .flatMap((ticker) => world.trades.between(ticker, DEFAULT_START - LAST, DEFAULT_START))
  .sort(compareTrades);

/** The third market of a day's weather, made anew. */
function madeAnew() {
  const series = cityWeatherSeries(SEED);
  const plan = series.events(DEFAULT_START - 20 * DAY, DEFAULT_START - 19 * DAY)[0]!;
  const built = buildEvent(SEED, series.record, plan, DEFAULT_START);
  return new MarketHistory(built, 2, DEFAULT_START, new Recent(1_000, (trades) => trades.length));
}

describe("the past of a generated market", () => {
  it("has in any hour the same trades whether or not others were asked for", () => {
    const whole = madeAnew();
    const hours = Array.from({ length: whole.lastHour - whole.firstHour + 1 }, (_, i) => whole.firstHour + i);
    const inOrder = hours.map((hour) => whole.hour(hour));
    expect(inOrder.flat().length).toBeGreaterThan(50);
    for (const [i, hour] of hours.toReversed().entries()) {
      expect(madeAnew().hour(hour)).toEqual(inOrder[hours.length - 1 - i]);
    }
    expect(world.trades.between(whole.market.ticker, 0, DEFAULT_START)).toEqual(inOrder.flat());
  });

  it("ascends by time and id, tied trades by the way of the sweep, each with an id of its own", () => {
    const ids = new Set(recent.map(({ id }) => id));
    expect(ids.size).toBe(recent.length);
    expect(recent.length).toBeGreaterThan(100_000);
    const ticker = recent.find((one) => one.ticker.startsWith("NORBALL"))!.ticker;
    const own = world.trades.between(ticker, 0, DEFAULT_START);
    for (const [i, after] of own.entries()) {
      const before = own[i - 1];
      if (before === undefined) continue;
      expect(compareTrades(before, after)).toBeLessThan(0);
      if (before.time !== after.time) continue;
      expect(after.taker).toBe(before.taker);
      expect(after.taker === "yes" ? after.price >= before.price : after.price <= before.price).toBe(true);
    }
  });

  it("never has a negative open interest, and none that a trade could not have made of the one before", () => {
    const series = ["AVONHIGH", "ORBIT15M", "NORLEAD", "SANDBOX"];
    let fell = 0;
    for (const { ticker, seriesTicker, stats } of world.markets.values()) {
      if (!series.includes(seriesTicker)) continue;
      let held = 0;
      for (const { openInterest = -1, count } of world.trades.between(ticker, 0, DEFAULT_START)) {
        if (openInterest < 0 || Math.abs(openInterest - held) > count)
          expect.fail(`${ticker}: ${openInterest} after ${held}`);
        if (openInterest < held) fell += 1;
        held = openInterest;
      }
      expect(stats.openInterest).toBe(held);
    }
    expect(fell).toBeGreaterThan(1_000);
  });

  it("comes page by page over all markets as from one list of them, from any cursor, within any span", () => {
    const from = DEFAULT_START - LAST;
    const place = fc.nat({ max: recent.length - 1 }).map((i) => recent[i]!);
    const time = fc.oneof(
      fc.integer({ min: from, max: DEFAULT_START }),
      place.map((trade) => trade.time),
    );
    const query = fc.record(
      { from: time, to: time, before: place, isBlock: fc.boolean(), limit: fc.integer({ min: 1, max: 900 }) },
      { requiredKeys: ["from", "limit"] },
    );
    const one = fc.option(place, { nil: undefined });
    fc.assert(
      fc.property(query, one, (asked, market) => {
        const ask: TradeQuery = { ...asked, ticker: market?.ticker };
        const wanted = recent.filter(
          (row) =>
            row.time >= asked.from &&
            (ask.to === undefined || row.time < ask.to) &&
            (ask.ticker === undefined || row.ticker === ask.ticker) &&
            (ask.isBlock === undefined || row.isBlock === ask.isBlock) &&
            (ask.before === undefined || compareTrades(row, ask.before) < 0),
        );
        expect(world.trades.page(ask)).toEqual(wanted.reverse().slice(0, ask.limit));
      }),
      { numRuns: 60 },
    );
  });

  it("adds up to the volumes and last trades of any span, before, within and after the market's life", () => {
    const tickers = ["NORLEAD-26-AMAR0", "NORCPI-26OCT-T0.1", world.marketsOf("AVONHIGH-26OCT01")[2]!.ticker];
    const moment = fc.integer({ min: DEFAULT_START - 95 * DAY, max: DEFAULT_START + DAY });
    for (const ticker of tickers) {
      const own = world.trades.between(ticker, 0, Number.MAX_SAFE_INTEGER);
      const at =
        own.length === 0
          ? moment
          : fc.oneof(
              moment,
              fc.nat({ max: own.length - 1 }).map((i) => own[i]!.time),
            );
      fc.assert(
        fc.property(at, at, (from, to) => {
          const inside = own.filter(({ time }) => time >= from && time < to);
          const volume = inside.reduce((sum, { count }) => sum + count, 0);
          expect(world.trades.volumeBetween(ticker, from, Math.max(from, to))).toBe(volume);
          expect(world.trades.between(ticker, from, to)).toEqual(inside);
          expect(world.trades.lastBefore(ticker, to)).toEqual(own.findLast(({ time }) => time < to));
        }),
        { numRuns: 60 },
      );
    }
  });

  it("goes on with what the engine adds to it", () => {
    const running = generateWorld(SEED, { now: () => DEFAULT_START }).world;
    const market = running.marketsOf("SANDBOX-LIVE")[2]!;
    const { volume } = market.stats;
    const [newest] = running.trades.page({ ticker: market.ticker, limit: 1 });
    const trade = { ...newest!, id: "f", time: DEFAULT_START + HOUR, count: 700, openInterest: 123 };
    running.trades.append(trade);
    expect(market.stats).toMatchObject({ volume: volume + 700, lastPrice: trade.price, openInterest: 123 });
    expect(running.trades.page({ ticker: market.ticker, limit: 2 })).toEqual([trade, newest]);
    expect(running.trades.page({ limit: 2 })[0]).toEqual(trade);
    expect(running.trades.lastBefore(market.ticker, DEFAULT_START + DAY)).toEqual(trade);
    expect(running.trades.volumeBetween(market.ticker, 0, DEFAULT_START + DAY)).toBe(volume + 700);
  });

  it("prices the markets of an event that excludes the others at about a dollar together", () => {
    const sums: number[] = [];
    for (const event of world.events.values()) {
      const markets = world.marketsOf(event.ticker);
      if (event.seriesTicker !== "AVONHIGH" || markets[0]!.settledTime > DEFAULT_START) continue;
      for (const share of [0.3, 0.5, 0.8]) {
        const { openTime, closeTime } = markets[0]!;
        const at = openTime + share * (closeTime - openTime);
        const last = markets.map(({ ticker }) => world.trades.lastBefore(ticker, at)?.price ?? 0);
        sums.push(last.reduce((sum, price) => sum + price, 0) / 1e6);
      }
    }
    sums.sort((a, b) => a - b);
    expect(sums.length).toBeGreaterThan(200);
    expect(sums[Math.floor(sums.length / 2)]).toBeCloseTo(1, 1);
    expect(sums[Math.floor(sums.length * 0.1)]).toBeGreaterThan(0.7);
    expect(sums[Math.floor(sums.length * 0.9)]).toBeLessThan(1.3);
  });

  it("trades at sub-penny prices near 0 and 1 where the grid has them, and in between at whole cents", () => {
    const tapered = recent.filter(({ ticker }) => ticker.startsWith("ORBIT15M"));
    const near = tapered.filter(({ price }) => price < 100_000 || price > 900_000);
    const subPenny = (rows: readonly TradeRecord[]) =>
      rows.filter(({ price }) => price % 10_000 !== 0).length / rows.length;
    expect(subPenny(near)).toBeGreaterThan(0.6);
    expect(subPenny(tapered.filter(({ price }) => price >= 100_000 && price <= 900_000))).toBe(0);
  });
});

describe("what is kept of what was made", () => {
  it("weighs no more than it may, forgets what was not asked for longest, and makes that anew", () => {
    const made: string[] = [];
    const kept = new Recent<number>(10, (value) => value);
    const ask = (key: string, weight: number) =>
      kept.get(key, () => {
        made.push(key);
        return weight;
      });
    ask("a", 4);
    ask("b", 4);
    ask("a", 4);
    ask("c", 4);
    expect(kept.weight).toBe(8);
    ask("a", 4);
    ask("b", 4);
    expect(made).toEqual(["a", "b", "c", "b"]);
    ask("huge", 99);
    expect(kept.weight).toBe(99);
    ask("a", 4);
    expect(kept.weight).toBe(4);
  });
});
