import { afterEach, describe, expect, it } from "vitest";
import { SECOND } from "../../../src/units/time.js";
import { refusedHandshake } from "../../support/handshake.js";
import { type Stage, socketStage, subscribe } from "../../support/socket-stage.js";
import { ManualClock, MEMBER, OTHER, START } from "../../support/tiny-world.js";

const open: Stage[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

async function stage(options: Parameters<typeof socketStage>[0]): Promise<Stage> {
  const one = await socketStage(options);
  open.push(one);
  return one;
}

/** Lets the other side of the sockets have its turn. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

describe("limits of the socket", () => {
  it("refuse an account's handshake beyond its connections, until one of them has closed, and no other account's", async () => {
    const { url, connect, channels } = await stage({ maxConnections: 2 });
    const first = await connect(MEMBER);
    await connect(MEMBER);
    await connect(OTHER);
    const own = { "KALSHI-ACCESS-KEY": MEMBER.userId };
    expect(await refusedHandshake(url, own)).toEqual([429, '{"error":"too many requests"}']);
    first.socket.close();
    await first.closed;
    while (channels.connections().length > 2) await turn();
    await expect(connect(MEMBER)).resolves.toBeDefined();
  });

  it("refuse with 26 what names too many markets over all subscriptions, and then nothing has changed", async () => {
    const { connect } = await stage({ maxMarkets: 4 });
    const client = await connect(MEMBER);
    subscribe(client, ["orderbook_delta", "trade"], { market_tickers: ["A", "B"] });
    subscribe(client, ["ticker"], { market_ticker: "A" }, 2);
    client.send({ id: 3, cmd: "update_subscription", params: { sid: 2, action: "add_markets", market_ticker: "C" } });
    client.send({
      id: 4,
      cmd: "update_subscription",
      params: { sid: 2, action: "delete_markets", market_ticker: "B" },
    });
    client.send({ id: 5, cmd: "update_subscription", params: { sid: 2, action: "add_markets", market_ticker: "A" } });
    client.send({ id: 6, cmd: "update_subscription", params: { sid: 2, action: "add_markets", market_ticker: "C" } });
    subscribe(client, ["ticker"], {}, 7);
    await client.settled();
    const answers = client.frames.filter(({ id, type }) => id !== undefined && type !== "orderbook_snapshot");
    expect(answers.map(({ id, type, msg }) => [id, type, msg.code ?? msg.market_tickers ?? msg.channel])).toEqual([
      [1, "subscribed", "orderbook_delta"],
      [1, "subscribed", "trade"],
      [2, "error", 26],
      [3, "error", 26],
      [4, "ok", ["A"]],
      [5, "ok", ["A"]],
      [6, "ok", ["A", "C"]],
      [7, "subscribed", "ticker"],
    ]);
  });

  it("refuse with 27 more commands than a second allows, and take them again when it has passed", async () => {
    const wall = new ManualClock(0);
    const { connect } = await stage({ commandsPerSecond: 3, wall });
    const client = await connect(MEMBER);
    const list = (id: number) => client.send({ id, cmd: "list_subscriptions" });
    for (const id of [1, 2, 3, 4, 5]) list(id);
    await client.find(({ id }) => id === 5);
    wall.advance(SECOND / 3);
    for (const id of [6, 7]) list(id);
    await client.find(({ id }) => id === 7);
    expect(client.frames.map(({ id, type, msg }) => [id, type === "error" ? msg : type])).toEqual([
      [1, "ok"],
      [2, "ok"],
      [3, "ok"],
      [4, { code: 27, msg: "Too many requests" }],
      [5, { code: 27, msg: "Too many requests" }],
      [6, "ok"],
      [7, { code: 27, msg: "Too many requests" }],
    ]);
  });

  it("end with 25 the subscription of a reader that takes nothing, and no other reader's nor another subscription", async () => {
    const { connect, channels, emit } = await stage({ maxPendingBytes: 100_000 });
    const [slow, quick] = [await connect(MEMBER), await connect(OTHER)];
    for (const client of [slow, quick]) {
      subscribe(client, ["market_lifecycle_v2"]);
      subscribe(client, ["orderbook_delta"], { market_ticker: "A" }, 2);
      await client.settled();
    }
    slow.socket.pause();
    const [slowly, quickly] = channels.connections();
    const isLost = () => !slowly!.subscriptions().some(({ channel }) => channel === "orderbook_delta");
    // What the machine holds for a reader has to be full first, so these are long for the slow one.
    const cause = { userId: MEMBER.userId, clientOrderId: "x".repeat(5_000) };
    while (!isLost()) {
      for (let n = 0; n < 10; n += 1) {
        emit({ type: "delta", ticker: "A", side: "yes", price: 10_000, delta: 100, time: START, cause });
      }
      while (quickly!.pending > 0) await turn();
    }
    await quick.settled();
    slow.socket.resume();
    const end = await slow.find(({ type }) => type === "error");
    expect(end).toMatchObject({ sid: 2, msg: { code: 25, msg: "Subscription buffer overflow" } });
    expect(end.id).toBeUndefined();
    const taken = slow.frames.filter(({ sid, seq }) => sid === 2 && seq !== undefined).map(({ seq }) => seq);
    expect(taken.length).toBeGreaterThan(100);
    expect(taken).toEqual(taken.map((_, n) => n + 1));
    expect(slow.frames.at(-1)).toBe(end);
    expect(quick.frames.some(({ type }) => type === "error")).toBe(false);
    slow.send({ id: 9, cmd: "list_subscriptions" });
    const list = await slow.find(({ id }) => id === 9);
    expect(list.msg).toEqual([{ channel: "market_lifecycle_v2", sid: 1 }]);
    subscribe(slow, ["orderbook_delta"], { market_ticker: "A" }, 10);
    expect(await slow.find(({ sid }) => sid === 3)).toMatchObject({ type: "orderbook_snapshot", seq: 1 });
  }, 30_000);

  it("let a reader that takes its answers send any number of commands at once, however much the answers repeat", async () => {
    const { connect } = await stage({ maxPendingBytes: 10_000, maxMarkets: 5_000, commandsPerSecond: 100_000 });
    const client = await connect(MEMBER);
    const COUNT = 1_500;
    for (let id = 1; id <= COUNT; id += 1)
      subscribe(client, ["orderbook_delta"], { market_ticker: `NOWHERE-${id}` }, id);
    const last = await client.find(({ id, type }) => id === COUNT && type === "ok");
    expect(last.msg.market_tickers).toHaveLength(COUNT);
    await client.settled();
    const seqs = client.frames.flatMap(({ seq }) => (seq === undefined ? [] : [seq]));
    expect(seqs).toEqual(seqs.map((_, n) => n + 1));
    expect(client.frames.filter(({ type }) => type === "ok" || type === "subscribed")).toHaveLength(COUNT);
    expect(client.frames.filter(({ type }) => type === "error")).toEqual([]);
  }, 60_000);

  it("read no more commands of one who takes no answers, and cut the connection when it answers no heartbeat", async () => {
    const { connect, channels } = await stage({
      maxPendingBytes: 10_000,
      pingEveryMs: 200,
      commandsPerSecond: 100_000,
    });
    const client = await connect(MEMBER);
    client.socket.pause();
    const market_tickers = Array.from({ length: 2_000 }, (_, n) => `NOWHERE-${n}`);
    subscribe(client, ["ticker"], { market_tickers });
    for (let id = 2; id < 1_000; id += 1) subscribe(client, ["ticker"], { market_ticker: "A" }, id);
    let most = 0;
    while (channels.connections().length > 0) {
      most = Math.max(most, channels.connections()[0]?.pending ?? 0);
      await turn();
    }
    expect(most).toBeGreaterThan(10_000);
    expect(most).toBeLessThan(100_000);
    client.socket.resume();
    expect(await client.closed).toBe(1006);
  }, 30_000);

  it("close a connection on a message of more than 64 MiB, and serve the next", async () => {
    const { connect } = await stage({});
    const client = await connect(MEMBER);
    client.send(" ".repeat(64 * 1024 * 1024 + 1));
    expect(await client.closed).toBe(1009);
    const next = await connect(MEMBER);
    await expect(next.settled()).resolves.toBeUndefined();
  });

  it("cut a connection that answers no heartbeat, and keep one that does", async () => {
    const { connect, channels } = await stage({ pingEveryMs: 10 });
    const [dead, alive] = [await connect(MEMBER), await connect(OTHER)];
    dead.socket.pong = () => undefined;
    expect(await dead.closed).toBe(1006);
    await alive.settled();
    expect(channels.connections().map(({ account }) => account.userId)).toEqual([OTHER.userId]);
  });
});
