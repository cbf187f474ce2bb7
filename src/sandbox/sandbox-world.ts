import { parseTime, startOfDay, type Timestamp } from "../units/time.js";
import { type OpenReplay, openReplay } from "./replay/open-replay.js";
import { DEFAULT_SEED, type SandboxOptions } from "./sandbox-options.js";
import { SandboxClock } from "./world/clock.js";
import { loadDataWorld } from "./world/data/data-world.js";
import { addSandboxSeries, DEFAULT_START, type Growing, generateWorld } from "./world/generate.js";
import { addBulkSeries } from "./world/series/bulk-series.js";
import { comboSeries } from "./world/series/combo-series.js";
import { addPastCombos } from "./world/series/generated-combos.js";
import type { MemoryWorld } from "./world/world.js";

/** The world that a sandbox serves. Its clock stands at its start. */
export interface SandboxWorld extends Growing {
  readonly clock: SandboxClock;
  /** Null unless what it serves is a recording. */
  readonly replay: OpenReplay | null;
}

/**
 * Makes the world that the options ask for: a recording's, one of real records, or a generated one.
 *
 * @throws KalshiError `BAD_TIME`; with `data` also `FILE_NOT_FOUND`, `FILE_UNREADABLE`, `BAD_LINE`; with `replay` also `FILE_NOT_FOUND`,
 *   `FILE_UNREADABLE`, `FILE_FORMAT`
 */
export async function makeWorld(options: SandboxOptions): Promise<SandboxWorld> {
  return options.replay === undefined ? worldOfRecords(options) : worldOfReplay(options.replay, options);
}

async function worldOfReplay(
  folder: string,
  { speed = 1, seed = DEFAULT_SEED }: SandboxOptions,
): Promise<SandboxWorld> {
  const replay = await openReplay(folder, speed, seed);
  const { world, clock } = replay;
  world.nameAfter(["replay", folder, clock.start, world.markets.size], clock.start);
  return { world, plans: [], clock, replay };
}

async function worldOfRecords(options: SandboxOptions): Promise<SandboxWorld> {
  const { seed = DEFAULT_SEED, data, cutoff, bulkTrades } = options;
  const given = options.clock === undefined ? null : parseTime(options.clock);
  let clock = new SandboxClock(given ?? DEFAULT_START);
  const clockFrom = (end: Timestamp) => {
    clock = new SandboxClock(given ?? end);
    return clock;
  };
  const growing =
    data === undefined
      ? withCombos(generateWorld(seed, clock))
      : await loadDataWorld({ folder: data, cutoff, seed, clockFrom }).then(withSandboxSeries);
  const { world } = growing;
  if (bulkTrades !== undefined) addBulkSeries(world, bulkTrades);
  const boundary = cutoff === undefined ? null : startOfDay(parseTime(cutoff));
  world.nameAfter([seed, world.content, boundary, clock.start, bulkTrades ?? 0], clock.start);
  return { ...growing, clock, replay: null };
}

/** Real records have no combos, so a world of them has no series for any. */
function withCombos(growing: Growing): Growing {
  growing.world.addSeries(comboSeries);
  addPastCombos(growing.world);
  return growing;
}

function withSandboxSeries(world: MemoryWorld): Growing {
  return { world, plans: [addSandboxSeries(world)] };
}
