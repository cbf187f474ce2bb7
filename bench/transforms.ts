import type { BookEvent } from "../src/book/event.js";
import { Feed } from "../src/book/feed.js";
import { bars } from "../src/flow/bars.js";
import { bookSnapshots } from "../src/flow/book-snapshots.js";
import { nearDepth } from "../src/flow/near-depth.js";
import { resample } from "../src/flow/resample.js";
import { chained, none, type Stage } from "../src/flow/stage.js";
import { type Quote, topOfBook } from "../src/flow/top-of-book.js";
import { merge } from "../src/flow/transform.js";
import { deltaFrames, emptyBook } from "./delta-frames.js";
import type { BenchResult } from "./result.js";

const MARKETS = 500;
const DELTAS = 200_000;
const CHUNK = 4_000;
const ROUNDS = 4;

/**
 * What the transforms add to each event, over bare `JSON.parse` of the frame that it came in.
 *
 * All take the same chunk in turn, order rotated, CPU time summed, so that a noisy neighbour falls on all alike.
 */
export async function transforms(): Promise<readonly BenchResult[]> {
  const texts = [
    ...Array.from({ length: MARKETS }, (_, market) => emptyBook(market)),
    ...deltaFrames(DELTAS, MARKETS, MARKETS + 1),
  ];
  const events = eventsOf(texts);
  const variants: Readonly<Record<string, () => Stage<BookEvent, unknown>>> = {
    top_of_book: topOfBook().start,
    depth_within_5_cents: nearDepth(5).start,
    quotes_each_second: () => chained(topOfBook().start(), resample<Quote>("1s").start()),
    books_of_10_levels_each_10_seconds: bookSnapshots("10s", { levels: 10 }).start,
    three_in_one_pass: () => merge(topOfBook(), nearDepth(5), bars({ every: "1s" })).start(),
  };
  const names = ["json_parse", ...Object.keys(variants)];
  const spent = new Map(names.map((name) => [name, 0]));
  const given = new Map(names.map((name) => [name, 0]));
  // The first round warms the compiler up and is not counted.
  for (let round = 0; round < ROUNDS; round += 1) {
    const runs = Object.entries(variants).map(([name, start]) => ({ name, run: fed(start()) }));
    for (let at = 0, turn = round; at < texts.length; at += CHUNK, turn += 1) {
      const [someTexts, someEvents] = [texts.slice(at, at + CHUNK), events.slice(at, at + CHUNK)];
      const all = [{ name: "json_parse", run: () => parsed(someTexts) }, ...runs];
      for (let i = 0; i < all.length; i += 1) {
        const { name, run } = all[(i + turn) % all.length]!;
        const before = process.cpuUsage();
        const count = run(someEvents);
        const { user, system } = process.cpuUsage(before);
        if (round === 0) continue;
        spent.set(name, spent.get(name)! + user + system);
        given.set(name, given.get(name)! + count);
      }
    }
  }
  const micros = (name: string): number => spent.get(name)! / (texts.length * (ROUNDS - 1));
  const details: Record<string, number> = {
    events: texts.length,
    markets: MARKETS,
    json_parse_us: round3(micros("json_parse")),
  };
  for (const name of Object.keys(variants)) {
    details[`${name}_us`] = round3(micros(name));
    details[`${name}_records`] = given.get(name)! / (ROUNDS - 1);
  }
  const ratio = round3(micros("top_of_book") / micros("json_parse"));
  return [{ name: "top of book over JSON.parse", ratio, unit: "× JSON.parse", details }];
}

/** Feeds a stage event by event. Gives how many records came. */
function fed(stage: Stage<BookEvent, unknown>): (events: readonly BookEvent[]) => number {
  return (events) => {
    let count = 0;
    for (const event of events) {
      const made = stage.take(event);
      if (made !== none) for (const _ of made) count += 1;
    }
    return count;
  };
}

function parsed(texts: readonly string[]): number {
  let sum = 0;
  for (const text of texts) sum += (JSON.parse(text) as { seq: number }).seq > 0 ? 1 : 0;
  return sum;
}

function eventsOf(texts: readonly string[]): BookEvent[] {
  const events: BookEvent[] = [];
  const feed = new Feed((event) => events.push(event));
  feed.connected({ connection: 1, receivedAt: 0, useYesPrice: false });
  for (const text of texts) feed.push(text, 1_795_329_089_000_000);
  return events;
}

function round3(value: number): number {
  return Math.round(value * 1000) / 1000;
}
