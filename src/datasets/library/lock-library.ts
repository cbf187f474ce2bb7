import { setTimeout as sleep } from "node:timers/promises";
import { KalshiError } from "../../errors.js";
import { type Lock, lockFolder } from "../../store/lock.js";

const LOOK_EVERY_MS = 100;

export interface LockOptions {
  /** False refuses at once where another process has it. Default true: it is waited for. */
  readonly wait?: boolean | undefined;
  /** Told once, when it has to be waited for. */
  readonly onWait?: ((error: KalshiError) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Takes a library for this process alone, when whoever has it is done.
 *
 * @throws KalshiError `FOLDER_LOCKED` when it is not to be waited for, `INTERRUPTED`, `DISK_FULL`, `WRITE_FAILED`
 */
export async function lockLibrary(dir: string, { wait = true, onWait, signal }: LockOptions = {}): Promise<Lock> {
  for (let told = false; ; ) {
    try {
      return lockFolder(dir);
    } catch (error) {
      if (!(error instanceof KalshiError) || error.code !== "FOLDER_LOCKED" || !wait) throw error;
      if (!told) onWait?.(error);
      told = true;
    }
    await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
    if (signal?.aborted === true) {
      throw new KalshiError("INTERRUPTED", `stopped while waiting for ${dir}`, { hint: "run the same command again" });
    }
  }
}
