import { afterEach, describe, expect, it } from "vitest";
import type { WireLevels } from "../../src/book/book.js";
import type { ConnectionStart } from "../../src/book/connection.js";
import type { BookEvent } from "../../src/book/event.js";
import { createSigner, type Signer } from "../../src/client/signing.js";
import type { KalshiError } from "../../src/errors.js";
import type { ChannelName } from "../../src/exchange/channel.js";
import { Link, type LinkOptions } from "../../src/recorder/link.js";
import { type Sandbox, type SandboxOptions, startSandbox } from "../../src/sandbox/sandbox.js";
import { MILLISECOND, SECOND } from "../../src/units/time.js";
import { memberOf } from "../support/sandbox-member.js";
import { until } from "../support/wait.js";

let sandbox: Sandbox | null = null;
let link: Link | null = null;
let events: BookEvent[] = [];
let problems: KalshiError[] = [];
let starts: { start: ConnectionStart; lane: number }[] = [];

afterEach(async () => {
  await link?.close();
  await sandbox?.close();
  link = sandbox = null;
});

/** A sandbox whose clock stands until it is moved. */
async function start(options: SandboxOptions = {}): Promise<Sandbox> {
  sandbox = await startSandbox({ keyType: "ed25519", speed: 0, weeklyPause: false, ...options });
  return sandbox;
}

function signerOf({ ready }: Sandbox): Signer {
  return createSigner({ keyId: ready.key_id, privateKeyPath: ready.private_key_path });
}

async function open(options: Partial<LinkOptions>): Promise<Link> {
  events = [];
  starts = [];
  problems = [];
  link = await Link.open(
    {
      url: sandbox!.ready.ws_url,
      signer: signerOf(sandbox!),
      tickers: [],
      backoffMs: { first: 1, longest: 20 },
      ...options,
    },
    {
      event: (event) => events.push(event),
      problem: (problem) => problems.push(problem),
      connected: (begun, lane) => starts.push({ start: begun, lane }),
    },
  );
  return link;
}

/** Lets the sandbox's clock run for so long, in steps that a reader can follow. */
function run(span: number): void {
  for (let passed = 0; passed < span; passed += 200 * MILLISECOND) sandbox!.time.moveBy(200 * MILLISECOND);
}

function lively(count: number): string[] {
  const now = sandbox!.world.clock.now();
  return [...sandbox!.world.markets.values()]
    .filter((market) => market.live && market.openTime <= now && market.closeTime > now + 600 * SECOND)
    .toSorted((a, b) => Number(b.seriesTicker === "SANDBOX") - Number(a.seriesTicker === "SANDBOX"))
    .map(({ ticker }) => ticker)
    .slice(0, count);
}

/** Waits until every book of a link is the sandbox's own. */
async function expectEqualBooks(opened: Link, tickers: readonly string[]): Promise<void> {
  const answer = await fetch(`${sandbox!.ready.control_url}/books?tickers=${tickers.join(",")}`);
  const { books } = (await answer.json()) as {
    books: { ticker: string; yes_dollars: WireLevels; no_dollars: WireLevels }[];
  };
  const own = books.map(({ ticker, yes_dollars, no_dollars }) => ({ ticker, state: "ok", yes_dollars, no_dollars }));
  const ours = () => own.map(({ ticker }) => opened.book(ticker)?.toJSON() ?? null);
  await until(() => JSON.stringify(ours()) === JSON.stringify(own), "books that equal the sandbox's");
}

const all: readonly ChannelName[] = [
  "orderbook_delta",
  "ticker",
  "trade",
  "fill",
  "market_positions",
  "user_orders",
  "order_group_updates",
  "market_lifecycle_v2",
  "multivariate_market_lifecycle",
];

const has = (type: BookEvent["type"], more: Readonly<Record<string, unknown>> = {}): boolean =>
  events.some(
    (event) => event.type === type && Object.entries(more).every(([key, value]) => Reflect.get(event, key) === value),
  );

describe("one connection to the sandbox", () => {
  it("carries every channel at once, and each gives its own kind of event", async () => {
    const { ready, privateKey } = await start();
    const [ticker, other] = lively(3) as [string, string];
    const opened = await open({ tickers: [ticker, other], channels: all });
    const member = memberOf(ready, privateKey);
    expect(
      (await member.bid(ticker, { price: "0.9900", count: "3", time_in_force: "immediate_or_cancel" })).status,
    ).toBe(201);
    expect((await member.bid(ticker)).status).toBe(201);
    expect((await member.call("POST", "/portfolio/order_groups/create", { contracts_limit_fp: "10" })).status).toBe(
      201,
    );
    await member.control("POST", `/markets/${other}/pause`);
    run(5 * SECOND);
    const types = ["snapshot", "delta", "trade", "ticker", "fill", "order", "position", "order_group"] as const;
    for (const type of types) await until(() => has(type), `an event of the kind ${type}`);
    await until(() => has("lifecycle", { event_type: "deactivated", ticker: other }), "the pause");
    expect(has("unknown")).toBe(false);
    expect(opened.connections).toBe(1);
    expect(opened.counts).toMatchObject({ unreadable: 0, gaps: 0, duplicates: 0 });
    const fill = events.find((event) => event.type === "fill")!;
    expect(fill).toMatchObject({ ticker, is_taker: true, sequence: null });
    expect(events.find((event) => event.type === "position")).toMatchObject({ ticker, position: 300 });
    expect(events.find((event) => event.type === "order_group")).toMatchObject({ ticker: null, event_type: "created" });
    await expectEqualBooks(opened, [ticker, other]);
  });

  it("tells of combos on a channel of their own", async () => {
    const { ready, privateKey } = await start({ tier: "prestige" });
    await open({ tickers: [], channels: ["multivariate_market_lifecycle", "market_lifecycle_v2"] });
    const member = memberOf(ready, privateKey);
    const path = "/multivariate_event_collections";
    const { multivariate_contracts: found } = (await member.call("GET", `${path}?status=open`)).body;
    const leg = (market_ticker: string, side: string) => ({ market_ticker, event_ticker: "SANDBOX-LIVE", side });
    const selected_markets = [leg("SANDBOX-LIVE-T45", "yes"), leg("SANDBOX-LIVE-T55", "no")];
    const made = await member.call("POST", `${path}/${found[0].collection_ticker}`, { selected_markets });
    const ticker: string = made.body.market_ticker;
    run(10 * SECOND);
    await until(() => has("lifecycle", { kind: "multivariate_market_lifecycle", ticker }), "the combo");
    expect(has("lifecycle", { kind: "event_lifecycle" })).toBe(true);
    expect(has("unknown")).toBe(false);
  });

  it.each([false, true])(
    "adds and deletes markets of a running exchange without a gap (use_yes_price %s)",
    async (useYesPrice) => {
      await start();
      const [a, b, c, d] = lively(4) as [string, string, string, string];
      const opened = await open({
        tickers: [a],
        channels: ["orderbook_delta", "trade", "ticker", "user_orders"],
        useYesPrice,
      });
      run(2 * SECOND);
      await opened.addMarkets([b, c, d]);
      run(2 * SECOND);
      await expectEqualBooks(opened, [a, b, c, d]);
      await opened.deleteMarkets([a, c]);
      const heard = events.length;
      run(3 * SECOND);
      await expectEqualBooks(opened, [b, d]);
      const late = events
        .slice(heard)
        .filter((event) => "ticker" in event && (event.ticker === a || event.ticker === c));
      expect(late).toEqual([]);
      expect(opened.book(a)!.state).toBe("stale");
      expect(has("gap")).toBe(false);
      expect(opened.connections).toBe(1);
      expect(starts.map(({ start }) => start.useYesPrice)).toEqual([useYesPrice]);
    },
  );

  it("begins with no market and takes up one that the lifecycle tells of", async () => {
    await start();
    const opened = await open({ tickers: [], channels: ["orderbook_delta", "market_lifecycle_v2"] });
    const created = (): BookEvent | undefined =>
      events.find((event) => event.type === "lifecycle" && event.ticker !== null && event.event_type === "created");
    for (let minutes = 0; created() === undefined && minutes < 60; minutes += 1) {
      sandbox!.time.moveBy(60 * SECOND);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await until(() => created() !== undefined, "a new market");
    const { ticker } = created() as { ticker: string };
    await opened.addMarkets([ticker]);
    await until(() => opened.book(ticker)?.state === "ok", "its book");
    expect(opened.connections).toBe(1);
  });
});

describe("several connections to the sandbox", () => {
  it("are made only past the exchange's limit of markets, which is learned, and all books are right", async () => {
    await start({ maxMarkets: 6 });
    const tickers = lively(8);
    const opened = await open({ tickers, channels: ["orderbook_delta", "trade", "market_lifecycle_v2"] });
    // Three markets on two channels each.
    expect(opened.lanes).toBeGreaterThanOrEqual(3);
    expect(opened.tickers.toSorted()).toEqual(tickers.toSorted());
    run(3 * SECOND);
    await expectEqualBooks(opened, tickers);
    expect(has("gap")).toBe(false);
    const numbers = starts.map(({ start }) => start.connection);
    expect(new Set(numbers).size).toBe(numbers.length);
    const withDeltas = new Set(events.flatMap((event) => (event.type === "snapshot" ? [event.connection] : [])));
    expect(withDeltas.size).toBe(opened.lanes);
  });

  it("are made when markets are added past a limit that is known, and given up when they are deleted", async () => {
    await start();
    const tickers = lively(5);
    const opened = await open({ tickers: tickers.slice(0, 2), channels: ["orderbook_delta"], maxSubscriptions: 2 });
    expect(opened.lanes).toBe(1);
    await opened.addMarkets(tickers.slice(2));
    expect(opened.lanes).toBe(3);
    await expectEqualBooks(opened, tickers);
    await opened.deleteMarkets(tickers.slice(2, 4));
    expect(opened.lanes).toBe(2);
    await opened.deleteMarkets([tickers[0]!]);
    await opened.addMarkets([tickers[2]!]);
    expect(opened.lanes).toBe(2);
    const left = [tickers[1]!, tickers[2]!, tickers[4]!];
    await expectEqualBooks(opened, left);
    run(2 * SECOND);
    await expectEqualBooks(opened, left);
    expect(has("gap")).toBe(false);
  });

  it("grow past a limit that the exchange shows only when markets are added", async () => {
    await start({ maxMarkets: 3 });
    const tickers = lively(5);
    const opened = await open({ tickers: tickers.slice(0, 2), channels: ["orderbook_delta"] });
    await opened.addMarkets(tickers.slice(2));
    expect(opened.lanes).toBe(3);
    await expectEqualBooks(opened, tickers);
  });

  it("each come back by themselves, and a loss concerns the markets of its own alone", async () => {
    await start();
    const tickers = lively(4);
    const opened = await open({ tickers, channels: ["orderbook_delta"], maxSubscriptions: 2 });
    expect(opened.lanes).toBe(2);
    await expectEqualBooks(opened, tickers);
    await strike({ channel: "orderbook_delta", ticker: tickers[0], fault: "disconnect", count: 1 });
    run(2 * SECOND);
    await until(() => events.some((event) => event.type === "disconnect"), "a loss");
    await until(() => opened.connections === 3 && opened.isConnected, "another connection");
    await expectEqualBooks(opened, tickers);
    const gaps = events.filter((event) => event.type === "gap");
    expect(gaps.map(({ reason, tickers: those }) => ({ reason, count: those.length }))).toEqual([
      { reason: "disconnect", count: 2 },
      { reason: "disconnect", count: 2 },
    ]);
    expect(gaps[1]).toMatchObject({ recoveredBy: "resubscribe", tickers: gaps[0]!.tickers });
  });

  it("are refused past what the account may have, with what to do about it, and what was there goes on", async () => {
    await start({ maxConnections: 2 });
    const tickers = lively(3);
    const opened = await open({ tickers: tickers.slice(0, 2), channels: ["orderbook_delta"], maxSubscriptions: 1 });
    expect(opened.lanes).toBe(2);
    await expect(opened.addMarkets([tickers[2]!])).rejects.toMatchObject({ code: "RATE_LIMITED" });
    expect(opened.tickers).toEqual(tickers.slice(0, 2));
    run(2 * SECOND);
    await expectEqualBooks(opened, tickers.slice(0, 2));
    const closed = link!;
    link = null;
    await closed.close();
    const first = open({ tickers, channels: ["orderbook_delta"], maxSubscriptions: 1 });
    await expect(first).rejects.toMatchObject({ code: "RATE_LIMITED" });
    const own = open({ tickers, channels: ["orderbook_delta"], maxSubscriptions: 1, maxConnections: 2 });
    await expect(own).rejects.toMatchObject({ code: "BAD_ARGUMENT", context: { maxConnections: 2 } });
  });
});

describe("a connection to a sandbox with faults", () => {
  it.each([10, 25])(
    "subscribes to a channel anew when it is ended with error %i, and the others go on",
    async (code) => {
      await start();
      const tickers = lively(2);
      const opened = await open({ tickers, channels: ["orderbook_delta", "ticker"] });
      await expectEqualBooks(opened, tickers);
      await strike({ channel: "orderbook_delta", fault: "error", code, count: 1 });
      run(2 * SECOND);
      await until(() => events.filter((event) => event.type === "gap").length === 2, "a gap and its end");
      run(2 * SECOND);
      await expectEqualBooks(opened, tickers);
      expect(events.filter((event) => event.type === "gap")).toMatchObject([
        { reason: "channel_error", channel: "orderbook_delta", sid: 1, recoveredBy: null },
        { reason: "channel_error", recoveredBy: "resubscribe" },
      ]);
      expect(has("disconnect")).toBe(false);
      expect(events.filter((event) => event.type === "unknown")).toMatchObject([{ kind: "error", sid: 1 }]);
    },
  );

  it("asks for snapshots where frames are dropped, and names what is missing of which subscription", async () => {
    await start();
    const tickers = lively(2);
    const opened = await open({ tickers, channels: ["orderbook_delta", "trade"] });
    await strike({ channel: "orderbook_delta", type: "orderbook_delta", fault: "drop", after: 3, count: 2 });
    run(2 * SECOND);
    await until(() => events.some((event) => event.type === "gap" && event.recoveredBy !== null), "a gap and its end");
    await expectEqualBooks(opened, tickers);
    const gap = events.find((event) => event.type === "gap" && event.recoveredBy !== null)!;
    expect(gap).toMatchObject({ reason: "sequence", sid: 1, channel: "orderbook_delta", recoveredBy: "get_snapshot" });
    const { fromSequence, toSequence, tickers: those, from, to } = gap as BookEvent & { type: "gap" };
    expect(toSequence! - fromSequence!).toBeLessThan(2);
    expect(those.toSorted()).toEqual(tickers.toSorted());
    expect(from).toBeLessThanOrEqual(to!);
  });

  it("meets 502 on its way back, says so, and has the markets that were added meanwhile", async () => {
    await start();
    const [a, b] = lively(2) as [string, string];
    const opened = await open({ tickers: [a], channels: ["orderbook_delta"] });
    await expectEqualBooks(opened, [a]);
    await strike({ channel: "*", fault: "handshake", status: 502, count: 3 });
    await strike({ channel: "orderbook_delta", fault: "disconnect", count: 1 });
    run(2 * SECOND);
    await until(() => has("disconnect"), "the loss");
    await opened.addMarkets([b]);
    await until(() => problems.length === 3 && opened.isConnected, "three refusals and a connection");
    expect(problems.map(({ code }) => code)).toEqual(["SERVER_FAILED", "SERVER_FAILED", "SERVER_FAILED"]);
    await expectEqualBooks(opened, [a, b]);
  });
});

/** Adds a rule to the sandbox's fault plan. */
async function strike(rule: Readonly<Record<string, unknown>>): Promise<void> {
  const { control_url } = sandbox!.ready;
  const answer = await fetch(`${control_url}/faults/rules`, { method: "POST", body: JSON.stringify(rule) });
  expect(answer.status, await answer.text()).toBe(200);
}
