import { cpSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { WireLevels } from "../../src/book/book.js";
import type { BookEvent } from "../../src/book/event.js";
import { createSigner } from "../../src/client/signing.js";
import { openRecording as openTables } from "../../src/lab/recording.js";
import { wireFoundBook } from "../../src/recorder/found-book.js";
import { type Recorder, type RecordOptions, startRecorder } from "../../src/recorder/record.js";
import { openRecording, type Recording } from "../../src/recorder/replay.js";
import { interleaved, listStrands, strandFolder } from "../../src/recorder/strands.js";
import { type Sandbox, startSandbox } from "../../src/sandbox/sandbox.js";
import { SECOND } from "../../src/units/time.js";
import { marksIn } from "../support/marks.js";
import { until } from "../support/wait.js";

let dir: string;
let sandbox: Sandbox;
let recorder: Recorder | null = null;
let tickers: string[];

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), "strands-"));
  // Two markets on two channels fit on one connection.
  sandbox = await startSandbox({ keyType: "ed25519", speed: 10, weeklyPause: false, maxMarkets: 4 });
  const now = sandbox.world.clock.now();
  tickers = [...sandbox.world.markets.values()]
    .filter((market) => market.seriesTicker === "SANDBOX" && market.live)
    .filter(({ openTime, closeTime }) => openTime <= now && closeTime > now + 600 * SECOND)
    .map(({ ticker }) => ticker)
    .sort()
    .slice(0, 5);
});

afterEach(async () => {
  await recorder?.stop();
  recorder = null;
  await sandbox.close();
  rmSync(dir, { recursive: true, force: true });
});

async function start(options: Partial<RecordOptions> = {}): Promise<Recorder> {
  const { ws_url: url, key_id: keyId, private_key_path: privateKeyPath } = sandbox.ready;
  recorder = await startRecorder({
    ...{ url, signer: createSigner({ keyId, privateKeyPath }), tickers, dir: join(dir, "recording") },
    ...{ channels: ["orderbook_delta", "trade"], backoffMs: { first: 1, longest: 20 } },
    ...options,
  });
  sandbox.engine.thaw();
  await whole(recorder);
  return recorder;
}

async function whole(running: Recorder): Promise<void> {
  await until(() => running.status().staleBooks === 0 && running.status().state === "recording", "every book");
}

/** Lets the sandbox's clock run for so many seconds. */
async function run(seconds: number): Promise<void> {
  const end = sandbox.world.clock.now() + seconds * SECOND;
  await until(() => sandbox.world.clock.now() >= end, `${seconds} seconds of the sandbox`);
}

/** Waits until what was sent is written. */
async function caughtUp(running: Recorder, at = join(dir, "recording")): Promise<void> {
  sandbox.engine.freeze();
  const own = await ownBooks(tickers);
  await until(async () => {
    const final = await lastBooks(await openRecording(at));
    return tickers.every((ticker) => JSON.stringify(final.get(ticker)) === JSON.stringify(own.get(ticker)));
  }, `books as the sandbox has them; ${running.status().frames} frames`);
}

async function ownBooks(asked: readonly string[]): Promise<Map<string, unknown>> {
  const answer = await fetch(`${sandbox.ready.control_url}/books?tickers=${asked.join(",")}`);
  const { books } = (await answer.json()) as {
    books: { ticker: string; yes_dollars: WireLevels; no_dollars: WireLevels }[];
  };
  return new Map(books.map(({ ticker, yes_dollars, no_dollars }) => [ticker, ["ok", yes_dollars, no_dollars]]));
}

/** By market, the last book that is called ok. */
async function lastBooks(recording: Recording): Promise<Map<string, unknown>> {
  return new Map(
    (await recording.final())
      .filter(({ trust }) => trust === "ok")
      .toSorted((a, b) => a.at - b.at)
      .map((found) => [found.ticker, ["ok", wireFoundBook(found).yes_dollars, wireFoundBook(found).no_dollars]]),
  );
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

const gapsIn = (events: readonly BookEvent[]) => events.filter((event) => event.type === "gap");

describe("a recording of more markets than one connection takes", () => {
  it("goes over several connections, keeps what came over each apart, and has every book", async () => {
    const running = await start({ maxSegmentBytes: 20_000 });
    await run(20);
    await caughtUp(running);
    const { frames, connections } = running.status();
    await running.stop();
    const at = join(dir, "recording");
    expect((await listStrands(at)).map(({ place }) => place)).toEqual([0, 1, 2]);
    const recording = await openRecording(at);
    const read = await all(recording.frames());
    expect(read).toHaveLength(frames);
    expect(read.map(({ receivedAt }) => receivedAt)).toEqual(read.map(({ receivedAt }) => receivedAt).sort());
    const numbers = new Set(read.map(({ connection }) => connection));
    expect(numbers.size).toBe(connections);
    expect([...numbers].filter((number) => number > 1_000_000)).toEqual([1_000_001, 2_000_001]);
    const events = await all(recording);
    // The same number of a subscription on each of them, with a count of its own, and no hole in any.
    expect(new Set(events.flatMap((event) => (event.type === "delta" ? [event.sid] : [])))).toEqual(new Set([1]));
    expect(events.filter(({ type }) => type === "delta").length).toBeGreaterThan(50);
    const last = events.filter(
      ({ connection }) =>
        connection > 1_000_000 || connection === Math.max(...[...numbers].filter((one) => one < 1_000_000)),
    );
    expect(gapsIn(last)).toEqual([]);
    const quality = await recording.quality();
    expect(quality.connections.reduce((sum, one) => sum + one.frames, 0)).toBe(frames);
    expect(quality.markets.map(({ ticker }) => ticker).sort()).toEqual(tickers);
    expect(quality.markets.reduce((sum, one) => sum + one.deltas, 0)).toBe(
      events.filter(({ type }) => type === "delta").length,
    );
    // By time as well, without reading the rest.
    const middle = events[events.length >> 1]!.receivedAt;
    const late = await all(recording.replay({ from: middle, clock: "received" }));
    const fresh = late.filter(({ receivedAt }) => receivedAt >= middle);
    expect(fresh).toEqual(events.filter(({ receivedAt }) => receivedAt >= middle));
    const opening = late.filter((event) => event.type === "snapshot" && event.sid === null);
    expect(opening.map((event) => (event.type === "snapshot" ? event.ticker : null)).sort()).toEqual(tickers);
  });

  it("is unknown for the markets of a lost connection alone, in books, gaps, tables and quality", async () => {
    const running = await start();
    await run(5);
    const rule = { channel: "orderbook_delta", ticker: tickers[2], fault: "disconnect", count: 1 };
    await fetch(`${sandbox.ready.control_url}/faults/rules`, { method: "POST", body: JSON.stringify(rule) });
    const before = running.status().connections;
    await run(5);
    await until(() => running.status().connections > before, "another connection");
    await whole(running);
    await run(5);
    await caughtUp(running);
    expect(running.status()).toMatchObject({ problem: null, lostFrames: 0 });
    await running.stop();
    const recording = await openRecording(join(dir, "recording"));
    const events = await all(recording);
    const lost = gapsIn(events)
      .filter(({ tickers: those }) => those.includes(tickers[2]!))
      .at(-1)!;
    expect(lost).toMatchObject({ reason: "disconnect", recoveredBy: "resubscribe" });
    expect(lost.tickers).toHaveLength(2);
    // The gap ends with the last of its books; on a busy machine the first can be back long before.
    const back = events.flatMap((event) =>
      event.type === "snapshot" && lost.tickers.includes(event.ticker) && event.time! > lost.from ? [event.time!] : [],
    );
    const middle = Math.floor((lost.from + Math.min(...back)) / 2);
    expect(middle).toBeLessThan(lost.to!);
    for (const ticker of tickers) {
      const isLost = lost.tickers.includes(ticker);
      const found = await recording.bookAt(ticker, middle);
      expect(found.trust, ticker).toBe(isLost ? "unknown" : "ok");
      if (isLost) {
        expect(found, ticker).toMatchObject({ reason: "disconnect", from: lost.from });
        expect(found.to, ticker).toBeGreaterThan(middle);
        expect(found.to, ticker).toBeLessThanOrEqual(lost.to!);
      }
      expect((await recording.bookAt(ticker, lost.to! + 2 * SECOND)).trust, ticker).toBe("ok");
    }
    const quality = await recording.quality();
    for (const { ticker, unknown_seconds } of quality.markets) {
      if (lost.tickers.includes(ticker)) expect(unknown_seconds, ticker).toBeGreaterThan(0);
      else expect(unknown_seconds, ticker).toBeLessThan(1);
    }
    const from = lost.from - SECOND;
    const to = lost.to! + SECOND;
    const quotes = await (await openTables(join(dir, "recording"))).quotes({ from, to }).table();
    expect(new Set(quotes.array("ticker"))).toEqual(new Set(tickers));
  });

  it("of the next recorder, with the markets on other connections, tells of the time between for each of them", async () => {
    const running = await start();
    await run(5);
    await caughtUp(running);
    // As `kill -9` leaves it.
    const killed = join(dir, "killed");
    cpSync(join(dir, "recording"), killed, { recursive: true });
    for (const { dir: folder } of await listStrands(killed)) rmSync(join(folder, "in-use.lock"), { force: true });
    await running.stop();
    await run(5);
    for (const at of [join(dir, "recording"), killed]) {
      const moved = [...tickers].reverse();
      const next = await start({ dir: at, tickers: moved });
      await run(5);
      await caughtUp(next, at);
      await next.stop();
      const recording = await openRecording(at);
      const events = await all(recording);
      const gaps = gapsIn(events);
      for (const ticker of tickers) {
        const own = gaps.filter(({ tickers: those }) => those.includes(ticker));
        const ended = own.filter(({ recoveredBy }) => recoveredBy !== null);
        const gap = ended.toSorted((a, b) => b.to! - b.from - (a.to! - a.from))[0]!;
        expect(gap, ticker).toMatchObject({ reason: "disconnect" });
        expect((await recording.bookAt(ticker, Math.floor((gap.from + gap.to!) / 2))).trust, ticker).toBe("unknown");
      }
      const open = gaps.filter(({ to }) => to === null);
      const ended = gaps.filter(({ recoveredBy }) => recoveredBy !== null);
      expect(new Set(ended.flatMap(({ tickers: those }) => those))).toEqual(
        new Set(open.flatMap(({ tickers: those }) => those)),
      );
      for (const { ticker, trust } of (await recording.final()).slice(-tickers.length))
        expect(trust, ticker).toBe("ok");
    }
    const marks = await marksIn(strandFolder(killed, 1));
    expect(marks.filter(({ mark }) => mark === "restart")).toHaveLength(1);
  }, 60_000);

  it("keeps to one connection and one folder where its markets fit", async () => {
    tickers = tickers.slice(0, 2);
    const running = await start();
    await run(3);
    await caughtUp(running);
    await running.stop();
    expect(running.status().connections).toBe(1);
    expect(existsSync(strandFolder(join(dir, "recording"), 1))).toBe(false);
  });
});

describe("interleaved", () => {
  it("gives all of each stream in its order, and streams that are in order in one order", async () => {
    const stream = fc.array(fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 5 }), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(fc.array(stream, { minLength: 1, maxLength: 4 }), fc.boolean(), async (streams, isSorted) => {
        const batches = streams.map((one) => {
          const times = one.flat();
          if (isSorted) times.sort((a, b) => a - b);
          return one.map(({ length }) => times.splice(0, length));
        });
        const given: { readonly stream: number; readonly item: number }[] = [];
        const read = batches.map(async function* (one) {
          yield* one;
        });
        for await (const { stream: from, items } of interleaved(read, (time) => time)) {
          given.push(...items.map((item) => ({ stream: from, item })));
        }
        for (const [at, one] of batches.entries()) {
          expect(given.filter(({ stream: from }) => from === at).map(({ item }) => item)).toEqual(one.flat());
        }
        if (!isSorted) return;
        const times = given.map(({ item }) => item);
        expect(times).toEqual(times.toSorted((a, b) => a - b));
      }),
    );
  });
});
