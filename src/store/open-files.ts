import { setTimeout as sleep } from "node:timers/promises";
import { systemCode } from "../errors.js";

/** Files that are open at once at most: a process may have a few hundred in all, and its sockets are among them. */
const AT_ONCE = 32;
const FIRST_WAIT_MS = 2;
const LONGEST_WAIT_MS = 100;
const GIVE_UP_AFTER_MS = 10_000;

let open = 0;
const waiting: (() => void)[] = [];

/**
 * Does what opens one file, when few enough others are open. That the system has no more to open passes: it is tried again for ten seconds.
 *
 * @throws what `use` throws
 */
export async function sparingFiles<T>(use: () => Promise<T>): Promise<T> {
  if (open >= AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve));
  else open += 1;
  try {
    return await patiently(use);
  } finally {
    // Whoever waits takes the place over.
    const next = waiting.shift();
    if (next === undefined) open -= 1;
    else next();
  }
}

async function patiently<T>(use: () => Promise<T>): Promise<T> {
  const start = performance.now();
  for (let wait = FIRST_WAIT_MS; ; wait = Math.min(2 * wait, LONGEST_WAIT_MS)) {
    try {
      return await use();
    } catch (error) {
      const code = systemCode(error);
      if (code !== "EMFILE" && code !== "ENFILE") throw error;
      if (performance.now() - start > GIVE_UP_AFTER_MS) throw error;
    }
    await sleep(wait);
  }
}
