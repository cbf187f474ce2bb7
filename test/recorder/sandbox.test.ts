import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bestAsk, bestBid } from "../../src/book/best.js";
import type { WireLevels } from "../../src/book/book.js";
import type { BookEvent, TickerEvent } from "../../src/book/event.js";
import { Feed } from "../../src/book/feed.js";
import { createSigner, type Signer } from "../../src/client/signing.js";
import { wireFoundBook } from "../../src/recorder/found-book.js";
import { openLive } from "../../src/recorder/live.js";
import { startRecorder } from "../../src/recorder/record.js";
import { openRecording } from "../../src/recorder/replay.js";
import { type Sandbox, startSandbox } from "../../src/sandbox/sandbox.js";
import { DOLLAR } from "../../src/units/price.js";
import { until } from "../support/wait.js";

let sandbox: Sandbox;
let signer: Signer;
let tickers: string[];
let dir: string;

beforeAll(async () => {
  sandbox = await startSandbox({ speed: 5 });
  const { key_id: keyId, private_key_path: privateKeyPath } = sandbox.ready;
  signer = createSigner({ keyId, privateKeyPath });
  const now = sandbox.world.clock.now();
  tickers = [...sandbox.world.markets.values()]
    .filter((market) => market.live && market.openTime <= now && market.closeTime > now + 600_000_000)
    // The busiest first: most others are quiet for minutes.
    .toSorted((a, b) => Number(b.seriesTicker === "SANDBOX") - Number(a.seriesTicker === "SANDBOX"))
    .map(({ ticker }) => ticker)
    .slice(0, 40);
  dir = mkdtempSync(join(tmpdir(), "recording-"));
});

afterAll(async () => {
  await sandbox?.close();
  rmSync(dir, { recursive: true, force: true });
});

/** The sandbox's own books, asked of its control endpoint. */
async function ownBooks(): Promise<Map<string, { yes: WireLevels; no: WireLevels }>> {
  const answer = await fetch(`${sandbox.ready.control_url}/books?tickers=${tickers.join(",")}`);
  const { books } = (await answer.json()) as {
    books: { ticker: string; yes_dollars: WireLevels; no_dollars: WireLevels }[];
  };
  return new Map(books.map((book) => [book.ticker, { yes: book.yes_dollars, no: book.no_dollars }]));
}

describe("a recording of the sandbox", () => {
  it.each([false, true])(
    "replayed to its end equals the sandbox's own book level for level, with use_yes_price %s",
    async (useYesPrice) => {
      const own = join(dir, String(useYesPrice));
      sandbox.engine.thaw();
      const recorder = await startRecorder({
        url: sandbox.ready.ws_url,
        signer,
        tickers,
        channels: ["orderbook_delta", "trade", "ticker"],
        dir: own,
        useYesPrice,
        maxSegmentBytes: 100_000,
      });
      await until(() => recorder.status().frames > 1_500, "a recording of some length", 50_000);
      sandbox.engine.freeze();
      const books = await ownBooks();
      const summary = await recorder.stop();
      expect(summary.gaps).toBe(0);
      expect(summary.segments).toBeGreaterThan(1);

      const recording = await openRecording(own);
      const final = await recording.final();
      expect(final.map(({ ticker }) => ticker)).toEqual([...tickers].sort());
      for (const found of final) {
        const { trust, yes_dollars: yes, no_dollars: no } = wireFoundBook(found);
        expect({ ticker: found.ticker, trust, yes, no }).toEqual({
          ticker: found.ticker,
          trust: "ok",
          ...books.get(found.ticker),
        });
      }
      const quality = await recording.quality();
      expect(quality.gaps).toEqual([]);
      expect(quality.connections).toMatchObject([{ frames: summary.frames, end: "closed" }]);
      expect(quality.markets).toHaveLength(tickers.length);
      expect(quality.unparsed).toBe(0);
    },
  );

  it("has best quotes that agree with every ticker message", async () => {
    let compared = 0;
    const recording = await openRecording(join(dir, "false"));
    const tickersHeard: TickerEvent[] = [];
    const feed = new Feed((event) => {
      if (event.type === "ticker") tickersHeard.push(event);
    });
    feed.connected({ connection: 1, receivedAt: 0, useYesPrice: false });
    for await (const frame of recording.frames()) {
      feed.push(frame.data, frame.receivedAt);
      for (const event of tickersHeard.splice(0)) {
        const book = feed.book(event.ticker)!;
        const quote = { bid: bestBid(book) ?? 0, ask: bestAsk(book) ?? DOLLAR };
        expect(quote, `${event.ticker} at ${event.time}`).toEqual({ bid: event.yes_bid, ask: event.yes_ask });
        compared += 1;
      }
    }
    expect(compared).toBeGreaterThan(20);
  });

  it("gives the very events that a live connection gave", async () => {
    sandbox.engine.freeze();
    const options = { url: sandbox.ready.ws_url, signer, tickers, channels: ["orderbook_delta"] };
    const live = await openLive(options);
    const recorder = await startRecorder({ ...options, dir: join(dir, "beside") });
    sandbox.engine.thaw();
    await until(() => recorder.status().frames > 200, "some deltas", 50_000);
    sandbox.engine.freeze();
    await recorder.stop();
    await live.close();
    const essence = (event: BookEvent): unknown => ({
      ...event,
      receivedAt: 0,
      ...("from" in event ? { from: 0 } : {}),
    });
    const [fromWire, fromFile]: unknown[][] = [[], []];
    for await (const event of live) if (event.type !== "disconnect") fromWire!.push(essence(event));
    for await (const event of await openRecording(join(dir, "beside"))) {
      if (event.type !== "disconnect") fromFile!.push(essence(event));
    }
    expect(fromFile!.length).toBeGreaterThan(100);
    const withoutSending = (events: unknown[]) => events.map((event) => ({ ...(event as object), time: 0 }));
    expect(withoutSending(fromFile!)).toEqual(withoutSending(fromWire!));
  });
});
