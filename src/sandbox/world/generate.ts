import { type Clock, SECOND, type Timestamp } from "../../units/time.js";
import { addSandboxFeeChanges, addSeriesFeeChanges } from "./fee-schedule.js";
import { buildEvent, type EventPlan, type SeriesPlan } from "./plan.js";
import { billsSeries } from "./series/series-bills.js";
import { hourlySeries, quarterSeries } from "./series/series-coin.js";
import { cityWeatherSeries, indexSeries, weatherSeries } from "./series/series-daily.js";
import { ballSeries, gamesSeries } from "./series/series-games.js";
import { pricesSeries } from "./series/series-monthly.js";
import { QUICK_SPAN, quickEvent, sandboxSeries } from "./series/series-sandbox.js";
import { chartSeries, fuelSeries } from "./series/series-weekly.js";
import { electionSeries } from "./series/series-yearly.js";
import { movingCutoffs } from "./tiers.js";
import { MemoryWorld } from "./world.js";

/** Where the clock of a generated world starts unless told otherwise: 2026-10-15T15:00:00Z. */
export const DEFAULT_START: Timestamp = Date.UTC(2026, 9, 15, 15) * 1000;

/** Every series of a generated world beside `SANDBOX`. */
const PLANS: readonly ((seed: string) => SeriesPlan)[] = [
  weatherSeries,
  cityWeatherSeries,
  indexSeries,
  pricesSeries,
  gamesSeries,
  ballSeries,
  quarterSeries,
  hourlySeries,
  fuelSeries,
  chartSeries,
  billsSeries,
  electionSeries,
];

/** A world and the plans that it goes on growing by. */
export interface Growing {
  readonly world: MemoryWorld;
  readonly plans: readonly SeriesPlan[];
}

/** A whole world from a seed: thirteen series with three months of history up to the clock's present. The same seed and start give the same. */
export function generateWorld(seed: string, clock: Clock): Growing {
  const world = new MemoryWorld({ seed, clock, cutoffs: movingCutoffs });
  const start = clock.now();
  const plans = PLANS.map((plan) => plan(seed));
  for (const plan of plans) addHistory(world, plan, start);
  addSeriesFeeChanges(world, start);
  return { world, plans: [...plans, addSandboxSeries(world)] };
}

/** Adds the series `SANDBOX` with its history, its lasting event and the quick one of the present to any world. */
export function addSandboxSeries(world: MemoryWorld): SeriesPlan {
  const start = world.clock.now();
  const plan = sandboxSeries(world.seed, start);
  addHistory(world, plan, start);
  const quick = quickEvent(world.seed, Math.floor(start / QUICK_SPAN) * QUICK_SPAN);
  addPlanned(world, plan, quick, start);
  addSandboxFeeChanges(world, start);
  return plan;
}

function addHistory(world: MemoryWorld, series: SeriesPlan, start: Timestamp): void {
  world.addSeries(series.record);
  for (const plan of series.events(start - series.reach, start + SECOND)) addPlanned(world, series, plan, start);
}

/**
 * Adds an event to a world, with the trades that its markets have had before `traded`. Those that are not over `now` get a book.
 */
export function addPlanned(
  world: MemoryWorld,
  series: SeriesPlan,
  plan: EventPlan,
  now: Timestamp,
  traded: Timestamp = now,
): void {
  const built = buildEvent(world.seed, series.record, plan, now);
  world.add(built.event, built.markets);
  for (const index of built.markets.keys()) world.trades.histories.add(built, index, traded);
}
