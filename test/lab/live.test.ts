import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bestAsk, bestBid } from "../../src/book/best.js";
import { quotesOf } from "../../src/frames/books.js";
import { rawOf } from "../../src/frames/exact.js";
import { connect } from "../../src/lab/connect.js";
import type { LiveReadAsk, RecordAsk } from "../../src/lab/lab.js";
import { openRecording } from "../../src/recorder/replay.js";
import { connectionTo, type LabAndSandbox, labAndSandbox } from "../support/lab.js";

const TICKER = "SANDBOX-LIVE-T55";

describe("live data through the lab", () => {
  const out = mkdtempSync(join(tmpdir(), "kalshi-lab-live-"));
  let running: LabAndSandbox;

  beforeAll(async () => {
    running = await labAndSandbox({ seed: "live" });
  });

  afterAll(async () => {
    await running.close();
    rmSync(out, { recursive: true, force: true });
  });

  it("comes as events, with the book kept beside them", async () => {
    const live = await running.lab.live({ ticker: TICKER });
    const seen = new Set<string>();
    for await (const event of live) {
      seen.add(event.type);
      if (seen.has("snapshot") && seen.has("delta") && seen.has("ticker")) break;
    }
    const book = live.book(TICKER)!;
    expect(book.state).toBe("ok");
    expect(bestBid(book)! < bestAsk(book)!).toBe(true);
    await live.close();
  });

  it("takes up markets while it runs, and lets them go", async () => {
    const live = await running.lab.live({ ticker: TICKER, channels: ["orderbook_delta"] });
    const other = "SANDBOX-LIVE-T45";
    await live.addMarkets([other]);
    for await (const event of live) if (event.type === "snapshot" && event.ticker === other) break;
    expect(live.book(other)?.state).toBe("ok");
    await live.deleteMarkets([TICKER]);
    expect(live.tickers).toEqual([other]);
    expect(live.book(TICKER)?.state).toBe("stale");
    expect(live.problem).toBeNull();
    await live.close();
  });

  it("needs a market for books, and for the default channels, and none where channels are named that tell of all", async () => {
    await expect(running.lab.live({})).rejects.toMatchObject({ code: "BAD_ARGUMENT" });
    await expect(running.lab.live({ channels: ["orderbook_delta"] })).rejects.toMatchObject({ code: "BAD_ARGUMENT" });
    await expect(running.lab.live({ channels: ["trade"], tickers: [] })).rejects.toMatchObject({
      code: "BAD_ARGUMENT",
    });
    const live = await running.lab.live({ channels: ["ticker", "market_lifecycle_v2"] });
    const markets = new Set<string | null>();
    for await (const event of live) {
      if (event.type === "ticker") markets.add(event.ticker);
      if (markets.size > 1) break;
    }
    await live.close();
  });

  it("is refused with an option that nobody reads or a number that is none, and nothing is opened or written", async () => {
    const { lab } = running;
    const dir = join(out, "refused");
    const refused = (asked: Promise<unknown>, found: string) =>
      expect(asked).rejects.toMatchObject({ code: "BAD_ARGUMENT", message: expect.stringContaining(found) });
    await refused(lab.live({ ticker: TICKER, stallMs: -1 }), "stallMs: -1");
    await refused(lab.live({ ticker: TICKER, maxWaiting: Number.NaN }), "NaN");
    await refused(lab.live({ ticker: TICKER, stalMs: 5_000 } as LiveReadAsk), '"stalMs"');
    await refused(lab.record({ ticker: TICKER, dir, syncMs: -1 }), "syncMs: -1");
    await refused(lab.record({ ticker: TICKER, dir, compareMs: Number.NaN }), "compareMs: NaN");
    await refused(lab.record({ ticker: TICKER, dir, out: dir } as RecordAsk), '"out"');
    await refused(lab.record({ ticker: TICKER } as RecordAsk), "which folder");
    expect(existsSync(dir)).toBe(false);
  });

  it("ends with the lab: a reader comes to its end, and a recorder has everything synced", async () => {
    const lab = await connect(connectionTo(running.sandbox));
    const live = await lab.live({ ticker: TICKER });
    const dir = join(out, "ended");
    const recorder = await lab.record({ ticker: TICKER, dir });
    let events = 0;
    const reading = (async () => {
      for await (const _ of live) events += 1;
    })();
    while (recorder.status().frames < 5) await setImmediate();
    await lab.close();
    await reading;
    expect(events).toBeGreaterThan(0);
    const { frames } = await recorder.done;
    let kept = 0;
    for await (const _ of (await openRecording(dir)).frames()) kept += 1;
    expect(kept).toBe(frames);
  });

  it("is recorded for all open markets of an event, own orders and fills among them", async () => {
    const dir = join(out, "event");
    const channels = ["orderbook_delta", "trade", "ticker", "fill", "user_orders"];
    const recorder = await running.lab.record({ event: "SANDBOX-LIVE", dir, channels });
    expect(recorder.status().markets).toBe(5);
    const order = await running.lab.trading.place({
      ticker: TICKER,
      side: "bid",
      count: 1,
      price: "0.99",
      timeInForce: "immediate_or_cancel",
    });
    expect(order.fill_count).toBe(100);
    const wanted = new Set(["fill", "order", "delta", "ticker"]);
    while (wanted.size > 0) for await (const event of await openRecording(dir)) wanted.delete(event.type);
    const { gaps } = await recorder.stop();
    expect(gaps).toBe(0);
    const quotes = await quotesOf(await openRecording(dir));
    const spreads = rawOf(quotes, "spread").filter((spread) => spread !== null);
    expect(spreads.length).toBeGreaterThan(0);
    expect(spreads.every((spread) => spread > 0)).toBe(true);
  });
});
