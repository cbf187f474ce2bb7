import { applyDelta } from "../src/book/apply.js";
import { Book } from "../src/book/book.js";
import { Feed } from "../src/book/feed.js";
import { parseDelta, parseEnvelope } from "../src/exchange/channel.js";
import { deltaFrames } from "./delta-frames.js";
import type { BenchResult } from "./result.js";

const MARKETS = 500;
const DELTAS = 200_000;
const CHUNK = 4_000;
const ROUNDS = 4;

/**
 * Frames to events and books, best bid and ask kept on every delta, over bare `JSON.parse` of the same text.
 *
 * Both take the same chunk in turn, order rotated, CPU time summed, so that a noisy neighbour falls on both alike. Goal: 1.3 at most.
 */
export async function bookBuilding(): Promise<readonly BenchResult[]> {
  const frames = [...deltaFrames(DELTAS, MARKETS)];
  const variants: readonly { readonly name: string; start(): (chunk: readonly string[]) => number }[] = [
    {
      name: "json_parse",
      start: () => (chunk) => {
        let sum = 0;
        for (const text of chunk) sum += (JSON.parse(text) as { seq: number }).seq;
        return sum;
      },
    },
    { name: "feed", start: feedReader },
    { name: "ladder", start: ladderReader },
  ];
  const spent = new Map(variants.map(({ name }) => [name, 0]));
  // The first round warms the compiler up and is not counted.
  for (let round = 0; round < ROUNDS; round += 1) {
    const runs = variants.map(({ name, start }) => ({ name, run: start() }));
    for (let at = 0, turn = round; at < frames.length; at += CHUNK, turn += 1) {
      const chunk = frames.slice(at, at + CHUNK);
      for (let i = 0; i < runs.length; i += 1) {
        const { name, run } = runs[(i + turn) % runs.length]!;
        const before = process.cpuUsage();
        run(chunk);
        const used = process.cpuUsage(before);
        if (round > 0) spent.set(name, spent.get(name)! + used.user + used.system);
      }
    }
  }
  const counted = frames.length * (ROUNDS - 1);
  const micros = (name: string): number => spent.get(name)! / counted;
  return [
    {
      name: "book building over JSON.parse",
      ratio: round3(micros("feed") / micros("json_parse")),
      unit: "× JSON.parse",
      details: {
        goal: 1.3,
        frames: frames.length,
        json_parse_us: round3(micros("json_parse")),
        feed_us: round3(micros("feed")),
        deltas_per_second: Math.round(1e6 / micros("feed")),
        ladder_only_ratio: round3(micros("ladder") / micros("json_parse")),
      },
    },
  ];
}

/** The whole way: envelope, sequence, event, book, best. */
function feedReader(): (chunk: readonly string[]) => number {
  let sum = 0;
  const feed = new Feed((event) => {
    if (event.type !== "delta") return;
    const book = feed.book(event.ticker)!;
    sum += (book.yes.best ?? 0) + (book.no.best ?? 0);
  });
  feed.connected({ connection: 1, receivedAt: 0, useYesPrice: false });
  return (chunk) => {
    for (const text of chunk) feed.push(text, 0);
    return sum;
  };
}

/** Only text to book, without sequences and events. */
function ladderReader(): (chunk: readonly string[]) => number {
  const books = new Map<string, Book>();
  let sum = 0;
  return (chunk) => {
    for (const text of chunk) {
      const delta = parseDelta(parseEnvelope(text).msg);
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
