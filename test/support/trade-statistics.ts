import type { MarketRecord, TradeRecord } from "../../src/sandbox/types.js";
import type { MemoryWorld } from "../../src/sandbox/world/world.js";
import { CONTRACT } from "../../src/units/count.js";
import { CENT } from "../../src/units/price.js";
import { HOUR, SECOND } from "../../src/units/time.js";
import { type Figure, quantile } from "./statistics.js";

/** What WIRE.md part 2 says of the trades of KXHIGHNY, beside those of our daily weather. */
export function tradeFigures(world: MemoryWorld): readonly Figure[] {
  const markets = settledOf(world, "NORHIGH");
  const lists = markets.map(({ ticker }) => world.trades.between(ticker, 0, Number.MAX_SAFE_INTEGER));
  return [
    ...sizeFigures(lists.flat()),
    ...countFigures(lists),
    ...gapFigures(lists),
    ...stepFigures(lists),
    ...hourFigures(lists.flat()),
    ...volumeFigures(markets),
  ];
}

/** Markets of a series that are over. */
export function settledOf(world: MemoryWorld, series: string): readonly MarketRecord[] {
  const now = world.clock.now();
  return [...world.markets.values()].filter((one) => one.seriesTicker === series && one.settledTime <= now);
}

type Trades = readonly TradeRecord[];

function sizeFigures(trades: Trades): readonly Figure[] {
  const sizes = trades.map(({ count }) => count / CONTRACT);
  const mean = sizes.reduce((sum, size) => sum + size, 0) / sizes.length;
  const max = sizes.reduce((most, size) => Math.max(most, size), 0);
  return [
    { name: "contracts per trade, p10", theirs: "1", ours: quantile(sizes, 0.1), low: 1, high: 2 },
    { name: "contracts per trade, p50", theirs: "22", ours: quantile(sizes, 0.5), low: 15, high: 30 },
    { name: "contracts per trade, p90", theirs: "180", ours: quantile(sizes, 0.9), low: 140, high: 260 },
    { name: "contracts per trade, p99", theirs: "1 000", ours: quantile(sizes, 0.99), low: 800, high: 1_500 },
    { name: "contracts per trade, most", theirs: "25 000", ours: max, low: 5_000, high: 25_000 },
    { name: "contracts per trade, mean", theirs: "90", ours: mean, low: 70, high: 120 },
    { name: "taker yes", theirs: "56 %", ours: shareOf(trades, ({ taker }) => taker === "yes"), low: 0.54, high: 0.58 },
  ];
}

function countFigures(lists: readonly Trades[]): readonly Figure[] {
  const counts = lists.map(({ length }) => length);
  const never = counts.filter((count) => count === 0).length / counts.length;
  return [
    { name: "trades per market, p10", theirs: "12", ours: quantile(counts, 0.1), low: 5, high: 60 },
    { name: "trades per market, p50", theirs: "232", ours: quantile(counts, 0.5), low: 140, high: 300 },
    { name: "trades per market, p90", theirs: "703", ours: quantile(counts, 0.9), low: 500, high: 950 },
    { name: "trades per market, most", theirs: "2 682", ours: Math.max(...counts), low: 1_500, high: 6_000 },
    { name: "markets that never traded", theirs: "5.6 %", ours: never, low: 0.02, high: 0.08 },
  ];
}

function gapFigures(lists: readonly Trades[]): readonly Figure[] {
  const gaps = pairs(lists, (before, after) => (after.time - before.time) / SECOND);
  const tied = gaps.filter((gap) => gap === 0).length / gaps.length;
  return [
    { name: "seconds to the next trade, p50", theirs: "10", ours: quantile(gaps, 0.5), low: 5, high: 20 },
    { name: "seconds to the next trade, p90", theirs: "499", ours: quantile(gaps, 0.9), low: 350, high: 700 },
    { name: "in the microsecond of the one before", theirs: "38 %", ours: tied, low: 0.35, high: 0.41 },
  ];
}

function stepFigures(lists: readonly Trades[]): readonly Figure[] {
  const steps = pairs(lists, (before, after) => Math.abs(after.price - before.price) / CENT);
  const share = (test: (cents: number) => boolean) => steps.filter(test).length / steps.length;
  return [
    { name: "price as the one before", theirs: "37 %", ours: share((cents) => cents === 0), low: 0.32, high: 0.42 },
    { name: "1 cent from it", theirs: "25 %", ours: share((cents) => cents === 1), low: 0.2, high: 0.34 },
    { name: "2 cents from it", theirs: "11 %", ours: share((cents) => cents === 2), low: 0.07, high: 0.15 },
    { name: "10 cents and more from it", theirs: "6 %", ours: share((cents) => cents >= 10), low: 0.03, high: 0.09 },
  ];
}

/** Activity 13 to 22 UTC and 0 to 6, near zero 8 to 11. */
function hourFigures(trades: Trades): readonly Figure[] {
  const inHours = (from: number, to: number) =>
    shareOf(trades, ({ time }) => Math.floor(time / HOUR) % 24 >= from && Math.floor(time / HOUR) % 24 < to);
  return [
    { name: "trades of 13 to 22 UTC", theirs: "most", ours: inHours(13, 22), low: 0.45, high: 0.75 },
    { name: "trades of 0 to 6 UTC", theirs: "many", ours: inHours(0, 6), low: 0.15, high: 0.4 },
    { name: "trades of 8 to 11 UTC", theirs: "near 0", ours: inHours(8, 11), low: 0, high: 0.02 },
  ];
}

function volumeFigures(markets: readonly MarketRecord[]): readonly Figure[] {
  const volumes = markets.map(({ stats }) => stats.volume / CONTRACT);
  return [
    { name: "contracts per market, p10", theirs: "90", ours: quantile(volumes, 0.1), low: 30, high: 1_500 },
    { name: "contracts per market, p50", theirs: "6 930", ours: quantile(volumes, 0.5), low: 4_000, high: 14_000 },
    { name: "contracts per market, p90", theirs: "50 657", ours: quantile(volumes, 0.9), low: 35_000, high: 120_000 },
    {
      name: "contracts per market, most",
      theirs: "517 209",
      ours: Math.max(...volumes),
      low: 150_000,
      high: 1_200_000,
    },
  ];
}

function pairs(lists: readonly Trades[], of: (before: TradeRecord, after: TradeRecord) => number): readonly number[] {
  return lists.flatMap((trades) => trades.slice(1).map((after, i) => of(trades[i] as TradeRecord, after)));
}

function shareOf<Row>(rows: readonly Row[], test: (row: Row) => boolean): number {
  return rows.filter(test).length / rows.length;
}
