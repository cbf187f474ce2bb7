import { Feed } from "../src/book/feed.js";
import { topOfBook } from "../src/flow/top-of-book.js";
import { deltaFrames, emptyBook } from "./delta-frames.js";
import type { BenchResult } from "./result.js";

const MARKETS = 500;
const DELTAS = 200_000;
const CHUNK = 4_000;
const ROUNDS = 4;

/** What takes frames as they come off a socket, and gives how many quotes they have made. */
type Way = (frames: readonly Buffer[]) => number;

/**
 * Best quotes out of frames, ours beside what one writes by oneself: `JSON.parse`, a `Map` of levels per side with numbers, the best price
 * looked for among all of them, and a quote wherever it has changed. That counts no sequence and knows of no gap.
 *
 * Both take the same chunk in turn, order rotated, CPU time summed, so that a noisy neighbour falls on both alike.
 */
export async function quotes(): Promise<readonly BenchResult[]> {
  const frames = [
    ...Array.from({ length: MARKETS }, (_, market) => emptyBook(market)),
    ...deltaFrames(DELTAS, MARKETS, MARKETS + 1),
  ].map((text) => Buffer.from(text));
  const ways = { ours: { made: 0, spent: 0 }, plain: { made: 0, spent: 0 } };
  // The first round warms the compiler up and is not counted.
  for (let round = 0; round < ROUNDS; round += 1) {
    const runs = [
      { name: "ours", run: ours() },
      { name: "plain", run: plain() },
    ] as const;
    for (let at = 0, turn = round; at < frames.length; at += CHUNK, turn += 1) {
      const chunk = frames.slice(at, at + CHUNK);
      for (let i = 0; i < runs.length; i += 1) {
        const { name, run } = runs[(i + turn) % runs.length]!;
        const before = process.cpuUsage();
        const made = run(chunk);
        const { user, system } = process.cpuUsage(before);
        if (round === 0) continue;
        ways[name].spent += user + system;
        ways[name].made += made;
      }
    }
  }
  const counted = ROUNDS - 1;
  const micros = ({ spent }: { readonly spent: number }): number => spent / (frames.length * counted);
  return [
    {
      name: "frames to quotes over plain JavaScript",
      ratio: round3(micros(ways.ours) / micros(ways.plain)),
      unit: "× JSON.parse, Map and Math.max",
      details: {
        frames: frames.length,
        markets: MARKETS,
        ours_us: round3(micros(ways.ours)),
        plain_us: round3(micros(ways.plain)),
        ours_quotes: ways.ours.made / counted,
        plain_quotes: ways.plain.made / counted,
      },
    },
  ];
}

function ours(): Way {
  const stage = topOfBook().start();
  let made = 0;
  const feed = new Feed((event) => {
    for (const _ of stage.take(event)) made += 1;
  });
  feed.connected({ connection: 1, receivedAt: 0, useYesPrice: false });
  return (frames) => {
    made = 0;
    for (const frame of frames) feed.push(frame, 1_795_329_089_000_000);
    return made;
  };
}

interface PlainFrame {
  readonly type: string;
  readonly msg: {
    readonly market_ticker: string;
    readonly side: "yes" | "no";
    readonly price_dollars: string;
    readonly delta_fp: string;
  };
}

/** A market's best price and contracts of each side, as told last. */
type Told = readonly [bid: number, bidSize: number | undefined, ask: number, askSize: number | undefined];

function plain(): Way {
  const books = new Map<string, { readonly yes: Map<number, number>; readonly no: Map<number, number>; told: Told }>();
  return (frames) => {
    let made = 0;
    for (const frame of frames) {
      const { type, msg } = JSON.parse(frame.toString("utf8")) as PlainFrame;
      if (type !== "orderbook_delta") {
        books.set(msg.market_ticker, { yes: new Map(), no: new Map(), told: [0, 0, 0, 0] });
        continue;
      }
      const book = books.get(msg.market_ticker)!;
      const { yes, no, told } = book;
      const levels = book[msg.side];
      const price = Number(msg.price_dollars);
      const count = (levels.get(price) ?? 0) + Number(msg.delta_fp);
      if (count > 1e-9) levels.set(price, count);
      else levels.delete(price);
      const [bid, noBid] = [Math.max(...yes.keys()), Math.max(...no.keys())];
      const quote: Told = [bid, yes.get(bid), 1 - noBid, no.get(noBid)];
      if (quote.every((value, at) => value === told[at])) continue;
      book.told = quote;
      made += 1;
    }
    return made;
  };
}

function round3(value: number): number {
  return Math.round(value * 1000) / 1000;
}
