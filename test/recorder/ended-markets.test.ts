import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { bookAt, bookByScan } from "../../src/recorder/book-at.js";
import { Catalog } from "../../src/recorder/catalog.js";
import type { FoundBook } from "../../src/recorder/found-book.js";
import { readKeyframe } from "../../src/recorder/keyframe.js";
import { writeMark } from "../../src/recorder/marks.js";
import { Packer } from "../../src/recorder/packer.js";
import { openRecording } from "../../src/recorder/replay.js";
import { readIndex } from "../../src/recorder/segment-index.js";
import { entryKind } from "../../src/store/segment.js";
import { listSegments } from "../../src/store/segment-reader.js";
import { SegmentWriter } from "../../src/store/segment-writer.js";
import { delta, frame, snapshot, subscribed } from "../support/frames.js";

const FIRST_MS = 1_795_329_089_000;
const LIFE_MS = 900_000;
const SECOND = 1_000_000;

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "ended-markets-"));
});

afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

const tickerOf = (market: number): string => `KX15M-${String(market).padStart(5, "0")}`;
const startOf = (market: number): number => FIRST_MS + market * LIFE_MS;

/**
 * A series of markets that live for a quarter of an hour, each dropped as soon as the next one is there. Every `reconnect` markets the
 * connection is lost, and the market that it had is settled before there is another.
 */
async function writeSeries(markets: number, reconnect = Number.POSITIVE_INFINITY): Promise<void> {
  const writer = await SegmentWriter.open({ dir, maxBytes: 20_000 });
  let [seq, connection, ms] = [0, 0, FIRST_MS];
  const at = (): number => (ms + 20) * 1000;
  const send = (text: string): void => {
    writer.append(entryKind.text, at(), 0, Buffer.from(text));
    writer.flush();
  };
  const connect = (tickers: readonly string[]): void => {
    connection += 1;
    seq = 0;
    const mark = { mark: "connect", id: `run/${connection}`, use_yes_price: false, tickers, channels: [] } as const;
    writer.append(entryKind.mark, at(), 0, writeMark(mark));
    send(subscribed(1));
  };
  const next = () => {
    seq += 1;
    return { sid: 1, seq };
  };
  for (let market = 0; market < markets; market += 1) {
    const [ticker, isNew] = [tickerOf(market), market % reconnect === 0];
    ms = startOf(market);
    if (market === 0 || isNew) connect([ticker]);
    else send(frame("ok", { id: 2, ...next() }, { market_tickers: [tickerOf(market - 1), ticker] }));
    send(snapshot(next(), ticker, [["0.4000", "50.00"]], [["0.3000", "7.25"]]));
    for (let change = 1; change <= 20; change += 1) {
      ms = startOf(market) + (change * LIFE_MS) / 25;
      send(delta(next(), ticker, "yes", "0.4100", `${change}.00`, ms));
      if (change === 2 && market > 0 && !isNew) {
        send(frame("ok", { id: 3, ...next() }, { market_tickers: [ticker] }));
        // Its settlement names it once more.
        const msg = { market_ticker: tickerOf(market - 1), event_type: "settled", settled_ts: Math.floor(ms / 1000) };
        send(frame("market_lifecycle_v2", { sid: 9 }, msg));
      }
    }
    if ((market + 1) % reconnect === 0) {
      const end = { id: `run/${connection}`, reason: "cut", code: 1006, last_heard: at() } as const;
      writer.append(entryKind.mark, at(), 0, writeMark({ mark: "disconnect", ...end }));
    }
  }
  writer.close();
  const packer = new Packer({ dir, compress: true, isStopped: () => false, blockBytes: 2_000, spacing: 1 });
  for await (const { problem } of packer.pack((await listSegments(dir)).at(-1)! + 1)) expect(problem).toBeNull();
}

/** How large the keyframes of each segment are, and how many markets they know in whatever way. */
async function keyframes(): Promise<{ bytes: number; markets: number }[]> {
  const sizes: { bytes: number; markets: number }[] = [];
  for (const number of await listSegments(dir)) {
    const { index, keyframe } = (await readIndex(dir, number))!;
    for (const { keyframe: place } of index.blocks) {
      if (place === null) continue;
      const { state, books } = readKeyframe((await keyframe(place))!);
      const { given, left, inGap, gaps, player } = state;
      const named = JSON.stringify([books, given, left, inGap, gaps, player]).match(/KX15M-\d+/g) ?? [];
      sizes.push({ bytes: place.length, markets: new Set(named).size });
    }
  }
  return sizes;
}

function plain({ book, ...rest }: FoundBook): unknown {
  return { ...rest, book: book === null ? null : { ...book.toJSON(), time: book.time, receivedAt: book.receivedAt } };
}

describe("markets that have ended", () => {
  for (const [what, reconnect] of [
    ["on one connection", undefined],
    ["with connections that are lost", 7],
  ] as const) {
    it(`are in no later keyframe, ${what}: 200 of them leave what 40 do`, async () => {
      await writeSeries(40, reconnect);
      const few = await keyframes();
      rmSync(dir, { recursive: true, force: true });
      await writeSeries(200, reconnect);
      const many = await keyframes();
      const most = (sizes: typeof few, key: "bytes" | "markets"): number => Math.max(...sizes.map((one) => one[key]));
      expect(most(many, "markets")).toBeLessThanOrEqual(most(few, "markets") + 1);
      expect(most(many, "markets")).toBeLessThan(20);
      expect(most(many, "bytes")).toBeLessThan(most(few, "bytes") * 1.15);
    });

    it(`are found all the same, ${what}, with what a scan finds at every moment`, async () => {
      await writeSeries(60, reconnect);
      const catalog = new Catalog(dir);
      for (const market of [0, 5, 6, 7, 30, 59]) {
        const moments = [-1, 0.3, 0.6, 0.85, 1.05, 1.2, 3, 25].map((lives) => startOf(market) + lives * LIFE_MS + 1);
        for (const ms of moments) {
          for (const clock of ["exchange", "received"] as const) {
            const found = plain(await bookAt(dir, tickerOf(market), ms * 1000, { clock }, catalog));
            expect(found).toEqual(plain(await bookByScan(dir, tickerOf(market), ms * 1000, { clock })));
          }
        }
      }
    });
  }

  it("are known while they were kept up, and told as no longer subscribed to ever after, since the same moment", async () => {
    await writeSeries(60);
    const catalog = new Catalog(dir);
    const during = await bookAt(dir, tickerOf(10), (startOf(10) + 0.5 * LIFE_MS) * 1000, {}, catalog);
    expect(during).toMatchObject({ trust: "ok", connection: 1 });
    const after = [];
    for (const lives of [2, 5, 40]) {
      const time = (startOf(10) + lives * LIFE_MS) * 1000;
      const { trust, reason, from, to, book } = await bookAt(dir, tickerOf(10), time, {}, catalog);
      after.push({ trust, reason, from, to, levels: book!.yes.levels() });
    }
    const since = (startOf(11) + (2 * LIFE_MS) / 25) * 1000;
    expect(after[0]).toMatchObject({ trust: "unknown", reason: "unsubscribed", from: since, to: null });
    expect(after[1]).toEqual(after[0]);
    expect(after[2]).toEqual(after[0]);
    const never = await bookAt(dir, "KX15M-99999", (startOf(50) + 1) * 1000, {}, catalog);
    expect(never).toMatchObject({ trust: "unknown", reason: "no_snapshot", book: null });
  });

  it("have the quality that they had: whole from their snapshot until they were dropped", async () => {
    await writeSeries(60);
    const recording = await openRecording(dir);
    const { markets } = await recording.quality();
    const tenth = markets.filter(({ ticker }) => ticker === tickerOf(10));
    const known = tenth.reduce((sum, { covered_seconds }) => sum + covered_seconds, 0);
    const unknown = tenth.reduce((sum, { unknown_seconds }) => sum + unknown_seconds, 0);
    expect(known).toBeCloseTo(((1 + 2 / 25) * LIFE_MS) / 1000, 0);
    expect(unknown).toBe(0);
    // A part that begins long after them begins with the books that stand, and no other.
    const from = startOf(50) * 1000 + 600 * SECOND;
    const opening = [];
    for await (const event of recording.replay({ from })) {
      if (event.type !== "snapshot" || event.sid !== null) break;
      opening.push(event.ticker);
    }
    expect(opening).toEqual([tickerOf(50)]);
  });
});
