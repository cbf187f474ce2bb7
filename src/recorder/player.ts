import type { Book } from "../book/book.js";
import type { BookEvent } from "../book/event.js";
import { Feed, type FeedOptions } from "../book/feed.js";
import type { FeedState } from "../book/feed-state.js";
import { type Envelope, parseEnvelope } from "../exchange/channel.js";
import { type Entries, PackedEntries } from "../store/packed-entries.js";
import { RawEntries } from "../store/raw-entries.js";
import { type Entry, entryKind } from "../store/segment.js";
import { readSegments } from "../store/segment-reader.js";
import type { Timestamp } from "../units/time.js";
import { type Mark, readMark } from "./marks.js";

/** A frame read as far as its envelope, or null where it has none that can be read. */
export interface ReadFrame {
  /** Null where `time` says all that is asked of it. */
  readonly text: string | null;
  readonly envelope: Envelope | null;
  /** The exchange's time of a delta whose content was passed over; null for every other frame, which has its content. */
  readonly time: Timestamp | null;
}

/** Deltas of a packed block, from one on. */
export interface DeltasAt {
  /** Of the first. */
  readonly sid: number;
  readonly seq: number;
  /** Exchange times in milliseconds, that of the first at `row`. */
  readonly millis: Float64Array;
  readonly row: number;
}

/** What a player knows besides its books, as plain data. */
export interface PlayerState {
  readonly connection: number;
  readonly useYesPrice: boolean;
  readonly lastAt: Timestamp;
  readonly id: string | null;
  readonly feed: FeedState;
}

/** Plays the entries of a recording into a feed: the same machine that serves a live connection. */
export class Player {
  readonly feed: Feed;
  /** Connections begun so far; the number of the current one. */
  connection = 0;
  /** Whether NO levels of the current connection come in YES prices. */
  useYesPrice = false;
  /** Receive time of the last entry. */
  lastAt: Timestamp = 0;
  /** Id of the connection now open, or null between two. */
  id: string | null = null;

  constructor(event: (event: BookEvent) => void, options: Pick<FeedOptions, "stallMs" | "deltas" | "given"> = {}) {
    this.feed = new Feed(event, options);
  }

  /** Takes the next entry, in the order of the recording; with `read`, what it says has been read already. */
  play(entry: Entry, read?: ReadFrame): void {
    this.lastAt = entry.time;
    if (entry.kind === entryKind.mark) {
      this.#mark(entry);
      return;
    }
    // A segment read alone, whose start says nothing of a connection.
    if (this.connection === 0 && !this.feed.isAdrift) this.#begin("", entry.time, false, []);
    if (read === undefined || read.envelope === null || read.text === null) this.feed.play(entry);
    else this.feed.accept(read.envelope, read.text, entry.time);
  }

  /** Takes entries one after the other; those of a packed block out of its columns where nothing is remarkable about them. */
  playAll(entries: Entries): void {
    if (entries instanceof RawEntries) {
      this.#playRaw(entries);
      return;
    }
    if (!(entries instanceof PackedEntries)) {
      for (const entry of entries) this.play(entry);
      return;
    }
    for (let at = 0; at < entries.length; ) {
      const end = entries.runEnd(at);
      while (at < end) {
        at += this.playRun(entries, at, end);
        if (at === end) break;
        this.play(entries.at(at)!);
        at += 1;
      }
    }
  }

  /** Frames out of the bytes they stand in. */
  #playRaw(entries: RawEntries): void {
    for (let at = 0; at < entries.length; at += 1) {
      if (this.connection === 0 || entries.kindAt(at) === entryKind.mark) {
        this.play(entries.at(at)!);
        continue;
      }
      this.lastAt = entries.timeAt(at);
      this.feed.push(entries.bytes, this.lastAt, entries.startAt(at), entries.endAt(at));
    }
  }

  /**
   * Takes entries of one pattern, `at` to `end`, as far as nothing is remarkable about them; gives how many. With `only` no other books that
   * are not certain are kept up.
   */
  playRun(entries: PackedEntries, at: number, end: number, only: string | null = null): number {
    const pattern = entries.patternAt(at);
    if (pattern === null || this.connection === 0 || entries.kindAt(at) === entryKind.mark) return 0;
    const { times, rows } = entries;
    const taken = this.feed.playRows(pattern, { row: rows[at]!, times, at, count: end - at }, only);
    if (taken > 0) this.lastAt = times[at + taken - 1]!;
    return taken;
  }

  /** What the entry at a place, and those behind it of its pattern, say of their numbers and times, where they are deltas with both. */
  deltasAt(entries: PackedEntries, at: number): DeltasAt | null {
    const pattern = entries.patternAt(at);
    const rows = pattern === null ? null : this.feed.rowsOf(pattern);
    if (rows === null || rows.millis === null || entries.kindAt(at) === entryKind.mark) return null;
    const row = entries.rows[at]!;
    return { sid: rows.sids[row]!, seq: rows.sequences[row]!, millis: rows.millis, row };
  }

  /** Reads a frame as far as its envelope. */
  read(entry: Entry): ReadFrame {
    const delta = this.feed.look(entry);
    if (delta !== null && delta.time !== null) {
      const { sid, seq, time } = delta;
      return { text: null, envelope: { type: "orderbook_delta", id: null, sid, seq, sentTime: null, msg: null }, time };
    }
    const { body } = entry;
    const text = body.toString("utf8");
    try {
      const envelope = parseEnvelope(text);
      if (envelope.type === "orderbook_delta") this.feed.learn(body);
      return { text, envelope, time: null };
    } catch {
      // The feed tells what is wrong with it.
      return { text, envelope: null, time: null };
    }
  }

  save(): PlayerState {
    const { connection, useYesPrice, lastAt, id } = this;
    return { connection, useYesPrice, lastAt, id, feed: this.feed.save() };
  }

  /** Goes on from what was saved, with these books. */
  restore(state: PlayerState, books: readonly Book[]): void {
    this.connection = state.connection;
    this.useYesPrice = state.useYesPrice;
    this.lastAt = state.lastAt;
    this.id = state.id;
    this.feed.restore(state.feed, books);
  }

  /** A finished segment is damaged from here on: frames are missing. */
  damaged(): void {
    this.feed.damaged(this.lastAt);
  }

  /** Whether a note is the first to tell of a connection. */
  begins(mark: Mark): boolean {
    if (mark.mark === "connect") return mark.id !== this.id;
    // Of use to who begins to read here, or behind damage; else an earlier connection may still have frames to come.
    return mark.mark === "continue" && (this.connection === 0 || (this.feed.isAdrift && mark.id !== this.id));
  }

  #mark(entry: Entry): void {
    const mark = readMark(entry.body);
    switch (mark?.mark) {
      case "connect":
      case "continue":
        if (this.begins(mark)) this.#begin(mark.id, entry.time, mark.use_yes_price, mark.tickers);
        else if (mark.id === this.id) this.feed.goesOn();
        return;
      case "disconnect":
        if (mark.id !== this.id) return;
        this.feed.disconnected(entry.time, mark.reason, mark.code, mark.last_heard);
        this.id = null;
        return;
      case "clock":
        this.feed.clockSet(mark.set_by);
        return;
      case "restart":
        this.feed.left(entry.time);
        this.id = null;
        return;
      case "hole":
        this.feed.lost(entry.time);
        return;
      default:
        return;
    }
  }

  #begin(id: string, receivedAt: Timestamp, useYesPrice: boolean, tickers: readonly string[]): void {
    this.id = id;
    this.connection += 1;
    this.useYesPrice = useYesPrice;
    this.feed.connected({ connection: this.connection, receivedAt, useYesPrice, tickers });
  }
}

/** Reads a recording through a player. */
export async function playAll(dir: string, player: Player): Promise<void> {
  for await (const part of readSegments(dir)) {
    if (part.type === "damaged") player.damaged();
    else player.playAll(part.entries);
  }
}
