import type { Engine } from "./engine/engine.js";
import { DEFAULT_SEED, type SandboxOptions } from "./sandbox-options.js";
import { StateFolder } from "./state/state.js";
import type { Json } from "./types.js";
import type { SandboxClock } from "./world/clock.js";
import type { Rolling } from "./world/rolling.js";
import type { MemoryWorld } from "./world/world.js";

/**
 * Takes the folder that the options name for the state; null where they name none.
 *
 * @throws KalshiError `FOLDER_LOCKED`, `CHECKPOINT_MISMATCH`, `CHECKPOINT_DAMAGED`, `DISK_FULL`, `WRITE_FAILED`
 */
export function openState(options: SandboxOptions): StateFolder | null {
  return options.state === undefined ? null : new StateFolder(options.state, worldOf(options));
}

/** What a world is made from, as far as it decides what accounts can hold. */
function worldOf({ seed = DEFAULT_SEED, clock, data, cutoff, bulkTrades, precision }: SandboxOptions): Json {
  return [seed, clock ?? null, data ?? null, cutoff ?? null, bulkTrades ?? null, precision ?? null];
}

export interface RestoredParts {
  readonly world: MemoryWorld;
  readonly clock: SandboxClock;
  readonly rolling: Rolling;
  readonly engine: Engine;
}

/** Brings a world to the time at which its state was kept last, and gives members, whose accounts are open, what they owned then. */
export function restoreState(state: StateFolder | null, { world, clock, rolling, engine }: RestoredParts): void {
  if (state === null || state.past === null) return;
  clock.putForward(state.past.now);
  rolling.step();
  state.restore(engine, world);
  if (state.cutBytes > 0) warnOfCut(state.cutBytes);
}

function warnOfCut(bytes: number): void {
  process.emitWarning(`${bytes} bytes of an unfinished record were cut off the state, as a crash leaves them`, {
    code: "SANDBOX_STATE_CUT",
  });
}
