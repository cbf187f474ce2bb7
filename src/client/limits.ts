import { fieldOf } from "./answer.js";
import { PriceList } from "./costs.js";
import { type BucketSize, TokenBucket } from "./rate-limit.js";

/** What is assumed before `/account/limits` has answered: the lowest tier. */
const LOWEST_READ: BucketSize = { capacity: 200, refillRate: 200 };
const LOWEST_WRITE: BucketSize = { capacity: 100, refillRate: 100 };
/** Unsigned calls are limited by address, undocumented; about five a second are safe. @see API: 4.5 */
const UNSIGNED: BucketSize = { capacity: 50, refillRate: 50 };
/** No bucket takes longer than this to fill, so one that nobody used for so long need not be remembered. */
const FORGET_AFTER_MS = 60_000;

/** What one account may spend, or one address without a key. */
export class Limits {
  readonly read: TokenBucket;
  readonly write: TokenBucket;
  prices = new PriceList();
  /** Whether the sizes are the exchange's own, and not assumed. */
  known = false;

  /** An address without a key has one bucket for everything. */
  constructor(signed: boolean) {
    this.read = new TokenBucket(signed ? LOWEST_READ : UNSIGNED);
    this.write = signed ? new TokenBucket(LOWEST_WRITE) : this.read;
  }

  /** Fills the buckets from what `/account/limits` says; `share` is our part of them. */
  learn(limits: unknown, share: number): void {
    for (const name of ["read", "write"] as const) {
      const size = bucketSize(limits, name, share);
      if (size !== null) this[name].resize(size);
    }
    this.known = true;
  }
}

interface Shared {
  readonly limits: Limits;
  users: number;
  leftAt: number;
}

const shared = new Map<string, Shared>();

/**
 * The limits of an account at a host, or of this address without a key (`keyId` null). The exchange counts by account and by address, so
 * all clients of this process have them in common: each that joins leaves again.
 */
export function joinLimits(origin: string, keyId: string | null): Limits {
  forgetUnused();
  const name = nameOf(origin, keyId);
  const known = shared.get(name) ?? { limits: new Limits(keyId !== null), users: 0, leftAt: 0 };
  known.users += 1;
  shared.set(name, known);
  return known.limits;
}

/** Says that a client needs the limits no longer. */
export function leaveLimits(origin: string, keyId: string | null): void {
  const known = shared.get(nameOf(origin, keyId));
  if (known === undefined) return;
  known.users -= 1;
  known.leftAt = performance.now();
}

function forgetUnused(): void {
  const now = performance.now();
  for (const [name, { users, leftAt }] of shared) {
    if (users === 0 && now - leftAt > FORGET_AFTER_MS) shared.delete(name);
  }
}

function nameOf(origin: string, keyId: string | null): string {
  return JSON.stringify([origin, keyId]);
}

function bucketSize(limits: unknown, name: "read" | "write", share: number): BucketSize | null {
  const bucket = fieldOf(limits, name);
  const capacity = fieldOf(bucket, "bucket_capacity");
  const refillRate = fieldOf(bucket, "refill_rate");
  if (typeof capacity !== "number" || typeof refillRate !== "number" || !(capacity > 0) || !(refillRate > 0))
    return null;
  if (share === 1) return { capacity, refillRate };
  return { capacity: capacity * share, refillRate: refillRate * share, whole: capacity };
}
