/** Size of a token bucket as `/account/limits` states it. */
export interface BucketSize {
  readonly capacity: number;
  /** Tokens per second. */
  readonly refillRate: number;
}

const SLOWEST = 0.1;
const CUT = 0.6;
const CUT_EVERY_MS = 250;
const RECOVERY_PER_SECOND = 0.05;

interface Waiter {
  readonly cost: number;
  readonly go: () => void;
  readonly fail: (reason: unknown) => void;
  readonly signal: AbortSignal | undefined;
  /** Taken off the signal when the waiter goes: one signal serves a whole download. */
  readonly onAbort: () => void;
}

/** Tokens that were taken and wait for their request. */
export class Reservation {
  readonly cost: number;
  readonly #putBack: () => void;
  #open = true;

  constructor(cost: number, putBack: () => void) {
    this.cost = cost;
    this.#putBack = putBack;
  }

  /** Hands the tokens over to a request; false when they are gone already, as on its second try. */
  use(): boolean {
    const open = this.#open;
    this.#open = false;
    return open;
  }

  /** Gives back what was not used. */
  release(): void {
    if (this.use()) this.#putBack();
  }
}

/**
 * The client's own count of one of the exchange's token buckets: requests wait here, first come first served, until their cost is there.
 * It keeps a little below what the exchange must have: it starts to count a refill only once the first answer of a burst is back (a full
 * bucket cannot fill while our requests travel), and leaves a margin of 50 ms of refill. When the exchange refuses all the same, somebody
 * else spends from the same account: the pace is then cut, and grows again slowly, so that several programs come to share it.
 *
 * @see API: 4.1 Buckets
 */
export class TokenBucket {
  #size: BucketSize;
  #level: number;
  #countedAt: number;
  #filling = false;
  /** Part of the refill rate that is ours. */
  #pace = 1;
  #cutAt = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | null = null;
  readonly #waiting: Waiter[] = [];
  readonly #now: () => number;

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

  /** Learns the true size, keeping what was spent since. */
  resize(size: BucketSize): void {
    this.#refill();
    const spent = this.#size.capacity - this.#level;
    this.#size = size;
    this.#level = size.capacity - spent;
    this.#wake();
  }

  /** Resolves once `cost` tokens are taken. Rejects with the signal's reason when aborted. */
  take(cost: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(signal.reason);
        return;
      }
      const waiter: Waiter = { cost, signal, go: resolve, fail: reject, onAbort: () => this.#drop(waiter) };
      signal?.addEventListener("abort", waiter.onAbort, { once: true });
      this.#refill();
      this.#waiting.push(waiter);
      this.#wake();
    });
  }

  /** Takes tokens ahead of a request, so that what to ask is chosen only when it can be sent. */
  async reserve(cost: number, signal?: AbortSignal): Promise<Reservation> {
    await this.take(cost, signal);
    return new Reservation(cost, () => this.#putBack(cost));
  }

  #putBack(cost: number): void {
    this.#level += cost;
    this.#wake();
  }

  /** An answer came back: from now on the exchange's bucket is known to be refilling. */
  answered(): void {
    if (this.#filling) return;
    this.#filling = true;
    this.#countedAt = this.#now();
    this.#wake();
  }

  /** The exchange said 429: whatever we counted, its bucket is empty. */
  refused(): void {
    this.#refill();
    this.#level = Math.min(this.#level, -this.#margin());
    // A refusal is an answer too: an empty bucket fills from now on.
    this.#filling = true;
    // Refusals of one burst are one reason to slow down.
    if (this.#countedAt - this.#cutAt > CUT_EVERY_MS) {
      this.#pace = Math.max(SLOWEST, this.#pace * CUT);
      this.#cutAt = this.#countedAt;
    }
    this.#wake();
  }

  #margin(): number {
    return Math.min(0.05 * this.#size.refillRate, this.#size.capacity / 4);
  }

  #refill(): void {
    const now = this.#now();
    this.#pace = Math.min(1, this.#pace + ((now - this.#countedAt) / 1000) * RECOVERY_PER_SECOND);
    if (this.#filling) {
      const ceiling = this.#size.capacity - this.#margin();
      const refilled = this.#level + ((now - this.#countedAt) / 1000) * this.#size.refillRate * this.#pace;
      // A full bucket again: the next burst waits for its first answer before it counts on more.
      if (refilled >= ceiling && this.#waiting.length === 0) this.#filling = false;
      this.#level = Math.max(this.#level, Math.min(ceiling, refilled));
    }
    this.#countedAt = now;
  }

  #wake(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#refill();
    for (let head = this.#waiting[0]; head !== undefined; head = this.#waiting[0]) {
      // A cost above the capacity would wait for ever; it goes when the bucket is as full as it gets.
      const needed = Math.min(head.cost, this.#size.capacity - this.#margin());
      if (this.#level < needed) {
        const wait = ((needed - this.#level) / (this.#size.refillRate * this.#pace)) * 1000;
        // Without any answer yet, count from a second after the burst rather than never.
        this.#timer = this.#filling
          ? setTimeout(() => this.#wake(), Math.max(1, wait))
          : setTimeout(() => this.answered(), 1_000);
        return;
      }
      this.#level -= head.cost;
      this.#waiting.shift();
      head.signal?.removeEventListener("abort", head.onAbort);
      head.go();
    }
  }

  #drop(waiter: Waiter): void {
    const at = this.#waiting.indexOf(waiter);
    if (at < 0) return;
    this.#waiting.splice(at, 1);
    waiter.fail(waiter.signal?.reason);
    this.#wake();
  }
}
