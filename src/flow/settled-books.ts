import { isCrossed } from "../book/best.js";
import type { Book } from "../book/book.js";
import { type BookEvent, type Delta, endsBooks, type Snapshot } from "../book/event.js";
import type { Price } from "../units/price.js";
import { MILLISECOND, type Timestamp } from "../units/time.js";
import { Clocks, type ConnectionClock } from "./clocks.js";
import { applyEvent, KeptBooks } from "./kept-books.js";
import { none, type Stage } from "./stage.js";

/** How far messages of other channels may be ahead of the book's. */
export const BOOK_LATE = 100 * MILLISECOND;

/**
 * Whether a book can be told from: `ok`; `unknown` while messages are missing; `crossed` where bid and ask met or overlapped beyond the
 * millisecond, which has not been seen to happen.
 */
export type Trust = "ok" | "unknown" | "crossed";

/** When something was so. */
export interface Moment {
  readonly ticker: string;
  /** The exchange's time of the last change; estimated where it sent none. */
  readonly time: Timestamp;
  /** When that change reached us, by the local clock. */
  readonly receivedAt: Timestamp;
}

/** What is to be read off a book, and when it is worth looking. */
export interface Measure<R extends Moment> {
  /** A change further than this behind the best price of its side changes nothing. */
  readonly reach: Price;
  read(moment: Moment, book: Book): R;
  /** What is told where the book is not to be told from: nulls. */
  unknown(moment: Moment, trust: "unknown" | "crossed"): R;
  isSame(a: R, b: R): boolean;
}

/** A change that is told once the exchange's millisecond is over. */
interface Pending {
  readonly clock: ConnectionClock;
  /** Null where the exchange sent none, and nothing to estimate it by has come yet. */
  time: Timestamp | null;
  receivedAt: Timestamp;
}

/**
 * Reads something off every book each time it may have changed, and gives it when it has.
 *
 * What changes within one millisecond of the exchange is one change, looked at when the millisecond has passed: with the next delta of a later
 * one on the same connection, at the latest with any message a tenth of a second later. A requote is two deltas, a crossing order many; what
 * stands in between is never told.
 */
export class SettledBooks<R extends Moment> implements Stage<BookEvent, R> {
  passed: Timestamp = Number.NEGATIVE_INFINITY;
  readonly #measure: Measure<R>;
  readonly #books = new KeptBooks();
  readonly #clocks = new Clocks(({ type }) => type === "delta", BOOK_LATE);
  /** In the order of their times, as good as always. */
  readonly #pending = new Map<string, Pending>();
  readonly #told = new Map<string, R>();
  #made: R[] = [];

  constructor(measure: Measure<R>) {
    this.#measure = measure;
  }

  take(event: BookEvent): Iterable<R> {
    this.#clocks.take(event);
    this.#settle();
    if (event.type === "delta" || event.type === "snapshot") this.#change(event);
    else if (event.type === "disconnect") this.#settleAll(event.tickers);
    else if (endsBooks(event)) this.#gap(event.tickers, event.from, event.receivedAt);
    return this.#given();
  }

  pass(): Iterable<R> {
    return none;
  }

  end(): Iterable<R> {
    this.#settleAll([...this.#pending.keys()]);
    this.passed = this.#clocks.latest + 1;
    return this.#given();
  }

  #change(event: Snapshot | Delta): void {
    const { ticker, receivedAt } = event;
    const book = this.#books.get(ticker);
    const time = this.#clocks.time;
    const pending = this.#pending.get(ticker);
    if (pending !== undefined && this.#isLater(event, pending)) this.#tell(ticker, pending);
    const wasOk = book.state === "ok";
    const mayShow = event.type === "snapshot" || this.#reaches(book, event);
    applyEvent(book, event);
    if (book.state === "stale") {
      this.#pending.delete(ticker);
      if (wasOk || !this.#told.has(ticker)) this.#unknown(ticker, time ?? receivedAt, receivedAt);
      return;
    }
    if (!mayShow) return;
    const open = this.#pending.get(ticker);
    if (open === undefined) this.#pending.set(ticker, { clock: this.#clocks.current, time, receivedAt });
    else {
      // Of one millisecond. What the exchange said counts for more than an estimate.
      if (event.time !== null) open.time = event.time;
      open.receivedAt = receivedAt;
    }
  }

  /**
   * Whether an event is of a later millisecond than what is pending. A delta without a time of its own is taken to belong to it; a snapshot
   * without one when it came with it, or where the book it finds is crossed, which it puts right.
   */
  #isLater(event: Snapshot | Delta, { clock, time, receivedAt }: Pending): boolean {
    const isWhole = event.type === "snapshot" && !isCrossed(this.#books.get(event.ticker));
    const estimated = isWhole ? clock.estimate(event.receivedAt) : null;
    const at = event.time ?? (clock.isTimeless ? this.#clocks.time : estimated);
    const before = time ?? clock.estimate(receivedAt);
    return at !== null && before !== null && millisecond(at) > millisecond(before);
  }

  #reaches(book: Book, { side, price }: Delta): boolean {
    const { best } = side === "yes" ? book.yes : book.no;
    return best === null || price >= best - this.#measure.reach;
  }

  /** Tells what is of a millisecond that has passed. */
  #settle(): void {
    const clocks = this.#clocks;
    const passed = clocks.passedEverywhere;
    if (passed > this.passed) this.passed = millisecond(passed) * MILLISECOND;
    if (this.#pending.size === 0) return;
    for (const [ticker, pending] of this.#pending) {
      pending.time ??= pending.clock.estimate(pending.receivedAt);
      if (pending.time === null || millisecond(pending.time) >= millisecond(clocks.passed(pending.clock))) return;
      this.#tell(ticker, pending);
    }
  }

  /** Tells what is pending without waiting for more; a book that is crossed in the middle of a millisecond is not told from. */
  #settleAll(tickers: Iterable<string>): void {
    for (const ticker of tickers) {
      const pending = this.#pending.get(ticker);
      if (pending === undefined) continue;
      if (isCrossed(this.#books.get(ticker))) this.#pending.delete(ticker);
      else this.#tell(ticker, pending);
    }
  }

  #gap(tickers: readonly string[], from: Timestamp, receivedAt: Timestamp): void {
    this.#settleAll(tickers);
    for (const ticker of tickers) {
      this.#books.get(ticker).state = "stale";
      this.#unknown(ticker, from, receivedAt);
    }
  }

  #tell(ticker: string, { clock, time, receivedAt }: Pending): void {
    this.#pending.delete(ticker);
    const book = this.#books.get(ticker);
    const moment = { ticker, time: time ?? clock.guess(receivedAt), receivedAt };
    const measure = this.#measure;
    this.#give(isCrossed(book) ? measure.unknown(moment, "crossed") : measure.read(moment, book));
  }

  #unknown(ticker: string, since: Timestamp, receivedAt: Timestamp): void {
    const time = Math.max(since, this.#told.get(ticker)?.time ?? since);
    this.#give(this.#measure.unknown({ ticker, time, receivedAt }, "unknown"));
  }

  #give(record: R): void {
    const before = this.#told.get(record.ticker);
    if (before !== undefined && this.#measure.isSame(before, record)) return;
    this.#told.set(record.ticker, record);
    this.#made.push(record);
  }

  #given(): Iterable<R> {
    if (this.#made.length === 0) return none;
    const made = this.#made;
    this.#made = [];
    return made;
  }
}

function millisecond(time: Timestamp): number {
  return Math.floor(time / MILLISECOND);
}
