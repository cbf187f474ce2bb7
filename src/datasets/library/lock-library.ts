import { setTimeout as sleep } from "node:timers/promises";
import { KalshiError } from "../../errors.js";
import { isOfThisMachine, LOCK_FILE, type Lock, lockFolder } from "../../store/lock.js";
import { MINUTE } from "../../units/time.js";

const LOOK_EVERY_MS = 100;

/** How long a lock is waited for of which nobody here can tell whether its owner lives. */
const UNKNOWN_OWNER_MS = (10 * MINUTE) / 1000;

export interface LockOptions {
  /** False refuses at once where another process has it. Default true: it is waited for. */
  readonly wait?: boolean | undefined;
  /**
   * How long to wait for a process of another machine, of which nobody here can tell whether it lives; milliseconds, default ten minutes. One of
   * this machine is waited for as long as it lives.
   */
  readonly otherMachineMs?: number | undefined;
  /** Told once, when it has to be waited for. */
  readonly onWait?: ((error: KalshiError) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Takes a library for this process alone, when whoever has it is done.
 *
 * @throws KalshiError `FOLDER_LOCKED` when it is not to be waited for, or was for long enough, `INTERRUPTED`, `DISK_FULL`, `WRITE_FAILED`
 */
export async function lockLibrary(
  dir: string,
  { wait = true, otherMachineMs = UNKNOWN_OWNER_MS, onWait, signal }: LockOptions = {},
): Promise<Lock> {
  const started = performance.now();
  for (let told = false; ; ) {
    try {
      return lockFolder(dir);
    } catch (error) {
      if (!(error instanceof KalshiError) || error.code !== "FOLDER_LOCKED" || !wait) throw error;
      if (!isOfThisMachine(error) && performance.now() - started >= otherMachineMs)
        throw waitedFor(error, otherMachineMs);
      if (!told) onWait?.(error);
      told = true;
    }
    await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
    if (signal?.aborted === true) {
      throw new KalshiError("INTERRUPTED", `stopped while waiting for ${dir}`, { hint: "run the same command again" });
    }
  }
}

function waitedFor({ message, context }: KalshiError, ms: number): KalshiError {
  return new KalshiError("FOLDER_LOCKED", `${message}; it was waited for ${Math.round(ms / 1000)} s`, {
    hint: `see on that machine whether the process lives, and run the same command again when it has ended; if it is gone, remove ${LOCK_FILE} in the folder`,
    context,
  });
}
