import { setTimeout as wait } from "node:timers/promises";
import { KalshiError } from "../errors.js";

/** How often and how long a request is tried again. */
export interface RetryPolicy {
  /** Tries in all that failed; refusals for too many requests are not counted. */
  readonly attempts: number;
  /** Mean wait before the second try; doubles from there. */
  readonly baseMs: number;
  /** No single wait is longer. */
  readonly ceilingMs: number;
  /**
   * All tries and the waits between them; no try begins later. Waiting for tokens does not count: a long queue of our own is no failure of the
   * exchange.
   */
  readonly deadlineMs: number;
}

export const defaultRetry: RetryPolicy = { attempts: 7, baseMs: 200, ceilingMs: 8_000, deadlineMs: 90_000 };

/** What to do after a failed try. */
export type Verdict =
  | { readonly retry: false }
  | {
      readonly retry: true;
      /** Whoever refused only asked to wait: tried again until the deadline, however often, the first time at once. */
      readonly patient?: boolean;
    };

/** Something that may be tried more than once. */
export interface Task<P, T> {
  /** Waits for what a try needs, such as tokens. A failure here is final, and its time does not count. */
  prepare(): Promise<P>;
  /** Counted from 1. */
  attempt(prepared: P, number: number): Promise<T>;
  judge(error: unknown): Verdict;
}

/**
 * Does a task until it succeeds, is judged final, or the policy is used up; then the last failure is thrown, and tells in its context how many
 * `tries` there were and how long they took (`elapsedMs`). Waits are exponential with full jitter.
 */
export async function withRetry<P, T>(task: Task<P, T>, policy: RetryPolicy, signal?: AbortSignal): Promise<T> {
  let elapsed = 0;
  let failures = 0;
  let refusals = 0;
  for (;;) {
    const prepared = await task.prepare();
    const started = performance.now();
    try {
      return await task.attempt(prepared, failures + refusals + 1);
    } catch (error) {
      elapsed += performance.now() - started;
      const verdict = task.judge(error);
      const patient = verdict.retry && verdict.patient === true;
      if (patient) refusals += 1;
      else failures += 1;
      const delay = patient && refusals === 1 ? 0 : backoff(failures + refusals, policy);
      const over = !verdict.retry || failures >= policy.attempts || elapsed + delay > policy.deadlineMs;
      if (over || signal?.aborted === true) throw tried(error, failures + refusals, elapsed);
      if (delay > 0) await wait(delay, undefined, { signal });
      elapsed += delay;
    }
  }
}

/** Full jitter: anything from nothing to twice the mean wait of this try, below the ceiling. */
export function backoff(
  failures: number,
  policy: Pick<RetryPolicy, "baseMs" | "ceilingMs">,
  random: () => number = Math.random,
): number {
  return random() * Math.min(policy.ceilingMs, 2 * policy.baseMs * 2 ** (failures - 1));
}

function tried(error: unknown, tries: number, elapsedMs: number): unknown {
  if (!(error instanceof KalshiError)) return error;
  const often = tries === 1 ? "" : ` (${tries} tries in ${(elapsedMs / 1000).toFixed(1)} s)`;
  return new KalshiError(error.code, `${error.message}${often}`, {
    hint: error.hint,
    context: { ...error.context, tries, elapsedMs: Math.round(elapsedMs) },
    cause: error.cause,
  });
}
