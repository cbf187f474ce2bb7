import { afterEach, describe, expect, it } from "vitest";
import type { BookEvent } from "../../src/book/event.js";
import { type Live, type LiveOptions, openLive } from "../../src/recorder/live.js";
import { frame } from "../support/frames.js";
import { type Script, type ScriptedServer, startScripted } from "../support/scripted-socket.js";
import { seeded } from "../support/seeded.js";
import { TinyExchange } from "../support/tiny-exchange.js";
import { until } from "../support/wait.js";

let server: ScriptedServer | null = null;
let live: Live | null = null;

afterEach(async () => {
  await live?.close();
  await server?.close();
  live = server = null;
});

const tickers = ["A", "B", "C"];

async function open(script: Script, options: Partial<LiveOptions> = {}): Promise<Live> {
  server = await startScripted(script);
  live = await openLive({
    url: server.url,
    signer: server.signer,
    tickers,
    channels: ["orderbook_delta"],
    backoffMs: { first: 1, longest: 5 },
    repairMs: 50,
    ...options,
  });
  return live;
}

/** Reads in the background into a list. */
function reader(from: Live): { events: BookEvent[]; failure: () => unknown } {
  const events: BookEvent[] = [];
  let failure: unknown = null;
  void (async () => {
    for await (const event of from) events.push(event);
  })().catch((error: unknown) => {
    failure = error;
  });
  return { events, failure: () => failure };
}

const same = (from: Live, exchange: TinyExchange): boolean =>
  tickers.every((ticker) => {
    const book = from.book(ticker);
    return (
      book?.state === "ok" && JSON.stringify(book.levels()) === JSON.stringify(exchange.books.get(ticker)!.levels())
    );
  });

describe("openLive", () => {
  it("keeps books from snapshots and deltas, and always says which way NO prices should come", async () => {
    const exchange = new TinyExchange(tickers, seeded(1));
    const opened = await open(exchange.script);
    exchange.trade(500);
    await until(() => same(opened, exchange), "equal books");
    expect(exchange.useYesPrice).toBe(false);
    expect(opened.isConnected).toBe(true);
  });

  it.each([1, 2, 3])(
    "repairs what is dropped and ignores what comes twice, answers included (seed %i)",
    async (seed) => {
      const random = seeded(seed);
      const exchange = new TinyExchange(tickers, random);
      exchange.answer = () => (random() < 0.3 ? "drop" : random() < 0.3 ? "double" : "send");
      const opened = await open(exchange.script);
      const { events } = reader(opened);
      for (let round = 0; round < 40; round += 1) {
        exchange.trade(25, () => (random() < 0.03 ? "drop" : random() < 0.05 ? "double" : "send"));
        await new Promise((resolve) => setImmediate(resolve));
      }
      exchange.trade(1);
      await until(() => same(opened, exchange), "equal books after the faults");
      const gaps = events.filter((event) => event.type === "gap");
      expect(gaps.length).toBeGreaterThan(0);
      for (const gap of gaps) if (gap.to !== null) expect(gap.recoveredBy).toBe("get_snapshot");
      expect(gaps.filter((gap) => gap.to === null).length).toBe(gaps.filter((gap) => gap.to !== null).length);
    },
  );

  it("connects again after a cut without a close, meets a 502, subscribes anew and names the missed interval", async () => {
    const exchange = new TinyExchange(tickers, seeded(4));
    const opened = await open({
      ...exchange.script,
      refuse: (_request, attempt) => (attempt === 2 || attempt === 3 ? { status: 502, body: "bad gateway" } : null),
    });
    const { events } = reader(opened);
    exchange.trade(50);
    await until(() => same(opened, exchange), "equal books");
    exchange.connection!.cut();
    exchange.trade(50);
    await until(() => exchange.sent.length === 2 && exchange.subscribed, "a second connection");
    exchange.trade(50);
    await until(() => same(opened, exchange), "equal books again");
    expect(server!.attempts()).toBe(4);
    expect(events.filter(({ type }) => type === "disconnect")).toMatchObject([{ code: 1006, connection: 1, tickers }]);
    const gaps = events.filter((event) => event.type === "gap");
    expect(gaps).toMatchObject([
      { reason: "disconnect", fromSequence: null, to: null },
      { reason: "disconnect", fromSequence: null, recoveredBy: "resubscribe", tickers },
    ]);
    expect(gaps[1]!.to).toBeGreaterThan(gaps[1]!.from);
    expect(events.findLast(({ type }) => type === "delta")?.connection).toBe(2);
  });

  it("subscribes again to a channel that the exchange has ended with error 25", async () => {
    const exchange = new TinyExchange(tickers, seeded(5));
    const opened = await open(exchange.script);
    const { events } = reader(opened);
    exchange.trade(20);
    exchange.send(frame("error", { sid: 1 }, { code: 25, msg: "Subscription buffer overflow" }));
    await until(() => events.some((event) => event.type === "gap" && event.to !== null), "a repaired gap");
    exchange.trade(20);
    await until(() => same(opened, exchange), "equal books after error 25");
    expect(events.filter((event) => event.type === "gap")[0]).toMatchObject({ reason: "channel_error", sid: 1 });
    expect(exchange.sent).toHaveLength(1);
  });

  it("asks again for a snapshot that never came", async () => {
    const exchange = new TinyExchange(["A", "B"], seeded(6));
    let withheld = 0;
    const opened = await open(
      {
        ...exchange.script,
        command: (connection, command) => {
          // "C" is subscribed to, and forgotten.
          const asked = command.params.market_tickers as string[];
          if (command.params.action === "get_snapshot" && asked.includes("C")) {
            withheld += 1;
            exchange.books.set("C", exchange.books.get("A")!);
          }
          exchange.script.command!(connection, command);
        },
      },
      { repairMs: 20 },
    );
    await until(() => opened.book("C")?.state === "ok", "a snapshot of C");
    expect(withheld).toBe(1);
  });

  it("explains a refused key and a refused channel at once", async () => {
    const refused = open({ refuse: () => ({ status: 401, body: '{"code":"token_authentication_failure"}' }) });
    await expect(refused).rejects.toMatchObject({ code: "KEY_REFUSED" });
    await server!.close();
    const channel = open({
      command: (connection, { id }) =>
        connection.send(frame("error", { id }, { code: 8, msg: "Unknown channel name" })),
    });
    await expect(channel).rejects.toMatchObject({ code: "CHANNEL_REFUSED" });
  });

  it("fails the reading, not silently, when the reader falls too far behind", async () => {
    const exchange = new TinyExchange(tickers, seeded(7));
    const opened = await open(exchange.script, { maxWaiting: 100 });
    const events = opened[Symbol.asyncIterator]();
    await events.next();
    exchange.trade(200);
    await until(() => !opened.isConnected, "the end of the connection");
    await expect(events.next()).rejects.toMatchObject({ code: "SOCKET_CLOSED" });
  });

  it("goes on for the sake of the books when nobody reads", async () => {
    const exchange = new TinyExchange(tickers, seeded(8));
    const opened = await open(exchange.script, { maxWaiting: 100 });
    exchange.trade(300);
    await until(() => same(opened, exchange), "equal books");
    exchange.trade(300);
    await until(() => same(opened, exchange), "equal books");
    await expect(opened[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: "SOCKET_CLOSED" });
  });

  it("ends the loop when closed, and by the signal, also in the middle of a reconnect", async () => {
    const exchange = new TinyExchange(tickers, seeded(9));
    const stop = new AbortController();
    const opened = await open(
      { ...exchange.script, refuse: (_request, attempt) => (attempt > 1 ? { status: 502, body: "" } : null) },
      { signal: stop.signal },
    );
    const ended = (async () => {
      let count = 0;
      for await (const event of opened) count += event.type === "snapshot" ? 1 : 0;
      return count;
    })();
    exchange.connection?.cut();
    await until(() => server!.attempts() > 2, "attempts to reconnect");
    stop.abort();
    expect(await ended).toBeGreaterThanOrEqual(0);
  });
});
