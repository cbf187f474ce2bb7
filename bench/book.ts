import { applyDelta } from "../src/book/apply.js";
import { Book } from "../src/book/book.js";
import { Feed } from "../src/book/feed.js";
import { parseDelta, parseEnvelope } from "../src/exchange/channel.js";
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
  const frames = makeFrames();
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

/** How far from the best price of its side a delta falls, in ticks, and how often; −1 improves it. As seen on busy markets. */
const DISTANCES: readonly (readonly [number, number, number])[] = [
  [0.01, -1, -1],
  [0.33, 0, 0],
  [0.5, 1, 1],
  [0.74, 2, 4],
  [0.87, 5, 9],
  [1, 10, 40],
];

/** Deltas in the exchange's shape over many markets, few of them busy, a fifth of them below the cent, none below zero. */
function makeFrames(): string[] {
  const random = generator(7);
  const sides = new Map<string, { best: number; readonly levels: Map<number, number> }>();
  const frames: string[] = [];
  for (let seq = 1; seq <= DELTAS; seq += 1) {
    const market = Math.floor(MARKETS * random() ** 3);
    const ticker = `KXBENCH-26NOV22-T${market}.5`;
    const name = random() < 0.5 ? "yes" : "no";
    // Ticks of a cent, or of a tenth of one.
    const scale = market % 5 === 0 ? 1000 : 100;
    let side = sides.get(ticker + name);
    if (side === undefined) {
      side = { best: Math.round(scale * 0.45), levels: new Map() };
      sides.set(ticker + name, side);
    }
    const at = random();
    const [, nearest, furthest] = DISTANCES.find(([below]) => at < below)!;
    const distance = nearest + Math.floor(random() * (furthest - nearest + 1));
    const tick = Math.min(Math.max(side.best - distance, 1), Math.round(scale * 0.55));
    const there = side.levels.get(tick) ?? 0;
    let change = Math.ceil(10 ** (random() * 4)) * (random() < 0.13 ? 37 : 100);
    if (there > 0 && random() < 0.55) change = random() < 0.13 ? -there : -Math.ceil(there * random());
    side.levels.set(tick, there + change);
    if (there + change === 0) side.levels.delete(tick);
    if (tick > side.best) side.best = tick;
    while (side.best > scale * 0.4 && !side.levels.has(side.best)) side.best -= 1;
    const ms = 1_795_329_089_000 + seq;
    const id = `0f0f0f0f-1111-4222-8333-${String(market).padStart(12, "0")}`;
    const text = `{"type":"orderbook_delta","sid":1,"seq":${seq},"msg":{"market_ticker":"${ticker}","market_id":"${id}","price_dollars":"${(tick / scale).toFixed(4)}","delta_fp":"${(change / 100).toFixed(2)}","side":"${name}","ts":"${new Date(ms).toISOString().replace("Z", "457Z")}","ts_ms":${ms}}}\n`;
    // Through bytes, so that the text is flat, as a socket gives it.
    frames.push(Buffer.from(text).toString("latin1"));
  }
  return frames;
}

/** A small seeded generator (mulberry32). */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function round3(value: number): number {
  return Math.round(value * 1000) / 1000;
}
