import { type Envelope, type OrderbookSnapshot, parseDelta, parseSnapshot } from "../exchange/channel.js";
import type { Level } from "../exchange/orderbook.js";
import type { Count } from "../units/count.js";
import { complement, type Price } from "../units/price.js";
import type { Timestamp } from "../units/time.js";
import { applyDelta, applyLoosely, applySnapshot, isLevelPrice } from "./apply.js";
import { Book } from "./book.js";
import type { Connection } from "./connection.js";
import type { DeltaMessage } from "./delta-reader.js";
import { type DeltaRun, takeRun } from "./delta-run.js";
import type { BookEvent } from "./event.js";
import type { FeedOptions } from "./feed.js";
import type { FeedGaps } from "./feed-gaps.js";
import type { Subscription } from "./sequence.js";
import type { Stalls } from "./stalls.js";

/** The books of a feed, and what changes them: snapshots and deltas. */
export class FeedBooks {
  readonly byTicker = new Map<string, Book>();
  /** Markets that are no longer kept up, whose book is what the last connection or subscription left: whatever comes begins another. */
  readonly ended = new Set<string>();
  readonly #gaps: FeedGaps;
  readonly #emit: (event: BookEvent) => void;
  readonly #stalls: Stalls;
  readonly #shared: Map<string, Book> | null;

  readonly #tellsDeltas: boolean;
  readonly #given: Set<string> | null;
  /** Books of one subscription by the number of their market. */
  #numbered: (Book | undefined)[] = [];
  #numberedOf: Subscription | null = null;

  constructor(
    gaps: FeedGaps,
    stalls: Stalls,
    emit: (event: BookEvent) => void,
    { books, deltas = true, given }: Pick<FeedOptions, "books" | "deltas" | "given">,
  ) {
    this.#gaps = gaps;
    this.#stalls = stalls;
    this.#emit = emit;
    this.#shared = books ?? null;
    this.#tellsDeltas = deltas;
    this.#given = given ?? null;
  }

  /** The book of a market, made where it is new. */
  on(ticker: string, subscription: Subscription | null): Book {
    // One look-up per delta: the subscription keeps the books it carries.
    const known = subscription?.books.get(ticker);
    if (known !== undefined) return known;
    const isOver = subscription !== null && this.ended.delete(ticker);
    const book = (isOver ? undefined : this.byTicker.get(ticker)) ?? new Book(ticker);
    this.byTicker.set(ticker, book);
    this.#shared?.set(ticker, book);
    if (subscription !== null) {
      subscription.books.set(ticker, book);
      subscription.channel ??= "orderbook_delta";
    }
    return book;
  }

  /** The same for the market of a number, which says where its book is likely to be found. */
  byNumber(market: number, ticker: string, subscription: Subscription): Book {
    if (this.#numberedOf !== subscription) {
      this.#numberedOf = subscription;
      this.#numbered = [];
    }
    const known = this.#numbered[market];
    if (known !== undefined && known.ticker === ticker) return known;
    const book = this.on(ticker, subscription);
    // Once is enough: what it is entered in is emptied when a connection ends, and its subscriptions with it.
    this.#given?.add(ticker);
    this.#numbered[market] = book;
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
  dropped(ticker: string, connection: Connection, subscription: Subscription, receivedAt: Timestamp): void {
    subscription.drop(ticker);
    this.#numberedOf = null;
    this.makeStale([ticker]);
    if (this.byTicker.has(ticker)) this.ended.add(ticker);
    // Over weeks of new markets the books of those that have closed would add up.
    const book = this.byTicker.get(ticker);
    book?.yes.release();
    book?.no.release();
    this.#gaps.forget(ticker);
    this.#stalls.ended(connection, ticker, receivedAt);
  }

  /** A connection begins that is asked for these markets alone. */
  askedOnly(tickers: ReadonlySet<string>): void {
    for (const ticker of this.byTicker.keys()) if (!tickers.has(ticker)) this.ended.add(ticker);
  }

  /** Lets go of the book of a market that is no longer kept up; one that is, stays. */
  forget(ticker: string): void {
    const book = this.byTicker.get(ticker);
    if (book === undefined || book.state === "ok") return;
    this.byTicker.delete(ticker);
    this.ended.delete(ticker);
    if (this.#shared?.get(ticker) === book) this.#shared.delete(ticker);
  }

  restore(books: readonly Book[], ended: readonly string[]): void {
    this.byTicker.clear();
    this.ended.clear();
    for (const ticker of ended) this.ended.add(ticker);
    this.#numberedOf = null;
    for (const book of books) {
      this.byTicker.set(book.ticker, book);
      this.#shared?.set(book.ticker, book);
    }
  }

  delta(envelope: Envelope, connection: Connection, subscription: Subscription | null, receivedAt: Timestamp): void {
    const { ticker, side, price, delta, time, clientOrderId } = parseDelta(envelope.msg);
    const { sid, seq } = envelope;
    this.#given?.add(ticker);
    this.apply({ sid, seq, ticker, side, price, delta, time, clientOrderId }, connection, subscription, receivedAt);
  }

  /**
   * Applies deltas of a recording that stand in its columns one after the other, as far as that can be done without looking at each; gives how
   * many. With `only` the books of other markets that are not certain are left alone, as nobody asks for them.
   */
  applyRun(run: DeltaRun, connection: Connection, subscription: Subscription, only: string | null): number {
    const bookOf = (ticker: string): Book | null | undefined => {
      // A silence that a message ends is told of before it.
      if (this.#stalls.isSilent(ticker)) return undefined;
      this.#given?.add(ticker);
      const book = this.on(ticker, subscription);
      const isAsked = only === null || ticker === only;
      return isAsked || book.state === "ok" || subscription.held !== null ? book : null;
    };
    const emit = this.#tellsDeltas ? this.#emit : null;
    return takeRun(run, { connection, subscription, bookOf, due: this.#stalls.due, emit });
  }

  /** Applies a delta that has been read, and tells it where somebody listens. */
  apply(
    message: DeltaMessage,
    connection: Connection,
    subscription: Subscription | null,
    receivedAt: Timestamp,
    book = this.on(message.ticker, subscription),
  ): void {
    const { ticker, side, delta, time } = message;
    const price = side === "no" && connection.useYesPrice ? complement(message.price) : message.price;
    this.#stalls.ended(connection, ticker, receivedAt);
    if (time !== null) connection.heard(subscription, time, receivedAt);
    const count = this.#change(book, message, price, connection, subscription, receivedAt);
    if (time !== null) book.time = time;
    book.receivedAt = receivedAt;
    if (!this.#tellsDeltas) return;
    this.#emit({
      type: "delta",
      receivedAt,
      time,
      connection: connection.number,
      ticker,
      sid: message.sid,
      sequence: message.seq,
      side,
      price,
      delta,
      count,
      state: book.state,
      client_order_id: message.clientOrderId,
    });
  }

  /** The level after a delta. */
  #change(
    book: Book,
    { ticker, side, delta, time, seq }: DeltaMessage,
    price: Price,
    connection: Connection,
    subscription: Subscription | null,
    receivedAt: Timestamp,
  ): Count {
    if (book.state !== "ok") {
      if (subscription !== null && seq !== null) subscription.held?.add({ seq, ticker, side, price, delta });
      return applyLoosely(book, side, price, delta);
    }
    try {
      return applyDelta(book, { side, price, delta });
    } catch {
      // Below zero a message was lost, though no number is missing; at no price it was another than was meant.
      const reason = isLevelPrice(price) ? "negative_level" : "invalid_price";
      const from = time ?? connection.since(subscription);
      this.#gaps.open(connection, { reason, subscription, tickers: [ticker], receivedAt, from });
      if (seq !== null) subscription?.holdFrom(seq + 1);
      return applyLoosely(book, side, price, delta);
    }
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
    const sent = { yes, no: connection.useYesPrice ? turned(no) : no };
    const book = this.on(ticker, subscription);
    const levels = counted ? sent : this.#broughtUpToDate(book, sent, subscription, envelope.seq);
    // It is older than what is there, or cannot be made to be as new; another is asked for.
    if (levels === null) return;
    this.#stalls.ended(connection, ticker, receivedAt);
    applySnapshot(book, levels);
    const time = envelope.sentTime;
    if (time !== null) connection.clock.heardSent(time, receivedAt);
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
      yes: levels.yes,
      no: levels.no,
    });
    this.#gaps.restored(ticker, envelope, connection, receivedAt);
    if (subscription !== null && !this.#gaps.isOpen) subscription.held = null;
  }

  /** A snapshot that was overtaken by messages numbered after it, with those applied; null where that cannot be done. */
  #broughtUpToDate(
    { state, ticker }: Book,
    snapshot: Pick<OrderbookSnapshot, "yes" | "no">,
    subscription: Subscription | null,
    seq: number | null,
  ): Pick<OrderbookSnapshot, "yes" | "no"> | null {
    const later = seq === null ? null : (subscription?.held?.after(ticker, seq) ?? null);
    if (state === "ok" || later === null) return null;
    const book = new Book(ticker);
    try {
      applySnapshot(book, snapshot);
      for (const delta of later) applyDelta(book, delta);
    } catch {
      return null;
    }
    return book.levels();
  }
}

/** NO levels that came in YES prices, in their own; the order of such a list is not documented. */
function turned(levels: readonly Level[]): Level[] {
  return levels.map(({ price, count }) => ({ price: complement(price), count })).sort((a, b) => a.price - b.price);
}
