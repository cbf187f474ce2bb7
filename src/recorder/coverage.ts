import type { BookEvent, Gap, Unsubscribed } from "../book/event.js";
import type { Timestamp } from "../units/time.js";
import type { UnknownReason } from "./found-book.js";

/** A time in which nothing is certain about some markets; null where an end is not known. */
export interface UnknownInterval {
  readonly tickers: readonly string[];
  readonly from: Timestamp | null;
  readonly to: Timestamp | null;
  readonly reason: UnknownReason;
}

export interface CoverageAsk {
  /** What has to be whole: books, or the messages of a channel that keeps none. */
  readonly channel: "orderbook_delta" | "trade";
  /** Markets asked for by name: all of the span counts for them. Of others, the time from their first message on. */
  readonly tickers?: readonly string[] | undefined;
  readonly from?: Timestamp | undefined;
  readonly to?: Timestamp | undefined;
}

interface Hole {
  readonly from: Timestamp | null;
  readonly reason: UnknownReason;
}

/** Tells of which times a recording's events do not know everything, from the events themselves. */
export class Coverage {
  readonly #ask: CoverageAsk;
  readonly #from: Timestamp;
  readonly #to: Timestamp;
  /** By market: what it is in now, or null while all is known. */
  readonly #now = new Map<string, Hole | null>();
  readonly #found = new Map<
    string,
    { tickers: string[]; from: Timestamp | null; to: Timestamp | null; reason: UnknownReason }
  >();

  constructor(ask: CoverageAsk) {
    this.#ask = ask;
    this.#from = ask.from ?? Number.NEGATIVE_INFINITY;
    this.#to = ask.to ?? Number.POSITIVE_INFINITY;
    for (const ticker of ask.tickers ?? []) this.#now.set(ticker, { from: ask.from ?? null, reason: "no_snapshot" });
  }

  /** Takes the next event; `time` is its exchange time, estimated where it has none. */
  push(event: BookEvent, time: Timestamp): void {
    if (event.type === "gap") this.#gap(event);
    else if (event.type === "unsubscribed") this.#unsubscribed(event);
    else if ("ticker" in event && event.ticker !== null && this.#isWhole(event)) this.#known(event.ticker, time);
  }

  /** Nothing comes any more; `at` is the exchange's time up to which all was heard, null where nothing was. */
  end(at: Timestamp | null): void {
    for (const [ticker, hole] of this.#now) {
      if (hole !== null) this.#add(ticker, hole, this.#ask.to ?? null);
      else if (at !== null && this.#ask.to !== undefined && at < this.#to)
        this.#add(ticker, { from: at, reason: "end_of_recording" }, this.#to);
    }
    this.#now.clear();
  }

  /** The intervals by their start, each with its markets. */
  unknown(): readonly UnknownInterval[] {
    const start = ({ from }: UnknownInterval) => from ?? Number.NEGATIVE_INFINITY;
    return [...this.#found.values()].sort((a, b) => start(a) - start(b));
  }

  /** Whether an event says that from now on all of its market is heard. */
  #isWhole(event: BookEvent): boolean {
    if (event.type === "snapshot") return true;
    // Of a channel without books, that anything comes is all that can be had.
    return this.#ask.channel === "trade" && event.type === "trade";
  }

  #known(ticker: string, time: Timestamp): void {
    const hole = this.#now.get(ticker);
    if (hole === null) return;
    this.#now.set(ticker, null);
    // Without a moment to begin at, a market begins with its first message.
    if (hole !== undefined && hole.from !== null) this.#add(ticker, hole, time);
  }

  #gap(event: Gap): void {
    const { channel } = this.#ask;
    if (event.channel !== null && event.channel !== channel) return;
    if (event.to !== null) {
      // What is told once, with its end: a hole in a channel that keeps no book. Of others the snapshots have told.
      if (event.recoveredBy === null) for (const ticker of event.tickers) this.#missed(ticker, event);
      return;
    }
    for (const ticker of event.tickers) {
      // A market that never came is no part of what was not asked for by name; one that was in a gap at the start had come before.
      const isKnown = this.#now.get(ticker) === null;
      const isOpening = !this.#now.has(ticker) && event.from <= this.#from;
      if (isKnown || isOpening) this.#now.set(ticker, { from: event.from, reason: event.reason });
    }
  }

  /** What was not asked for by name ends with its subscription. */
  #unsubscribed({ tickers, from }: Unsubscribed): void {
    for (const ticker of tickers) {
      if (this.#ask.tickers === undefined) this.#now.delete(ticker);
      else if (this.#now.get(ticker) === null) this.#now.set(ticker, { from, reason: "unsubscribed" });
    }
  }

  #missed(ticker: string, { from, to, reason }: Gap): void {
    if (this.#now.get(ticker) === null) this.#add(ticker, { from, reason }, to);
  }

  #add(ticker: string, { from, reason }: Hole, to: Timestamp | null): void {
    const [first, last] = [
      Math.max(from ?? Number.NEGATIVE_INFINITY, this.#from),
      Math.min(to ?? Number.POSITIVE_INFINITY, this.#to),
    ];
    if (!(first < last)) return;
    const key = `${first} ${last} ${reason}`;
    const found = this.#found.get(key);
    if (found !== undefined) found.tickers.push(ticker);
    else this.#found.set(key, { tickers: [ticker], from: orNull(first), to: orNull(last), reason });
  }
}

function orNull(time: Timestamp): Timestamp | null {
  return Number.isFinite(time) ? time : null;
}
