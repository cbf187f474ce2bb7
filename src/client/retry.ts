import { setTimeout as wait } from "node:timers/promises";

/** How often and how long a request is tried again. */
export interface RetryPolicy {
  /** Tries in all. */
  readonly attempts: number;
  /** Mean wait before the second try; doubles from there. */
  readonly baseMs: number;
  /** No single wait is longer. */
  readonly ceilingMs: number;
  /** All tries together. */
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

/**
 * Runs `attempt` until it succeeds, is judged final, or the policy is used up; then the last failure is thrown. Waits are exponential with
 * full jitter.
 */
export async function withRetry<T>(
  attempt: (number: number) => Promise<T>,
  judge: (error: unknown) => Verdict,
  policy: RetryPolicy,
  signal?: AbortSignal,
): Promise<T> {
  const started = performance.now();
  let failures = 0;
  let refusals = 0;
  for (let number = 1; ; number += 1) {
    try {
      return await attempt(number);
    } catch (error) {
      const verdict = judge(error);
      if (!verdict.retry || signal?.aborted === true) throw error;
      if (verdict.patient === true) refusals += 1;
      else failures += 1;
      if (failures >= policy.attempts) throw error;
      const delay = verdict.patient === true && refusals === 1 ? 0 : backoff(failures + refusals, policy);
      if (performance.now() - started + delay > policy.deadlineMs) throw error;
      if (delay > 0) await wait(delay, undefined, { signal });
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
