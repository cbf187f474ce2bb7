import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import type { BookEvent } from "../../src/book/event.js";
import { connect } from "../../src/lab/connect.js";
import type { Lab, RecordAsk } from "../../src/lab/lab.js";
import { wireFoundBook } from "../../src/recorder/found-book.js";
import type { Recorder } from "../../src/recorder/record.js";
import { openRecording } from "../../src/recorder/replay.js";
import { listStrands } from "../../src/recorder/strands.js";
import type { Sandbox, SandboxOptions } from "../../src/sandbox/sandbox.js";
import { closing } from "../support/against.js";
import { alteringProxy } from "../support/altering-proxy.js";
import { connectionTo, labAndSandbox } from "../support/lab.js";
import { marksIn } from "../support/marks.js";
import { until } from "../support/wait.js";

const MILLI = 1_000;
/** Of local time: at thirty times real time a quick market lives for a second. */
const patience = { settled: 300 * MILLI, closed: 1_500 * MILLI };

interface Stage {
  readonly sandbox: Sandbox;
  readonly lab: Lab;
  readonly dir: string;
  record(ask?: Partial<RecordAsk>): Promise<Recorder>;
}

/** A sandbox at thirty times real time: a market of thirty seconds opens every second. */
async function stage(options: SandboxOptions = {}): Promise<Stage> {
  const dir = mkdtempSync(join(tmpdir(), "rollover-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const { lab, sandbox } = closing(await labAndSandbox({ speed: 30, ...options }));
  const ask = { series: "SANDBOX", channels: ["orderbook_delta"], dir, patience, compareMs: 0, lookMs: 60_000 };
  return { sandbox, lab, dir, record: (more = {}) => lab.record({ ...ask, ...more }) };
}

async function eventsIn(dir: string): Promise<BookEvent[]> {
  const events: BookEvent[] = [];
  for await (const event of await openRecording(dir)) events.push(event);
  return events;
}

/** The markets of a recording whose beginning it must have: created, as the lifecycle channel told, while it went on. */
function createdIn(events: readonly BookEvent[]): string[] {
  return events.flatMap((event) =>
    event.type === "lifecycle" && event.kind === "market_lifecycle_v2" && event.event_type === "created"
      ? [event.ticker]
      : [],
  );
}

function snapshotsOf(events: readonly BookEvent[], ticker: string): BookEvent[] {
  return events.filter((event) => event.type === "snapshot" && event.ticker === ticker);
}

describe("a recording of a whole series", () => {
  it.each([
    ["", { maxMarkets: undefined }],
    [", where a connection takes one market", { maxMarkets: 1 }],
  ])(
    "has every market from before its first order to after its end, and no frame of it behind that%s",
    async (_, limits) => {
      const { sandbox, dir, record } = await stage({ speed: 0, ...limits });
      const advance = (seconds: number) =>
        fetch(`${sandbox.ready.control_url}/clock?by=${seconds}`, { method: "POST" });
      const start = Math.round(sandbox.world.clock.now() / 1e6);
      // Quick markets open every thirty seconds, and are created five seconds before.
      await advance(30 - (start % 30));
      const recorder = await record();
      // What a connection takes is learnt at the start, where it is refused.
      await until(() => recorder.status().staleBooks === 0 && recorder.status().state === "recording", "every book");
      const { gaps } = recorder.status();
      const begun = Date.now() * 1_000;
      for (let round = 1; round <= 4; round += 1) {
        await advance(26);
        await until(() => recorder.status().joined === round && recorder.status().staleBooks === 0, "the next market");
        await advance(4);
      }
      await advance(10);
      // The one that was open at the start, and three of the four that came.
      await until(() => recorder.status().left === 4, "the ends of the first");
      expect(recorder.status()).toMatchObject({ joined: 4, gaps, problem: null });
      await recorder.stop();

      const events = await eventsIn(dir);
      expect(events.filter((event) => event.type === "gap" && event.receivedAt > begun)).toEqual([]);
      if (limits.maxMarkets === undefined) expect(gaps).toBe(0);
      else expect((await listStrands(dir)).length).toBeGreaterThan(4);
      const ended = createdIn(events).slice(0, 3);
      for (const ticker of ended) {
        const own = events.filter((event) => "ticker" in event && event.ticker === ticker);
        const books = own.filter((event) => event.type === "snapshot" || event.type === "delta");
        // Nobody had quoted yet, many did, and the close has wiped the book.
        expect(books[0], ticker).toMatchObject({ type: "snapshot", yes: [], no: [] });
        expect(books.filter((event) => event.type === "delta").length, ticker).toBeGreaterThan(10);
        expect(books.at(-1), ticker).toMatchObject({ type: "snapshot", yes: [], no: [] });
        expect(books.every((event) => event.type === "snapshot" || event.state === "ok")).toBe(true);
        expect(own.at(-1), ticker).toMatchObject({ type: "lifecycle", event_type: "settled" });
      }
    },
    150_000,
  );

  it.each([
    ["", {}],
    [", over several connections", { maxMarkets: 4 }],
  ])(
    "has the books that the sandbox has, of markets that came later too%s",
    async (_, limits) => {
      const { sandbox, dir, record } = await stage(limits);
      const recorder = await record();
      await until(() => recorder.status().joined >= 3, "markets that have come", 100_000);
      sandbox.engine.freeze();
      const asked = [...sandbox.world.markets.values()].filter(({ seriesTicker }) => seriesTicker === "SANDBOX");
      const now = sandbox.world.clock.now();
      const open = asked
        .filter(({ openTime, closeTime }) => openTime <= now && closeTime > now)
        .map((one) => one.ticker);
      const answer = await fetch(`${sandbox.ready.control_url}/books?tickers=${open.join(",")}`);
      const { books } = (await answer.json()) as {
        books: { ticker: string; yes_dollars: unknown; no_dollars: unknown }[];
      };
      await recorder.stop();
      const final = new Map((await (await openRecording(dir)).final()).map((found) => [found.ticker, found]));
      expect(books.length).toBeGreaterThan(5);
      for (const { ticker, yes_dollars, no_dollars } of books) {
        const found = final.get(ticker);
        expect(found, ticker).toBeDefined();
        expect(wireFoundBook(found!), ticker).toMatchObject({ ticker, trust: "ok", yes_dollars, no_dollars });
      }
    },
    150_000,
  );

  it("lacks no market whose message was lost for longer than until the next look", async () => {
    const lost = { fault: "drop", channel: "market_lifecycle_v2" };
    const { dir, record } = await stage({ faults: { rules: [lost] } });
    const recorder = await record({ lookMs: 200 });
    await until(
      () => recorder.status().left >= 2 && recorder.status().joined >= 4,
      "markets found by looking",
      100_000,
    );
    expect(recorder.status().problem).toBeNull();
    await recorder.stop();
    const events = await eventsIn(dir);
    expect(createdIn(events)).toEqual([]);
    expect(events.filter((event) => event.type === "gap")).toEqual([]);
  }, 150_000);

  it("looks at once when the channel has a hole, and after a reconnect", async () => {
    // One message of three is lost: the next one shows it.
    const lost = { fault: "drop", channel: "market_lifecycle_v2", every: 3 };
    const { record } = await stage({ faults: { rules: [lost] } });
    const recorder = await record({ lookMs: 3_600_000 });
    await until(() => recorder.status().joined >= 6, "every market", 100_000);
    await recorder.stop();
  }, 150_000);

  it("subscribes again after a lost connection to what there is then, not to what there was at the start", async () => {
    const cut = { fault: "disconnect", channel: "orderbook_delta", every: 3_000 };
    const { dir, record } = await stage({ faults: { rules: [cut] } });
    const recorder = await record({ maxSegmentBytes: 100_000 });
    await until(
      () => recorder.status().joined >= 3 && recorder.status().left >= 3,
      "markets that came and went",
      100_000,
    );
    const before = recorder.status().connections;
    await until(() => recorder.status().connections > before, "another connection", 100_000);
    await until(() => recorder.status().staleBooks === 0, "every book", 100_000);
    await recorder.stop();
    const asked = (await marksIn(dir)).filter((mark) => mark.mark === "connect").map(({ tickers }) => tickers);
    const [first, last] = [asked[0]!, asked[before]!];
    // A quick market need not be open at the start itself: those that left are among all that had a book before the last connection.
    const earlier = (await eventsIn(dir)).flatMap((event) =>
      event.type === "snapshot" && event.connection <= before ? [event.ticker] : [],
    );
    expect(new Set(earlier.filter((ticker) => !last.includes(ticker))).size).toBeGreaterThanOrEqual(2);
    expect(last.filter((ticker) => !first.includes(ticker)).length).toBeGreaterThanOrEqual(1);
    const { connections } = await (await openRecording(dir)).quality();
    expect(connections.length).toBe(asked.length);
  }, 150_000);

  it("waits for its first market where there is none yet, and takes nobody else's trades meanwhile", async () => {
    const { sandbox, dir } = await stage();
    const proxy = closing(await alteringProxy(sandbox));
    // Whoever looks finds nothing; the channel alone tells.
    proxy.alter = (path, body) => (path.endsWith("/markets") ? { ...(body as object), markets: [] } : undefined);
    const lab = closing(await connect({ ...connectionTo(sandbox), restUrl: proxy.restUrl }));
    const recorder = await lab.record({
      series: "SANDBOX",
      channels: ["trade", "ticker"],
      dir,
      patience,
      compareMs: 0,
    });
    expect(recorder.status()).toMatchObject({ state: "recording", markets: 0, staleBooks: 0, problem: null });
    await until(() => recorder.status().joined >= 3 && recorder.status().frames > 200, "first markets", 100_000);
    await recorder.stop();
    const events = await eventsIn(dir);
    const created = new Set(createdIn(events));
    const heard = new Set(
      events.flatMap((event) => (event.type === "trade" || event.type === "ticker" ? [event.ticker] : [])),
    );
    expect(heard.size).toBeGreaterThan(0);
    for (const ticker of heard) expect(created).toContain(ticker);
  }, 120_000);

  it("asks of which series an event is that the channel did not tell of, and takes nobody else's markets", async () => {
    const lost = { fault: "drop", channel: "market_lifecycle_v2", type: "event_lifecycle" };
    const { sandbox, dir } = await stage({ faults: { rules: [lost] } });
    const proxy = closing(await alteringProxy(sandbox));
    const asked: string[] = [];
    proxy.alter = (path, body) => {
      if (path.includes("/events/")) asked.push(path.split("/").at(-1)!);
      return path.endsWith("/markets") ? { ...(body as object), markets: [] } : undefined;
    };
    const lab = closing(await connect({ ...connectionTo(sandbox), restUrl: proxy.restUrl }));
    const recorder = await lab.record({ series: "SANDBOX", channels: ["ticker"], dir, patience, compareMs: 0 });
    await until(() => recorder.status().joined >= 3, "markets of events that were asked about", 100_000);
    await recorder.stop();
    expect(recorder.status().problem).toBeNull();
    // Each once, whatever number of markets it has.
    expect(new Set(asked).size).toBe(asked.length);
    for await (const event of await openRecording(dir)) {
      if (event.type === "ticker") expect(event.ticker).toMatch(/^SANDBOX-/);
    }
  }, 120_000);

  it("of which nothing is open is begun all the same", async () => {
    const { record } = await stage({ bulkTrades: 10 });
    const recorder = await record({ series: "BULK" });
    expect(recorder.status()).toMatchObject({ state: "recording", markets: 0, problem: null });
    await recorder.stop();
  }, 120_000);
});

describe("a recording of an event", () => {
  it("has all of its markets, and no other's", async () => {
    const { dir, record } = await stage({ speed: 5 });
    const recorder = await record({ series: undefined, event: "SANDBOX-LIVE" });
    await until(() => recorder.status().frames > 200, "frames");
    expect(recorder.status().markets).toBe(5);
    await recorder.stop();
    const events = await eventsIn(dir);
    const tickers = new Set(events.flatMap((event) => (event.type === "snapshot" ? [event.ticker] : [])));
    expect(tickers.size).toBe(5);
    for (const ticker of tickers) expect(ticker).toMatch(/^SANDBOX-LIVE-/);
    expect(snapshotsOf(events, [...tickers][0]!).length).toBeGreaterThan(0);
  }, 120_000);
});
