import { getEventListeners } from "node:events";
import { describe, expect, it, vi } from "vitest";
import { TokenBucket } from "../../src/client/rate-limit.js";

describe("TokenBucket", () => {
  it("lets a burst through up to its capacity, and the rest at the refill rate", async () => {
    vi.useFakeTimers();
    try {
      const bucket = new TokenBucket({ capacity: 100, refillRate: 100 }, () => Date.now());
      const started = Date.now();
      const at: number[] = [];
      for (let n = 0; n < 20; n += 1) void bucket.take(10).then(() => at.push(Date.now() - started));
      await vi.advanceTimersByTimeAsync(0);
      expect(at.length).toBe(10);
      bucket.answered();
      await vi.advanceTimersByTimeAsync(2_000);
      expect(at.length).toBe(20);
      // Ten tokens at a hundred a second: one request each tenth of a second.
      expect(at.slice(10)).toEqual(at.slice(10).map((_, n) => expect.closeTo(100 * (n + 1), -1)));
    } finally {
      vi.useRealTimers();
    }
  });

  it("never runs ahead of a bucket of the exchange that starts to refill when the first request arrives", async () => {
    vi.useFakeTimers();
    try {
      for (const latency of [5, 80, 300]) {
        const exchange = { level: 200, at: 0, rate: 200, refused: 0 };
        const bucket = new TokenBucket({ capacity: 200, refillRate: 200 }, () => Date.now());
        const send = (): void => {
          const now = Date.now();
          if (exchange.at > 0)
            exchange.level = Math.min(200, exchange.level + ((now - exchange.at) / 1000) * exchange.rate);
          exchange.at = now;
          if (exchange.level < 10) exchange.refused += 1;
          else exchange.level -= 10;
          setTimeout(() => bucket.answered(), latency / 2);
        };
        for (let n = 0; n < 200; n += 1) void bucket.take(10).then(() => setTimeout(send, latency / 2));
        await vi.advanceTimersByTimeAsync(15_000);
        expect(exchange.refused, `at ${latency} ms`).toBe(0);
      }
    } finally {
      vi.useRealTimers();
    }
  });

  it("counts as empty after a refusal, whatever it had counted before", async () => {
    vi.useFakeTimers();
    try {
      const bucket = new TokenBucket({ capacity: 100, refillRate: 100 }, () => Date.now());
      bucket.answered();
      bucket.refused();
      let went = false;
      void bucket.take(10).then(() => {
        went = true;
      });
      await vi.advanceTimersByTimeAsync(90);
      expect(went).toBe(false);
      await vi.advanceTimersByTimeAsync(300);
      expect(went).toBe(true);
    } finally {
      vi.useRealTimers();
    }
  });

  it("gives way when refused, so that two programs on one account come to share it, and takes its pace again afterwards", async () => {
    vi.useFakeTimers();
    try {
      const exchange = { level: 200, at: Date.now() };
      const admit = (): boolean => {
        exchange.level = Math.min(200, exchange.level + ((Date.now() - exchange.at) / 1000) * 200);
        exchange.at = Date.now();
        if (exchange.level < 10) return false;
        exchange.level -= 10;
        return true;
      };
      const programs = [0, 0].map(() => ({
        bucket: new TokenBucket({ capacity: 200, refillRate: 200 }, () => Date.now()),
        admitted: 0,
        refused: 0,
      }));
      for (const program of programs) {
        const next = (): void =>
          void program.bucket.take(10).then(() => {
            program.bucket.answered();
            if (admit()) program.admitted += 1;
            else {
              program.refused += 1;
              program.bucket.refused();
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
    } finally {
      vi.useRealTimers();
    }
  });

  it("leaves nothing on a signal that serves many requests", async () => {
    const bucket = new TokenBucket({ capacity: 1_000, refillRate: 1_000 });
    const { signal } = new AbortController();
    for (let n = 0; n < 100; n += 1) await bucket.take(1, signal);
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  it("lets a waiting request go when it is aborted, and the next one take its place", async () => {
    vi.useFakeTimers();
    try {
      const bucket = new TokenBucket({ capacity: 10, refillRate: 10 }, () => Date.now());
      await bucket.take(10);
      const stop = new AbortController();
      const first = bucket.take(10, stop.signal).catch((reason: unknown) => String(reason));
      const second = bucket.take(5).then(() => "second");
      stop.abort("enough");
      expect(await first).toBe("enough");
      await vi.advanceTimersByTimeAsync(2_000);
      expect(await second).toBe("second");
    } finally {
      vi.useRealTimers();
    }
  });
});
