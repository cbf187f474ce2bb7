import { type Clock, DAY, SECOND, type Timestamp } from "../../units/time.js";
import { addSandboxFeeChanges, addSeriesFeeChanges } from "./fee-schedule.js";
import { buildEvent, type SeriesPlan } from "./plan.js";
import { printTrades } from "./prints.js";
import { indexSeries, weatherSeries } from "./series-daily.js";
import { gamesSeries, pricesSeries } from "./series-rare.js";
import { QUICK_SPAN, quickEvent, sandboxSeries } from "./series-sandbox.js";
import { movingCutoffs } from "./tiers.js";
import { MemoryWorld } from "./world.js";

/** How far a generated world reaches back. */
const HISTORY = 92 * DAY;
const SANDBOX_HISTORY = 61 * DAY;

/** Where the clock of a generated world starts unless told otherwise: 2026-10-15T15:00:00Z. */
export const DEFAULT_START: Timestamp = Date.UTC(2026, 9, 15, 15) * 1000;

/** A world and the plans that it goes on growing by. */
export interface Growing {
  readonly world: MemoryWorld;
  readonly plans: readonly SeriesPlan[];
}

/** A whole world from a seed: five series with three months of history up to the clock's present. The same seed and start give the same. */
export function generateWorld(seed: string, clock: Clock): Growing {
  const world = new MemoryWorld({ seed, clock, cutoffs: movingCutoffs });
  const start = clock.now();
  const plans = [weatherSeries(seed), indexSeries(seed), pricesSeries(seed), gamesSeries(seed)];
  for (const plan of plans) addHistory(world, plan, start - HISTORY, start);
  addSeriesFeeChanges(world, start);
  return { world, plans: [...plans, addSandboxSeries(world)] };
}

/** Adds the series `SANDBOX` with its history, its lasting event and the quick one of the present to any world. */
export function addSandboxSeries(world: MemoryWorld): SeriesPlan {
  const start = world.clock.now();
  const plan = sandboxSeries(world.seed, start);
  addHistory(world, plan, start - SANDBOX_HISTORY, start);
  const quick = quickEvent(world.seed, Math.floor(start / QUICK_SPAN) * QUICK_SPAN);
  addPlanned(world, plan, quick, start);
  addSandboxFeeChanges(world, start);
  return plan;
}

function addHistory(world: MemoryWorld, series: SeriesPlan, from: Timestamp, start: Timestamp): void {
  world.addSeries(series.record);
  for (const plan of series.events(from, start + SECOND)) addPlanned(world, series, plan, start);
}

function addPlanned(
  world: MemoryWorld,
  series: SeriesPlan,
  plan: ReturnType<SeriesPlan["events"]>[number],
  start: Timestamp,
): void {
  const built = buildEvent(world.seed, series.record, plan, start);
  world.add(built.event, built.markets);
  for (const [index, market] of built.markets.entries())
    world.trades.load(market.ticker, printTrades(built, index, start));
}
