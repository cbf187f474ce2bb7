import type { EventRecord, MarketRecord, TradeRecord } from "../../src/sandbox/types.js";
import { isCombo } from "../../src/sandbox/world/series/combo-series.js";
import type { MemoryWorld } from "../../src/sandbox/world/world.js";
import { DOLLAR } from "../../src/units/price.js";
import { MINUTE } from "../../src/units/time.js";
import { type Figure, quantile } from "./statistics.js";
import { settledOf } from "./trade-statistics.js";

/** What WIRE.md part 2 says of all markets, of how they settle, and of crypto, beside ours. */
export function universeFigures(world: MemoryWorld): readonly Figure[] {
  const now = world.clock.now();
  const markets = [...world.markets.values()];
  const open = markets.filter(({ openTime, closeTime }) => openTime <= now && closeTime > now);
  const settled = markets.filter(({ settledTime }) => settledTime <= now);
  return [...openFigures(world, open), ...settledFigures(world, settled), ...cryptoFigures(world)];
}

function openFigures(world: MemoryWorld, open: readonly MarketRecord[]): readonly Figure[] {
  const sizes = new Map<string, number>();
  for (const { eventTicker } of open) sizes.set(eventTicker, (sizes.get(eventTicker) ?? 0) + 1);
  const events = [...sizes.keys()].map((ticker) => world.events.get(ticker) as EventRecord);
  const perEvent = [...sizes.values()];
  const strike = (type: string) => share(open, ({ wire }) => wire.strike_type === type);
  const fees = (type: string) => share(open, ({ seriesTicker }) => world.series.get(seriesTicker)?.feeType === type);
  const exclusive = share(events, ({ wire }) => wire.mutually_exclusive === true);
  return [
    { name: "markets per open event, p10", theirs: "1", ours: quantile(perEvent, 0.1), low: 1, high: 2 },
    { name: "markets per open event, p50", theirs: "4", ours: quantile(perEvent, 0.5), low: 2, high: 6 },
    { name: "markets per open event, p90", theirs: "17", ours: quantile(perEvent, 0.9), low: 8, high: 20 },
    { name: "markets per open event, most", theirs: "400", ours: Math.max(...perEvent), low: 30, high: 400 },
    { name: "mutually exclusive events", theirs: "43 %", ours: exclusive, low: 0.3, high: 0.7 },
    { name: "strike_type structured", theirs: "30 %", ours: strike("structured"), low: 0.1, high: 0.4 },
    { name: "strike_type greater", theirs: "28 %", ours: strike("greater"), low: 0.2, high: 0.45 },
    { name: "strike_type custom", theirs: "21 %", ours: strike("custom"), low: 0.15, high: 0.45 },
    { name: "strike_type greater_or_equal", theirs: "10 %", ours: strike("greater_or_equal"), low: 0.02, high: 0.2 },
    {
      name: "no strike_type",
      theirs: "6 %",
      ours: share(open, ({ wire }) => wire.strike_type === undefined),
      low: 0.01,
      high: 0.1,
    },
    { name: "strike_type between", theirs: "4 %", ours: strike("between"), low: 0.02, high: 0.12 },
    { name: "fee_type quadratic", theirs: "97 %", ours: fees("quadratic"), low: 0.85, high: 0.99 },
    {
      name: "fee_type with maker fees",
      theirs: "3 %",
      ours: fees("quadratic_with_maker_fees"),
      low: 0.01,
      high: 0.15,
    },
    { name: "open markets ever traded", theirs: "56 %", ours: share(open, hasTraded), low: 0.4, high: 0.9 },
  ];
}

/**
 * Of settlements nearly all are combos there, of which four in five never traded. Ours are a tenth, so that a page of markets shows all
 * kinds and a world is made in a fraction of a second, and those of the past never traded.
 */
export function comboFigures(world: MemoryWorld): readonly Figure[] {
  const now = world.clock.now();
  const all = [...world.markets.values()].filter(({ settledTime }) => settledTime <= now);
  const combos = all.filter(isCombo);
  const untraded = share(combos, (market) => !hasTraded(market));
  const no = share(combos, isNo);
  return [
    { name: "settlements of combos", theirs: "86-99 %", ours: share(all, isCombo), low: 0.06, high: 0.2 },
    { name: "combos that never traded", theirs: "81 % and more", ours: untraded, low: 0.81, high: 1 },
    { name: "combos settled no", theirs: "73-83 %", ours: no, low: 0.65, high: 0.95 },
  ];
}

function settledFigures(world: MemoryWorld, settled: readonly MarketRecord[]): readonly Figure[] {
  const weather = new Set(settledOf(world, "NORHIGH").map(({ eventTicker }) => eventTicker));
  const days = [...weather].map((ticker) => world.marketsOf(ticker));
  const winners = days.map((day) => day.filter(({ outcome }) => outcome.result === "yes").length);
  const scalar = share(settled, ({ outcome }) => outcome.result === "scalar");
  return [
    { name: "settled no", theirs: "73-83 %", ours: share(settled, isNo), low: 0.6, high: 0.85 },
    { name: "settled scalar", theirs: "0.7 %", ours: scalar, low: 0.001, high: 0.01 },
    { name: "weather: markets per event, fewest", theirs: "6", ours: Math.min(...sizesOf(days)), low: 6, high: 6 },
    { name: "weather: markets per event, most", theirs: "6", ours: Math.max(...sizesOf(days)), low: 6, high: 6 },
    { name: "weather: YES per event, fewest", theirs: "1", ours: Math.min(...winners), low: 1, high: 1 },
    { name: "weather: YES per event, most", theirs: "1", ours: Math.max(...winners), low: 1, high: 1 },
  ];
}

/** A 15-minute market opens near one half and ends within ten cents of 0 or 1 minutes before the close. */
function cryptoFigures(world: MemoryWorld): readonly Figure[] {
  const quarters = settledOf(world, "ORBIT15M");
  const hours = settledOf(world, "ORBITH");
  const traded = quarters.filter(hasTraded);
  const first = traded.map((market) => world.trades.between(market.ticker, 0, market.openTime + MINUTE)[0]);
  const opening = first.filter((trade) => trade !== undefined);
  const late = traded.map((market) => world.trades.lastBefore(market.ticker, market.closeTime - MINUTE));
  const decided = late.filter((trade) => trade !== undefined);
  const yes = share([...quarters, ...hours], ({ outcome }) => outcome.result === "yes");
  const hardly = share(hours, ({ stats }) => stats.volume < 100_000);
  return [
    { name: "crypto settled yes", theirs: "42 %", ours: yes, low: 0.35, high: 0.6 },
    {
      name: "15-minute: first price within 15 c of 50",
      theirs: "most",
      ours: share(opening, isNearHalf),
      low: 0.8,
      high: 1,
    },
    {
      name: "15-minute: within 10 c of an end a minute before",
      theirs: "most",
      ours: share(decided, isDecided),
      low: 0.55,
      high: 1,
    },
    { name: "hourly: below 1 000 contracts", theirs: "most", ours: hardly, low: 0.25, high: 0.8 },
  ];
}

function hasTraded({ stats }: MarketRecord): boolean {
  return stats.volume > 0;
}

function isNo({ outcome }: MarketRecord): boolean {
  return outcome.result === "no";
}

function isNearHalf({ price }: TradeRecord): boolean {
  return Math.abs(price - DOLLAR / 2) <= 0.15 * DOLLAR;
}

function isDecided({ price }: TradeRecord): boolean {
  return Math.min(price, DOLLAR - price) <= DOLLAR / 10;
}

function sizesOf(lists: readonly (readonly unknown[])[]): readonly number[] {
  return lists.map(({ length }) => length);
}

function share<Row>(rows: readonly Row[], test: (row: Row) => boolean): number {
  return rows.filter(test).length / rows.length;
}
