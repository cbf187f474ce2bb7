import { type BookEvent, endsBooks, type Gap, type Snapshot } from "../book/event.js";
import { applyEvent, KeptBooks } from "../flow/kept-books.js";
import type { Timestamp } from "../units/time.js";

/** Events that a slow reader was not given, since it was told of any last. */
interface Loss {
  count: number;
  readonly tickers: Set<string>;
  from: Timestamp;
  to: Timestamp;
}

/**
 * What a slow reader has missed, and what it has to be told so that its books are right again: a gap, the books as they stand where it goes
 * on, and the end of the gap. Keeps the books as they are for the reader, not as they are on the feed.
 */
export class Dropped {
  readonly #books = new KeptBooks();
  #last: BookEvent | null = null;
  #lastTime: Timestamp | null = null;
  #loss: Loss | null = null;
  /** The gap that was told and is not over, and what of it is still to be made good. */
  #open: Gap | null = null;
  #to: Timestamp = 0;
  readonly #behind = new Set<string>();

  /** An event has left the queue, to the reader or to nowhere. */
  passed(event: BookEvent): void {
    this.#last = event;
    if (event.time !== null && (this.#lastTime === null || event.time > this.#lastTime)) this.#lastTime = event.time;
    if (event.type === "snapshot" || event.type === "delta") applyEvent(this.#books.get(event.ticker), event);
    else if (endsBooks(event) || event.type === "disconnect") {
      for (const ticker of event.tickers) if (this.#books.has(ticker)) this.#books.get(ticker).state = "stale";
    }
  }

  /** An event has left the queue unread. */
  drop(event: BookEvent): void {
    const before = this.#lastTime;
    this.passed(event);
    const time = event.time ?? before ?? event.receivedAt;
    this.#loss ??= { count: 0, tickers: this.#notMadeGood(), from: this.#open?.from ?? time, to: time };
    const loss = this.#loss;
    loss.count += 1;
    if (time > loss.to) loss.to = time;
    for (const ticker of tickersOf(event)) loss.tickers.add(ticker);
  }

  /** What the reader has to be told before the next event of the queue; null when it is up to date. */
  next(): BookEvent | null {
    if (this.#loss !== null) return this.#tell(this.#loss);
    for (const ticker of this.#behind) {
      this.#behind.delete(ticker);
      const snapshot = this.#snapshot(ticker);
      if (snapshot !== null) return snapshot;
    }
    const open = this.#open;
    this.#open = null;
    if (open === null) return null;
    // A book that is stale on the feed too will be made good by the feed, which has told of a gap of its own.
    const tickers = open.tickers.filter((ticker) => !this.#isStale(ticker));
    if (tickers.length === 0) return null;
    return { ...open, tickers, to: this.#to, recoveredBy: "snapshot" };
  }

  /** Tickers of a gap that is told and not over: they are part of the next. */
  #notMadeGood(): Set<string> {
    this.#behind.clear();
    return new Set(this.#open?.tickers);
  }

  #tell({ count, tickers, from, to }: Loss): Gap {
    const { receivedAt, connection } = this.#last!;
    this.#loss = null;
    for (const ticker of tickers) this.#behind.add(ticker);
    this.#to = to;
    this.#open = {
      ...{ type: "gap", receivedAt, time: null, connection, reason: "slow_reader", dropped: count },
      ...{ sid: null, channel: null, fromSequence: null, toSequence: null },
      ...{ tickers: [...tickers], from, to: null, recoveredBy: null },
    };
    return this.#open;
  }

  #snapshot(ticker: string): Snapshot | null {
    if (!this.#books.has(ticker) || this.#isStale(ticker)) return null;
    const { receivedAt, connection } = this.#open!;
    const { yes, no } = this.#books.get(ticker);
    const where = { receivedAt, time: this.#to, connection, ticker, sid: null, sequence: null };
    return { type: "snapshot", ...where, yes: yes.levels(), no: no.levels() };
  }

  #isStale(ticker: string): boolean {
    return this.#books.has(ticker) && this.#books.get(ticker).state === "stale";
  }
}

function tickersOf(event: BookEvent): readonly string[] {
  if ("tickers" in event) return event.tickers;
  return "ticker" in event && event.ticker !== null ? [event.ticker] : [];
}
