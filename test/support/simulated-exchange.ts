import { vi } from "vitest";
import { type BucketSize, TokenBucket } from "../../src/client/rate-limit.js";

/** Capacity and refill of the exchange's bucket, how far away it is, and who asks. */
export interface Simulated {
  /** What the client was told. */
  readonly stated: BucketSize;
  /** What the exchange really has; by default the same. */
  readonly real?: BucketSize;
  readonly requests: number;
  /** Requests under way at once, at most. */
  readonly concurrency: number;
  /** Mean way to the exchange and back, and how much longer each may take, in milliseconds. */
  readonly there: number;
  readonly back: number;
  readonly jitter: number;
  /** How long the exchange thinks about each, when it has counted it. */
  readonly thought?: number;
  readonly seed: number;
}

export interface Spent {
  /** Tokens spent ÷ (capacity + refill × elapsed), until the last answer. */
  readonly ratio: number;
  readonly refused: number;
  readonly seconds: number;
  readonly bucket: TokenBucket;
}

const COST = 10;
/** Timers of a busy process come late. */
const LATE_MS = 2;

/**
 * Requests through a token bucket to an exchange with one of its own, on fake clocks on both sides. Connections have to be opened first, the
 * exchange counts whole milliseconds, timers come up to two milliseconds late, and two requests come before, as they do in a real client.
 */
export async function simulate(options: Simulated): Promise<Spent> {
  vi.useFakeTimers();
  try {
    const random = sequence(options.seed);
    const fake = globalThis.setTimeout;
    vi.stubGlobal("setTimeout", (work: () => void, ms: number) => fake(work, ms + random() * LATE_MS));
    return await run(options, random);
  } finally {
    vi.unstubAllGlobals();
    vi.useRealTimers();
  }
}

async function run(options: Simulated, random: () => number): Promise<Spent> {
  const bucket = new TokenBucket(options.stated, () => performance.now());
  const admit = exchange(options.real ?? options.stated);
  const delay = (mean: number): Promise<void> =>
    new Promise((resolve) => setTimeout(resolve, mean + random() * options.jitter));
  let connections = 0;
  let refused = 0;
  let left = options.requests;
  const ask = async (): Promise<void> => {
    for (;;) {
      const tokens = await bucket.reserve(COST);
      tokens.use();
      connections += 1;
      if (connections <= options.concurrency) {
        const begun = performance.now();
        await delay(options.there + options.back);
        bucket.opened(performance.now() - begun);
      }
      tokens.sent();
      await delay(options.there);
      const admitted = admit();
      await delay(options.back + (options.thought ?? 0));
      if (admitted) return tokens.answered();
      refused += 1;
      tokens.refused();
    }
  };
  const worker = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await ask();
    }
  };
  await settled(ask().then(ask));
  await settled(new Promise((resolve) => setTimeout(resolve, 5_000)));
  const started = performance.now();
  await settled(Promise.all(Array.from({ length: options.concurrency }, worker)));
  const seconds = (performance.now() - started) / 1000;
  const { capacity, refillRate } = options.real ?? options.stated;
  return { ratio: (options.requests * COST) / (capacity + refillRate * seconds), refused, seconds, bucket };
}

function exchange({ capacity, refillRate }: BucketSize): () => boolean {
  let level = capacity;
  let at = Math.floor(performance.now());
  return () => {
    const now = Math.floor(performance.now());
    level = Math.min(capacity, level + ((now - at) / 1000) * refillRate);
    at = now;
    if (level < COST) return false;
    level -= COST;
    return true;
  };
}

/** Lets the clock run until a promise is settled. */
async function settled(promise: Promise<unknown>): Promise<void> {
  let done = false;
  void promise.finally(() => {
    done = true;
  });
  while (!done) await vi.advanceTimersByTimeAsync(1);
}

function sequence(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}
