import { type BookEvent, opensGap } from "../book/event.js";
import { KalshiError } from "../errors.js";
import type { Entries } from "../store/packed-entries.js";
import { type Entry, entryKind } from "../store/segment.js";
import { listSegments, readSegments } from "../store/segment-reader.js";
import { type Names, readWord, refuseUnknown } from "../units/argument.js";
import type { TimeInput, Timestamp } from "../units/time.js";
import { type BookAtOptions, bookAt } from "./book-at.js";
import { Catalog } from "./catalog.js";
import { flat } from "./flat.js";
import { type FoundBook, settledBook } from "./found-book.js";
import { maybeMoment, moment } from "./moment.js";
import { joined, type Passage, passageOver } from "./passage.js";
import { Player, playAll } from "./player.js";
import { type Quality, quality } from "./quality.js";
import { connectionNumber, interleaved, listStrands, type Strand } from "./strands.js";
import { clockNames } from "./tracker.js";

/** A frame as it was received. */
export interface RecordedFrame {
  /** The bytes, unchanged. */
  readonly data: Buffer;
  readonly binary: boolean;
  readonly receivedAt: Timestamp;
  /** Nanoseconds below the microsecond, 0 to 999. */
  readonly nanos: number;
  /** Connection it came on, counted from 1; from 1,000,001 and so on where several were held at the same time. See {@link Strand}. */
  readonly connection: number;
  /** Null behind damage, up to a note that names the connection. */
  readonly useYesPrice: boolean | null;
}

/**
 * A recording. Iterating gives the events that a live connection would have given, of the same types; one that is still being written is
 * read up to where it is. Each reading starts at the beginning.
 */
export interface Recording extends AsyncIterable<BookEvent> {
  readonly dir: string;
  /** The frames as received, without reading what they say; of a part by receive time, without reading the rest. */
  frames(part?: FramesAsk): AsyncIterable<RecordedFrame>;
  /** The events of a part of it, or all at a chosen speed. See {@link passage}. */
  replay(ask?: ReplayAsk): AsyncIterable<BookEvent>;
  /**
   * The book of a market at a moment of the exchange's clock, in microseconds, as `Date` or as ISO text, and whether it can be trusted. See
   * {@link bookAt}.
   *
   * @throws KalshiError `BAD_ARGUMENT`, `BAD_TIME`
   */
  bookAt(ticker: string, time: Timestamp | TimeInput, options?: BookAtOptions): Promise<FoundBook>;
  /** Every book as each connection left it, by connection, then ticker. */
  final(): Promise<readonly FoundBook[]>;
  /** Coverage, gaps, connections, and what could not be read. */
  quality(): Promise<Quality>;
}

/**
 * Opens a recording to read it, also while it grows.
 *
 * @throws KalshiError `FILE_NOT_FOUND` for a folder without segments, `FILE_UNREADABLE`; reading throws `FILE_FORMAT` too
 */
export async function openRecording(dir: string): Promise<Recording> {
  if ((await listSegments(dir)).length === 0) {
    throw new KalshiError("FILE_NOT_FOUND", `no recording in ${dir}`, {
      hint: "give the folder that the recorder wrote into",
      context: { dir },
    });
  }
  const catalogs = new Map<string, Catalog>();
  // Another strand may begin while it grows.
  const strands = async (): Promise<IndexedStrand[]> =>
    (await listStrands(dir)).map((strand) => {
      const catalog = catalogs.get(strand.dir) ?? new Catalog(strand.dir);
      catalogs.set(strand.dir, catalog);
      return { ...strand, catalog };
    });
  return {
    dir,
    frames: (part) => frames(strands, part ?? {}),
    replay: (ask = {}) => flat(replay(strands, ask)),
    bookAt: async (ticker, time, options = {}) => {
      requireTicker(ticker);
      checkBookAt(options);
      const at = moment(time);
      const found = (await strands()).map(async ({ place, dir: folder, catalog }) => {
        const one = await bookAt(folder, ticker, at, options, catalog);
        return one.connection === null ? one : { ...one, connection: connectionNumber(place, one.connection) };
      });
      return bestFound(await Promise.all(found));
    },
    final: async () => {
      const found: FoundBook[] = [];
      for (const strand of await strands()) found.push(...(await final(strand)));
      return found;
    },
    quality: () => quality(dir),
    [Symbol.asyncIterator]: () => flat(events(strands)),
  };
}

type IndexedStrand = Strand & { readonly catalog: Catalog };

const replayNames: Names<ReplayAsk> = {
  ...{
    from: true,
    to: true,
    tickers: true,
    clock: true,
    speed: true,
    stallMs: true,
    signal: true,
    late: true,
    onEnd: true,
  },
};

async function* replay(strands: () => Promise<IndexedStrand[]>, ask: ReplayAsk): AsyncGenerator<readonly BookEvent[]> {
  refuseUnknown("replay", ask, replayNames);
  const { from, to, ...rest } = ask;
  yield* passageOver(await strands(), { ...rest, from: maybeMoment(from), to: maybeMoment(to) });
}

function checkBookAt(options: BookAtOptions): void {
  refuseUnknown("bookAt", options, { clock: true });
  readWord("clock", options.clock ?? "exchange", clockNames);
}

function requireTicker(ticker: string): void {
  if (typeof ticker === "string" && ticker !== "") return;
  throw new KalshiError("BAD_ARGUMENT", `no ticker: ${JSON.stringify(ticker) ?? "undefined"}`, {
    hint: "give the ticker of one market, then the moment: bookAt(ticker, time)",
    context: { found: ticker },
  });
}

/** Of what the strands know of one market: a market is on one of them at a time, and may have been on others before. */
export function bestFound(found: readonly FoundBook[]): FoundBook {
  const begun = (one: FoundBook): number =>
    one.book === null ? Number.NEGATIVE_INFINITY : (one.from ?? Number.MAX_VALUE);
  const ok = found.filter(({ trust }) => trust === "ok");
  if (ok.length > 0)
    return ok.reduce((best, one) => ((one.book?.receivedAt ?? 0) > (best.book?.receivedAt ?? 0) ? one : best));
  const best = found.reduce((last, one) => (begun(one) > begun(last) ? one : last));
  const ends = found.flatMap(({ to }) => (to !== null && to >= (best.from ?? Number.NEGATIVE_INFINITY) ? [to] : []));
  return { ...best, to: ends.length === 0 ? null : Math.min(...ends) };
}

/** A part of a recording: `from` included, `to` not. */
export interface FramesAsk {
  /** Receive time, in microseconds, as `Date` or as ISO text. */
  readonly from?: Timestamp | TimeInput | undefined;
  readonly to?: Timestamp | TimeInput | undefined;
}

/** A part of a recording: `from` included, `to` not; and how fast. */
export interface ReplayAsk extends Omit<Passage, "from" | "to">, FramesAsk {}

async function* events(strands: () => Promise<IndexedStrand[]>): AsyncGenerator<readonly BookEvent[]> {
  const all = await strands();
  yield* joined(
    all,
    all.map(({ dir }) => eventsIn(dir)),
  );
}

async function* eventsIn(dir: string): AsyncGenerator<readonly BookEvent[]> {
  let batch: BookEvent[] = [];
  const player = new Player((event) => batch.push(event));
  for await (const part of readSegments(dir)) {
    if (part.type === "damaged") player.damaged();
    else player.playAll(part.entries);
    const ready = batch;
    batch = [];
    yield ready;
  }
}

async function* frames(strands: () => Promise<IndexedStrand[]>, ask: FramesAsk): AsyncGenerator<RecordedFrame> {
  const all = await strands();
  const streams = all.map((strand) => framesOf(strand, ask));
  for await (const { items } of interleaved(streams, ({ receivedAt }) => receivedAt)) yield* items;
}

async function* framesOf(
  { dir, catalog, place }: IndexedStrand,
  ask: FramesAsk,
): AsyncGenerator<readonly RecordedFrame[]> {
  refuseUnknown("frames", ask, { from: true, to: true });
  const from = maybeMoment(ask.from) ?? Number.NEGATIVE_INFINITY;
  const to = maybeMoment(ask.to) ?? Number.POSITIVE_INFINITY;
  let player = new Player(() => {});
  let last = 0;
  /** Marks were passed over. */
  let isBehind = false;
  if (ask.from !== undefined || ask.to !== undefined) {
    const closed = await catalog.closed();
    for (const number of closed) {
      const segment = await catalog.open(number, closed);
      try {
        for (const [at, block] of segment.index.blocks.entries()) {
          const { received } = block;
          const entries = received === null || received[1] < from || received[0] >= to ? null : segment.read(block);
          if (entries !== null && isBehind) player = (await segment.trackerBefore(at, "")).player;
          isBehind = entries === null;
          if (entries !== null) yield framesIn(entries, player, place, from, to);
        }
      } finally {
        await segment.close();
      }
    }
    last = closed.at(-1) ?? 0;
    if (isBehind) player = (await catalog.trackerBehind(closed, "")).player;
  }
  for await (const part of readSegments(dir, last)) {
    if (part.type === "damaged") player.damaged();
    else yield framesIn(part.entries, player, place, from, to);
  }
}

function framesIn(
  entries: Entries,
  player: Player,
  place: number,
  from: Timestamp,
  to: Timestamp,
): readonly RecordedFrame[] {
  const found: RecordedFrame[] = [];
  for (const entry of entries) {
    if (entry.kind === entryKind.mark) player.play(entry);
    else if (entry.time >= from && entry.time < to) found.push(frameOf(entry, player, place));
  }
  return found;
}

function frameOf(entry: Entry, player: Player, place: number): RecordedFrame {
  return {
    data: entry.body,
    binary: entry.kind === entryKind.binary,
    receivedAt: entry.time,
    nanos: entry.nanos,
    connection: connectionNumber(place, Math.max(player.connection, 1)),
    useYesPrice: player.feed.isAdrift ? null : player.useYesPrice,
  };
}

async function final({ dir, place }: Strand): Promise<FoundBook[]> {
  const found: FoundBook[] = [];
  /** Markets that the current connection has given snapshots of, and the gap that each is in; and those of its deltas. */
  let seen = new Map<string, (BookEvent & { type: "gap" }) | null>();
  const given = new Set<string>();
  const settle = (at: Timestamp, connection: number): void => {
    for (const ticker of given) if (!seen.has(ticker)) seen.set(ticker, null);
    given.clear();
    for (const [ticker, gap] of [...seen].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const book = player.feed.book(ticker)!;
      const trust = book.state === "ok" ? "ok" : "unknown";
      found.push({
        ticker,
        connection: connectionNumber(place, connection),
        at,
        book: settledBook(book, trust),
        trust,
        reason: trust === "ok" ? null : (gap?.reason ?? "unsubscribed"),
        from: trust === "ok" ? null : (gap?.from ?? null),
        to: null,
      });
    }
    seen = new Map();
  };
  const hear = (event: BookEvent): void => {
    if (event.type === "disconnect") settle(event.from, event.connection);
    else if (event.type === "snapshot") seen.set(event.ticker, null);
    else if (opensGap(event)) {
      for (const ticker of event.tickers) {
        if (seen.has(ticker) || given.has(ticker)) seen.set(ticker, seen.get(ticker) ?? event);
      }
    }
  };
  const player = new Player(hear, { deltas: false, given });
  await playAll(dir, player);
  settle(player.feed.estimate(player.lastAt), player.connection);
  return found;
}
