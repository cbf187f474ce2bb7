import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { readFaults } from "../../../src/sandbox/faults/fault.js";
import { FaultPlan } from "../../../src/sandbox/faults/fault-plan.js";
import { FrameInjector } from "../../../src/sandbox/faults/frame-injector.js";
import { type Sandbox, startSandbox } from "../../../src/sandbox/sandbox.js";
import { expectError } from "../../support/errors.js";
import { type Member, memberOf } from "../../support/sandbox-member.js";
import { type Client, type Frame, serveChannels } from "../../support/socket.js";
import { MEMBER, tinyEngine, tinyMarket, tinyWorld } from "../../support/tiny-world.js";
import { until } from "../../support/wait.js";

const TICKER = "SANDBOX-LIVE-T50";

describe("faults of the socket", () => {
  let sandbox: Sandbox;
  let member: Member;
  const clients: Client[] = [];
  beforeAll(async () => {
    sandbox = await startSandbox({ seed: "frames", keyType: "ed25519", tier: "prestige", speed: 3 });
    member = memberOf(sandbox.ready, sandbox.privateKey);
  });
  afterAll(() => sandbox?.close());
  afterEach(async () => {
    for (const client of clients.splice(0)) client.socket.terminate();
    await member.control("DELETE", "/faults");
  });

  /** Plans one rule, and opens a connection that follows a book and its market's trades and ticker. */
  async function follow(rule: object): Promise<Client> {
    await member.control("POST", "/faults", { seed: "f", rules: [{ channel: "orderbook_delta", ...rule }] });
    const client = await member.connect();
    clients.push(client);
    const params = { channels: ["orderbook_delta", "ticker", "trade"], market_tickers: [TICKER] };
    client.send({ id: 1, cmd: "subscribe", params });
    await client.find(({ type }) => type === "orderbook_snapshot");
    return client;
  }
  const seqs = (client: Client) => client.frames.filter(isBook).map(({ seq }) => seq as number);
  const isBook = ({ sid, seq }: Frame) => sid === 1 && seq !== undefined;
  const reach = (client: Client, seq: number) => client.find((frame) => isBook(frame) && (frame.seq as number) >= seq);
  const strikes = async () => (await member.control("GET", "/faults/log")).body.strikes.slice(-1)[0];
  const ended = (client: Client) =>
    new Promise<number>((resolve) => client.socket.once("close", (code) => resolve(code)));

  it("drops a delta, whose number is used up", async () => {
    const client = await follow({ type: "orderbook_delta", fault: "drop", after: 2, count: 1 });
    await reach(client, 6);
    expect(seqs(client).slice(0, 5)).toEqual([1, 2, 3, 5, 6]);
    expect(await strikes()).toMatchObject({
      rule: 0,
      fault: "drop",
      channel: "orderbook_delta",
      type: "orderbook_delta",
      ticker: TICKER,
      sid: 1,
      seq: 4,
      session: expect.any(Number),
      user_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      time: expect.stringMatching(/^2026-/),
    });
  });

  it("sends a delta twice alike", async () => {
    const client = await follow({ type: "orderbook_delta", fault: "duplicate", after: 1, count: 1 });
    await reach(client, 5);
    expect(seqs(client).slice(0, 6)).toEqual([1, 2, 3, 3, 4, 5]);
    const [one, other] = client.texts.filter((text) => text.includes('"sid":1,"seq":3,'));
    expect(other).toBe(one);
  });

  it("sends a delta behind the next ones of its connection", async () => {
    const client = await follow({ type: "orderbook_delta", fault: "reorder", frames: 3, after: 1, count: 1 });
    await reach(client, 8);
    await client.find(({ sid, seq }) => sid === 1 && seq === 3);
    const overtaken = client.frames.findIndex(({ sid, seq }) => sid === 1 && seq === 3);
    const before = client.frames.findIndex(({ sid, seq }) => sid === 1 && seq === 2);
    // Frames of other channels may have come before its own place.
    const between = client.frames.slice(before + 1, overtaken);
    expect(between.length).toBeGreaterThanOrEqual(3);
    expect(between.filter(isBook).length).toBeLessThanOrEqual(3);
    expect(seqs(client).toSorted((a, b) => a - b)).toEqual(seqs(client).map((_, i) => i + 1));
  });

  it("ends the connection without a close frame", async () => {
    const client = await follow({ type: "orderbook_delta", fault: "disconnect", after: 1, count: 1 });
    expect(await ended(client)).toBe(1006);
    expect(await strikes()).toMatchObject({ fault: "disconnect", seq: 3 });
    // What left in the same turn may be lost with it.
    expect([[1], [1, 2]]).toContainEqual(seqs(client));
  });

  it.each([
    [10, "Channel error"],
    [25, "Subscription buffer overflow"],
  ])("ends the subscription with error %i, and no other", async (code, msg) => {
    const client = await follow({ type: "orderbook_delta", fault: "error", code, after: 3 });
    const error = await client.find(({ type }) => type === "error");
    expect(error).toMatchObject({ type: "error", sid: 1, msg: { code, msg } });
    client.send({ id: 7, cmd: "list_subscriptions" });
    const left = await client.find(({ id }) => id === 7);
    expect(left.msg.map(({ channel }: { channel: string }) => channel)).toEqual(["ticker", "trade"]);
    expect(seqs(client)).toEqual([1, 2, 3, 4]);
  });

  it("sends a frame later, and all of the connection behind it in order", async () => {
    const client = await follow({ type: "orderbook_delta", fault: "delay", ms: 1_200, after: 1, count: 1 });
    await reach(client, 2);
    const begun = performance.now();
    await reach(client, 8);
    expect(performance.now() - begun).toBeGreaterThan(600);
    expect(seqs(client).slice(0, 8)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it("stalls: nothing comes for so long, then all of it", async () => {
    const client = await follow({ channel: "*", type: "ok", fault: "stall", ms: 1_000, count: 1 });
    const begun = performance.now();
    client.send({ id: 9, cmd: "list_subscriptions" });
    await client.find(({ id }) => id === 9);
    expect(performance.now() - begun).toBeGreaterThan(990);
    const answered = client.frames.findIndex(({ id }) => id === 9);
    await client.settled();
    // What happened meanwhile stands behind the frame that was held.
    expect(client.frames.slice(answered).filter(isBook).length).toBeGreaterThan(0);
    expect(seqs(client)).toEqual(seqs(client).map((_, i) => i + 1));
  });

  it("refuses reconnects with 502 for so many times, and lets a first connection be", async () => {
    const own = await startSandbox({
      keyType: "ed25519",
      faults: { rules: [{ fault: "handshake", count: 2 }] },
    });
    const other = memberOf(own.ready, own.privateKey);
    (await other.connect()).socket.terminate();
    await expect(other.connect()).rejects.toThrow("502");
    await expect(other.connect()).rejects.toThrow("502");
    (await other.connect()).socket.terminate();
    const { body } = await other.control("GET", "/faults/log");
    expect(body.strikes).toMatchObject([
      { fault: "handshake", request: "handshake" },
      { fault: "handshake", request: "handshake" },
    ]);
    await own.close();
  });

  it("keeps to channel and ticker, and leaves answers alone unless their type is named", async () => {
    const client = await follow({ channel: "*", ticker: "SANDBOX-LIVE-*", fault: "drop", after: 1 });
    client.send({ id: 2, cmd: "list_subscriptions" });
    await client.find(({ id }) => id === 2);
    expect(client.frames.map(({ type }) => type)).toEqual([
      "subscribed",
      "subscribed",
      "subscribed",
      "orderbook_snapshot",
      "ok",
    ]);
    const other = await follow({ channel: "*", type: "subscribed", fault: "drop", count: 2 });
    expect(other.frames.filter(({ type }) => type === "subscribed").map(({ msg }) => msg.channel)).toEqual(["trade"]);
  });

  it("drops the same frames of the same stream for the same seed", async () => {
    const dropped = async () => {
      const client = await follow({ type: "orderbook_delta", fault: "drop", rate: 0.3 });
      await reach(client, 60);
      return [...Array(60).keys()].map((i) => i + 1).filter((seq) => !seqs(client).includes(seq));
    };
    const first = await dropped();
    for (const client of clients.splice(0)) client.socket.terminate();
    expect(await dropped()).toEqual(first);
    expect(first.length).toBeGreaterThan(5);
  });

  it.each([
    [{ channel: "trade", fault: "html" }, /rules\[0\]\.fault is "html"/, /drop, duplicate/],
    [{ channel: "Trade!", fault: "drop" }, /rules\[0\]\.channel/, /name of a channel/],
    [{ channel: "*", fault: "error", code: 9 }, /rules\[0\]\.code is 9/, /10, 25/],
    [{ channel: "*", fault: "reorder", frames: 0 }, /rules\[0\]\.frames is 0/, /whole number from 1/],
    [{ channel: "*", fault: "stall" }, /rules\[0\]\.ms is missing/, /number from 1/],
    [{ channel: "*", fault: "drop", path: "*" }, /rules\[0\]\.path is/, /channel, ticker/],
    [{ fault: "handshake", status: 200 }, /rules\[0\]\.status is 200/, /502/],
  ])("refuses %j and names the field", (rule, message, hint) => {
    expect(expectError(() => readFaults({ rules: [rule] }), "BAD_ARGUMENT", hint).message).toMatch(message);
  });
});

describe("a stall without pings", () => {
  it("sends not even these, nor answers to them, until it is over, and then all that was held", async () => {
    const tiny = tinyWorld([tinyMarket({ ticker: "A" })]);
    const engine = tinyEngine(tiny);
    const plan = new FaultPlan(tiny.clock);
    const faults = new FrameInjector(plan);
    const served = await serveChannels({ world: tiny.world, engine, faults, pingEveryMs: 20 });
    const pingsWhile = async (pings: boolean) => {
      plan.replace({ rules: [{ channel: "ticker", type: "ok", fault: "stall", ms: 600, pings, count: 1 }] });
      const client = await served.connect(MEMBER);
      client.send({ id: 1, cmd: "subscribe", params: { channels: ["ticker"], market_ticker: "A" } });
      client.send({ id: 2, cmd: "subscribe", params: { channels: ["ticker"], market_ticker: "B" } });
      await client.find(({ id }) => id === 1);
      const before = client.pings.length;
      await client.find(({ id }) => id === 2);
      const during = client.pings.length - before;
      await until(() => client.pings.length > before + during, "pings after the stall");
      client.socket.terminate();
      return during;
    };
    const pongsWhile = async (pings: boolean) => {
      plan.replace({ rules: [{ channel: "ticker", type: "ok", fault: "stall", ms: 300, pings, count: 1 }] });
      const client = await served.connect(MEMBER);
      let isAnswered = false;
      client.socket.once("pong", () => {
        isAnswered = true;
      });
      client.send({ id: 1, cmd: "subscribe", params: { channels: ["ticker"], market_ticker: "A" } });
      client.send({ id: 2, cmd: "subscribe", params: { channels: ["ticker"], market_ticker: "B" } });
      await client.find(({ id }) => id === 1);
      client.socket.ping("still there?");
      await client.find(({ id }) => id === 2);
      client.socket.terminate();
      return isAnswered;
    };
    expect(await pongsWhile(true)).toBe(true);
    expect(await pongsWhile(false)).toBe(false);
    expect(await pingsWhile(true)).toBeGreaterThan(5);
    expect(await pingsWhile(false)).toBeLessThanOrEqual(2);
    await served.close();
  });
});
