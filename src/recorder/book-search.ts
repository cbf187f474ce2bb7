import type { BookEvent, Gap } from "../book/event.js";
import { opensGap } from "../book/event.js";
import { provenBy } from "../book/exchange-clock.js";
import { restoreBook } from "../book/feed-state.js";
import { type Entries, PackedEntries } from "../store/packed-entries.js";
import { type Entry, entryKind } from "../store/segment.js";
import type { Timestamp } from "../units/time.js";
import { type FoundBook, settledBook, type UnknownReason } from "./found-book.js";
import type { Keyframe } from "./keyframe.js";
import { readMark } from "./marks.js";
import { Player, type ReadFrame } from "./player.js";
import { look, type Seen } from "./seen.js";
import type { ClockName, LeftBook } from "./tracker.js";

/**
 * Looks for the book of one market at a moment: takes a recording entry by entry, from its start or from a place where every time is before
 * the moment, and knows when it has come far enough.
 */
export class BookSearch {
  readonly #ticker: string;
  readonly #time: Timestamp;
  readonly #clock: ClockName;
  readonly #isLocal: boolean;
  readonly #player: Player;
  /** The answer so far: from the last connection that gave the book by then. */
  #found: FoundBook | null = null;
  /** Messages after the moment by their estimate, and what followed; a later message may show that they are not. */
  #held: { readonly entry: Entry; readonly read: ReadFrame; readonly seen: Seen }[] = [];
  /** The current connection has gone past the moment; what follows only tells until when an unknown book is unknown. */
  #past = false;
  /** The current connection has given the market's book. */
  #hasBook = false;
  /** Since when the book is stale. */
  #gap: Gap | null = null;
  /** The first gap, and the time of the last snapshot, that the message being played has brought. */
  #opened: Gap | null = null;
  #restoredAt: Timestamp | null = null;
  /** Latest time of a message applied on the current connection. */
  #reached: Timestamp = Number.NEGATIVE_INFINITY;
  /** Least difference of receive and exchange time on the current connection; null before the first message with a time. */
  #offset: number | null = null;
  /** Greatest such difference. */
  #slowest: number | null = null;
  /** Least difference to when books were sent on it. */
  #sent: number | null = null;
  /** Last number seen of each subscription of the current connection. */
  #numbers = new Map<number, number>();
  /** Receive time of the last frame of whatever channel: until then the recording knows that nothing else has come. */
  #heardAt: Timestamp = 0;
  #isDone = false;

  constructor(ticker: string, time: Timestamp, clock: ClockName) {
    this.#ticker = ticker;
    this.#time = time;
    this.#clock = clock;
    this.#isLocal = clock === "received";
    this.#player = new Player((event) => this.#hear(event), { deltas: false });
  }

  /** Begins at a place of the recording, every time before which is before the moment. */
  begin(place: Keyframe): void {
    const { state } = place;
    this.#go(place);
    this.#past = state.isOver;
    this.#hasBook = state.given.includes(this.#ticker);
    this.#reached = state.reached[this.#clock] ?? Number.NEGATIVE_INFINITY;
    this.#offset = state.offset;
    this.#slowest = state.slowest;
    this.#sent = state.sent ?? null;
    for (const { sid, last } of state.player.feed.subscriptions) if (last !== null) this.#numbers.set(sid, last);
    const left = state.left.find(([ticker]) => ticker === this.#ticker)?.[1];
    if (left !== undefined) this.remember(left);
  }

  /** What is known of the market by what an earlier connection has left, or an earlier subscription. */
  remember(left: LeftBook): void {
    const { connection, reason, from } = left;
    this.#found = {
      ticker: this.#ticker,
      connection,
      at: this.#time,
      book: restoreBook(left.book),
      trust: "unknown",
      reason,
      from: from[this.#clock],
      to: null,
    };
  }

  /** No book of the market has come so far, or none that is remembered. */
  get knowsNothing(): boolean {
    return this.#found === null && !this.#hasBook;
  }

  /** Whether a block without a snapshot of the market, in the middle of a connection, would change nothing of the answer. */
  get isWaiting(): boolean {
    return this.#past;
  }

  /** Goes on at a place, when what was between would have changed nothing. */
  skip(place: Keyframe): void {
    this.#go(place);
  }

  #go({ state, books }: Keyframe): void {
    this.#player.restore(state.player, books.map(restoreBook));
    this.#heardAt = state.heardAt;
    const gap = state.inGap.find(([ticker]) => ticker === this.#ticker)?.[1];
    this.#gap = gap === undefined ? null : state.gaps[gap]!;
  }

  /** Takes entries one after the other; true when the answer is complete. */
  takeAll(entries: Entries): boolean {
    if (!(entries instanceof PackedEntries)) {
      for (const entry of entries) if (this.take(entry)) return true;
      return false;
    }
    for (let at = 0; at < entries.length; ) {
      const end = entries.runEnd(at);
      while (at < end) {
        at += this.#takeRun(entries, at, end);
        if (at === end) break;
        if (this.take(entries.at(at)!)) return true;
        at += 1;
      }
    }
    return false;
  }

  /** Takes deltas of up to the moment out of their columns, as {@link take} would; gives how many. */
  #takeRun(entries: PackedEntries, at: number, end: number): number {
    if (this.#past || this.#held.length > 0) return 0;
    const deltas = this.#player.deltasAt(entries, at);
    // By the numbers a message may be one that was had before, which says nothing of the time.
    if (deltas === null || deltas.seq <= (this.#numbers.get(deltas.sid) ?? 0)) return 0;
    const { millis, row } = deltas;
    const { times } = entries;
    let last = at;
    if (this.#isLocal) while (last < end && times[last]! <= this.#time) last += 1;
    else while (last < end && millis[row + last - at]! * 1000 <= this.#time) last += 1;
    const taken = this.#player.playRun(entries, at, last, this.#ticker);
    if (taken === 0) return 0;
    let [offset, slowest, reached] = [
      this.#offset ?? Number.POSITIVE_INFINITY,
      this.#slowest ?? Number.NEGATIVE_INFINITY,
      this.#reached,
    ];
    for (let index = at; index < at + taken; index += 1) {
      const received = times[index]!;
      const time = millis[row + index - at]! * 1000;
      offset = Math.min(offset, received - time);
      slowest = Math.max(slowest, received - time);
      reached = Math.max(reached, this.#isLocal ? received : time);
    }
    this.#offset = offset;
    this.#slowest = slowest;
    this.#reached = reached;
    if (!this.#isLocal) this.#numbers.set(deltas.sid, deltas.seq + taken - 1);
    this.#heardAt = times[at + taken - 1]!;
    return taken;
  }

  /** Takes the next entry; true when the answer is complete. */
  take(entry: Entry): boolean {
    if (entry.kind === entryKind.mark) this.#mark(entry);
    else if (this.#past) this.#player.play(entry);
    else this.#frame(entry);
    // Not of a mark: the next recorder's may be written long after this one was killed.
    if (entry.kind !== entryKind.mark) this.#heardAt = entry.time;
    return this.#isDone;
  }

  damaged(): void {
    if (!this.#past) this.#release();
    this.#player.damaged();
  }

  end(): void {
    this.#finish("end_of_recording", this.#heardAt, this.#player.feed.ahead);
  }

  result(): FoundBook {
    return this.#found ?? { ...nothing, ticker: this.#ticker, at: this.#time, to: this.#restoredAt };
  }

  #mark(entry: Entry): void {
    const mark = readMark(entry.body);
    if (mark?.mark === "disconnect") {
      this.#finish(mark.reason === "closed" ? "end_of_recording" : "disconnect", mark.last_heard);
    } else if (mark !== null && this.#player.id !== null && this.#player.begins(mark)) {
      // The recorder was killed: nothing says when this connection ended.
      this.#finish("disconnect", this.#heardAt, this.#player.feed.ahead);
    } else if (mark?.mark === "restart" && this.#player.id !== null) {
      this.#finish("disconnect", this.#heardAt, this.#player.feed.ahead);
    } else if (mark?.mark === "hole" && !this.#past) {
      // By the exchange's clock what was lost may be as old as the last message before it.
      const isAfter = this.#isLocal ? mark.from > this.#time : this.#held.length > 0;
      if (isAfter) this.#capture(null, this.#reached);
      else this.#release();
    }
    const before = this.#player.connection;
    this.#player.play(entry);
    if (this.#player.connection !== before) this.#begin();
  }

  #begin(): void {
    this.#held = [];
    this.#past = false;
    this.#hasBook = false;
    this.#reached = Number.NEGATIVE_INFINITY;
    this.#offset = null;
    this.#slowest = null;
    this.#sent = null;
    this.#numbers = new Map();
  }

  #frame(entry: Entry): void {
    const read = this.#player.read(entry);
    const seen = this.#look(entry, read);
    if (seen.kind === "other" && this.#held.length === 0) {
      this.#player.play(entry, read);
      return;
    }
    if (seen.kind === "timed" && seen.time <= this.#time) {
      if (this.#held.length > 0) this.#release();
      this.#player.play(entry, read);
      this.#reached = Math.max(this.#reached, seen.time);
      return;
    }
    this.#held.push({ entry, read, seen });
    this.#releaseEarly();
    if (seen.kind === "timed") this.#capture(null, this.#reached);
  }

  /** Learns the difference of the clocks from every message that has a time. */
  #look(entry: Entry, read: ReadFrame): Seen {
    const { seen, time } = look(read);
    if (time !== null) {
      this.#offset = Math.min(this.#offset ?? Number.POSITIVE_INFINITY, entry.time - time);
      this.#slowest = Math.max(this.#slowest ?? Number.NEGATIVE_INFINITY, entry.time - time);
    }
    if (seen.kind === "untimed" && seen.sentTime !== null) {
      this.#sent = Math.min(this.#sent ?? Number.POSITIVE_INFINITY, entry.time - seen.sentTime);
    }
    const isOfBooks = seen.kind === "timed" || seen.kind === "untimed";
    if (this.#isLocal) return isOfBooks ? { kind: "timed", time: entry.time } : seen;
    // What was had before, or overtaken, says nothing of those that came before it.
    return this.#isNext(read) ? seen : { kind: "other" };
  }

  #isNext({ envelope }: ReadFrame): boolean {
    if (envelope === null) return true;
    const { sid, seq, id, type } = envelope;
    if (sid === null || seq === null) return true;
    if (seq <= (this.#numbers.get(sid) ?? 0)) return type === "orderbook_snapshot" && id !== null;
    this.#numbers.set(sid, seq);
    return true;
  }

  #releaseEarly(): void {
    for (let next = this.#held[0]; next !== undefined; next = this.#held[0]) {
      const { entry, read, seen } = next;
      if (seen.kind === "timed" && seen.time > this.#time) return;
      if (seen.kind === "untimed" && (seen.sentTime ?? this.#estimate(entry.time)) > this.#time) return;
      this.#held.shift();
      this.#player.play(entry, read);
    }
  }

  #release(): void {
    const held = this.#held;
    this.#held = [];
    for (const { entry, read } of held) this.#player.play(entry, read);
  }

  /**
   * Every message still to come is after the moment: what stands now is the answer, unless the next one shows a hole before it. `ended`
   * says why nothing is known of the moment itself, and since when.
   */
  #capture(ended: UnknownReason | null, endedAt: Timestamp): void {
    this.#past = true;
    const state = this.#state(ended, endedAt);
    if (state !== null) this.#found = state;
    const next = this.#held.shift();
    this.#opened = null;
    this.#restoredAt = null;
    if (next !== undefined) this.#player.play(next.entry, next.read);
    // Set while the message was played, which the compiler cannot see.
    const opened = this.#opened as Gap | null;
    if (state?.trust === "ok" && opened !== null) {
      const from = this.#since(opened);
      this.#found = { ...state, trust: "unknown", reason: opened.reason, from, to: this.#restoredAt };
      this.#found.book!.state = "stale";
      this.#isDone = this.#restoredAt !== null;
    } else if (state?.trust === "ok") {
      this.#isDone = true;
    }
    if (!this.#isDone) this.#release();
  }

  /** The connection has ended; its last sign of life was at `heardAt`, local time, `ahead` of the clock that delays were learned with. */
  #finish(reason: UnknownReason, heardAt: Timestamp, ahead = 0): void {
    if (this.#past) return;
    const end = Math.max(
      this.#isLocal ? heardAt : provenBy(heardAt - ahead, this.#slowest ?? this.#sent),
      this.#reached,
    );
    const isCovered = this.#held.length > 0 || this.#time <= end;
    this.#capture(isCovered ? null : reason, end);
  }

  /** The book as it stands, or null when this connection has not given it. */
  #state(ended: UnknownReason | null, endedAt: Timestamp): FoundBook | null {
    if (!this.#hasBook) return null;
    const book = this.#player.feed.book(this.#ticker)!;
    const found = { ticker: this.#ticker, connection: this.#player.connection, at: this.#time, to: null };
    if (book.state === "ok" && ended === null) {
      return { ...found, book: settledBook(book, "ok"), trust: "ok", reason: null, from: null };
    }
    const gap = this.#gap;
    const reason = book.state === "ok" ? ended : (gap?.reason ?? "unsubscribed");
    const from = book.state !== "ok" && gap !== null ? this.#since(gap) : endedAt;
    return { ...found, book: settledBook(book, "unknown"), trust: "unknown", reason, from };
  }

  #hear(event: BookEvent): void {
    if (opensGap(event) && event.tickers.includes(this.#ticker)) {
      this.#gap ??= event;
      this.#opened ??= event;
    }
    if (event.type === "unsubscribed" && event.tickers.includes(this.#ticker)) this.#unsubscribed(event.from);
    if (event.type !== "snapshot" || event.ticker !== this.#ticker) return;
    this.#gap = null;
    if (!this.#past) {
      this.#hasBook = true;
      return;
    }
    // The unknown interval ends here.
    this.#restoredAt = this.#isLocal ? event.receivedAt : (event.time ?? this.#estimate(event.receivedAt));
    if (this.#found?.trust === "ok") return;
    if (this.#found !== null) this.#found = { ...this.#found, to: Math.max(this.#restoredAt, this.#found.from ?? 0) };
    this.#isDone = true;
  }

  /** From here on nothing tells of the market any more, whatever the connection goes on to bring. */
  #unsubscribed(from: Timestamp): void {
    if (this.#past || !this.#hasBook) return;
    this.#found = this.#state("unsubscribed", this.#isLocal ? Math.max(this.#reached, 0) : from);
    this.#hasBook = false;
  }

  #since(gap: Gap): Timestamp {
    return this.#isLocal ? Math.min(this.#time, Math.max(this.#reached, 0)) : gap.from;
  }

  /** A local time on the clock that is asked for. */
  #estimate(receivedAt: Timestamp): Timestamp {
    return this.#isLocal ? receivedAt : receivedAt - (this.#offset ?? this.#sent ?? 0);
  }
}

const nothing = {
  connection: null,
  book: null,
  trust: "unknown",
  reason: "no_snapshot",
  from: null,
} as const;
