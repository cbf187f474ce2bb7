import { applyLoosely, applySnapshot } from "../book/apply.js";
import { isCrossed } from "../book/best.js";
import { Book } from "../book/book.js";
import { type BookEvent, type Delta, type Gap, opensGap, type Snapshot } from "../book/event.js";
import { ExchangeClock } from "../book/exchange-clock.js";
import { MILLISECOND, type Timestamp } from "../units/time.js";

/** What a market's book was from a moment on: as it stood once the moment was over, or null where it is not known. */
export type Settle = (time: Timestamp, ticker: string, book: Book | null) => void;

interface Kept {
  readonly book: Book;
  /** When it last changed, unless that was told or cannot be. */
  changed: Timestamp | null;
  /** Whether its messages are whole. */
  isKnown: boolean;
  told: Timestamp;
}

/**
 * Keeps the books of a feed and tells each once a millisecond of the exchange is over in which it changed: a requote is two deltas, and
 * between them, as while a book is crossed, it is nothing that anybody could have traded on. Where messages are missing it tells that.
 */
export class SettledBooks {
  readonly #tell: Settle;
  readonly #from: Timestamp;
  readonly #kept = new Map<string, Kept>();
  readonly #clocks = new Map<number, ExchangeClock>();

  /** @param from - what stood before is told as of then */
  constructor(tell: Settle, from: Timestamp = Number.NEGATIVE_INFINITY) {
    this.#tell = tell;
    this.#from = from;
  }

  push(event: BookEvent): void {
    if (event.type === "snapshot" || event.type === "delta") this.#change(event);
    else if (opensGap(event)) this.#gap(event);
    // Every message with a time tells how the clocks differ.
    else this.#timeOf(event);
  }

  /** Nothing comes any more. */
  end(): void {
    for (const [ticker, kept] of this.#kept) this.#settle(ticker, kept, Number.POSITIVE_INFINITY);
  }

  #change(event: Snapshot | Delta): void {
    const time = this.#timeOf(event);
    const { ticker } = event;
    let kept = this.#kept.get(ticker);
    if (kept === undefined) {
      kept = { book: new Book(ticker), changed: null, isKnown: false, told: this.#from };
      this.#kept.set(ticker, kept);
    }
    this.#settle(ticker, kept, time);
    const { book } = kept;
    if (event.type === "snapshot") applySnapshot(book, event);
    else applyLoosely(book, event.side, event.price, event.delta);
    kept.isKnown = event.type === "snapshot" || event.state === "ok";
    kept.changed = kept.isKnown && !isCrossed(book) ? time : null;
  }

  #gap({ tickers, from }: Gap): void {
    for (const ticker of tickers) {
      const kept = this.#kept.get(ticker);
      if (kept === undefined) {
        this.#tell(Math.max(from, this.#from), ticker, null);
        continue;
      }
      // What changed at that very moment may lack what else did.
      this.#settle(ticker, kept, from);
      kept.changed = null;
      kept.isKnown = false;
      kept.told = Math.max(from, kept.told);
      this.#tell(kept.told, ticker, null);
    }
  }

  #settle(ticker: string, kept: Kept, until: Timestamp): void {
    const { changed } = kept;
    if (changed === null || Math.floor(changed / MILLISECOND) >= Math.floor(until / MILLISECOND)) return;
    kept.changed = null;
    // Rows of a market ascend, also where a receive time had to do.
    kept.told = Math.max(changed, kept.told);
    this.#tell(kept.told, ticker, kept.book);
  }

  #timeOf({ time, receivedAt, connection }: BookEvent): Timestamp {
    let clock = this.#clocks.get(connection);
    if (clock === undefined) {
      clock = new ExchangeClock();
      this.#clocks.set(connection, clock);
    }
    if (time !== null) clock.heard(time, receivedAt);
    return time ?? clock.estimate(receivedAt);
  }
}
