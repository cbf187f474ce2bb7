import { setImmediate } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { BookEvent } from "../../src/book/event.js";
import { createSigner } from "../../src/client/signing.js";
import { type Live, type LiveOptions, openLive } from "../../src/recorder/live.js";
import { type Sandbox, startSandbox } from "../../src/sandbox/sandbox.js";
import { frame } from "../support/frames.js";
import { RebuiltBooks } from "../support/rebuilt-books.js";
import { type ScriptedServer, startScripted } from "../support/scripted-socket.js";
import { seeded } from "../support/seeded.js";
import { TinyExchange } from "../support/tiny-exchange.js";
import { until } from "../support/wait.js";

const tickers = ["A", "B", "C"];
let server: ScriptedServer | null = null;
let live: Live | null = null;

afterEach(async () => {
  await live?.close();
  await server?.close();
  live = server = null;
});

/** A live connection to a scripted exchange of three markets. */
async function open(options: Partial<LiveOptions>): Promise<{ live: Live; exchange: TinyExchange }> {
  const exchange = new TinyExchange(tickers, seeded(11));
  server = await startScripted(exchange.script);
  const { url, signer } = server;
  live = await openLive({ url, signer, tickers, channels: ["orderbook_delta"], repairMs: 50, ...options });
  return { live, exchange };
}

/** Reads until the reader's books are the exchange's. */
async function readUntilSame(
  from: Live,
  exchange: TinyExchange,
): Promise<{ events: BookEvent[]; reader: RebuiltBooks }> {
  const reader = new RebuiltBooks();
  const events: BookEvent[] = [];
  const isSame = (): boolean =>
    tickers.every((ticker) => reader.levels(ticker) === JSON.stringify(exchange.books.get(ticker)!.levels()));
  for await (const event of from) {
    events.push(event);
    reader.take(event);
    if (from.waiting === 0 && isSame()) break;
  }
  return { events, reader };
}

const deltas = (events: readonly BookEvent[]): number => events.filter(({ type }) => type === "delta").length;

describe("a slow reader of a live connection", () => {
  it("that waits loses nothing of a flood, of which no more waits in memory than one read of the socket beyond the limit", async () => {
    const { live, exchange } = await open({ onSlow: "wait", maxWaiting: 100, silenceMs: 200 });
    for (let round = 0; round < 60; round += 1) {
      exchange.trade(1_000);
      await setImmediate();
      expect(live.waiting).toBeLessThan(1_000);
    }
    // Beyond the silence that it would allow, with the exchange's pings unread.
    await until(() => exchange.connection!.pongs() >= 6, "pongs while paused");
    expect(live.waiting).toBeLessThan(1_000);
    const { events } = await readUntilSame(live, exchange);
    expect(deltas(events)).toBe(60_000);
    expect(events.some(({ type }) => type === "gap" || type === "disconnect")).toBe(false);
  });

  it("that waits is told when the exchange loses patience with it (error 25), and goes on", async () => {
    const { live, exchange } = await open({ onSlow: "wait", maxWaiting: 100 });
    exchange.trade(20_000);
    exchange.send(frame("error", { sid: 1 }, { code: 25, msg: "Subscription buffer overflow" }));
    const reading = readUntilSame(live, exchange);
    await until(() => exchange.connection!.commands.length > 1, "another subscription");
    exchange.trade(10);
    const { events } = await reading;
    expect(events.filter(({ type }) => type === "gap")).toMatchObject([
      { reason: "channel_error", to: null },
      { reason: "channel_error", recoveredBy: expect.any(String) as unknown },
    ]);
  });

  it("that drops the oldest is told how many, and rebuilds the exchange's books from what it gets", async () => {
    const { live, exchange } = await open({ onSlow: "drop_oldest", maxWaiting: 500 });
    for (let round = 0; round < 20; round += 1) {
      exchange.trade(1_000);
      await setImmediate();
      expect(live.waiting).toBeLessThanOrEqual(500);
    }
    await until(
      () => tickers.every((ticker) => live.book(ticker)?.time === exchange.books.get(ticker)!.time),
      "all of it",
    );
    const { events } = await readUntilSame(live, exchange);
    const gaps = events.flatMap((event) => (event.type === "gap" && event.to === null ? [event] : []));
    expect(gaps).toMatchObject([{ reason: "slow_reader", tickers: expect.arrayContaining(tickers) as unknown }]);
    const snapshots = events.filter(({ type }) => type === "snapshot").length;
    expect(snapshots).toBe(3);
    // The first three books are among what was dropped.
    expect(gaps[0]!.dropped! + deltas(events)).toBe(20_000 + 3);
  });

  it("that drops the oldest while it reads is right after every drop", async () => {
    const { live, exchange } = await open({ onSlow: "drop_oldest", maxWaiting: 50 });
    const reader = new RebuiltBooks();
    let [dropped, read] = [0, 0];
    const events = live[Symbol.asyncIterator]();
    for (let round = 0; round < 40; round += 1) {
      exchange.trade(200);
      await setImmediate();
      for (let at = 0; at < 5 && live.waiting > 0; at += 1) take((await events.next()).value as BookEvent);
    }
    function take(event: BookEvent): void {
      reader.take(event);
      if (event.type === "delta" || (event.type === "snapshot" && event.sequence !== null)) read += 1;
      if (event.type === "gap" && event.to === null) dropped += event.dropped!;
    }
    while (dropped + read < 40 * 200 + 3) take((await events.next()).value as BookEvent);
    for (const ticker of tickers) {
      while (reader.levels(ticker) === null) take((await events.next()).value as BookEvent);
      expect(reader.levels(ticker)).toBe(JSON.stringify(exchange.books.get(ticker)!.levels()));
    }
    expect(dropped).toBeGreaterThan(1_000);
  });

  it("is told at once what cannot be meant", async () => {
    await expect(open({ onSlow: "hurry" as never })).rejects.toMatchObject({ code: "BAD_ARGUMENT" });
    await server?.close();
    await expect(open({ maxWaiting: 0 })).rejects.toMatchObject({ code: "BAD_ARGUMENT" });
  });
});

describe("a slow reader of the sandbox", () => {
  const ticker = "SANDBOX-LIVE-T55";
  /** Another market, whose book is asked for to know that all before it has come. */
  const LAST = "SANDBOX-LIVE-T45";
  const PER_SECOND = 20_000;
  let sandbox: Sandbox;

  beforeAll(async () => {
    sandbox = await startSandbox({ keyType: "ed25519", speed: 0 });
  });
  afterAll(() => sandbox.close());

  const control = async (path: string): Promise<void> => {
    const { status } = await fetch(sandbox.ready.control_url + path, { method: "POST" });
    expect(status).toBe(200);
  };

  /** Listens without reading until more has been sent than may wait, then stops what moves. */
  async function flooded(options: Partial<LiveOptions>): Promise<Live> {
    const { ready, privateKey } = sandbox;
    const signer = createSigner({ keyId: ready.key_id, privateKey });
    await control("/thaw");
    live = await openLive({
      url: ready.ws_url,
      signer,
      tickers: [ticker],
      channels: ["orderbook_delta", "trade"],
      ...options,
    });
    // Its clock stands but for this second, so that how much comes does not depend on how busy this machine is.
    await control(`/flow?ticker=${ticker}&per_second=${PER_SECOND}`);
    await control("/clock?by=1");
    await control(`/flow?ticker=${ticker}&per_second=0`);
    await control("/freeze");
    return live;
  }

  /** Reads all that the exchange has sent: what is asked for now stands behind it. */
  async function read(from: Live): Promise<{ events: BookEvent[]; reader: RebuiltBooks }> {
    const reader = new RebuiltBooks();
    const events: BookEvent[] = [];
    // Nobody reads yet, and its acknowledgement too stands behind what has not been read.
    await from.addMarkets([LAST]);
    for await (const event of from) {
      events.push(event);
      reader.take(event);
      if (event.type === "snapshot" && event.ticker === LAST) break;
    }
    expect(events.some(({ type }) => type === "disconnect")).toBe(false);
    return { events, reader };
  }

  /** A book as the engine has it. */
  async function bookOf(ticker: string): Promise<unknown> {
    const answer = await fetch(`${sandbox.ready.control_url}/books?ticker=${ticker}`);
    const { books } = (await answer.json()) as {
      books: { ticker: string; yes_dollars: unknown; no_dollars: unknown }[];
    };
    const { yes_dollars, no_dollars } = books.find((book) => book.ticker === ticker)!;
    return { yes_dollars, no_dollars };
  }

  it("has the whole of it after waiting", async () => {
    const from = await flooded({ onSlow: "wait", maxWaiting: 200 });
    expect(from.waiting).toBeLessThan(1_500);
    const { events, reader } = await read(from);
    expect(reader.books.get(ticker)?.toJSON()).toMatchObject((await bookOf(ticker)) as object);
    expect(deltas(events)).toBeGreaterThan(5_000);
    expect(events.filter(({ type }) => type === "gap")).toEqual([]);
    const numbers = events.flatMap((event) => (event.type === "delta" ? [event.sequence!] : []));
    expect(numbers).toEqual(numbers.map((_, at) => numbers[0]! + at));
  });

  it("has the newest and the right book after dropping the oldest", async () => {
    const from = await flooded({ onSlow: "drop_oldest", maxWaiting: 1_000 });
    expect(from.waiting).toBeLessThanOrEqual(1_000);
    const { events, reader } = await read(from);
    expect(reader.books.get(ticker)?.toJSON()).toMatchObject((await bookOf(ticker)) as object);
    expect(events[0]).toMatchObject({ type: "gap", reason: "slow_reader", tickers: [ticker], to: null });
    expect(events[1]).toMatchObject({ type: "snapshot", ticker, sequence: null });
    expect(deltas(events)).toBeGreaterThan(400);
  });

  it("fails by default, with a code and what to do", async () => {
    const from = await flooded({ maxWaiting: 1_000 });
    await expect(from[Symbol.asyncIterator]().next()).rejects.toMatchObject({
      code: "SOCKET_CLOSED",
      hint: expect.stringContaining('onSlow: "wait"') as unknown,
    });
  });
});
