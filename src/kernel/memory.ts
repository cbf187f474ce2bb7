import inspector from "node:inspector";
import { resourceLimits } from "node:worker_threads";
import { collectSymbol } from "./heap.js";
import { guardMainThread } from "./memory-guard.js";

const everyMs = 20;
/** From here on V8 does not end the process where this thread is too late. */
const guarded = 0.5;
/** What is left must last until the cell has stopped: some tenths of a second of a loop that does nothing but allocate. */
const full = 0.8;
/** Where there was much garbage, it is left alone for so many times as long as collecting it took. */
const rest = 4;
const MiB = 2 ** 20;
/** The young generation is two halves and, while one is copied into the other, a third. */
const semiSpaces = 3;

/** A cell while it runs, and the main thread's heap under it. */
export interface Watched {
  /** Bytes in use when the cell began. */
  readonly began: number;
  /** Bytes that the old space can have. */
  readonly oldSpace: number;
  /** Called once, when the cell fills the heap, with the bytes that are in use and no garbage. */
  readonly tell: (used: number) => void;
}

/**
 * Watches from another thread how much of its heap the main thread uses while a cell runs, and says when the cell has nearly filled it: V8
 * would end the process without asking anybody. What was in use before the cell, and garbage, is never held against it: before it is stopped,
 * what can be collected is collected. Of a cell that fills the rest before this thread gets its turn, V8 itself tells, from half of the heap on.
 * Only one that fills all of it between two looks ends the process, with V8's own words on standard error.
 *
 * @returns what ends the watch; nothing is told afterwards
 */
export function watchMemory({ began, oldSpace, tell }: Watched): () => void {
  // A cell that begins with a full heap, to empty it perhaps, has half of what is left.
  const most = Math.max(full * oldSpace, (began + oldSpace) / 2);
  let worthAsking = most;
  let restUntil = 0;
  let isAsking = false;
  let isOver = false;
  let endGuard: (() => void) | null = null;
  const guard = () => {
    endGuard ??= guardMainThread(() => {
      if (isOver) return;
      stopLooking();
      tell(oldSpace);
    });
  };
  if (began > guarded * oldSpace) guard();
  const look = async () => {
    // All memory of the process is the least that costs nothing to know; the heap is part of it.
    const worthLooking = endGuard === null ? guarded * oldSpace : worthAsking;
    if (isAsking || performance.now() < restUntil || process.memoryUsage.rss() < worthLooking) return;
    isAsking = true;
    const inUse = await usedByMainThread();
    if (inUse > guarded * oldSpace && !isOver) guard();
    const isFull = inUse > worthAsking && !isOver;
    const asked = performance.now();
    const used = isFull ? await collectedOnMainThread() : 0;
    isAsking = false;
    if (isOver || !isFull) return;
    if (used > most) {
      // The guard stays until the cell has ended.
      stopLooking();
      tell(used);
    } else {
      worthAsking = Math.max(most, (used + oldSpace) / 2);
      const took = performance.now() - asked;
      if (worthAsking === most) restUntil = asked + took + rest * took;
    }
  };
  const timer = setInterval(() => void look(), everyMs);
  const stopLooking = () => {
    isOver = true;
    clearInterval(timer);
  };
  const stop = () => {
    stopLooking();
    endGuard?.();
  };
  return stop;
}

/** Bytes of a heap's limit that are its old space: garbage of the young generation never ends a process. */
export function oldSpaceOf(limit: number): number {
  const given = [...process.execArgv, ...(process.env.NODE_OPTIONS ?? "").split(/\s+/)]
    .map((flag) => /^--max[-_]semi[-_]space[-_]size=(\d+)$/.exec(flag)?.[1])
    .findLast((found) => found !== undefined);
  const young = given === undefined ? (resourceLimits.maxYoungGenerationSizeMb ?? 0) : semiSpaces * Number(given);
  return Math.max(limit - young * MiB, limit / 2);
}

async function usedByMainThread(): Promise<number> {
  const usage = await ask<{ usedSize: number }>("Runtime.getHeapUsage");
  return usage?.usedSize ?? 0;
}

async function collectedOnMainThread(): Promise<number> {
  const expression = `globalThis[Symbol.for("${collectSymbol}")]()`;
  const answer = await ask<{ result: { value?: unknown } }>("Runtime.evaluate", { expression, returnByValue: true });
  return Number(answer?.result.value ?? 0);
}

/** Also answered while the main thread is busy. */
function ask<Answer>(method: string, params: object = {}): Promise<Answer | null> {
  const session = new inspector.Session();
  session.connectToMainThread();
  return new Promise((resolve) => {
    session.post(method, params, (error, answer) => {
      session.disconnect();
      resolve(error === null ? (answer as Answer) : null);
    });
  });
}
