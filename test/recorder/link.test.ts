import { afterEach, describe, expect, it } from "vitest";
import type { ConnectionStart } from "../../src/book/connection.js";
import type { BookEvent, Gap } from "../../src/book/event.js";
import type { KalshiError } from "../../src/errors.js";
import { Link, type LinkOptions } from "../../src/recorder/link.js";
import { frame } from "../support/frames.js";
import { Listing } from "../support/listing-exchange.js";
import { acknowledge, type Script, type ScriptedServer, startScripted } from "../support/scripted-socket.js";
import { seeded } from "../support/seeded.js";
import { until } from "../support/wait.js";

let server: ScriptedServer | null = null;
let link: Link | null = null;
let events: BookEvent[] = [];
let starts: ConnectionStart[] = [];
let problems: KalshiError[] = [];

afterEach(async () => {
  await link?.close();
  await server?.close();
  link = server = null;
});

async function open(script: Script, options: Partial<LinkOptions> = {}): Promise<Link> {
  events = [];
  starts = [];
  problems = [];
  server = await startScripted(script);
  link = await Link.open(
    {
      url: server.url,
      signer: server.signer,
      tickers: ["A"],
      channels: ["orderbook_delta"],
      backoffMs: { first: 1, longest: 5 },
      repairMs: 50,
      ...options,
    },
    {
      event: (event) => events.push(event),
      connected: (start) => starts.push(start),
      problem: (problem) => problems.push(problem),
    },
  );
  return link;
}

const gaps = (): Gap[] => events.filter((event) => event.type === "gap");
const isOk = (ticker: string): boolean => link?.book(ticker)?.state === "ok";

describe("Link.addMarkets and deleteMarkets", () => {
  it("change the markets of every channel that has some, on the connection that is open, without a gap", async () => {
    const listing = new Listing();
    const channels = ["orderbook_delta", "trade", "ticker", "market_lifecycle_v2"];
    const opened = await open(listing.script, { channels });
    await opened.addMarkets(["B", "C", "B"]);
    for (const channel of ["orderbook_delta", "trade", "ticker"]) {
      expect(listing.marketsOf(channel)).toEqual(["A", "B", "C"]);
    }
    expect(listing.marketsOf("market_lifecycle_v2")).toEqual([]);
    await until(() => isOk("B") && isOk("C"), "books of what was added");
    await opened.deleteMarkets(["A", "nothing"]);
    for (const channel of ["orderbook_delta", "trade", "ticker"])
      expect(listing.marketsOf(channel)).toEqual(["B", "C"]);
    expect(opened.tickers).toEqual(["B", "C"]);
    expect(opened.book("A")?.state).toBe("stale");
    opened.forget(["A", "B"]);
    expect([...opened.books.keys()]).toEqual(["B", "C"]);
    expect(opened.connections).toBe(1);
    expect(gaps()).toEqual([]);
    const actions = listing.commands.map(({ params }) => params.action);
    // A snapshot that is late is asked for.
    expect(actions.filter((action) => action !== undefined && action !== "get_snapshot")).toEqual([
      ...["add_markets", "add_markets", "add_markets"],
      ...["delete_markets", "delete_markets", "delete_markets"],
    ]);
  });

  it("subscribe to channels that name no market without a list, and say nothing to them later", async () => {
    const listing = new Listing();
    await open(listing.script, { channels: ["orderbook_delta", "market_lifecycle_v2", "order_group_updates"] });
    const [first, second] = listing.commands;
    expect(first!.params).toEqual({ channels: ["orderbook_delta"], market_tickers: ["A"], use_yes_price: false });
    expect(second!.params).toEqual({ channels: ["market_lifecycle_v2", "order_group_updates"] });
  });

  it("hold after a lost connection too, whatever was added and deleted while there was none", async () => {
    const listing = new Listing();
    let isDown = false;
    const refuse: Script["refuse"] = () => (isDown ? { status: 502, body: "" } : null);
    const opened = await open({ ...listing.script, refuse });
    await opened.addMarkets(["B"]);
    isDown = true;
    listing.connections[0]!.cut();
    await until(() => !opened.isConnected, "the loss noticed");
    await opened.addMarkets(["C"]);
    await opened.deleteMarkets(["A"]);
    opened.forget(["A", "B"]);
    expect([...opened.books.keys()]).toEqual(["B"]);
    isDown = false;
    await until(() => isOk("B") && isOk("C"), "books on the second connection");
    expect(listing.marketsOf("orderbook_delta")).toEqual(["B", "C"]);
    expect(starts.at(-1)!.tickers).toEqual(["B", "C"]);
    // Nobody waits for the market that was deleted.
    expect(gaps().at(-1)).toMatchObject({ reason: "disconnect", recoveredBy: "resubscribe" });
  });

  it("keep no book, and nothing else by market, of those that came and went, over a loss too", async () => {
    const listing = new Listing();
    let isDown = false;
    const refuse: Script["refuse"] = () => (isDown ? { status: 502, body: "" } : null);
    const opened = await open({ ...listing.script, refuse });
    for (let round = 0; round < 12; round += 1) {
      const tickers = Array.from({ length: 40 }, (_, at) => `KXQUICK-${round}-T${at}`);
      await opened.addMarkets(tickers);
      await until(() => tickers.every(isOk), "their books");
      isDown = round % 4 === 3;
      if (isDown) {
        listing.connections.at(-1)!.cut();
        await until(() => !opened.isConnected, "the loss noticed");
      }
      await opened.deleteMarkets(tickers);
      opened.forget(tickers);
      expect([...opened.books.keys()]).toEqual(["A"]);
      isDown = false;
      await until(() => opened.isConnected && isOk("A"), "the next connection");
    }
    expect(opened.tickers).toEqual(["A"]);
    expect(opened.tickersOf(0)).toEqual(["A"]);
    expect(listing.marketsOf("orderbook_delta")).toEqual(["A"]);
  });

  it("end the subscriptions with the last market, and begin them anew with the next", async () => {
    const listing = new Listing();
    const opened = await open(listing.script, { channels: ["orderbook_delta", "trade"] });
    await opened.deleteMarkets(["A"]);
    expect(listing.subscriptions.size).toBe(0);
    expect(opened.isConnected).toBe(true);
    await opened.addMarkets(["B"]);
    await until(() => isOk("B"), "the new book");
    expect(listing.marketsOf("trade")).toEqual(["B"]);
    expect(opened.connections).toBe(1);
    expect(gaps()).toEqual([]);
  });

  it("may begin without a market where another channel tells of new ones, and nowhere else", async () => {
    const listing = new Listing();
    const opened = await open(listing.script, { tickers: [], channels: ["orderbook_delta", "market_lifecycle_v2"] });
    expect(listing.commands.map(({ params }) => params.channels)).toEqual([["market_lifecycle_v2"]]);
    await opened.addMarkets(["A"]);
    await until(() => isOk("A"), "its book");
    const idle = open(listing.script, { tickers: [], channels: ["orderbook_delta", "trade"] });
    await expect(idle).rejects.toMatchObject({ code: "BAD_ARGUMENT" });
  });

  it("are refused where all markets are listened to", async () => {
    const listing = new Listing();
    const opened = await open(listing.script, { tickers: [], channels: ["trade"] });
    expect(listing.commands[0]!.params).toEqual({ channels: ["trade"] });
    await expect(opened.addMarkets(["A"])).rejects.toMatchObject({ code: "BAD_ARGUMENT" });
  });

  it("leave nothing behind of what the exchange refuses, and say why", async () => {
    const listing = new Listing();
    listing.intercept = (connection, { id, params }) => {
      const isRefused = params.action === "add_markets" && (params.sids as number[])[0] === 2;
      if (isRefused) connection.send(frame("error", { id }, { code: 11, msg: "Invalid parameter" }));
      return isRefused;
    };
    const opened = await open(listing.script, { channels: ["orderbook_delta", "trade"] });
    await expect(opened.addMarkets(["B"])).rejects.toMatchObject({
      code: "CHANNEL_REFUSED",
      context: { code: 11, command: "update_subscription" },
    });
    expect(listing.marketsOf("orderbook_delta")).toEqual(["A"]);
    expect(opened.tickers).toEqual(["A"]);
    expect(opened.isConnected).toBe(true);
  });

  it("try again what comes too fast for the exchange", async () => {
    const listing = new Listing();
    let refusals = 0;
    listing.intercept = (connection, { id, params }) => {
      if (params.action !== "add_markets" || refusals === 2) return false;
      refusals += 1;
      connection.send(frame("error", { id }, { code: 27, msg: "Too many requests" }));
      return true;
    };
    const opened = await open(listing.script);
    await opened.addMarkets(["B"]);
    expect(listing.marketsOf("orderbook_delta")).toEqual(["A", "B"]);
  });

  it("ask another connection for everything where a command is not answered", async () => {
    const listing = new Listing();
    listing.intercept = ({ number }, { params }) => number === 1 && params.action === "add_markets";
    const opened = await open(listing.script, { timeoutMs: 500 });
    await opened.addMarkets(["B"]);
    await until(() => isOk("A") && isOk("B"), "books on another connection");
    expect(opened.connections).toBeGreaterThan(1);
    expect(problems.map(({ code }) => code)).toContain("TIMED_OUT");
    expect(gaps().at(-1)).toMatchObject({ reason: "disconnect", recoveredBy: "resubscribe" });
  });
});

describe("Link, whatever happens", () => {
  it.each([1, 2, 3, 4])(
    "ends up with the markets that are wanted and their books, on every channel (seed %i)",
    async (seed) => {
      const random = seeded(seed);
      const listing = new Listing();
      listing.intercept = (connection, { id }) => {
        const isRefused = random() < 0.1;
        if (isRefused) connection.send(frame("error", { id }, { code: 27, msg: "Too many requests" }));
        return isRefused;
      };
      const channels = ["orderbook_delta", "trade", "market_lifecycle_v2"];
      const opened = await open(listing.script, { channels, firstMessageMs: 2_000 });
      const wanted = new Set(["A"]);
      for (let round = 0; round < 40; round += 1) {
        const some = ["A", "B", "C", "D", "E"].filter(() => random() < 0.4);
        const isAdded = random() < 0.6;
        for (const ticker of some) {
          if (isAdded) wanted.add(ticker);
          else wanted.delete(ticker);
        }
        // Some of the changes are not waited for.
        const change = isAdded ? opened.addMarkets(some) : opened.deleteMarkets(some);
        if (random() < 0.5) await change;
        const draw = random();
        const sid = [...listing.subscriptions.keys()].at(-1);
        if (draw < 0.1) listing.connections.at(-1)!.cut();
        else if (draw < 0.25 && sid !== undefined) listing.end(sid, draw < 0.2 ? 25 : 10);
      }
      wanted.add("Z");
      await opened.addMarkets(["Z"]);
      const isRight = (): boolean =>
        ["orderbook_delta", "trade"].every(
          (channel) => JSON.stringify(listing.marketsOf(channel)) === JSON.stringify([...wanted].sort()),
        ) && [...wanted].every(isOk);
      await until(isRight, "the wanted markets and their books");
      await until(() => listing.marketsOf("market_lifecycle_v2") !== null, "the lifecycles");
      expect(opened.tickers.toSorted()).toEqual([...wanted].sort());
      expect(["A", "B", "C", "D", "E"].filter((ticker) => !wanted.has(ticker) && isOk(ticker))).toEqual([]);
    },
    60_000,
  );

  it("waits before each try to connect again, a random part of a time that doubles up to a bound", async () => {
    const listing = new Listing();
    const refuse: Script["refuse"] = (_request, attempt) =>
      attempt > 1 && attempt < 7 ? { status: 502, body: "" } : null;
    const shares = [0.5, 0.25, 1, 0, 0.75, 0.5];
    const asked: number[] = [];
    const random = (): number => {
      asked.push(performance.now());
      return shares[asked.length - 1] ?? 0;
    };
    await open({ ...listing.script, refuse }, { random, backoffMs: { first: 20, longest: 80 } });
    listing.connections[0]!.cut();
    await until(() => listing.connections.length === 2 && isOk("A"), "the second connection");
    expect(asked).toHaveLength(6);
    const least = [10, 10, 80, 0, 60];
    for (const [at, ms] of least.entries()) expect(asked[at + 1]! - asked[at]!).toBeGreaterThanOrEqual(ms - 2);
  });
});

describe("Link, when the exchange ends a subscription", () => {
  it.each([10, 25])(
    "subscribes anew to all its markets, added ones included, and tells the interval (error %i)",
    async (code) => {
      const listing = new Listing();
      const opened = await open(listing.script, { channels: ["orderbook_delta", "trade"] });
      await opened.addMarkets(["B"]);
      await until(() => isOk("B"), "the book of B");
      listing.end(1, code);
      await until(() => gaps().length === 2, "books again");
      expect(opened.connections).toBe(1);
      expect(gaps()).toMatchObject([
        { reason: "channel_error", sid: 1, channel: "orderbook_delta", tickers: ["A", "B"], to: null },
        { reason: "channel_error", sid: 1, tickers: ["A", "B"], recoveredBy: "resubscribe" },
      ]);
      expect(listing.subscriptions.get(3)).toMatchObject({ channel: "orderbook_delta" });
    },
  );

  it("does so for a channel without books, and every time", async () => {
    const listing = new Listing();
    await open(listing.script, { channels: ["orderbook_delta", "trade", "market_lifecycle_v2"] });
    for (const sid of [2, 4, 5]) {
      listing.end(sid, 25);
      await until(() => listing.subscriptions.has(sid === 2 ? 4 : sid + 1), "another subscription");
    }
    expect(listing.marketsOf("trade")).toEqual(["A"]);
    listing.end(3, 10);
    await until(() => listing.marketsOf("market_lifecycle_v2") !== null, "lifecycles again");
    expect(isOk("A")).toBe(true);
  });

  it("does so also when the end comes in the same moment as the beginning", async () => {
    const listing = new Listing();
    listing.intercept = (connection, command) => {
      if (command.cmd !== "subscribe" || listing.commands.length > 1) return false;
      connection.send(frame("subscribed", { id: command.id }, { channel: "orderbook_delta", sid: 99 }));
      connection.send(frame("error", { sid: 99 }, { code: 10, msg: "Channel error" }));
      return true;
    };
    await open(listing.script);
    await until(() => isOk("A"), "its book");
    expect(listing.commands.filter(({ cmd }) => cmd === "subscribe")).toHaveLength(2);
  });
});

describe("Link, when nothing comes", () => {
  it("gives up a connection that brings no book after subscribing, and says so", async () => {
    const listing = new Listing();
    listing.intercept = (connection, command) => {
      if (connection.number > 1) return false;
      if (command.cmd === "subscribe") acknowledge(connection, command);
      return true;
    };
    const opened = await open(listing.script, { firstMessageMs: 200, repairMs: 10_000 });
    await until(() => isOk("A"), "a book on another connection");
    expect(opened.connections).toBeGreaterThan(1);
    expect(problems[0]).toMatchObject({ code: "TIMED_OUT", context: { markets: 1 } });
    expect(events.find((event) => event.type === "disconnect")).toMatchObject({
      reason: "no book within 200 ms after subscribing",
      tickers: ["A"],
    });
    expect(gaps().at(-1)).toMatchObject({ reason: "disconnect", tickers: ["A"], recoveredBy: "resubscribe" });
  });

  it("keeps a connection whose channels have nothing to say", async () => {
    const listing = new Listing();
    const opened = await open(listing.script, { channels: ["trade"], firstMessageMs: 20, silenceMs: 800 });
    await until(() => listing.connections[0]!.pings() > 2, "pings");
    expect(opened.connections).toBe(1);
  });

  it("gives up a connection on which not even a pong comes", async () => {
    const listing = new Listing();
    const opened = await open(listing.script, { silenceMs: 500 });
    listing.connections[0]!.freeze();
    await until(() => opened.connections > 1 && isOk("A"), "another connection");
    expect(events.find((event) => event.type === "disconnect")).toMatchObject({
      reason: "silent for 500 ms",
      code: 1006,
    });
  });
});

describe("Link, when a reconnect is refused", () => {
  it.each([200, 1])(
    "for more markets than one connection may have now, shares them out, or goes on trying (%i connections)",
    async (maxConnections) => {
      const listing = new Listing();
      let isLess = false;
      let refusals = 0;
      listing.intercept = (connection, { id, cmd, params }) => {
        if (!isLess || cmd !== "subscribe" || (params.market_tickers as string[]).length < 2) return false;
        refusals += 1;
        connection.send(frame("error", { id }, { code: 26, msg: "Subscription market limit exceeded" }));
        return true;
      };
      const opened = await open(listing.script, { tickers: ["A", "B", "C"], maxConnections });
      await until(() => isOk("C"), "books");
      isLess = true;
      listing.connections[0]!.cut();
      await until(() => refusals > (maxConnections === 1 ? 4 : 0), "refusals");
      if (maxConnections === 1) {
        expect(opened.tickers).toEqual(["A", "B", "C"]);
        expect(problems.map(({ code }) => code)).toContain("BAD_ARGUMENT");
        isLess = false;
      }
      await until(() => opened.isConnected && ["A", "B", "C"].every(isOk), "all books again");
      expect(opened.lanes).toBe(maxConnections === 1 ? 1 : 3);
      expect(opened.tickers.toSorted()).toEqual(["A", "B", "C"]);
      expect(problems.map(({ context }) => context.code)).toContain(26);
    },
  );

  it("explains a 401 each time, with the clock where that is off, and goes on when the key is taken again", async () => {
    const listing = new Listing();
    const refuse: Script["refuse"] = (_request, attempt) => {
      if (attempt !== 2 && attempt !== 3) return null;
      const body = '{"code":"token_authentication_failure"}';
      return { status: 401, body, ...(attempt === 3 ? { date: new Date(Date.now() + 60_000).toUTCString() } : {}) };
    };
    await open({ ...listing.script, refuse });
    listing.connections[0]!.cut();
    await until(() => listing.connections.length === 2 && isOk("A"), "the second connection");
    expect(problems.map(({ code }) => code)).toEqual(["KEY_REFUSED", "KEY_REFUSED"]);
    expect(problems[0]!.hint).toContain("key id and private key");
    expect(problems[1]!.hint).toContain("clock");
  });
});
