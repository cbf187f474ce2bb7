import { Queue } from "./queue.js";

/** Size of a token bucket as `/account/limits` states it. */
export interface BucketSize {
  readonly capacity: number;
  /** Tokens per second. */
  readonly refillRate: number;
  /** Capacity of the account's whole bucket, where this is only our share of it. */
  readonly whole?: number;
}

const SLOWEST = 0.1;
const CUT = 0.6;
const RECOVERY_PER_SECOND = 0.05;
/**
 * A request that was not answered for this long has reached the exchange all the same, as far as its bucket goes: so many times as long as
 * it takes to open a connection, within bounds.
 */
const ARRIVED_AFTER = { openings: 10, leastMs: 50, mostMs: 1_000 };
/** Two clocks differ a little, and nobody says how exactly the exchange counts. */
const TRUST = 0.999;
const MARGIN_SECONDS = 0.01;
/** Part of the shortest round trip that any answer has certainly been on its way back, or being thought about, at least. */
const WAY_BACK = 0.5;
/** Part believed of what is left of a round trip without the way there: ways differ in length. */
const THOUGHT = 0.9;

interface Waiter {
  readonly cost: number;
  readonly go: (reservation: Reservation) => void;
  /** Given up before its turn. */
  dropped: boolean;
}

/** Tokens that were taken: first they wait for their request, then for its answer. */
export class Reservation {
  readonly cost: number;
  /** By the bucket's clock, in milliseconds. */
  readonly takenAt: number;
  readonly #end: (how: "unused" | "answered" | "refused") => void;
  readonly #now: () => number;
  #open = true;
  #ended = false;
  #sentAt: number | null = null;

  constructor(
    cost: number,
    takenAt: number,
    now: () => number,
    end: (reservation: Reservation, how: "unused" | "answered" | "refused") => void,
  ) {
    this.#now = now;
    this.cost = cost;
    this.takenAt = takenAt;
    this.#end = (how) => {
      if (this.#ended) return;
      this.#ended = true;
      end(this, how);
    };
  }

  /** Hands the tokens over to a request; false when they are gone already, as on its second try. */
  use(): boolean {
    const open = this.#open;
    this.#open = false;
    return open;
  }

  /** Gives back what was not used. */
  release(): void {
    if (this.use()) this.#end("unused");
  }

  /** The request was given to an open connection. */
  sent(): void {
    this.#sentAt ??= this.#now();
  }

  /** When that was, by the bucket's clock; null before it. */
  get sentAt(): number | null {
    return this.#sentAt;
  }

  /** The request ended, with an answer or without one that will still come. */
  answered(): void {
    this.#end("answered");
  }

  /** The exchange said 429: whatever we counted, its bucket is empty. */
  refused(): void {
    this.#end("refused");
  }
}

/**
 * The client's own count of one of the exchange's token buckets: requests wait here, first come first served, until their cost is there.
 *
 * Ours is never fuller than the exchange's. What travels is still in their bucket, which does not fill above its capacity meanwhile: so
 * ours fills no further than the capacity less what was sent and not answered. When the exchange refuses all the same, somebody else
 * spends from the same account: the pace is then cut, and grows again slowly, so that several programs come to share it.
 *
 * @see API: 4.1 Buckets
 */
export class TokenBucket {
  #size: BucketSize;
  #level: number;
  #countedAt: number;
  /** Part of the refill rate that we believe to be ours: 1 until the exchange refuses. */
  #pace = 1;
  #cutAt = Number.NEGATIVE_INFINITY;
  /** Tokens of requests on their way. */
  #traveling = 0;
  /** The same requests, in the order they were sent; those that ended are left out when their turn comes. */
  readonly #sent = new Queue<Reservation>();
  readonly #unanswered = new Set<Reservation>();
  readonly #waiting = new Queue<Waiter>();
  /** Tokens not counted because of what travels, which the exchange may have filled while its answer came back. */
  #heldBack = 0;
  #roundTripMs = Number.POSITIVE_INFINITY;
  /** The shortest that opening a connection has taken: a way there takes no longer. */
  #openingMs = Number.POSITIVE_INFINITY;
  #answers = 0;
  readonly #now: () => number;
  #timer: ReturnType<typeof setTimeout> | null = null;

  /** `now` in milliseconds, monotonic. */
  constructor(size: BucketSize, now: () => number = () => performance.now()) {
    this.#size = size;
    this.#now = now;
    this.#level = size.capacity;
    this.#countedAt = now();
  }

  get size(): BucketSize {
    return this.#size;
  }

  /** Tokens that may be spent now. */
  get available(): number {
    this.#refill();
    return Math.max(0, Math.floor(this.#level));
  }

  /** Part of the stated refill rate in use: below 1 after a refusal, and growing again. */
  get pace(): number {
    this.#refill();
    return this.#pace;
  }

  /** Learns the true size, keeping what was spent since. */
  resize(size: BucketSize): void {
    this.#refill();
    const spent = this.#size.capacity - this.#level;
    this.#size = size;
    this.#level = size.capacity - spent;
    this.#wake();
  }

  /**
   * Takes tokens ahead of a request, so that what to ask is chosen only when it can be sent. Resolves once they are there; rejects with the
   * signal's reason when aborted. More than the bucket holds is given when it is full, and paid back before anything else goes.
   */
  reserve(cost: number, signal?: AbortSignal): Promise<Reservation> {
    if (signal?.aborted === true) return Promise.reject(signal.reason as Error);
    this.#refill();
    if (this.#waiting.size === 0 && this.#level >= this.#needed(cost)) return Promise.resolve(this.#spend(cost));
    return new Promise((resolve, reject) => {
      const drop = (): void => {
        waiter.dropped = true;
        reject(signal?.reason as Error);
        this.#wake();
      };
      const waiter: Waiter = {
        cost,
        dropped: false,
        go: (reservation) => {
          // One signal serves a whole download.
          signal?.removeEventListener("abort", drop);
          resolve(reservation);
        },
      };
      signal?.addEventListener("abort", drop, { once: true });
      this.#waiting.push(waiter);
      this.#wake();
    });
  }

  /** Level at which a cost may be spent. A full bucket is known exactly; otherwise a little is left for what clocks do. */
  #needed(cost: number): number {
    const { capacity, refillRate } = this.#size;
    return Math.min(cost + Math.min(MARGIN_SECONDS * refillRate, capacity / 4), capacity);
  }

  #spend(cost: number): Reservation {
    const reservation = new Reservation(cost, this.#countedAt, this.#now, (one, how) => this.#ended(one, how));
    this.#level -= cost;
    this.#traveling += cost;
    this.#unanswered.add(reservation);
    this.#sent.push(reservation);
    return reservation;
  }

  #ended(reservation: Reservation, how: "unused" | "answered" | "refused"): void {
    this.#refill();
    if (this.#unanswered.delete(reservation)) this.#traveling -= reservation.cost;
    if (how === "unused") this.#level += reservation.cost;
    else this.#measure(reservation);
    this.#catchUp();
    if (how === "refused") {
      this.#level = Math.min(this.#level, 0);
      // Refusals of what was sent before the last cut are no reason for another.
      if (reservation.takenAt >= this.#cutAt) {
        this.#pace = Math.max(SLOWEST, this.#pace * CUT);
        this.#cutAt = this.#countedAt;
      }
    }
    this.#wake();
  }

  /** A connection was opened, which took a way there and one back at least, and no thought: the rest of a round trip is not the way there. */
  opened(ms: number): void {
    this.#openingMs = Math.min(this.#openingMs, ms);
  }

  /** Milliseconds between the arrival of a request and its answer, at least. */
  get #knownBackMs(): number {
    // The first answer of all came over a connection that had to be opened: its round trip is no measure.
    return this.#answers < 2
      ? 0
      : Math.max(WAY_BACK * this.#roundTripMs, THOUGHT * (this.#roundTripMs - this.#openingMs));
  }

  #measure(reservation: Reservation): void {
    this.#answers += 1;
    this.#roundTripMs = Math.min(this.#roundTripMs, this.#countedAt - reservation.takenAt);
  }

  /** An answer tells that its request arrived some time ago: what the exchange has filled since is ours too. */
  #catchUp(): void {
    const room = this.#size.capacity - this.#traveling - this.#level;
    const more = Math.max(0, Math.min(this.#heldBack, room));
    this.#level += more;
    this.#heldBack -= more;
  }

  /** Tokens per millisecond. */
  get #rate(): number {
    return (this.#size.refillRate * this.#pace * TRUST) / 1000;
  }

  #refill(): void {
    const now = this.#now();
    const passed = now - this.#countedAt;
    this.#countedAt = now;
    this.#pace = Math.min(1, this.#pace + (passed / 1000) * RECOVERY_PER_SECOND);
    const refilled = this.#level + passed * this.#rate;
    const before = this.#level;
    this.#level = Math.max(before, Math.min(this.#size.capacity - this.#traveling, refilled));
    this.#heldBack = Math.min(this.#knownBackMs * this.#rate, this.#heldBack + refilled - this.#level);
    this.#arrive(now);
  }

  /** When a request has reached the exchange at the latest. */
  #arrivalOf({ sentAt, takenAt }: Reservation): number {
    const { openings, leastMs, mostMs } = ARRIVED_AFTER;
    if (sentAt === null) return takenAt + mostMs;
    return sentAt + Math.min(mostMs, Math.max(leastMs, openings * this.#openingMs));
  }

  /** Forgets what must have reached the exchange by now. */
  #arrive(now: number): void {
    for (let first = this.#sent.first; first !== undefined; first = this.#sent.first) {
      const travels = this.#unanswered.has(first);
      if (travels && now < this.#arrivalOf(first)) return;
      this.#sent.shift();
      if (travels) this.#traveling -= first.cost;
      this.#unanswered.delete(first);
    }
  }

  #wake(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#waiting.size === 0) return;
    this.#refill();
    for (let first = this.#waiting.first; first !== undefined; first = this.#waiting.first) {
      if (!first.dropped && this.#level < this.#needed(first.cost)) {
        this.#timer = setTimeout(() => this.#wake(), Math.max(1, Math.ceil(this.#waitFor(this.#needed(first.cost)))));
        return;
      }
      this.#waiting.shift();
      if (!first.dropped) first.go(this.#spend(first.cost));
    }
  }

  /** Milliseconds until a level is reached, or until a request on its way no longer keeps the bucket from filling that far. */
  #waitFor(level: number): number {
    const travels = level > this.#size.capacity - this.#traveling ? this.#sent.first : undefined;
    return travels === undefined ? (level - this.#level) / this.#rate : this.#arrivalOf(travels) - this.#countedAt;
  }
}
