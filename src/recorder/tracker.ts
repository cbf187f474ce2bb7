import type { Book } from "../book/book.js";
import { type BookEvent, type Gap, opensGap, type Unsubscribed } from "../book/event.js";
import { provenBy } from "../book/exchange-clock.js";
import type { FeedOptions } from "../book/feed.js";
import { type BookState, saveBook } from "../book/feed-state.js";
import { type Entry, entryKind } from "../store/segment.js";
import type { Timestamp } from "../units/time.js";
import type { UnknownReason } from "./found-book.js";
import { readMark } from "./marks.js";
import { Player, type PlayerState, type ReadFrame } from "./player.js";
import { look } from "./seen.js";

/** Whose clock a time is of: the exchange's, or the local one that stamped the frames. */
export const clockNames = ["exchange", "received"] as const;
export type ClockName = (typeof clockNames)[number];
type Both = { readonly [clock in ClockName]: Timestamp };
type Latest = { -readonly [clock in ClockName]: Timestamp };

/** A book as the last connection that gave it left it. */
export interface LeftBook {
  readonly connection: number;
  readonly reason: UnknownReason;
  readonly from: Both;
  readonly book: BookState;
}

/**
 * What a search for a book knows at a place of the recording when its moment is still to come, for every market and both clocks; with what
 * the player knows there it is enough to begin a search at that place.
 */
export interface TrackerState {
  readonly player: PlayerState;
  /** Receive time of the last frame. */
  readonly heardAt: Timestamp;
  /** The current connection has ended, and no other has begun. */
  readonly isOver: boolean;
  /** Least difference of receive and exchange time on the current connection; null before the first message with a time. */
  readonly offset: number | null;
  /** Greatest such difference. */
  readonly slowest: number | null;
  /** Least difference to when books were sent on it. */
  readonly sent?: number | null;
  /** Latest time of a book's message on the current connection; null before the first. */
  readonly reached: { readonly [clock in ClockName]: Timestamp | null };
  /** Latest of all times that a search would compare with its moment; null before the first, or where none can begin. */
  readonly latest: { readonly [clock in ClockName]: Timestamp | null };
  /** No search may begin behind here: something came that one would have ended at. */
  readonly isClosed: boolean;
  /** Markets whose book the current connection has given. */
  readonly given: readonly string[];
  readonly left: readonly (readonly [ticker: string, left: LeftBook])[];
  /** Gaps that books are in, and since when: by market the number of the gap. */
  readonly gaps: readonly Gap[];
  readonly inGap: readonly (readonly [ticker: string, gap: number])[];
}

/** Plays a recording from its start, or from what was saved, and knows at every place what a search could begin with. */
export class Tracker {
  readonly player: Player;
  #heardAt: Timestamp = 0;
  #isOver = false;
  #offset: number | null = null;
  #slowest: number | null = null;
  #sent: number | null = null;
  #reached: Latest = nowhere();
  #latest: Latest = nowhere();
  #isClosed = false;
  #given = new Set<string>();
  #left = new Map<string, LeftBook>();
  #gaps = new Map<string, Gap>();
  readonly #listener: ((event: BookEvent) => void) | null;

  constructor(listener: ((event: BookEvent) => void) | null = null, options: Pick<FeedOptions, "stallMs"> = {}) {
    this.#listener = listener;
    this.player = new Player((event) => this.#hear(event), { ...options, deltas: listener !== null });
  }

  /** Takes the next entry. */
  take(entry: Entry, read: ReadFrame = this.player.read(entry)): void {
    if (entry.kind === entryKind.mark) {
      this.#mark(entry);
      return;
    }
    if (!this.#isOver) this.#look(entry, read);
    this.player.play(entry, read);
    this.#heardAt = entry.time;
  }

  damaged(): void {
    this.player.damaged();
  }

  /** All of it but the books, which {@link books} gives. */
  save(): TrackerState {
    const gaps = [...new Set(this.#gaps.values())];
    const finite = ({ exchange, received }: Both) => ({ exchange: orNull(exchange), received: orNull(received) });
    return {
      player: this.player.save(),
      heardAt: this.#heardAt,
      isOver: this.#isOver,
      offset: this.#offset,
      slowest: this.#slowest,
      sent: this.#sent,
      reached: finite(this.#reached),
      latest: finite(this.#latest),
      isClosed: this.#isClosed,
      given: [...this.#given],
      left: [...this.#left],
      gaps,
      inGap: [...this.#gaps].map(([ticker, gap]) => [ticker, gaps.indexOf(gap)] as const),
    };
  }

  get books(): ReadonlyMap<string, Book> {
    return this.player.feed.books;
  }

  /** The gaps that books are in that may yet come back, each once. */
  get gaps(): ReadonlySet<Gap> {
    const kept = this.player.feed.kept;
    return new Set([...this.#gaps].flatMap(([ticker, gap]) => (kept.has(ticker) ? [gap] : [])));
  }

  /**
   * Lets go of markets that have ended: over weeks there are many. Whoever asks for one finds it where it is told of last: see
   * {@link Catalog.lastOf}.
   */
  forgetEnded(): void {
    const { feed } = this.player;
    const ended = [...feed.ended].filter((ticker) => !this.#given.has(ticker));
    for (const ticker of ended) this.#left.delete(ticker);
    feed.forget(ended);
    const kept = feed.kept;
    for (const ticker of this.#gaps.keys()) if (!kept.has(ticker) && !feed.books.has(ticker)) this.#gaps.delete(ticker);
  }

  restore(state: TrackerState, books: readonly Book[]): void {
    const { player, reached, latest } = state;
    this.player.restore(player, books);
    this.#heardAt = state.heardAt;
    this.#isOver = state.isOver;
    this.#offset = state.offset;
    this.#slowest = state.slowest;
    this.#sent = state.sent ?? null;
    this.#reached = { exchange: orNever(reached.exchange), received: orNever(reached.received) };
    this.#latest = { exchange: orNever(latest.exchange), received: orNever(latest.received) };
    this.#isClosed = state.isClosed;
    this.#given = new Set(state.given);
    this.#left = new Map(state.left);
    this.#gaps = new Map(state.inGap.map(([ticker, gap]) => [ticker, state.gaps[gap]!]));
  }

  #look(entry: Entry, read: ReadFrame): void {
    const { seen, time } = look(read);
    if (time !== null) {
      this.#offset = Math.min(this.#offset ?? Number.POSITIVE_INFINITY, entry.time - time);
      this.#slowest = Math.max(this.#slowest ?? Number.NEGATIVE_INFINITY, entry.time - time);
    }
    if (seen.kind === "untimed" && seen.sentTime !== null) {
      this.#sent = Math.min(this.#sent ?? Number.POSITIVE_INFINITY, entry.time - seen.sentTime);
    }
    // A search for a book asks nothing of other messages; who reads a part of the recording must not begin behind one that belongs to it.
    this.#reach(this.#latest, "received", entry.time);
    if (seen.kind === "other" || seen.kind === "control") {
      // A connection's first answers come before anything has told the exchange's time, which may be far from ours.
      // It tells of nothing else.
      const isUnknown = read.envelope?.type === "subscribed" && !this.player.feed.knowsTime;
      const estimated = isUnknown ? Number.NEGATIVE_INFINITY : this.#estimate(entry.time);
      this.#reach(this.#latest, "exchange", Math.max(time ?? Number.NEGATIVE_INFINITY, estimated));
      return;
    }
    this.#reach(this.#reached, "received", entry.time);
    if (seen.kind === "timed") {
      this.#reach(this.#reached, "exchange", seen.time);
      this.#reach(this.#latest, "exchange", seen.time);
    } else this.#reach(this.#latest, "exchange", seen.sentTime ?? this.#estimate(entry.time));
  }

  #mark(entry: Entry): void {
    const mark = readMark(entry.body);
    // What a note tells of a connection that has told no time has the local one.
    const isUntimed = this.player.id !== null && !this.player.feed.knowsTime;
    if (isUntimed) this.#reach(this.#latest, "exchange", entry.time);
    if (mark?.mark === "disconnect") {
      this.#finish(mark.reason === "closed" ? "end_of_recording" : "disconnect", mark.last_heard);
    } else if (mark !== null && this.player.id !== null && this.player.begins(mark)) {
      this.#finish("disconnect", this.#heardAt, this.player.feed.ahead);
    } else if (mark?.mark === "restart" && this.player.id !== null) {
      this.#finish("disconnect", this.#heardAt, this.player.feed.ahead);
    } else if (mark?.mark === "hole" && !this.#isOver) {
      this.#reach(this.#latest, "received", mark.from);
    }
    const before = this.player.connection;
    this.player.play(entry);
    if (this.player.connection === before) return;
    this.#isOver = false;
    this.#given.clear();
    this.#reached = nowhere();
    this.#offset = null;
    this.#slowest = null;
    this.#sent = null;
  }

  /** `heardAt` is as it was stamped, `ahead` of the clock that delays were learned with. */
  #finish(ended: UnknownReason, heardAt: Timestamp, ahead = 0): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const end = {
      exchange: Math.max(provenBy(heardAt - ahead, this.#slowest ?? this.#sent), this.#reached.exchange),
      received: Math.max(heardAt, this.#reached.received),
    };
    this.#reach(this.#latest, "exchange", end.exchange);
    this.#reach(this.#latest, "received", end.received);
    const { connection } = this.player;
    for (const ticker of this.#given) {
      const book = this.player.feed.book(ticker);
      // A search for one market brings no other's book.
      if (book === null) continue;
      const isOk = book.state === "ok";
      this.#leave(ticker, book, connection, isOk ? ended : "unsubscribed", end, isOk);
    }
  }

  /** A market is no longer subscribed to. */
  #unsubscribed({ tickers, from, connection }: Unsubscribed): void {
    const since = { exchange: from, received: Math.max(this.#reached.received, 0) };
    for (const ticker of tickers) {
      const book = this.player.feed.book(ticker);
      if (book !== null && this.#given.delete(ticker))
        this.#leave(ticker, book, connection, "unsubscribed", since, false);
    }
  }

  /** Where a book is in a gap already, that is why it is unknown, and since when. */
  #leave(ticker: string, book: Book, connection: number, ended: UnknownReason, end: Both, isOk: boolean): void {
    const gap = isOk ? null : (this.#gaps.get(ticker) ?? null);
    const inGap = gap === null ? end : { exchange: gap.from, received: Math.max(this.#reached.received, 0) };
    const state: BookState = { ...saveBook(book), state: "stale" };
    this.#left.set(ticker, { connection, reason: gap?.reason ?? ended, from: inGap, book: state });
  }

  #hear(event: BookEvent): void {
    if (opensGap(event)) {
      for (const ticker of event.tickers) if (!this.#gaps.has(ticker)) this.#gaps.set(ticker, event);
    } else if (event.type === "snapshot") {
      this.#gaps.delete(event.ticker);
      if (this.#isOver) this.#isClosed = true;
      this.#given.add(event.ticker);
      this.#left.delete(event.ticker);
    } else if (event.type === "unsubscribed") {
      this.#unsubscribed(event);
    }
    // What a note tells has the note's time, whatever it says of an earlier one; who reads from before it must not begin behind it.
    this.#reach(this.#latest, "exchange", event.time ?? this.player.feed.estimate(event.receivedAt));
    this.#reach(this.#latest, "received", event.receivedAt);
    this.#listener?.(event);
  }

  #reach(times: Latest, clock: ClockName, time: Timestamp): void {
    if (time > times[clock]) times[clock] = time;
  }

  #estimate(receivedAt: Timestamp): Timestamp {
    return receivedAt - (this.#offset ?? this.#sent ?? 0);
  }
}

function nowhere(): Latest {
  return { exchange: Number.NEGATIVE_INFINITY, received: Number.NEGATIVE_INFINITY };
}

function orNull(time: Timestamp): Timestamp | null {
  return Number.isFinite(time) ? time : null;
}

function orNever(time: Timestamp | null): Timestamp {
  return time ?? Number.NEGATIVE_INFINITY;
}
