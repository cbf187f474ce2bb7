import type { Feed } from "../../book/feed.js";
import { SECOND, type Timestamp } from "../../units/time.js";

/** After so long of recorded time what is whole is served, and the rest is not. */
const PATIENCE = 5 * SECOND;

/**
 * The times in which a recording does not know its books: before its first snapshots, and from a hole or a lost connection to the
 * snapshots after it. Nobody is served then, as while an exchange is down.
 */
export class Outage {
  readonly #feed: Feed;
  #tickers: ReadonlySet<string> = new Set();
  #since: Timestamp | null = null;
  #isDown = true;

  constructor(feed: Feed) {
    this.#feed = feed;
  }

  get isDown(): boolean {
    return this.#isDown;
  }

  begin(): void {
    this.#isDown = true;
    this.#since = null;
  }

  /** A connection to these markets begins in the recording. */
  connected(tickers: readonly string[]): void {
    this.#tickers = new Set(tickers);
    this.#since = null;
  }

  /** Looks whether it is over; to be called after each frame, with its receive time. */
  look(receivedAt: Timestamp): void {
    if (!this.#isDown) return;
    this.#since ??= receivedAt;
    const isWhole = [...this.#tickers].every((ticker) => this.#feed.book(ticker)?.state === "ok");
    if (isWhole || receivedAt - this.#since > PATIENCE) this.#isDown = false;
  }
}
