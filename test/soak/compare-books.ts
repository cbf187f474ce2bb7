import { opensGap } from "../../src/book/event.js";
import type { FoundBook } from "../../src/recorder/found-book.js";
import type { Recording } from "../../src/recorder/replay.js";
import { formatPrice } from "../../src/units/price.js";
import { formatTimeFull } from "../../src/units/time.js";
import type { FrameLedger } from "./frame-ledger.js";
import { difference, type PlainBook, type PlainFrame, textOf } from "./plain-books.js";
import { type RecordedConnection, timeOf } from "./recorded-connections.js";

/** What questions came to. */
export interface Answers {
  ok: number;
  unknown: number;
}

/** Since when a market's book is not to be trusted, and until when; in µs of the exchange's clock. */
export interface Span {
  readonly ticker: string;
  readonly from: number;
  to: number;
  readonly reason: string;
}

/**
 * Plays the recording: every delta of a book called `ok` leaves its level as the sandbox had it, and none is called `ok` between a gap and
 * the next snapshot. Gives the gaps, those of channels without books aside.
 *
 * @throws Error naming the event
 */
export async function compareEvents(recording: Recording, connections: readonly RecordedConnection[]): Promise<Span[]> {
  const spans: Span[] = [];
  let open: Span[] = [];
  /** Gaps just ended by a snapshot: a message behind it may be of an earlier time, and then so is it. */
  let ended: Span[] = [];
  for await (const event of recording) {
    if (opensGap(event)) {
      const { from, reason } = event;
      open.push(...event.tickers.map((ticker) => ({ ticker, from, to: Number.POSITIVE_INFINITY, reason })));
      spans.push(...open.slice(-event.tickers.length));
    } else if (event.type === "snapshot") {
      for (const span of open) if (span.ticker === event.ticker) span.to = event.time ?? event.receivedAt;
      ended.push(...open.filter(({ ticker }) => ticker === event.ticker));
      open = open.filter(({ ticker }) => ticker !== event.ticker);
    } else if (event.type === "delta") {
      const time = event.time!;
      ended = ended.filter(({ to }) => time < to);
      for (const span of ended) span.to = time;
      if (event.state !== "ok") continue;
      const { sent } = connections.find(({ number }) => number === event.connection)!;
      const where = `${event.ticker}, number ${event.sequence} of ${sent.name}`;
      if (open.some(({ ticker }) => ticker === event.ticker)) throw new Error(`${where} is called ok within a gap`);
      const count = sent.counts.get(`${event.sid}:${event.sequence}`);
      if (count !== event.count) throw new Error(`${where}: ${event.count} on the level, but the sandbox had ${count}`);
    }
  }
  return spans;
}

/** Everything missing that tells of a book stands within a gap that the recording tells. @throws Error naming the frame */
export function compareGaps(spans: readonly Span[], connections: readonly RecordedConnection[]): void {
  for (const { missing, sent } of connections) {
    for (const text of missing) {
      const frame = JSON.parse(text) as PlainFrame;
      const ticker = frame.msg?.market_ticker;
      if (ticker === undefined || frame.type !== "orderbook_delta") continue;
      const time = timeOf(frame);
      if (spans.some((span) => span.ticker === ticker && span.from <= time && time <= span.to)) continue;
      throw new Error(`${sent.name}: ${text.trim()} is not recorded, and no gap says so`);
    }
  }
}

/**
 * Asks for books at moments: those that are trusted are what the sandbox's own book was then, and within a gap none is trusted.
 *
 * @throws Error naming market and moment
 */
export async function compareMoments(
  recording: Recording,
  spans: readonly Span[],
  ledger: FrameLedger,
  moments: readonly (readonly [ticker: string, time: number])[],
): Promise<Answers> {
  const answers: Answers = { ok: 0, unknown: 0 };
  for (const [ticker, time] of moments) {
    const found = await recording.bookAt(ticker, time);
    answers[found.trust] += 1;
    if (found.trust === "unknown") {
      if (found.reason === null) throw new Error(`${ticker} at ${time} is not known, without a reason`);
      continue;
    }
    const own = ledger.books.at(ticker, time);
    const about = `${ticker} at ${time} (${formatTimeFull(time)})`;
    const told = plainBook(found);
    if (own.length === 0) throw new Error(`${about} is called ok before the sandbox has told of it`);
    if (!own.some((one) => textOf(one) === textOf(told))) {
      throw new Error(`${about} is called ok, and is not what the sandbox had: ${difference(told, own[0]!)}`);
    }
    const gap = spans.find((span) => span.ticker === ticker && span.from < time && time < span.to);
    if (gap !== undefined) throw new Error(`${about} is called ok within the gap ${JSON.stringify(gap)}`);
  }
  return answers;
}

export function plainBook({ book }: Pick<FoundBook, "book">): PlainBook {
  const { yes, no } = book!.levels();
  const side = (levels: typeof yes) => new Map(levels.map(({ price, count }) => [formatPrice(price), count] as const));
  return { yes: side(yes), no: side(no) };
}
