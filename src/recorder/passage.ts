import { setTimeout as delay } from "node:timers/promises";
import type { BookEvent, Snapshot } from "../book/event.js";
import { STALL_MS } from "../book/stalls.js";
import { KalshiError } from "../errors.js";
import type { Entries } from "../store/packed-entries.js";
import { type Entry, entryKind } from "../store/segment.js";
import { readSegments } from "../store/segment-reader.js";
import { readNumber, readWord } from "../units/argument.js";
import { formatTimeFull, MILLISECOND, type Timestamp } from "../units/time.js";
import { Catalog } from "./catalog.js";
import { flat } from "./flat.js";
import type { ReadFrame } from "./player.js";
import { look } from "./seen.js";
import { hasBit, type IndexBlock, type SegmentIndex } from "./segment-index.js";
import { StrandGaps } from "./strand-gaps.js";
import { interleaved, ofStrand, type Strand } from "./strands.js";
import { type ClockName, clockNames, Tracker } from "./tracker.js";

/** A part of a recording: times in microseconds, `from` included, `to` not. */
export interface Passage {
  readonly from?: Timestamp | undefined;
  readonly to?: Timestamp | undefined;
  /** Events of these markets, and gaps and lost connections that concern them. Default: all, and what belongs to no market. */
  readonly tickers?: readonly string[] | undefined;
  /** Whose clock the times are of; an event without a time of the exchange has its receive time less the least delay. Default `exchange`. */
  readonly clock?: ClockName | undefined;
  /** How many times as fast as it was received. Default as fast as it can be read. */
  readonly speed?: number | undefined;
  /** After how much silence a market, or a connection, has stalled. Default 60 s, as live; with another, nothing is passed over. */
  readonly stallMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /**
   * Gives also what comes behind the books at the start with a time before it, so that books kept from them lack nothing. Default false: of
   * parts that follow one another each event is in one.
   */
  readonly late?: boolean | undefined;
  /** Told, when all was read, up to which time anything was heard: the exchange's, estimated. */
  readonly onEnd?: ((at: Timestamp) => void) | undefined;
}

/**
 * The events of a part of a recording, in the order in which they were received, without reading the rest.
 *
 * Where it begins in the middle, the books as they stood come first, as snapshots without a sequence number, and the gaps they were in; so
 * that books can be kept from what follows. All that follows is what the recording has.
 *
 * @throws KalshiError `BAD_RANGE`, `BAD_ARGUMENT`, `INTERRUPTED`, `FILE_NOT_FOUND`, `FILE_UNREADABLE`, `FILE_FORMAT`
 */
export function passage(dir: string, ask: Passage, catalog = new Catalog(dir)): AsyncIterableIterator<BookEvent> {
  return flat(batches());

  async function* batches(): AsyncGenerator<readonly BookEvent[]> {
    check(ask);
    yield* atPace(passageOf(dir, ask, catalog), ask);
  }
}

/** The same of several strands, of which each has its own catalog, as one; in batches. */
export async function* passageOver(
  strands: readonly (Strand & { readonly catalog: Catalog })[],
  ask: Passage,
): AsyncGenerator<readonly BookEvent[]> {
  check(ask);
  let end = Number.NEGATIVE_INFINITY;
  const onEnd = (at: Timestamp): void => {
    end = Math.max(end, at);
  };
  // A connection may have been silent from the start asked for on, while others go on: its books stand all the same.
  const isPart = strands.length > 1;
  const streams = strands.map(({ dir, catalog }) => passageOf(dir, { ...ask, onEnd }, catalog, isPart));
  yield* atPace(joined(strands, streams), ask);
  ask.onEnd?.(end);
}

/** Events of several strands in the order in which they were received, and the gaps as those of one recording. */
export async function* joined(
  strands: readonly Strand[],
  streams: readonly AsyncIterable<readonly BookEvent[]>[],
): AsyncGenerator<readonly BookEvent[]> {
  if (streams.length === 1) {
    yield* streams[0]!;
    return;
  }
  const gaps = new StrandGaps();
  for await (const { stream, items } of interleaved(streams, ({ receivedAt }) => receivedAt)) {
    const { place } = strands[stream]!;
    yield items.flatMap((event) => gaps.take(ofStrand(place, event), place));
  }
}

/** `isPart`: the books at the start are given also where nothing of this strand comes behind it. */
async function* passageOf(
  dir: string,
  ask: Passage,
  catalog: Catalog,
  isPart = false,
): AsyncGenerator<readonly BookEvent[]> {
  const { clock = "exchange", from = Number.NEGATIVE_INFINITY, signal } = ask;
  const reading = new Reading(ask);
  const closed = await catalog.closed();
  const place = Number.isFinite(from) ? await catalog.placeBefore(from, clock, closed) : null;
  for (const number of closed.filter((one) => one >= (place?.segment ?? 0))) {
    const segment = await catalog.open(number, closed);
    try {
      const first = place !== null && number === place.segment ? place.block : 0;
      if (place !== null && number === place.segment) reading.goOn(await segment.trackerBefore(first));
      for (const [at, block] of segment.index.blocks.entries()) {
        if (at < first) continue;
        if (!reading.wants(block, segment.index)) {
          reading.skip();
          continue;
        }
        if (reading.isBehind) reading.goOn(await segment.trackerBefore(at));
        const entries = segment.read(block);
        yield entries === null ? reading.damaged() : reading.take(entries);
        throwIfAborted(signal);
      }
    } finally {
      await segment.close();
    }
  }
  if (reading.isBehind) reading.goOn(await catalog.trackerBehind(closed));
  for await (const part of readSegments(dir, closed.at(-1) ?? 0)) {
    yield part.type === "damaged" ? reading.damaged() : reading.take(part.entries);
    throwIfAborted(signal);
  }
  if (isPart) yield reading.opening();
  ask.onEnd?.(reading.heardUpTo);
}

/** Plays what is read, and picks the events that are asked for. */
class Reading {
  /** Blocks were passed over, and what they said is not known. */
  isBehind = false;
  readonly #from: Timestamp;
  readonly #to: Timestamp;
  readonly #clock: ClockName;
  readonly #tickers: ReadonlySet<string> | null;
  #tracker: Tracker;
  #events: BookEvent[] = [];
  readonly #stallMs: number;
  readonly #late: boolean;
  /** The books at the start were given. */
  #hasBegun: boolean;

  constructor({ from, to, clock = "exchange", tickers, stallMs = STALL_MS, late = false }: Passage) {
    this.#late = late;
    this.#stallMs = stallMs;
    this.#from = from ?? Number.NEGATIVE_INFINITY;
    this.#to = to ?? Number.POSITIVE_INFINITY;
    this.#clock = clock;
    this.#tickers = tickers === undefined ? null : new Set(tickers);
    this.#hasBegun = from === undefined;
    this.#tracker = this.#listening();
  }

  /** The exchange's time of the last entry. */
  get heardUpTo(): Timestamp {
    const { feed, lastAt } = this.#tracker.player;
    return feed.estimate(lastAt);
  }

  get #takesLate(): boolean {
    return this.#late && this.#hasBegun;
  }

  /** Whether a block can have any event that is asked for. */
  wants(block: IndexBlock, index: SegmentIndex): boolean {
    const span = this.#clock === "received" ? block.received : block.events;
    if (span !== null && span[1] < this.#from && !this.#takesLate) return false;
    // The books at the start are those before whatever comes next.
    if (!this.#hasBegun) return true;
    if (span !== null && span[0] >= this.#to) return false;
    // The index knows of stalls of the usual length.
    if (this.#tickers === null || span === null || this.#stallMs !== STALL_MS) return true;
    return index.tickers.some((ticker, at) => this.#tickers!.has(ticker) && hasBit(block.tickers, at));
  }

  skip(): void {
    this.isBehind = true;
  }

  goOn(tracker: Tracker): void {
    this.#tracker = this.#listening();
    this.#tracker.restore(tracker.save(), [...tracker.books.values()]);
    this.isBehind = false;
  }

  take(entries: Entries): readonly BookEvent[] {
    // What the tracker knows besides is of use only to find the start.
    if (this.#hasBegun) {
      this.#tracker.player.playAll(entries);
      return this.#taken();
    }
    for (const entry of entries) {
      const read = this.#tracker.player.read(entry);
      if (!this.#hasBegun && this.#timeOf(entry, read) >= this.#from) this.#begin();
      this.#tracker.take(entry, read);
    }
    return this.#taken();
  }

  damaged(): readonly BookEvent[] {
    this.#tracker.damaged();
    return this.#taken();
  }

  /** What stands at the start, where nothing has come behind it. */
  opening(): readonly BookEvent[] {
    if (!this.#hasBegun) this.#begin();
    return this.#taken();
  }

  #taken(): readonly BookEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  #listening(): Tracker {
    return new Tracker((event) => this.#hear(event), { stallMs: this.#stallMs });
  }

  /** The time that an entry's events will have, as far as that can be told before. */
  #timeOf(entry: Entry, read: ReadFrame): Timestamp {
    if (this.#clock === "received") return entry.time;
    const isMark = entry.kind === entryKind.mark;
    const known = isMark ? null : (look(read).time ?? read.envelope?.sentTime ?? null);
    if (known !== null) return known;
    const { feed } = this.#tracker.player;
    // A connection's first answers come before anything has told the exchange's time, which may be far from ours.
    if (!feed.knowsTime && read.envelope?.type !== "orderbook_snapshot") return Number.NEGATIVE_INFINITY;
    return feed.estimate(entry.time);
  }

  #hear(event: BookEvent): void {
    const { feed } = this.#tracker.player;
    const isUntimed = event.time === null && !feed.knowsTime && event.type !== "snapshot" && this.#clock === "exchange";
    const estimated = event.time ?? feed.estimate(event.receivedAt);
    const time = this.#clock === "received" ? event.receivedAt : estimated;
    if (time < this.#from && !this.#takesLate) return;
    // What comes before anything has told the exchange's time does not say that the start is reached.
    if (!this.#hasBegun && !isUntimed) this.#begin();
    if (time < this.#to && this.#concerns(event)) this.#events.push(event);
  }

  #concerns(event: BookEvent): boolean {
    if (this.#tickers === null) return true;
    if ("tickers" in event) return event.tickers.some((ticker) => this.#tickers!.has(ticker));
    return event.ticker !== null && this.#tickers.has(event.ticker);
  }

  /** Gives the books as they stand, and the gaps and silences they are in. */
  #begin(): void {
    this.#hasBegun = true;
    for (const gap of this.#tracker.gaps) if (this.#concerns(gap)) this.#events.push(gap);
    for (const stall of this.#tracker.player.feed.stalls) if (this.#concerns(stall)) this.#events.push(stall);
    const { connection, lastAt } = this.#tracker.player;
    for (const book of this.#tracker.books.values()) {
      const { ticker, time, yes, no } = book;
      if (book.state !== "ok") continue;
      const receivedAt = book.receivedAt ?? lastAt;
      const event: Snapshot = {
        type: "snapshot",
        receivedAt,
        time,
        connection,
        ticker,
        sid: null,
        sequence: null,
        yes: yes.levels(),
        no: no.levels(),
      };
      if (this.#concerns(event)) this.#events.push(event);
    }
  }
}

/** Holds events back until as much time has passed as between them, divided by the speed; without one, not at all. */
async function* atPace(
  batches: AsyncGenerator<readonly BookEvent[]>,
  { speed, signal }: Passage,
): AsyncGenerator<readonly BookEvent[]> {
  if (speed === undefined) {
    yield* batches;
    return;
  }
  let first: Timestamp | null = null;
  let begun = 0;
  for await (const event of flat(batches)) {
    // What stands at the start is given at once.
    if (first === null && !isOpening(event)) {
      first = event.receivedAt;
      begun = performance.now();
    }
    const due = first === null ? 0 : begun + (event.receivedAt - first) / MILLISECOND / speed;
    for (let left = due - performance.now(); left > 0; left = due - performance.now()) {
      await wait(Math.min(left, LONGEST_TIMER_MS), signal);
    }
    yield [event];
  }
}

/** The longest that a timer of Node's can be. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

function isOpening(event: BookEvent): boolean {
  return event.type === "snapshot" && event.sid === null;
}

async function wait(ms: number, signal?: AbortSignal): Promise<void> {
  try {
    await delay(ms, undefined, { signal });
  } catch {
    throwIfAborted(signal);
  }
}

function throwIfAborted(signal?: AbortSignal): void {
  if (signal?.aborted !== true) return;
  throw new KalshiError("INTERRUPTED", "interrupted while replaying", { hint: "run it again", cause: signal.reason });
}

function check({ from, to, clock = "exchange", speed = 1, stallMs = STALL_MS, tickers }: Passage): void {
  if (from !== undefined && to !== undefined && !(from < to)) {
    throw new KalshiError("BAD_RANGE", `from ${formatTimeFull(from)} to ${formatTimeFull(to)} is no range`, {
      hint: "give a `to` after `from`; `from` is included, `to` is not",
      context: { from, to },
    });
  }
  readWord("clock", clock, clockNames);
  const fast = "1 is as fast as it was received, 10 ten times as fast; leave it out for as fast as it can be read";
  readNumber("speed", speed, {}, fast);
  readNumber("stallMs", stallMs, {}, "after how many milliseconds of silence a market has stalled; left out, 60,000");
  if (tickers === undefined || (Array.isArray(tickers) && tickers.length > 0)) return;
  throw new KalshiError("BAD_ARGUMENT", "tickers is no list of at least one market", {
    hint: "leave it out for all of them",
    context: { tickers },
  });
}
