import { applyDelta } from "../src/book/apply.js";
import { Book } from "../src/book/book.js";
import { Feed } from "../src/book/feed.js";
import { parseDelta, parseEnvelope } from "../src/exchange/channel.js";
import { deltaFrames } from "./delta-frames.js";
import type { BenchResult } from "./result.js";

const MARKETS = 500;
const DELTAS = 200_000;
/** So many that what a variant finds in the caches is mostly its own. */
const CHUNK = 20_000;
const ROUNDS = 4;

/**
 * Frames to books with best bid and ask kept on every delta, over bare `JSON.parse` of the same frames as ready text. The feed takes bytes,
 * as a socket and a recording give them: with an event for each delta, and for the books alone.
 *
 * All take the same chunk in turn, order rotated, CPU time summed, so that a noisy neighbour falls on all alike. Goal: 0.5 at most.
 */
export async function bookBuilding(): Promise<readonly BenchResult[]> {
  const frames = [...deltaFrames(DELTAS, MARKETS)];
  const bytes = asReceived(frames);
  const variants: readonly { readonly name: string; start(): Take }[] = [
    {
      name: "json_parse",
      start: () => (from, to) => {
        let sum = 0;
        for (let at = from; at < to; at += 1) sum += (JSON.parse(frames[at]!) as { seq: number }).seq;
        return sum;
      },
    },
    { name: "books", start: () => booksReader(bytes) },
    { name: "events", start: () => eventsReader(bytes) },
    { name: "text", start: () => eventsReader(frames) },
    { name: "strict", start: () => strictReader(frames) },
  ];
  const spent = new Map(variants.map(({ name }) => [name, 0]));
  // The first round warms the compiler up and is not counted.
  for (let round = 0; round < ROUNDS; round += 1) {
    const runs = variants.map(({ name, start }) => ({ name, run: start() }));
    for (let at = 0, turn = round; at < frames.length; at += CHUNK, turn += 1) {
      for (let i = 0; i < runs.length; i += 1) {
        const { name, run } = runs[(i + turn) % runs.length]!;
        const before = process.cpuUsage();
        run(at, Math.min(at + CHUNK, frames.length));
        const used = process.cpuUsage(before);
        if (round > 0) spent.set(name, spent.get(name)! + used.user + used.system);
      }
    }
  }
  const counted = frames.length * (ROUNDS - 1);
  const micros = (name: string): number => spent.get(name)! / counted;
  const ratio = (name: string): number => round3(micros(name) / micros("json_parse"));
  return [
    {
      name: "frames to books over JSON.parse",
      ratio: ratio("books"),
      unit: "× JSON.parse",
      details: {
        goal: 0.5,
        frames: frames.length,
        json_parse_us: round3(micros("json_parse")),
        books_us: round3(micros("books")),
        deltas_per_second: Math.round(1e6 / micros("books")),
        with_events_ratio: ratio("events"),
        text_with_events_ratio: ratio("text"),
        strict_ladder_only_ratio: ratio("strict"),
      },
    },
  ];
}

/** Takes frames of a range; the sum keeps the compiler from leaving work out. */
type Take = (from: number, to: number) => number;

/** Frames as a socket hands them out: views into the buffers that it has read, of 64 KiB each. */
function asReceived(frames: readonly string[]): Buffer[] {
  const views: Buffer[] = [];
  for (let at = 0; at < frames.length; ) {
    const first = at;
    for (let bytes = 0; at < frames.length && bytes + frames[at]!.length <= 65_536; at += 1)
      bytes += frames[at]!.length;
    const buffer = Buffer.from(frames.slice(first, at).join(""));
    let offset = 0;
    for (const { length } of frames.slice(first, at)) {
      views.push(buffer.subarray(offset, offset + length));
      offset += length;
    }
  }
  return views;
}

const start = { connection: 1, receivedAt: 0, useYesPrice: false };

/** The whole way: envelope, sequence, event, book, best. */
function eventsReader(frames: readonly (string | Buffer)[]): Take {
  let sum = 0;
  const feed = new Feed((event) => {
    if (event.type !== "delta") return;
    const book = feed.book(event.ticker)!;
    sum += (book.yes.best ?? 0) + (book.no.best ?? 0);
  });
  feed.connected(start);
  return (from, to) => {
    for (let at = from; at < to; at += 1) feed.push(frames[at]!, 0);
    return sum;
  };
}

/** The same without events: books and their best prices are kept all the same. */
function booksReader(frames: readonly Buffer[]): Take {
  const feed = new Feed(() => {}, { deltas: false });
  feed.connected(start);
  return (from, to) => {
    for (let at = from; at < to; at += 1) feed.push(frames[at]!, 0);
    return feed.books.size;
  };
}

/** Only text to book by the strict parsers, without sequences and events. */
function strictReader(frames: readonly string[]): Take {
  const books = new Map<string, Book>();
  let sum = 0;
  return (from, to) => {
    for (let at = from; at < to; at += 1) {
      const delta = parseDelta(parseEnvelope(frames[at]!).msg);
      let book = books.get(delta.ticker);
      if (book === undefined) {
        book = new Book(delta.ticker);
        books.set(delta.ticker, book);
      }
      applyDelta(book, delta);
      sum += (book.yes.best ?? 0) + (book.no.best ?? 0);
    }
    return sum;
  };
}

function round3(value: number): number {
  return Math.round(value * 1000) / 1000;
}
