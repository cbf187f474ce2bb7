import { messageOf } from "../errors.js";
import {
  type Envelope,
  listedTickers,
  messageTime,
  parseDelta,
  parseEnvelope,
  parseFillMessage,
  parseOrderMessage,
  parseRefusal,
  parseSnapshot,
  parseTickerMessage,
  parseTradeMessage,
  subscribedChannel,
} from "../exchange/channel.js";
import { asObject } from "../exchange/field.js";
import type { Level } from "../exchange/orderbook.js";
import { complement } from "../units/price.js";
import type { Timestamp } from "../units/time.js";
import { applyDelta, applyLoosely, applySnapshot } from "./apply.js";
import { Book } from "./book.js";
import type { BookEvent, Gap, GapReason } from "./event.js";
import type { FeedState } from "./feed-state.js";
import { OpenGaps } from "./open-gaps.js";
import { Subscription } from "./sequence.js";

/** What has to be known of a connection to read what came on it. */
export interface ConnectionStart {
  /** Counted from 1. */
  readonly connection: number;
  readonly receivedAt: Timestamp;
  /** Whether NO levels come in YES prices. */
  readonly useYesPrice: boolean;
  /** Markets asked for, where that is known: a hole then also covers those whose first snapshot was in it. */
  readonly tickers?: readonly string[];
}

/** How many of the frames were what. */
export interface FeedCounts {
  frames: number;
  /** Had before and ignored. */
  duplicates: number;
  /** Could not be read. */
  unreadable: number;
  gaps: number;
}

/**
 * Turns frames into events and books; the same for a live connection and a recording. Pure: time and bytes are handed in.
 *
 * Counts `seq` per `sid` over every message that takes one. A hole makes every book of its subscription stale until a snapshot comes.
 *
 * @see API: 13.4, 13.9
 */
export class Feed {
  readonly counts: FeedCounts = { frames: 0, duplicates: 0, unreadable: 0, gaps: 0 };
  readonly #emit: (event: BookEvent) => void;
  readonly #books = new Map<string, Book>();
  #start: ConnectionStart | null = null;
  /** Number of the current connection, or of the last. */
  #connection = 0;
  #subscriptions = new Map<number, Subscription>();
  readonly #open = new OpenGaps();
  /** Least seen difference between receive and exchange time: how to read a local time where the exchange sent none. */
  #offset: number | null = null;
  #lastReceivedAt: Timestamp = 0;
  #closed: { readonly tickers: readonly string[]; readonly from: Timestamp } | null = null;
  #lastTime: Timestamp | null = null;

  constructor(emit: (event: BookEvent) => void) {
    this.#emit = emit;
  }

  /** Every book of which anything is known, by ticker. */
  get books(): ReadonlyMap<string, Book> {
    return this.#books;
  }

  book(ticker: string): Book | null {
    return this.#books.get(ticker) ?? null;
  }

  /** The subscription of the current connection that carries a channel, or null. */
  subscription(channel: string): number | null {
    for (const one of this.#subscriptions.values()) if (one.channel === channel) return one.sid;
    return null;
  }

  /** Receive time as exchange time, by the least difference seen on this connection. */
  estimate(receivedAt: Timestamp): Timestamp {
    return receivedAt - (this.#offset ?? 0);
  }

  /** A connection begins; one that was not seen to end has been interrupted. */
  connected(start: ConnectionStart): void {
    if (this.#start !== null) this.disconnected(start.receivedAt, "interrupted", null, this.#lastReceivedAt);
    if (this.#closed !== null) {
      const { tickers, from } = this.#closed;
      this.#closed = null;
      this.#openGap("disconnect", null, tickers, start.receivedAt, from, null, null);
    }
    this.#start = start;
    this.#connection = start.connection;
    this.#subscriptions = new Map();
    this.#offset = null;
    this.#lastReceivedAt = start.receivedAt;
    this.#lastTime = null;
  }

  /**
   * The connection has ended: all its books are stale. `lastHeardAt` is the receive time of its last sign of life. What we ended
   * ourselves (`closed`) is a gap only once another connection follows.
   */
  disconnected(receivedAt: Timestamp, reason: string, code: number | null, lastHeardAt: Timestamp): void {
    if (this.#start === null) return;
    const { connection } = this.#start;
    const tickers = [...new Set([...this.#books.keys(), ...(this.#start.tickers ?? [])])];
    const from = Math.max(this.estimate(lastHeardAt), this.#lastTime ?? 0);
    this.#emit({ type: "disconnect", receivedAt, time: null, connection, reason, code, tickers, from });
    for (const book of this.#books.values()) book.state = "stale";
    if (reason === "closed") this.#closed = { tickers, from };
    else this.#openGap("disconnect", null, tickers, receivedAt, from, null, null);
    this.#start = null;
    this.#subscriptions = new Map();
  }

  /** Frames of this connection were not kept, from `since` (receive time) on: nothing is certain before the next snapshots. */
  lost(receivedAt: Timestamp, since: Timestamp): void {
    const tickers = [...this.#books.keys()];
    this.#openGap("not_recorded", null, tickers, receivedAt, this.estimate(since), null, null);
  }

  /** What it knows besides its books, to go on from here later. */
  save(): FeedState {
    return {
      start: this.#start,
      connection: this.#connection,
      counts: { ...this.counts },
      subscriptions: [...this.#subscriptions.values()].map((one) => one.save()),
      open: this.#open.save(),
      offset: this.#offset,
      lastReceivedAt: this.#lastReceivedAt,
      lastTime: this.#lastTime,
      closed: this.#closed,
    };
  }

  /** Goes on from what was saved, with these books; one that is not among them is made anew, and stale. */
  restore(state: FeedState, books: readonly Book[]): void {
    Object.assign(this.counts, state.counts);
    this.#books.clear();
    for (const book of books) this.#books.set(book.ticker, book);
    this.#start = state.start;
    this.#connection = state.connection;
    this.#subscriptions = new Map(
      state.subscriptions.map((one) => [one.sid, Subscription.restore(one, (ticker) => this.#bookOn(ticker, null))]),
    );
    this.#open.restore(state.open);
    this.#offset = state.offset;
    this.#lastReceivedAt = state.lastReceivedAt;
    this.#lastTime = state.lastTime;
    this.#closed = state.closed;
  }

  /** Takes one frame, bytes or text as received. Never throws: what cannot be read becomes an `unknown` event. */
  push(data: string | Buffer, receivedAt: Timestamp): void {
    const text = typeof data === "string" ? data : data.toString("utf8");
    let envelope: Envelope;
    try {
      envelope = parseEnvelope(text);
    } catch (error) {
      this.counts.frames += 1;
      this.#lastReceivedAt = receivedAt;
      this.#unknown(null, text, receivedAt, null, messageOf(error));
      return;
    }
    this.accept(envelope, text, receivedAt);
  }

  /** Takes one frame whose envelope has been read. */
  accept(envelope: Envelope, text: string, receivedAt: Timestamp): void {
    this.counts.frames += 1;
    this.#lastReceivedAt = receivedAt;
    const { sid, seq } = envelope;
    const subscription = sid === null ? null : this.#subscription(sid);
    let counted = true;
    if (seq !== null && subscription !== null) {
      const missing = subscription.take(seq);
      if (missing < 0) {
        this.counts.duplicates += 1;
        counted = false;
        // A reply to get_snapshot is of use also when its number is not above the last; anything else was had before.
        if (envelope.type !== "orderbook_snapshot" || envelope.id === null) return;
      } else if (missing > 0) {
        this.#hole(subscription, seq - missing, seq - 1, receivedAt, envelope);
      }
    }
    try {
      this.#read(envelope, subscription, text, receivedAt, counted);
    } catch (error) {
      this.#unreadable(envelope, subscription, text, receivedAt, error);
    }
  }

  #read(
    envelope: Envelope,
    subscription: Subscription | null,
    text: string,
    receivedAt: Timestamp,
    counted: boolean,
  ): void {
    switch (envelope.type) {
      case "orderbook_delta":
        this.#delta(envelope, subscription, receivedAt);
        return;
      case "orderbook_snapshot":
        this.#snapshot(envelope, subscription, receivedAt, counted);
        return;
      case "trade":
      case "ticker":
      case "fill":
      case "user_order":
        this.#emit({ ...this.#head(envelope, receivedAt, subscription), ...readers[envelope.type](envelope.msg) });
        return;
      case "subscribed":
        this.#subscribed(envelope);
        return;
      case "ok":
        if (subscription !== null) this.#listed(subscription, listedTickers(envelope.msg));
        return;
      case "unsubscribed":
        if (subscription !== null) this.#ended(subscription);
        return;
      case "error":
        this.#refused(envelope, subscription, text, receivedAt);
        return;
      default:
        this.#unknown(envelope, text, receivedAt, tickerIn(envelope.msg), null);
    }
  }

  #delta(envelope: Envelope, subscription: Subscription | null, receivedAt: Timestamp): void {
    const message = parseDelta(envelope.msg);
    const { ticker, side, delta, time } = message;
    const price = side === "no" && this.#start?.useYesPrice === true ? complement(message.price) : message.price;
    const book = this.#bookOn(ticker, subscription);
    if (time !== null) this.#clock(subscription, time, receivedAt);
    let count: number;
    if (book.state === "ok") {
      try {
        count = applyDelta(book, { side, price, delta });
      } catch {
        // Below zero: a message was lost, though no number is missing.
        this.#openGap(
          "negative_level",
          subscription,
          [ticker],
          receivedAt,
          time ?? this.#since(subscription),
          null,
          null,
        );
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
      connection: this.#connection,
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

  #snapshot(envelope: Envelope, subscription: Subscription | null, receivedAt: Timestamp, counted: boolean): void {
    const { ticker, yes, no } = parseSnapshot(envelope.msg);
    if (envelope.id !== null && subscription?.isNewAnswer(ticker, envelope.id) === false && !counted) return;
    const flipped = this.#start?.useYesPrice === true;
    const own = flipped ? turned(no) : no;
    const book = this.#bookOn(ticker, subscription);
    applySnapshot(book, { yes, no: own });
    const time = envelope.sentTime;
    book.state = "ok";
    book.time = time ?? book.time;
    book.receivedAt = receivedAt;
    this.#emit({
      type: "snapshot",
      receivedAt,
      time,
      connection: this.#connection,
      ticker,
      sid: envelope.sid,
      sequence: envelope.seq,
      yes,
      no: own,
    });
    if (this.#open.size > 0) this.#restored(ticker, envelope, receivedAt);
  }

  #subscribed(envelope: Envelope): void {
    const msg = asObject("subscribed message", envelope.msg);
    const sid = typeof msg.sid === "number" ? msg.sid : envelope.sid;
    if (sid === null) return;
    const subscription = this.#subscription(sid);
    subscription.channel = subscribedChannel(msg);
    // From here its count is known to start at 1, unless data has overtaken this message.
    subscription.last ??= 0;
  }

  /** The exchange's list is the whole of a subscription: what is no longer on it is no longer kept up. */
  #listed(subscription: Subscription, tickers: readonly string[] | null): void {
    if (tickers === null) return;
    const listed = new Set(tickers);
    for (const ticker of [...subscription.books.keys(), ...(subscription.listed ?? [])]) {
      if (!listed.has(ticker)) this.#dropped(ticker, subscription);
    }
    subscription.listed = listed;
  }

  #ended(subscription: Subscription): void {
    this.#subscriptions.delete(subscription.sid);
    for (const ticker of this.#tickersOf(subscription)) this.#dropped(ticker, subscription);
  }

  #dropped(ticker: string, subscription: Subscription): void {
    subscription.books.delete(ticker);
    const book = this.#books.get(ticker);
    if (book !== undefined) book.state = "stale";
    this.#open.forget(ticker);
  }

  #refused(envelope: Envelope, subscription: Subscription | null, text: string, receivedAt: Timestamp): void {
    const { code, text: said } = parseRefusal(envelope.msg);
    this.#unknown(envelope, text, receivedAt, null, envelope.id === null ? `error ${code}: ${said}` : null);
    if (subscription === null || (code !== 10 && code !== 25)) return;
    const tickers = this.#tickersOf(subscription);
    this.#openGap("channel_error", subscription, tickers, receivedAt, this.#since(subscription), null, null);
    this.#subscriptions.delete(subscription.sid);
  }

  #unreadable(
    envelope: Envelope,
    subscription: Subscription | null,
    text: string,
    receivedAt: Timestamp,
    error: unknown,
  ): void {
    const ticker = tickerIn(envelope.msg);
    this.#unknown(envelope, text, receivedAt, ticker, messageOf(error));
    if (!envelope.type.startsWith("orderbook_")) return;
    const tickers = ticker !== null ? [ticker] : subscription === null ? [] : this.#tickersOf(subscription);
    this.#openGap("unreadable", subscription, tickers, receivedAt, this.#since(subscription), null, null);
  }

  #hole(subscription: Subscription, from: number, to: number, receivedAt: Timestamp, next: Envelope): void {
    subscription.channel ??= next.type.startsWith("orderbook_") ? "orderbook_delta" : next.type;
    this.#openGap(
      "sequence",
      subscription,
      this.#tickersOf(subscription),
      receivedAt,
      this.#since(subscription),
      from,
      to,
    );
  }

  #openGap(
    reason: GapReason,
    subscription: Subscription | null,
    tickers: readonly string[],
    receivedAt: Timestamp,
    from: Timestamp,
    fromSequence: number | null,
    toSequence: number | null,
  ): void {
    this.counts.gaps += 1;
    const channel = subscription?.channel ?? null;
    const keepsBooks = channel === null || channel === "orderbook_delta";
    const gap: Gap = {
      type: "gap",
      receivedAt,
      time: null,
      connection: this.#connection,
      reason,
      sid: subscription?.sid ?? null,
      channel,
      fromSequence,
      toSequence,
      tickers,
      from,
      to: keepsBooks ? null : Math.max(from, this.estimate(receivedAt)),
      recoveredBy: null,
    };
    if (keepsBooks) {
      for (const ticker of tickers) {
        const book = this.#books.get(ticker);
        if (book !== undefined) book.state = "stale";
      }
      this.#open.add(gap);
    }
    this.#emit(gap);
  }

  #restored(ticker: string, envelope: Envelope, receivedAt: Timestamp): void {
    const time = envelope.sentTime ?? Math.max(this.estimate(receivedAt), this.#lastTime ?? 0);
    for (const gap of this.#open.restored(ticker)) {
      const isNew =
        gap.reason === "disconnect" ||
        gap.connection !== this.#connection ||
        (gap.sid ?? envelope.sid) !== envelope.sid;
      const recoveredBy = isNew ? "resubscribe" : envelope.id !== null ? "get_snapshot" : "snapshot";
      this.#emit({ ...gap, receivedAt, to: Math.max(time, gap.from), recoveredBy });
    }
  }

  #unknown(
    envelope: Envelope | null,
    text: string,
    receivedAt: Timestamp,
    ticker: string | null,
    problem: string | null,
  ): void {
    if (problem !== null) this.counts.unreadable += 1;
    this.#emit({
      type: "unknown",
      receivedAt,
      time: envelope?.sentTime ?? null,
      connection: this.#connection,
      kind: envelope?.type ?? null,
      ticker,
      sid: envelope?.sid ?? null,
      sequence: envelope?.seq ?? null,
      text,
      problem,
    });
  }

  #head(envelope: Envelope, receivedAt: Timestamp, subscription: Subscription | null) {
    const time = messageTime(asObject(envelope.type, envelope.msg)) ?? envelope.sentTime;
    if (time !== null) this.#clock(subscription, time, receivedAt);
    return { receivedAt, time, connection: this.#connection, sid: envelope.sid, sequence: envelope.seq };
  }

  #clock(subscription: Subscription | null, time: Timestamp, receivedAt: Timestamp): void {
    const offset = receivedAt - time;
    if (this.#offset === null || offset < this.#offset) this.#offset = offset;
    if (this.#lastTime === null || time > this.#lastTime) this.#lastTime = time;
    if (subscription !== null && (subscription.lastTime === null || time > subscription.lastTime)) {
      subscription.lastTime = time;
    }
  }

  /** From when on a subscription may lack messages: the last exchange time seen on it, else the start of the connection. */
  #since(subscription: Subscription | null): Timestamp {
    return subscription?.lastTime ?? this.#lastTime ?? this.estimate(this.#start?.receivedAt ?? this.#lastReceivedAt);
  }

  #tickersOf(subscription: Subscription): readonly string[] {
    const asked = subscription.listed ?? this.#start?.tickers ?? [];
    return [...new Set([...subscription.books.keys(), ...asked])];
  }

  #bookOn(ticker: string, subscription: Subscription | null): Book {
    // One look-up per delta: the subscription keeps the books it carries.
    const known = subscription?.books.get(ticker);
    if (known !== undefined) return known;
    const book = this.#books.get(ticker) ?? new Book(ticker);
    this.#books.set(ticker, book);
    if (subscription !== null) {
      subscription.books.set(ticker, book);
      subscription.channel ??= "orderbook_delta";
    }
    return book;
  }

  #subscription(sid: number): Subscription {
    let subscription = this.#subscriptions.get(sid);
    if (subscription === undefined) {
      subscription = new Subscription(sid);
      this.#subscriptions.set(sid, subscription);
    }
    return subscription;
  }
}

/** Messages that change no book, each with the type of its event. */
const readers = {
  trade: (msg: unknown) => ({ type: "trade", ...parseTradeMessage(msg) }) as const,
  ticker: (msg: unknown) => ({ type: "ticker", ...parseTickerMessage(msg) }) as const,
  fill: (msg: unknown) => ({ type: "fill", ...parseFillMessage(msg) }) as const,
  user_order: (msg: unknown) => ({ type: "order", ...parseOrderMessage(msg) }) as const,
};

/** NO levels that came in YES prices, in their own; the order of such a list is not documented. */
function turned(levels: readonly Level[]): Level[] {
  return levels.map(({ price, count }) => ({ price: complement(price), count })).sort((a, b) => a.price - b.price);
}

function tickerIn(msg: unknown): string | null {
  if (typeof msg !== "object" || msg === null) return null;
  const { market_ticker, ticker } = msg as Readonly<Record<string, unknown>>;
  return typeof market_ticker === "string" ? market_ticker : typeof ticker === "string" ? ticker : null;
}
