import { getEventListeners } from "node:events";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { TokenBucket } from "../../src/client/rate-limit.js";
import { simulate } from "../support/simulated-exchange.js";

const basic = { capacity: 600, refillRate: 200 };
const premier = { capacity: 1_200, refillRate: 1_200 };
const prestige = { capacity: 12_000, refillRate: 12_000 };
const far = { there: 40, back: 40, jitter: 10, seed: 7 };

describe("TokenBucket, against a bucket of the exchange", () => {
  it.each([
    ["Basic", { stated: basic, requests: 1_000, concurrency: 64 }],
    ["Premier", { stated: premier, requests: 1_000, concurrency: 64 }],
    ["Premier, long", { stated: premier, requests: 4_000, concurrency: 64 }],
    ["Prestige", { stated: prestige, requests: 20_000, concurrency: 400 }],
  ])("spends 97 of 100 tokens at %s, 80 ms away, and is never refused", async (_, job) => {
    const { ratio, refused, seconds } = await simulate({ ...far, ...job });
    expect(refused).toBe(0);
    expect(ratio, `in ${seconds} s`).toBeGreaterThan(0.97);
    expect(ratio).toBeLessThan(1);
  });

  it("counts the time an answer takes where little of it is the way: connections open faster", async () => {
    const job = {
      stated: premier,
      requests: 1_000,
      concurrency: 26,
      seed: 7,
      there: 1,
      back: 1,
      jitter: 1,
      thought: 80,
    };
    const { ratio, refused } = await simulate(job);
    expect(refused).toBe(0);
    expect(ratio).toBeGreaterThan(0.985);
  });

  it.each([
    ["near", { there: 2, back: 2, jitter: 1 }],
    ["all the way there", { there: 80, back: 0, jitter: 5 }],
    ["all the way back", { there: 0, back: 80, jitter: 5 }],
    ["far and uneven", { there: 150, back: 150, jitter: 200 }],
    ["near, and long thought about", { there: 2, back: 2, jitter: 1, thought: 80 }],
    ["far, and long thought about", { there: 30, back: 30, jitter: 20, thought: 80 }],
  ])("is never refused, whichever way the time goes: %s", async (_, way) => {
    for (const seed of [1, 2, 3])
      for (const stated of [basic, premier]) {
        const { refused } = await simulate({ ...way, seed, stated, requests: 300, concurrency: 100 });
        expect(refused, `seed ${seed}, ${stated.refillRate}/s`).toBe(0);
      }
  });

  it("comes to terms with a bucket half as large as stated: few refusals, and hardly a token lost", async () => {
    const real = { capacity: 600, refillRate: 600 };
    const { ratio, refused } = await simulate({ ...far, stated: premier, real, requests: 2_000, concurrency: 100 });
    // Those of the first burst, which is twice what the bucket holds, and then some each time it tries for more.
    expect(refused).toBeGreaterThan(10);
    expect(refused).toBeLessThan(150);
    expect(ratio).toBeGreaterThan(0.95);
  });
});

describe("TokenBucket", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  const bucketOf = (capacity: number, refillRate: number): TokenBucket =>
    new TokenBucket({ capacity, refillRate }, () => performance.now());

  it("lets a burst through up to its capacity, and the rest at the refill rate", async () => {
    const bucket = bucketOf(100, 100);
    const at: number[] = [];
    const started = performance.now();
    for (let n = 0; n < 19; n += 1) {
      void bucket.reserve(10).then((tokens) => {
        at.push(performance.now() - started);
        tokens.answered();
      });
    }
    await vi.advanceTimersByTimeAsync(0);
    expect(at.length).toBe(9);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(at.length).toBe(19);
    // Ten tokens at a hundred a second: one request each tenth of a second.
    for (let n = 10; n < 19; n += 1) expect(at[n]! - at[n - 1]!).toBeCloseTo(100, -1);
  });

  it("lets several go at once when a timer comes late", async () => {
    const bucket = bucketOf(100, 1_000);
    (await bucket.reserve(100)).answered();
    let went = 0;
    for (let n = 0; n < 9; n += 1) void bucket.reserve(10).then(() => (went += 1));
    expect(went).toBe(0);
    await vi.advanceTimersByTimeAsync(95);
    expect(went).toBeGreaterThanOrEqual(8);
  });

  it("does not count on a refill while a burst travels: a full bucket does not fill meanwhile", async () => {
    const bucket = bucketOf(100, 100);
    const burst = await bucket.reserve(100);
    await vi.advanceTimersByTimeAsync(900);
    expect(bucket.available).toBe(0);
    burst.answered();
    await vi.advanceTimersByTimeAsync(500);
    expect(bucket.available).toBeGreaterThan(40);
  });

  it("takes a request as arrived after a second without an answer, so that one that hangs does not hold up the others", async () => {
    const bucket = bucketOf(100, 100);
    await bucket.reserve(100);
    let went = false;
    void bucket.reserve(10).then(() => {
      went = true;
    });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(went).toBe(false);
    await vi.advanceTimersByTimeAsync(150);
    expect(went).toBe(true);
  });

  it("lets go what takes all of a full bucket", async () => {
    const bucket = bucketOf(100, 100);
    const first = await bucket.reserve(10);
    let went = false;
    void bucket.reserve(100).then(() => {
      went = true;
    });
    await vi.advanceTimersByTimeAsync(50);
    first.answered();
    expect(went).toBe(false);
    await vi.advanceTimersByTimeAsync(150);
    expect(went).toBe(true);
  });

  it("lets go what is more than our share when it is full, and pays it back before anything else", async () => {
    const bucket = bucketOf(10, 100);
    const big = await bucket.reserve(60);
    big.answered();
    let after = 0;
    void bucket.reserve(5).then(() => {
      after = performance.now();
    });
    const started = performance.now();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(after - started).toBeGreaterThan(500);
  });

  it("counts as empty after a refusal, whatever it had counted before", async () => {
    const bucket = bucketOf(100, 100);
    (await bucket.reserve(10)).refused();
    expect(bucket.available).toBe(0);
    let went = false;
    void bucket.reserve(10).then(() => {
      went = true;
    });
    await vi.advanceTimersByTimeAsync(90);
    expect(went).toBe(false);
    await vi.advanceTimersByTimeAsync(300);
    expect(went).toBe(true);
  });

  it("takes the refusals of one burst for one reason to slow down, however long they keep coming", async () => {
    const bucket = bucketOf(1_000, 1_000);
    const burst = await Promise.all(Array.from({ length: 50 }, () => bucket.reserve(10)));
    for (const one of burst) {
      await vi.advanceTimersByTimeAsync(20);
      one.refused();
    }
    expect(bucket.pace).toBeGreaterThan(0.6);
    void bucket.reserve(10).then((tokens) => tokens.refused());
    const before = bucket.pace;
    await vi.advanceTimersByTimeAsync(50);
    expect(bucket.pace).toBeLessThan(before);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(bucket.pace).toBe(1);
  });

  it("gives way when refused, so that two programs on one account come to share it", async () => {
    const exchange = { level: 200, at: performance.now() };
    const admit = (): boolean => {
      exchange.level = Math.min(200, exchange.level + ((performance.now() - exchange.at) / 1000) * 200);
      exchange.at = performance.now();
      if (exchange.level < 10) return false;
      exchange.level -= 10;
      return true;
    };
    const programs = [0, 0].map(() => ({ bucket: bucketOf(200, 200), admitted: 0, refused: 0 }));
    for (const program of programs) {
      const next = (): void =>
        void program.bucket.reserve(10).then((tokens) => {
          if (admit()) {
            program.admitted += 1;
            tokens.answered();
          } else {
            program.refused += 1;
            tokens.refused();
          }
          next();
        });
      next();
    }
    await vi.advanceTimersByTimeAsync(30_000);
    const [a, b] = programs as [(typeof programs)[0], (typeof programs)[0]];
    // Thirty seconds are 620 requests for both together.
    expect(a.admitted + b.admitted).toBeGreaterThan(450);
    expect(Math.min(a.admitted, b.admitted)).toBeGreaterThan(150);
    expect(a.refused + b.refused).toBeLessThan(0.15 * (a.admitted + b.admitted));
  });

  it("gives back tokens that were not used, once", async () => {
    const bucket = bucketOf(100, 1);
    const tokens = await bucket.reserve(90);
    tokens.release();
    tokens.release();
    expect(bucket.available).toBe(100);
    const used = await bucket.reserve(90);
    expect([used.use(), used.use()]).toEqual([true, false]);
    used.release();
    expect(bucket.available).toBe(10);
  });

  it("keeps what was spent when it learns its true size", async () => {
    const bucket = bucketOf(200, 200);
    await bucket.reserve(50);
    bucket.resize(basic);
    expect(bucket.available).toBe(550);
  });

  it("leaves nothing on a signal that serves many requests", async () => {
    const bucket = bucketOf(100, 1_000);
    const { signal } = new AbortController();
    const one = async (): Promise<void> => (await bucket.reserve(10, signal)).answered();
    const all = Promise.all(Array.from({ length: 100 }, one));
    await vi.advanceTimersByTimeAsync(5_000);
    await all;
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  it("lets a waiting request go when it is aborted, and the next one take its place", async () => {
    const bucket = bucketOf(10, 10);
    (await bucket.reserve(10)).answered();
    const stop = new AbortController();
    const first = bucket.reserve(10, stop.signal).catch((reason: unknown) => String(reason));
    const second = bucket.reserve(5).then(() => "second");
    stop.abort("enough");
    expect(await first).toBe("enough");
    await expect(bucket.reserve(1, stop.signal)).rejects.toBe("enough");
    await vi.advanceTimersByTimeAsync(2_000);
    expect(await second).toBe("second");
  });

  it("serves a hundred thousand that wait, in their order", async () => {
    const bucket = bucketOf(1, 1);
    await bucket.reserve(1);
    const order: number[] = [];
    for (let n = 0; n < 100_000; n += 1) void bucket.reserve(1).then(() => order.push(n));
    bucket.resize({ capacity: 1e9, refillRate: 1e9 });
    await vi.advanceTimersByTimeAsync(10);
    expect(order.length).toBe(100_000);
    expect(order.every((n, at) => n === at)).toBe(true);
  });
});
