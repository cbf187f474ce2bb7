import { type Clock, SECOND, type Timestamp } from "../units/time.js";
import type { JsonObject } from "./types.js";

export interface BucketSize {
  /** Tokens per second. */
  readonly rate: number;
  readonly capacity: number;
}

export const tierNames = ["basic", "advanced", "expert", "premier", "paragon", "prime", "prestige"] as const;
export type Tier = (typeof tierNames)[number];

const size = (rate: number, capacity: number): BucketSize => ({ rate, capacity });

/** Read and Write bucket of each tier. See API: rate limits. */
export const tiers: Readonly<Record<Tier, { readonly read: BucketSize; readonly write: BucketSize }>> = {
  basic: { read: size(200, 600), write: size(100, 100) },
  advanced: { read: size(300, 900), write: size(300, 900) },
  expert: { read: size(600, 600), write: size(600, 1_800) },
  premier: { read: size(1_200, 1_200), write: size(1_200, 3_600) },
  paragon: { read: size(2_400, 2_400), write: size(2_400, 7_200) },
  prime: { read: size(4_800, 4_800), write: size(4_800, 14_400) },
  prestige: { read: size(12_000, 12_000), write: size(9_600, 28_800) },
};

/** A token bucket: starts full, refills evenly by wall time, and refuses without a penalty what it cannot cover. */
export class Bucket {
  readonly #size: BucketSize;
  readonly #wall: Clock;
  #tokens: number;
  #at: Timestamp;

  constructor(bucket: BucketSize, wall: Clock) {
    this.#size = bucket;
    this.#wall = wall;
    this.#tokens = bucket.capacity;
    this.#at = wall.now();
  }

  /** Takes `cost` tokens, or none when there are fewer. */
  take(cost: number): boolean {
    const now = this.#wall.now();
    const refilled = this.#tokens + ((now - this.#at) / SECOND) * this.#size.rate;
    this.#tokens = Math.min(this.#size.capacity, Math.max(refilled, this.#tokens));
    this.#at = now;
    if (this.#tokens < cost) return false;
    this.#tokens -= cost;
    return true;
  }
}

/** Requests per second and at once that one address may make without signing. The real number is not documented. */
export const UNSIGNED: BucketSize = { rate: 20, capacity: 60 };

/** Every bucket of a sandbox: two for each account, one for each address that does not sign. */
export class Limits {
  readonly tier: Tier;
  readonly #unsigned: BucketSize;
  readonly #wall: Clock;
  readonly #accounts = new Map<string, { read: Bucket; write: Bucket }>();
  readonly #addresses = new Map<string, Bucket>();

  constructor(options: { readonly tier: Tier; readonly wall: Clock; readonly unsigned?: BucketSize | undefined }) {
    this.tier = options.tier;
    this.#wall = options.wall;
    this.#unsigned = options.unsigned ?? UNSIGNED;
  }

  takeSigned(userId: string, bucket: "read" | "write", cost: number): boolean {
    let pair = this.#accounts.get(userId);
    if (pair === undefined) {
      const { read, write } = tiers[this.tier];
      pair = { read: new Bucket(read, this.#wall), write: new Bucket(write, this.#wall) };
      this.#accounts.set(userId, pair);
    }
    return pair[bucket].take(cost);
  }

  takeUnsigned(address: string): boolean {
    let bucket = this.#addresses.get(address);
    if (bucket === undefined) {
      bucket = new Bucket(this.#unsigned, this.#wall);
      this.#addresses.set(address, bucket);
    }
    return bucket.take(1);
  }

  /** The body of `/account/limits`. */
  describe(): JsonObject {
    const { read, write } = tiers[this.tier];
    const granted = this.tier !== "basic";
    return {
      grants: granted ? [{ exchange_instance: "event_contract", level: this.tier, source: "manual" }] : [],
      read: { bucket_capacity: read.capacity, refill_rate: read.rate },
      usage_tier: this.tier,
      write: { bucket_capacity: write.capacity, refill_rate: write.rate },
    };
  }
}
