import { type Clock, MILLISECOND, SECOND, type Timestamp } from "../../units/time.js";
import type { JsonObject } from "../types.js";

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
  #ledger = emptyLedger();

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
    const ledger = this.#ledger;
    ledger.first ??= { at: now, tokens: this.#tokens };
    ledger.last = now;
    if (this.#tokens < cost) {
      ledger.refused += 1;
      return false;
    }
    this.#tokens -= cost;
    ledger.spent += cost;
    ledger.granted += 1;
    return true;
  }

  /** Tokens there are now. */
  level(): JsonObject {
    const refilled = this.#tokens + ((this.#wall.now() - this.#at) / SECOND) * this.#size.rate;
    const tokens = Math.min(this.#size.capacity, Math.max(refilled, this.#tokens));
    return { capacity: this.#size.capacity, rate: this.#size.rate, tokens: Math.floor(tokens) };
  }

  /** What was taken since the start or the last reset, and what could have been: `available_at_first + refill_rate × elapsed`. */
  describe(): JsonObject {
    const { spent, granted, refused, first, last } = this.#ledger;
    return {
      available_at_first: first?.tokens ?? null,
      bucket_capacity: this.#size.capacity,
      first_ms: first === null ? null : first.at / MILLISECOND,
      granted,
      last_ms: last === null ? null : last / MILLISECOND,
      refill_rate: this.#size.rate,
      refused,
      spent,
    };
  }

  /** Begins the counts anew; the tokens stay as they are. */
  reset(): void {
    this.#ledger = emptyLedger();
  }
}

interface Ledger {
  spent: number;
  granted: number;
  refused: number;
  first: { readonly at: Timestamp; readonly tokens: number } | null;
  last: Timestamp | null;
}

function emptyLedger(): Ledger {
  return { spent: 0, granted: 0, refused: 0, first: null, last: null };
}

/** Requests per second and at once that one address may make without signing. The real number is not documented. */
export const UNSIGNED: BucketSize = { rate: 20, capacity: 60 };

/** Every bucket of a sandbox: two for each account, one for each address that does not sign. */
export class Limits {
  readonly tier: Tier;
  readonly #unsigned: BucketSize;
  readonly #wall: Clock;
  readonly #accounts = new Map<string, { read: Bucket; write: Bucket }>();
  /** Who has earned the level `advanced` by their orders. */
  readonly #advanced = new Set<string>();
  readonly #addresses = new Map<string, Bucket>();

  constructor(options: { readonly tier: Tier; readonly wall: Clock; readonly unsigned?: BucketSize | undefined }) {
    this.tier = options.tier;
    this.#wall = options.wall;
    this.#unsigned = options.unsigned ?? UNSIGNED;
  }

  takeSigned(userId: string, bucket: "read" | "write", cost: number): boolean {
    let pair = this.#accounts.get(userId);
    if (pair === undefined) {
      const { read, write } = tiers[this.tierOf(userId)];
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

  /** What each account took from its buckets, and each address without signing. */
  ledger(): JsonObject {
    const accounts = [...this.#accounts].map(([user_id, { read, write }]) => {
      return { read: read.describe(), user_id, write: write.describe() };
    });
    const unsigned = [...this.#addresses].map(([address, bucket]) => ({ address, ...bucket.describe() }));
    return { accounts, unsigned };
  }

  /** The tokens that each account and each address has now. */
  levels(): JsonObject {
    const accounts = [...this.#accounts].map(([user_id, { read, write }]) => {
      return { read: read.level(), user_id, write: write.level() };
    });
    return { accounts, unsigned: [...this.#addresses].map(([address, bucket]) => ({ address, ...bucket.level() })) };
  }

  resetLedger(): void {
    const pairs = [...this.#accounts.values()].flatMap(({ read, write }) => [read, write]);
    for (const bucket of [...pairs, ...this.#addresses.values()]) bucket.reset();
  }

  /** The tier of an account: the sandbox's, or `advanced` where that is more and was granted. */
  tierOf(userId: string): Tier {
    return this.tier === "basic" && this.#advanced.has(userId) ? "advanced" : this.tier;
  }

  /** Whether an account may have subaccounts. */
  isAdvanced(userId: string): boolean {
    return this.tierOf(userId) !== "basic";
  }

  isPremier(userId: string): boolean {
    return tierNames.indexOf(this.tierOf(userId)) >= tierNames.indexOf("premier");
  }

  /** Grants `advanced` for ever. Where that is more than before, the buckets become larger and are full. */
  grantAdvanced(userId: string): void {
    const before = this.tierOf(userId);
    this.#advanced.add(userId);
    if (this.tierOf(userId) !== before) this.#accounts.delete(userId);
  }

  /** The body of `/account/limits`. */
  describe(userId: string): JsonObject {
    const tier = this.tierOf(userId);
    const { read, write } = tiers[tier];
    const levels = new Set<Tier>([...(this.tier === "basic" ? [] : [this.tier])]);
    if (this.#advanced.has(userId)) levels.add("advanced");
    return {
      grants: [...levels].map((level) => ({ exchange_instance: "event_contract", level, source: "manual" })),
      read: { bucket_capacity: read.capacity, refill_rate: read.rate },
      usage_tier: tier,
      write: { bucket_capacity: write.capacity, refill_rate: write.rate },
    };
  }
}
