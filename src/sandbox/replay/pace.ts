import { setTimeout as sleep, setImmediate as turn } from "node:timers/promises";
import { MILLISECOND, type Timestamp } from "../../units/time.js";

/** How fast a replay goes: so many times as fast as it was recorded, or as fast as its readers read. */
export type ReplaySpeed = number | "max";

/** Longest wait of wall time between two frames, such as those of two recordings in one folder. */
const LONGEST_WAIT_MS = 10_000;
/** Frames without a look at anything else, where nothing is to be waited for. */
const MOST_AT_ONCE = 200;
const LOOK_EVERY_MS = 2;
/** Readers may leave so much unread before the fastest pace waits for them. */
const MOST_PENDING = 256 * 1024;

/** What a replay knows of its readers. */
export interface Readers {
  /** Bytes that the slowest has not taken yet. */
  pending(): number;
  /** Whether anybody follows a channel of markets. */
  isAnybody(): boolean;
}

/** Lets entries pass at their time. */
export class ReplayPace {
  readonly #readers: Readers;
  #speed: ReplaySpeed;
  /** A receive time, and the wall time in ms that it stands for. */
  #base: { readonly at: Timestamp; readonly wallMs: number } | null = null;
  #passed = 0;
  #isStopped = false;

  constructor(speed: ReplaySpeed, readers: Readers) {
    this.#speed = speed;
    this.#readers = readers;
  }

  get speed(): ReplaySpeed {
    return this.#speed;
  }

  /** From now on; 0 stands. */
  setSpeed(speed: ReplaySpeed): void {
    this.#speed = speed;
    this.#base = null;
  }

  stop(): void {
    this.#isStopped = true;
  }

  /** Waits until somebody listens. */
  async forReaders(): Promise<void> {
    while (!this.#isStopped && !this.#readers.isAnybody()) await sleep(LOOK_EVERY_MS);
    this.#base = null;
  }

  /** Waits until what was received at a time is due. */
  async until(receivedAt: Timestamp): Promise<void> {
    while (!this.#isStopped && this.#speed === 0) await sleep(LOOK_EVERY_MS);
    if (this.#speed === "max") await this.#forSlowest();
    else await this.#forTime(receivedAt);
  }

  async #forSlowest(): Promise<void> {
    this.#passed += 1;
    if (this.#passed % MOST_AT_ONCE === 0) await turn();
    while (!this.#isStopped && this.#readers.pending() > MOST_PENDING) await sleep(LOOK_EVERY_MS);
  }

  async #forTime(receivedAt: Timestamp): Promise<void> {
    for (;;) {
      const speed = this.#speed;
      if (this.#isStopped || typeof speed !== "number" || speed === 0) return;
      const now = performance.now();
      this.#base ??= { at: receivedAt, wallMs: now };
      const left = this.#base.wallMs + (receivedAt - this.#base.at) / MILLISECOND / speed - now;
      if (left > LONGEST_WAIT_MS) this.#base = { at: receivedAt, wallMs: now + LONGEST_WAIT_MS };
      if (left < 1) break;
      await sleep(Math.min(left, 50));
    }
    this.#passed += 1;
    if (this.#passed % MOST_AT_ONCE === 0) await turn();
  }
}
