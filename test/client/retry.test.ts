import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { backoff, type RetryPolicy, type Verdict, withRetry } from "../../src/client/retry.js";
import { KalshiError } from "../../src/errors.js";

const failed = (): KalshiError => new KalshiError("SERVER_FAILED", "it failed", { hint: "wait", context: { a: 1 } });

describe("backoff", () => {
  it("waits anything from nothing to twice the mean of the try, which doubles, and never longer than the ceiling", () => {
    const policy = { baseMs: 100, ceilingMs: 1_000 };
    expect([1, 2, 3, 4, 50].map((n) => backoff(n, policy, () => 1))).toEqual([200, 400, 800, 1_000, 1_000]);
    expect(backoff(50, policy, () => 0)).toBe(0);
    expect(backoff(2, policy, () => 0.5)).toBe(200);
  });
});

describe("withRetry", () => {
  // The promise form of timers does not go by the fake clock; waits are kept at next to nothing and the clock moved by hand.
  let clock = 0;
  const policy: RetryPolicy = { attempts: 5, baseMs: 0.001, ceilingMs: 0.001, deadlineMs: 100 };

  beforeEach(() => {
    clock = 0;
    vi.spyOn(performance, "now").mockImplementation(() => clock);
  });
  afterEach(() => void vi.restoreAllMocks());

  const run = async (job: { waits?: number; takes?: number; verdict: Verdict; policy?: Partial<RetryPolicy> }) => {
    const asked: number[] = [];
    let waited = 0;
    const error = await withRetry(
      {
        prepare: async () => {
          waited += 1;
          clock += job.waits ?? 0;
        },
        attempt: async (_, number) => {
          asked.push(number);
          clock += job.takes ?? 0;
          throw failed();
        },
        judge: () => job.verdict,
      },
      { ...policy, ...job.policy },
    ).catch((reason: unknown) => reason as KalshiError);
    return { error: error as KalshiError, asked, waited };
  };

  it("tells how often it tried, and for how long", async () => {
    const { error, asked } = await run({ takes: 7, verdict: { retry: true } });
    expect(asked).toEqual([1, 2, 3, 4, 5]);
    expect(error).toMatchObject({ code: "SERVER_FAILED", hint: "wait", context: { a: 1, tries: 5, elapsedMs: 35 } });
    expect(error.message).toBe("it failed (5 tries in 0.0 s)");
  });

  it("tries once what is judged final, and says no more than that", async () => {
    const { error, asked } = await run({ takes: 7, verdict: { retry: false } });
    expect(asked).toEqual([1]);
    expect(error.message).toBe("it failed");
    expect(error.context).toEqual({ a: 1, tries: 1, elapsedMs: 7 });
  });

  it("begins no try behind the deadline", async () => {
    const { asked } = await run({ takes: 40, verdict: { retry: true } });
    expect(asked.length).toBe(3);
  });

  it("does not count the time that tokens take, nor takes it for a try", async () => {
    const { error, asked, waited } = await run({ waits: 10_000, takes: 1, verdict: { retry: true } });
    expect([asked.length, waited]).toEqual([5, 5]);
    expect(error.context.elapsedMs).toBe(5);
  });

  it("is patient with whoever only asks to wait: until the deadline, and not for a number of tries", async () => {
    const { asked } = await run({ takes: 4, verdict: { retry: true, patient: true } });
    expect(asked.length).toBeGreaterThanOrEqual(25);
  });
});
