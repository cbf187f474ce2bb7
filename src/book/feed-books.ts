import { type Envelope, parseDelta, parseSnapshot } from "../exchange/channel.js";
import type { Level } from "../exchange/orderbook.js";
import { complement } from "../units/price.js";
import type { Timestamp } from "../units/time.js";
import { applyDelta, applyLoosely, applySnapshot } from "./apply.js";
import { Book } from "./book.js";
import type { Connection } from "./connection.js";
import type { BookEvent } from "./event.js";
import type { FeedGaps } from "./feed-gaps.js";
import type { Subscription } from "./sequence.js";

/** The books of a feed, and what changes them: snapshots and deltas. */
export class FeedBooks {
  readonly byTicker = new Map<string, Book>();
  readonly #gaps: FeedGaps;
  readonly #emit: (event: BookEvent) => void;
  readonly #shared: Map<string, Book> | null;

  constructor(gaps: FeedGaps, emit: (event: BookEvent) => void, shared: Map<string, Book> | null = null) {
    this.#gaps = gaps;
    this.#emit = emit;
    this.#shared = shared;
  }

  /** The book of a market, made where it is new. */
  on(ticker: string, subscription: Subscription | null): Book {
    // One look-up per delta: the subscription keeps the books it carries.
    const known = subscription?.books.get(ticker);
    if (known !== undefined) return known;
    const book = this.byTicker.get(ticker) ?? new Book(ticker);
    this.byTicker.set(ticker, book);
    this.#shared?.set(ticker, book);
    if (subscription !== null) {
      subscription.books.set(ticker, book);
      subscription.channel ??= "orderbook_delta";
    }
    return book;
  }

  /** Whatever happened, these are not to be trusted before their next snapshot. */
  makeStale(tickers: Iterable<string>): void {
    for (const ticker of tickers) {
      const book = this.byTicker.get(ticker);
      if (book !== undefined) book.state = "stale";
    }
  }

  /** A market is no longer kept up. */
  dropped(ticker: string, subscription: Subscription): void {
    subscription.books.delete(ticker);
    this.makeStale([ticker]);
    this.#gaps.forget(ticker);
  }

  restore(books: readonly Book[]): void {
    this.byTicker.clear();
    for (const book of books) {
      this.byTicker.set(book.ticker, book);
      this.#shared?.set(book.ticker, book);
    }
  }

  delta(envelope: Envelope, connection: Connection, subscription: Subscription | null, receivedAt: Timestamp): void {
    const message = parseDelta(envelope.msg);
    const { ticker, side, delta, time } = message;
    const price = side === "no" && connection.useYesPrice ? complement(message.price) : message.price;
    const book = this.on(ticker, subscription);
    if (time !== null) connection.heard(subscription, time, receivedAt);
    let count: number;
    if (book.state === "ok") {
      try {
        count = applyDelta(book, { side, price, delta });
      } catch {
        // Below zero: a message was lost, though no number is missing.
        this.#gaps.open(connection, {
          reason: "negative_level",
          subscription,
          tickers: [ticker],
          receivedAt,
          from: time ?? connection.since(subscription),
        });
        count = applyLoosely(book, side, price, delta);
      }
    } else {
      count = applyLoosely(book, side, price, delta);
    }
    if (time !== null) book.time = time;
    book.receivedAt = receivedAt;
    this.#emit({
      type: "delta",
      receivedAt,
      time,
      connection: connection.number,
      ticker,
      sid: envelope.sid,
      sequence: envelope.seq,
      side,
      price,
      delta,
      count,
      state: book.state,
      client_order_id: message.clientOrderId,
    });
  }

  /** `counted`: its number was not had before. */
  snapshot(
    envelope: Envelope,
    connection: Connection,
    subscription: Subscription | null,
    receivedAt: Timestamp,
    counted: boolean,
  ): void {
    const { ticker, yes, no } = parseSnapshot(envelope.msg);
    if (envelope.id !== null && subscription?.isNewAnswer(ticker, envelope.id) === false && !counted) return;
    const own = connection.useYesPrice ? turned(no) : no;
    const book = this.on(ticker, subscription);
    applySnapshot(book, { yes, no: own });
    const time = envelope.sentTime;
    book.state = "ok";
    book.time = time ?? book.time;
    book.receivedAt = receivedAt;
    this.#emit({
      type: "snapshot",
      receivedAt,
      time,
      connection: connection.number,
      ticker,
      sid: envelope.sid,
      sequence: envelope.seq,
      yes,
      no: own,
    });
    this.#gaps.restored(ticker, envelope, connection, receivedAt);
  }
}

/** NO levels that came in YES prices, in their own; the order of such a list is not documented. */
function turned(levels: readonly Level[]): Level[] {
  return levels.map(({ price, count }) => ({ price: complement(price), count })).sort((a, b) => a.price - b.price);
}
