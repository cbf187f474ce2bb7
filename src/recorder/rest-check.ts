import { setTimeout as delay } from "node:timers/promises";
import type { Book } from "../book/book.js";
import { type BookEvent, opensGap } from "../book/event.js";
import type { Client } from "../client/http.js";
import { KalshiError } from "../errors.js";
import { getMarketOrderbooks } from "../exchange/operations/orderbooks.js";
import type { Orderbook } from "../exchange/orderbook.js";
import type { Timestamp } from "../units/time.js";
import { BookWatch } from "./book-watch.js";
import type { LevelDifference, RestCheckMark, RestDifferenceMark } from "./marks.js";

export interface RestCheckOptions {
  readonly client: Client;
  /** From the end of one round over all books to the next. */
  readonly everyMs: number;
  /** How much older than the question an answer may be. Default 2 s. */
  readonly leadMs?: number | undefined;
  /** How much later than the answer its last changes may come on the channel. Default 1 s. */
  readonly graceMs?: number | undefined;
  readonly now: () => Timestamp;
  /** Markets whose books are kept. */
  readonly tickers: () => readonly string[];
  readonly book: (ticker: string) => Book | null;
  readonly onCheck: (mark: RestCheckMark) => void;
  readonly onDifference: (mark: RestDifferenceMark) => void;
}

/** Books of one request. */
const BOOKS_PER_REQUEST = 100;

/** Books asked for once: what they were like, and when. */
interface Answered {
  readonly from: Timestamp;
  readonly asked: Timestamp;
  readonly answered: Timestamp;
  readonly to: Timestamp;
  /** By market in which levels; empty where the book was like one of ours. */
  readonly differences: ReadonlyMap<string, readonly LevelDifference[]>;
  readonly skipped: readonly string[];
}

/**
 * Holds the books rebuilt from the channel against those of REST, round by round: one request for a hundred books, 10 tokens.
 *
 * REST has no sequence number, and a book may change a hundred times while an answer travels. So a book counts as equal when REST's is, level
 * for level, like *some* state that ours went through from `leadMs` before the question to `graceMs` after the answer: an answer may be a
 * little old, and the channel a little late. One that is like none of them is asked for again, and differs only when it is like none of the
 * states of that time either. A book that lacked messages meanwhile is not compared.
 */
export class RestCheck {
  /** Books compared, found different, and not to be compared. */
  readonly counts = { compared: 0, different: 0, skipped: 0 };
  /** Why the last question failed, or null. */
  problem: KalshiError | null = null;
  readonly #options: RestCheckOptions;
  readonly #stop = new AbortController();
  readonly #watches = new Map<string, BookWatch>();
  #done: Promise<void> = Promise.resolve();

  constructor(options: RestCheckOptions) {
    this.#options = options;
  }

  /** Begins with the first round after one interval. */
  start(): void {
    this.#done = this.#rounds();
  }

  /** Takes what came on the channel, after it was applied to the books. */
  hear(event: BookEvent): void {
    if (this.#watches.size === 0) return;
    if (event.type === "delta" || event.type === "snapshot") this.#watches.get(event.ticker)?.take(event);
    else if (event.type === "disconnect" || opensGap(event))
      for (const ticker of event.tickers) this.#watches.get(ticker)?.break();
  }

  /** Ends; what was being compared is left. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.#done;
  }

  async #rounds(): Promise<void> {
    try {
      for (;;) {
        await this.#wait(this.#options.everyMs);
        await this.#round();
      }
    } catch (error) {
      if (!this.#stop.signal.aborted) throw error;
    }
  }

  async #round(): Promise<void> {
    const tickers = this.#options.tickers();
    for (let at = 0; at < tickers.length; at += BOOKS_PER_REQUEST) {
      try {
        await this.#check(tickers.slice(at, at + BOOKS_PER_REQUEST));
        this.problem = null;
      } catch (error) {
        if (this.#stop.signal.aborted || !(error instanceof KalshiError)) throw error;
        this.problem = error;
      }
    }
  }

  async #check(tickers: readonly string[]): Promise<void> {
    const first = await this.#ask(tickers);
    const doubtful = [...first.differences].filter(([, levels]) => levels.length > 0).map(([ticker]) => ticker);
    const again = doubtful.length === 0 ? null : await this.#ask(doubtful);
    const { asked, answered } = first;
    const skipped = [...first.skipped, ...(again?.skipped ?? [])];
    const left = new Set(skipped);
    const compared = [...first.differences.keys()].filter((ticker) => !left.has(ticker));
    this.counts.compared += compared.length;
    this.counts.skipped += skipped.length;
    this.#options.onCheck({ mark: "rest_check", asked, answered, tickers: compared, skipped });
    if (again === null) return;
    const { from, to } = again;
    for (const [ticker, levels] of again.differences) {
      if (levels.length === 0) continue;
      this.counts.different += 1;
      const { asked, answered } = again;
      this.#options.onDifference({ mark: "rest_difference", ticker, from, to, asked, answered, levels });
    }
  }

  /** Watches books of ours for a while, and asks for theirs in the middle of it. */
  async #ask(tickers: readonly string[]): Promise<Answered> {
    const { client, now, book, leadMs = 2_000, graceMs = 1_000 } = this.#options;
    const from = now();
    for (const ticker of tickers) {
      const ours = book(ticker);
      if (ours?.state === "ok") this.#watches.set(ticker, new BookWatch(ours));
    }
    try {
      await this.#wait(leadMs);
      const asked = now();
      const watched = [...this.#watches.keys()];
      const request = { tickers: watched };
      const theirs =
        watched.length === 0
          ? []
          : (await getMarketOrderbooks(client, request, { signal: this.#stop.signal })).orderbooks;
      const answered = now();
      await this.#wait(graceMs);
      const differences = this.#compare(theirs.map(({ ticker, orderbook }) => ({ ticker, ...orderbook })));
      const skipped = tickers.filter((ticker) => !differences.has(ticker));
      return { from, asked, answered, to: now(), differences, skipped };
    } finally {
      this.#watches.clear();
    }
  }

  #compare(theirs: readonly Orderbook[]): Map<string, readonly LevelDifference[]> {
    const differences = new Map<string, readonly LevelDifference[]>();
    for (const book of theirs) {
      const watch = this.#watches.get(book.ticker);
      const isKept = this.#options.book(book.ticker)?.state === "ok";
      if (watch !== undefined && !watch.isBroken && isKept) differences.set(book.ticker, watch.differences(book));
    }
    return differences;
  }

  #wait(ms: number): Promise<void> {
    return delay(ms, undefined, { signal: this.#stop.signal });
  }
}
