import { messageOf } from "../errors.js";
import { type Envelope, listedTickers, messageTime, parseEnvelope, parseRefusal } from "../exchange/channel.js";
import { asObject } from "../exchange/field.js";
import type { Entry } from "../store/segment.js";
import type { TextPattern } from "../store/text-pattern.js";
import type { Timestamp } from "../units/time.js";
import type { Book } from "./book.js";
import { Connection, type ConnectionStart } from "./connection.js";
import { DeltaColumns, type DeltaRows } from "./delta-columns.js";
import { type DeltaMessage, DeltaReader } from "./delta-reader.js";
import type { DeltaRun } from "./delta-run.js";
import type { BookEvent, Stall } from "./event.js";
import { FeedBooks } from "./feed-books.js";
import { FeedGaps } from "./feed-gaps.js";
import type { FeedState } from "./feed-state.js";
import { FeedSubscriptions } from "./feed-subscriptions.js";
import { isReadable, readMessage, tickerIn, unknownEvent } from "./messages.js";
import { carriesBooks, type Subscription } from "./sequence.js";
import { Stalls } from "./stalls.js";

/** Where some frames stand: their rows, and their receive times. */
export type RowSpan = Omit<DeltaRun, "rows" | "millis">;

const ADRIFT = "behind damage: which connection it came on, and so what its prices mean, is not known";

/** How many of the frames were what. */
export interface FeedCounts {
  frames: number;
  /** Had before and ignored. */
  duplicates: number;
  /** Could not be read. */
  unreadable: number;
  gaps: number;
}

export interface FeedOptions {
  /** Whether deltas are told. Default true. The books are the same either way. */
  readonly deltas?: boolean | undefined;
  /** Where the markets of deltas are entered, told or not; whoever empties it does so when a connection ends. */
  readonly given?: Set<string> | undefined;
  /** Where books are entered too, for feeds that share one list of them; each market belongs to the last that has begun its book. */
  readonly books?: Map<string, Book> | undefined;
  /** After how much silence a market, or a connection, has stalled. Default 60 s. */
  readonly stallMs?: number | undefined;
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
  readonly #books: FeedBooks;
  readonly #gaps: FeedGaps;
  readonly #stalls: Stalls;
  readonly #connection = new Connection();
  readonly #subscriptions: FeedSubscriptions;
  readonly #deltas = new DeltaReader();
  readonly #columns = new DeltaColumns();
  /** What the reader has read and nobody has pushed. */
  #peeked: Buffer | null = null;
  #closed: { readonly tickers: readonly string[]; readonly from: Timestamp } | null = null;
  /** Frames are missing, and none has come since: what is lost now is lost with them. */
  #isLost = false;
  /**
   * Behind damage that may have held the note of another connection: until when the one before it is known to have been whole. Messages of
   * books are no more than text until a note names the connection: NO levels may come in the other prices.
   */
  #adrift: Timestamp | null = null;

  /** What keeps only books says that it wants no deltas, and none is made into an event. */
  constructor(emit: (event: BookEvent) => void, options: FeedOptions = {}) {
    this.#emit = emit;
    this.#gaps = new FeedGaps(emit, (tickers) => this.#books.makeStale(tickers));
    this.#gaps.onOpen = () => {
      this.counts.gaps += 1;
    };
    this.#stalls = new Stalls(emit, options.stallMs);
    this.#books = new FeedBooks(this.#gaps, this.#stalls, emit, options);
    this.#subscriptions = new FeedSubscriptions(this.#connection, this.#books, this.#gaps, emit);
  }

  /** Every book of which anything is known, by ticker. */
  get books(): ReadonlyMap<string, Book> {
    return this.#books.byTicker;
  }

  book(ticker: string): Book | null {
    return this.#books.byTicker.get(ticker) ?? null;
  }

  /**
   * Lets go of what is known of markets that are not listened to any more: over weeks there are many. Nobody waits for their books, also
   * where a gap has left them so.
   */
  forget(tickers: readonly string[]): void {
    const kept = new Set(this.#connection.tickers);
    for (const ticker of tickers) {
      if (kept.has(ticker)) continue;
      this.#gaps.forget(ticker);
      this.#books.forget(ticker);
    }
  }

  /** Markets whose books are kept up, or would be where the connection had not ended or gone missing. */
  get kept(): ReadonlySet<string> {
    return new Set([...this.#kept(), ...(this.#closed?.tickers ?? [])]);
  }

  /** Markets whose books are known and no longer kept up. */
  get ended(): ReadonlySet<string> {
    return this.#books.ended;
  }

  /** The subscription of the current connection that carries a channel, or null. */
  subscription(channel: string): number | null {
    return this.#connection.sidOf(channel);
  }

  /** Receive time as exchange time, by the least difference seen on this connection. */
  estimate(receivedAt: Timestamp): Timestamp {
    return this.#connection.clock.estimate(receivedAt);
  }

  /** Whether anything on this connection has told the exchange's time, so that an estimate is one. */
  get knowsTime(): boolean {
    const { offset, sent } = this.#connection.clock;
    return offset !== null || sent !== null;
  }

  /** The local clock was set on the current connection, by so much forward. */
  clockSet(by: Timestamp): void {
    this.#connection.clockSet(by);
  }

  /** By how much receive times are later now than the clock would have had them that the first of the connection were stamped with. */
  get ahead(): Timestamp {
    return this.#connection.ahead;
  }

  /** Which connection the frames come on is not known. */
  get isAdrift(): boolean {
    return this.#adrift !== null;
  }

  /** A note says that it is still the connection before the damage. */
  goesOn(): void {
    if (this.#adrift !== null) this.#holdNext();
    this.#adrift = null;
  }

  /** Silences that go on, as they were told. */
  get stalls(): readonly Stall[] {
    return this.#stalls.open(this.#connection);
  }

  /** A connection begins; one that was not seen to end has been interrupted. */
  connected(start: ConnectionStart): void {
    this.left(start.receivedAt);
    this.#adrift = null;
    this.#connection.begin(start);
    this.#stalls.begin(start.receivedAt);
    this.#waitOnlyFor(start.tickers ?? []);
  }

  /** It goes on elsewhere: a connection that was not seen to end has been interrupted, and what came since it ended is missing. */
  left(receivedAt: Timestamp): void {
    const { start, lastReceivedAt, ahead } = this.#connection;
    if (start !== null) this.disconnected(receivedAt, "interrupted", null, lastReceivedAt - ahead);
    if (this.#closed === null) return;
    const { tickers, from } = this.#closed;
    this.#closed = null;
    this.#lost("disconnect", tickers, receivedAt, from);
  }

  /**
   * The connection has ended: all its books are stale. `lastHeardAt` is the receive time of its last sign of life. What we ended
   * ourselves (`closed`) is a gap only once another connection follows.
   */
  disconnected(receivedAt: Timestamp, reason: string, code: number | null, lastHeardAt: Timestamp): void {
    const { start, number: connection } = this.#connection;
    if (start === null) return;
    this.#stalls.end(this.#connection, receivedAt);
    const tickers = this.#kept();
    const from = this.#adrift ?? this.#connection.provenUntil(lastHeardAt);
    this.#emit({ type: "disconnect", receivedAt, time: null, connection, reason, code, tickers, from });
    this.#books.makeStale(this.books.keys());
    if (reason === "closed") this.#closed = { tickers, from };
    else this.#lost("disconnect", tickers, receivedAt, from);
    this.#connection.end();
  }

  /** Frames were not kept since those that came before: nothing is certain before the next snapshots. */
  lost(receivedAt: Timestamp): void {
    // Behind a connection that we have ended there is nothing to miss but what the next one's gap tells.
    if (this.#closed !== null) return;
    const tickers = this.#kept().filter((ticker) => this.books.has(ticker));
    this.#lost("not_recorded", tickers, receivedAt, this.#connection.provenByBooks());
    this.#isLost = true;
    this.#holdNext();
  }

  /** Whatever came up to now may be missing in books: deltas are held from the next on. */
  #holdNext(): void {
    for (const one of this.#connection.subscriptions.values()) {
      if (carriesBooks(one) && one.last !== null) one.holdFrom(one.last + 1);
    }
  }

  /**
   * What came here cannot be read. Behind a connection that we have ended another may have begun in it, of which nothing else tells: the gap
   * that the next one would tell of is told now. No book is certain before a note names the connection and a snapshot comes.
   */
  damaged(receivedAt: Timestamp): void {
    this.#adrift ??= this.#connection.provenByBooks();
    if (this.#closed === null) this.lost(receivedAt);
    else {
      this.left(receivedAt);
      this.#isLost = true;
    }
  }

  /** What it knows besides its books, to go on from here later. */
  save(): FeedState {
    return {
      ...this.#connection.save(),
      counts: { ...this.counts },
      open: this.#gaps.save(),
      stalls: this.#stalls.save(),
      closed: this.#closed,
      ended: [...this.#books.ended],
      isLost: this.#isLost,
      adrift: this.#adrift,
    };
  }

  /** Goes on from what was saved, with these books; one that is not among them is made anew, and stale. */
  restore(state: FeedState, books: readonly Book[]): void {
    Object.assign(this.counts, state.counts);
    this.#books.restore(books, state.ended ?? []);
    this.#connection.restore(state, (ticker) => this.#books.on(ticker, null));
    this.#gaps.restore(state.open);
    if (state.stalls === undefined) this.#stalls.begin(state.lastReceivedAt);
    else this.#stalls.restore(state.stalls, this.#connection);
    this.#closed = state.closed;
    this.#isLost = state.isLost === true;
    this.#adrift = state.adrift ?? null;
  }

  /**
   * Takes one frame as received: text, or the bytes of a buffer from `start` to `end`. Never throws: what cannot be read becomes an `unknown`
   * event.
   */
  push(data: string | Buffer, receivedAt: Timestamp, start = 0, end = data.length): void {
    if (typeof data === "string") {
      this.#pushText(data.slice(start, end), receivedAt);
      return;
    }
    const isPeeked = this.#peeked === data && start === 0 && end === data.length;
    this.#peeked = null;
    if (isPeeked || this.#deltas.read(data, start, end)) {
      this.#quick(this.#deltas, data, receivedAt, start, end);
      return;
    }
    const type = this.#pushText(data.toString("utf8", start, end), receivedAt);
    if (type === "orderbook_delta") this.learn(data.subarray(start, end));
  }

  /** Takes one frame of a recording: out of its columns where they say all that its text does. */
  play(entry: Entry): void {
    const { pattern, row, time } = entry;
    if (pattern !== undefined && this.#columns.read(pattern, row!)) this.#quick(this.#columns, entry, time, 0, 0);
    else this.push(entry.body, time);
  }

  /**
   * Takes frames of a recording that are rows of one pattern, one after the other, as long as nothing is remarkable about them; gives how
   * many. The next has to be taken by itself. What a listener asks of the feed meanwhile, it answers as before the first.
   *
   * @param only the market whose book is asked for: of others, books that are not certain are left alone
   */
  playRows(pattern: TextPattern, span: RowSpan, only: string | null = null): number {
    const rows = this.#columns.of(pattern);
    if (rows === null || rows.millis === null || this.isAdrift) return 0;
    const subscription = this.#connection.subscriptions.get(rows.sids[span.row]!);
    if (subscription === undefined || subscription.last === null) return 0;
    const taken = this.#books.applyRun({ rows, millis: rows.millis, ...span }, this.#connection, subscription, only);
    this.counts.frames += taken;
    if (taken > 0) this.#isLost = false;
    return taken;
  }

  /** The columns of a pattern of deltas; null where the texts have to be read. */
  rowsOf(pattern: TextPattern): DeltaRows | null {
    return this.#columns.of(pattern);
  }

  /** As {@link peek} of a frame of a recording. */
  look(entry: Entry): DeltaMessage | null {
    const { pattern, row } = entry;
    if (pattern === undefined) return this.peek(entry.body);
    return this.#columns.read(pattern, row!) ? this.#columns : null;
  }

  /**
   * What a frame says if it is a delta of a shape that is known, to be read before the next call; it changes nothing. Pushed next, the same
   * buffer is not read again.
   */
  peek(data: Buffer): DeltaMessage | null {
    const isRead = this.#deltas.read(data, 0, data.length);
    this.#peeked = isRead ? data : null;
    return isRead ? this.#deltas : null;
  }

  /** Learns the shape of a delta that was read from its text. */
  learn(data: Buffer): void {
    this.#deltas.learn(data);
  }

  /** Takes the delta that a reader has read, of a frame's bytes or of an entry. */
  #quick(
    message: DeltaReader | DeltaColumns,
    data: Buffer | Entry,
    receivedAt: Timestamp,
    start: number,
    end: number,
  ): void {
    const connection = this.#connection;
    this.#arrived(receivedAt);
    const subscription = connection.subscription(message.sid);
    const missing = this.#take(subscription, message.seq);
    if (missing < 0) {
      this.counts.duplicates += 1;
      return;
    }
    if (missing > 0) {
      this.#hole(subscription, message.seq - missing, message.seq - 1, receivedAt, "orderbook_delta");
    }
    if (this.isAdrift) {
      const text = textOf(data, start, end);
      this.#unknown(parseEnvelope(text), text, receivedAt, message.ticker, ADRIFT);
      return;
    }
    try {
      const book = this.#books.byNumber(message.market, message.ticker, subscription);
      this.#books.apply(message, connection, subscription, receivedAt, book);
    } catch (error) {
      const text = textOf(data, start, end);
      this.#unreadable(parseEnvelope(text), subscription, text, receivedAt, error);
    }
  }

  /** Gives the message's type, or null. */
  #pushText(text: string, receivedAt: Timestamp): string | null {
    let envelope: Envelope;
    try {
      envelope = parseEnvelope(text);
    } catch (error) {
      this.#arrived(receivedAt);
      this.#unknown(null, text, receivedAt, null, messageOf(error));
      return null;
    }
    this.accept(envelope, text, receivedAt);
    return envelope.type;
  }

  /** Takes one frame whose envelope has been read. */
  accept(envelope: Envelope, text: string, receivedAt: Timestamp): void {
    this.#arrived(receivedAt);
    const { sid, seq } = envelope;
    const subscription = sid === null ? null : this.#connection.subscription(sid);
    let counted = true;
    if (seq !== null && subscription !== null) {
      const missing = this.#take(subscription, seq);
      if (missing < 0) {
        this.counts.duplicates += 1;
        counted = false;
        // A reply to get_snapshot is of use also when its number is not above the last; anything else was had before.
        if (envelope.type !== "orderbook_snapshot" || envelope.id === null) return;
      } else if (missing > 0) {
        this.#hole(subscription, seq - missing, seq - 1, receivedAt, envelope.type);
      }
    }
    try {
      this.#read(envelope, subscription, text, receivedAt, counted);
    } catch (error) {
      this.#unreadable(envelope, subscription, text, receivedAt, error);
    }
  }

  /** As {@link Subscription.take}; a lower number is none that was had before where it may be another connection's. */
  #take(subscription: Subscription, seq: number): number {
    const missing = subscription.take(seq);
    if (missing >= 0 || !this.isAdrift) return missing;
    subscription.last = seq;
    return 0;
  }

  #arrived(receivedAt: Timestamp): void {
    const connection = this.#connection;
    this.counts.frames += 1;
    this.#isLost = false;
    if (receivedAt >= this.#stalls.due || receivedAt < connection.lastReceivedAt) {
      this.#stalls.look(connection, receivedAt);
    }
    connection.lastReceivedAt = receivedAt;
  }

  #read(
    envelope: Envelope,
    subscription: Subscription | null,
    text: string,
    receivedAt: Timestamp,
    counted: boolean,
  ): void {
    if (this.isAdrift && envelope.type.startsWith("orderbook_")) {
      this.#unknown(envelope, text, receivedAt, tickerIn(envelope.msg), ADRIFT);
      return;
    }
    switch (envelope.type) {
      case "orderbook_delta":
        this.#books.delta(envelope, this.#connection, subscription, receivedAt);
        return;
      case "orderbook_snapshot":
        this.#books.snapshot(envelope, this.#connection, subscription, receivedAt, counted);
        return;
      case "subscribed":
        this.#subscriptions.subscribed(envelope);
        return;
      case "ok":
        if (subscription !== null) this.#subscriptions.listed(subscription, listedTickers(envelope.msg), receivedAt);
        return;
      case "unsubscribed":
        if (subscription !== null) this.#subscriptions.ended(subscription, receivedAt);
        return;
      case "error":
        this.#refused(envelope, subscription, text, receivedAt);
        return;
      default:
        if (isReadable(envelope.type)) {
          const head = this.#head(envelope, receivedAt, subscription);
          this.#emit({ ...head, ...readMessage(envelope.type, envelope.msg) });
          return;
        }
        this.#unknown(envelope, text, receivedAt, tickerIn(envelope.msg), null);
    }
  }

  /** Books that are kept up, or were until they went missing. */
  #kept(): readonly string[] {
    return [...new Set([...this.#connection.tickers, ...this.#gaps.pending])];
  }

  /** A connection that names its markets brings back no others. */
  #waitOnlyFor(tickers: readonly string[]): void {
    if (tickers.length === 0) return;
    const asked = new Set(tickers);
    this.#books.askedOnly(asked);
    for (const ticker of this.#gaps.pending) if (!asked.has(ticker)) this.#gaps.forget(ticker);
  }

  #refused(envelope: Envelope, subscription: Subscription | null, text: string, receivedAt: Timestamp): void {
    const { code, text: said } = parseRefusal(envelope.msg);
    this.#unknown(envelope, text, receivedAt, null, envelope.id === null ? `error ${code}: ${said}` : null);
    if (subscription !== null && (code === 10 || code === 25)) this.#subscriptions.refused(subscription, receivedAt);
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
    const all = subscription === null ? [] : this.#connection.tickersOf(subscription);
    const tickers = ticker !== null ? [ticker] : all;
    const from = this.#connection.since(subscription);
    this.#gaps.open(this.#connection, { reason: "unreadable", subscription, tickers, receivedAt, from });
    if (envelope.seq !== null) subscription?.holdFrom(envelope.seq + 1);
  }

  #hole(
    subscription: Subscription,
    fromSequence: number,
    toSequence: number,
    receivedAt: Timestamp,
    next: string,
  ): void {
    subscription.channel ??= next.startsWith("orderbook_") ? "orderbook_delta" : next;
    this.#gaps.open(this.#connection, {
      reason: "sequence",
      subscription,
      tickers: this.#connection.tickersOf(subscription),
      receivedAt,
      from: this.#connection.since(subscription),
      fromSequence,
      toSequence,
    });
    if (carriesBooks(subscription)) subscription.holdFrom(toSequence + 1);
  }

  /** Where frames were missing already, and none came since, it is one outage: that gap tells of it, and goes on. */
  #lost(reason: "disconnect" | "not_recorded", all: readonly string[], receivedAt: Timestamp, from: Timestamp): void {
    const told = this.#isLost ? [this.#gaps.pendingBy("not_recorded"), this.#gaps.pendingBy("disconnect")] : [];
    const tickers = all.filter((ticker) => !told.some((those) => those.has(ticker)));
    if (tickers.length === 0 && all.length > 0) return;
    this.#gaps.open(this.#connection, { reason, subscription: null, tickers, receivedAt, from });
  }

  #unknown(
    envelope: Envelope | null,
    text: string,
    receivedAt: Timestamp,
    ticker: string | null,
    problem: string | null,
  ): void {
    if (problem !== null) this.counts.unreadable += 1;
    this.#emit(unknownEvent(envelope, text, receivedAt, this.#connection.number, ticker, problem));
  }

  #head(envelope: Envelope, receivedAt: Timestamp, subscription: Subscription | null) {
    const time = messageTime(asObject(envelope.type, envelope.msg)) ?? envelope.sentTime;
    if (time !== null) this.#connection.heard(subscription, time, receivedAt);
    return { receivedAt, time, connection: this.#connection.number, sid: envelope.sid, sequence: envelope.seq };
  }
}

/** The text of a frame: bytes of a buffer from `start` to `end`, or an entry's. */
function textOf(data: Buffer | Entry, start: number, end: number): string {
  return Buffer.isBuffer(data) ? data.toString("utf8", start, end) : data.body.toString("utf8");
}
