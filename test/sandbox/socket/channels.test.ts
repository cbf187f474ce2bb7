import { afterEach, describe, expect, it } from "vitest";
import type { Json } from "../../../src/sandbox/types.js";
import { frameComplaints, whyNoFrames } from "../../support/asyncapi.js";
import { refusedHandshake } from "../../support/handshake.js";
import type { Client, Frame } from "../../support/socket.js";
import { type Stage, socketStage, subscribe } from "../../support/socket-stage.js";
import { MEMBER, OTHER } from "../../support/tiny-world.js";

const open: Stage[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

async function stage(options: Parameters<typeof socketStage>[0] = {}): Promise<Stage> {
  const one = await socketStage(options);
  open.push(one);
  return one;
}

type Book = Record<"yes" | "no", Map<string, number>>;

/** Follows one market's snapshots and deltas, as any client would. */
function follow(frames: readonly Frame[], ticker: string): Book {
  const book: Book = { yes: new Map(), no: new Map() };
  for (const { type, msg } of frames) {
    if (msg?.market_ticker !== ticker) continue;
    if (type === "orderbook_snapshot") {
      book.yes = new Map((msg.yes_dollars_fp ?? []).map(([price, count]: [string, string]) => [price, Number(count)]));
      book.no = new Map((msg.no_dollars_fp ?? []).map(([price, count]: [string, string]) => [price, Number(count)]));
    }
    if (type === "orderbook_delta") {
      const side = book[msg.side as "yes" | "no"];
      const count = Math.round(((side.get(msg.price_dollars) ?? 0) + Number(msg.delta_fp)) * 100) / 100;
      expect(count).toBeGreaterThanOrEqual(0);
      if (count === 0) side.delete(msg.price_dollars);
      else side.set(msg.price_dollars, count);
    }
  }
  return book;
}

function bestOf(side: Map<string, number>): number {
  return Math.max(0, ...[...side.keys()].map(Number));
}

function seqs(frames: readonly Frame[], sid: number): number[] {
  return frames.filter((frame) => frame.sid === sid && frame.seq !== undefined).map((frame) => frame.seq as number);
}

describe("the socket", () => {
  it("refuses a handshake that is not signed, with 401 and its own body", async () => {
    const { url } = await stage();
    const answer = await refusedHandshake(url);
    expect(answer).toEqual([401, '{"code":"token_authentication_failure"}']);
  });

  it("ends each frame with a newline and pings with heartbeat", async () => {
    const { connect, steps } = await stage({ pingEveryMs: 5 });
    const client = await connect(MEMBER);
    subscribe(client, ["orderbook_delta"], { market_ticker: "A" });
    steps(50);
    await client.settled();
    expect(client.texts.every((text) => text.endsWith("}\n"))).toBe(true);
    await client.pinged();
    expect(client.pings[0]).toBe("heartbeat");
  });

  it("numbers subscriptions from one, and the messages of each from one without a hole", async () => {
    const { connect, steps } = await stage();
    const client = await connect(MEMBER);
    subscribe(client, ["orderbook_delta", "trade", "ticker"], { market_tickers: ["A", "B"] });
    await client.settled();
    expect(client.frames.slice(0, 3).map(({ type, msg, seq }) => [type, msg.channel, msg.sid, seq])).toEqual([
      ["subscribed", "orderbook_delta", 1, undefined],
      ["subscribed", "trade", 2, undefined],
      ["subscribed", "ticker", 3, undefined],
    ]);
    expect(client.frames.slice(3, 5).map(({ type, seq }) => [type, seq])).toEqual([
      ["orderbook_snapshot", 1],
      ["orderbook_snapshot", 2],
    ]);
    steps(600);
    await client.settled();
    for (const sid of [1, 2]) {
      const numbers = seqs(client.frames, sid);
      expect(numbers.length).toBeGreaterThan(2);
      expect(numbers).toEqual(numbers.map((_, index) => index + 1));
    }
    expect(client.frames.filter((frame) => frame.type === "ticker" && frame.seq !== undefined)).toEqual([]);
  });

  it("leads to the engine's own book, and every ticker agrees with the book at its place", async () => {
    const { connect, steps, engine } = await stage();
    const client = await connect(MEMBER);
    subscribe(client, ["orderbook_delta", "ticker"], { market_tickers: ["A"] });
    await client.settled();
    steps(800);
    await client.settled();
    const tickers = client.frames.filter((frame) => frame.type === "ticker");
    expect(tickers.length).toBeGreaterThan(5);
    for (const ticker of tickers) {
      const book = follow(client.frames.slice(0, client.frames.indexOf(ticker)), "A");
      expect(Number(ticker.msg.yes_bid_dollars)).toBe(bestOf(book.yes));
      expect(Number(ticker.msg.yes_ask_dollars)).toBeCloseTo(1 - bestOf(book.no), 9);
    }
    const final = follow(client.frames, "A");
    const own = engine.book("A")!;
    const plain = (levels: typeof own.yes) => levels.map(([price, count]) => [price / 1e6, count / 100]);
    const received = (side: Map<string, number>) =>
      [...side].map(([price, count]) => [Number(price), count]).sort((a, b) => a[0]! - b[0]!);
    expect(received(final.yes)).toEqual(plain(own.yes));
    expect(received(final.no)).toEqual(plain(own.no));
  });

  it("sends an empty snapshot when a market closes, with both sides left out", async () => {
    const { connect, steps } = await stage();
    const client = await connect(MEMBER);
    steps(50);
    subscribe(client, ["orderbook_delta"], { market_ticker: "B" });
    await client.settled();
    expect(client.frames[1]!.msg.yes_dollars_fp.length).toBeGreaterThan(5);
    steps(250);
    await client.settled();
    const last = client.frames.at(-1)!;
    expect(last.type).toBe("orderbook_snapshot");
    expect(Object.keys(last.msg)).toEqual(["market_ticker", "market_id"]);
    expect(last.msg.market_id).not.toBe("");
  });

  it("answers an unknown ticker with a snapshot without id or levels", async () => {
    const { connect } = await stage();
    const client = await connect(MEMBER);
    subscribe(client, ["orderbook_delta"], { market_ticker: "NOSUCH" });
    await client.settled();
    expect(client.frames[1]).toMatchObject({ type: "orderbook_snapshot", seq: 1 });
    expect(client.frames[1]!.msg).toEqual({ market_ticker: "NOSUCH", market_id: "" });
  });

  it("adds to a subscription that exists: ok with every ticker, then snapshots of the new ones only", async () => {
    const { connect } = await stage();
    const client = await connect(MEMBER);
    subscribe(client, ["orderbook_delta"], { market_ticker: "A" });
    subscribe(client, ["orderbook_delta"], { market_tickers: ["A", "B"] }, 2);
    client.send({
      id: 3,
      cmd: "update_subscription",
      params: { sid: 1, action: "delete_markets", market_ticker: "A" },
    });
    client.send({
      id: 4,
      cmd: "update_subscription",
      params: { sids: [1], action: "add_markets", market_tickers: ["A"] },
    });
    await client.settled();
    expect(client.frames.map(({ type, id, sid, seq }) => [type, id, sid, seq])).toEqual([
      ["subscribed", 1, undefined, undefined],
      ["orderbook_snapshot", undefined, 1, 1],
      ["ok", 2, 1, 2],
      ["orderbook_snapshot", undefined, 1, 3],
      ["ok", 3, 1, 4],
      ["ok", 4, 1, 5],
      ["orderbook_snapshot", undefined, 1, 6],
    ]);
    expect(client.frames[2]!.msg).toEqual({ market_tickers: ["A", "B"] });
    expect(client.frames[4]!.msg).toEqual({ market_tickers: ["B"] });
  });

  it("sends a snapshot on demand with the command's id, in its place of the numbers", async () => {
    const { connect, steps } = await stage();
    const client = await connect(MEMBER);
    subscribe(client, ["orderbook_delta"], { market_ticker: "A" });
    steps(100);
    client.send({
      id: 9,
      cmd: "update_subscription",
      params: { sid: 1, action: "get_snapshot", market_tickers: ["A"] },
    });
    await client.settled();
    const asked = client.frames.find((frame) => frame.id === 9)!;
    const before = client.frames.slice(0, client.frames.indexOf(asked));
    expect(asked.type).toBe("orderbook_snapshot");
    expect(asked.seq).toBe(before.at(-1)!.seq! + 1);
    expect(follow(client.frames, "A")).toEqual(follow(before, "A"));
  });

  it("says nothing more on a subscription that ended, and numbers its farewell", async () => {
    const { connect, steps } = await stage();
    const client = await connect(MEMBER);
    subscribe(client, ["orderbook_delta"], { market_ticker: "A" });
    client.send({ id: 2, cmd: "unsubscribe", params: { sids: [1] } });
    await client.settled();
    expect(client.frames.at(-1)).toMatchObject({ type: "unsubscribed", id: 2, sid: 1, seq: 2 });
    steps(100);
    subscribe(client, ["orderbook_delta"], { market_ticker: "A" }, 3);
    await client.settled();
    expect(client.frames.at(-2)).toMatchObject({ type: "subscribed", msg: { sid: 2 } });
    expect(client.frames.at(-1)).toMatchObject({ sid: 2, seq: 1 });
  });

  it("shows NO levels in YES prices when asked to", async () => {
    const { connect, place } = await stage();
    const [own, yes] = [await connect(MEMBER), await connect(MEMBER)];
    place("ask", "0.52", 2);
    subscribe(own, ["orderbook_delta"], { market_ticker: "A" });
    subscribe(yes, ["orderbook_delta"], { market_ticker: "A", use_yes_price: true });
    await Promise.all([own.settled(), yes.settled()]);
    place("ask", "0.53", 1);
    await Promise.all([own.settled(), yes.settled()]);
    expect(own.frames[1]!.msg.no_dollars_fp).toEqual([["0.4800", "2.00"]]);
    expect(yes.frames[1]!.msg.no_dollars_fp).toEqual([["0.5200", "2.00"]]);
    expect([own, yes].map((client) => client.frames[2]!.msg.price_dollars)).toEqual(["0.4700", "0.5300"]);
  });

  it("tells own orders and fills to their owner alone, and names the order behind a delta to nobody else", async () => {
    const { connect, place } = await stage();
    const [mine, theirs] = [await connect(MEMBER), await connect(OTHER)];
    for (const client of [mine, theirs]) {
      subscribe(client, ["fill", "user_orders"]);
      subscribe(client, ["orderbook_delta"], { market_ticker: "A" }, 2);
      await client.settled();
    }
    place("ask", "0.52", 2, OTHER);
    place("bid", "0.52", 1, MEMBER);
    await Promise.all([mine.settled(), theirs.settled()]);
    const of = (client: Client, type: string) => client.frames.filter((frame) => frame.type === type);
    expect(of(mine, "fill")).toHaveLength(1);
    expect(of(mine, "fill")[0]!.msg).toMatchObject({ is_taker: true, fee_cost: "0.017500", post_position_fp: "1.00" });
    expect(of(theirs, "fill")[0]!.msg).toMatchObject({ is_taker: false, post_position_fp: "-1.00" });
    expect(of(mine, "user_order").map(({ msg }) => msg.status)).toEqual(["executed"]);
    expect(of(theirs, "user_order").map(({ msg }) => [msg.status, msg.remaining_count_fp])).toEqual([
      ["resting", "2.00"],
      ["resting", "1.00"],
    ]);
    expect(of(mine, "orderbook_delta").map(({ msg }) => msg.client_order_id)).toEqual([undefined, "mine-2"]);
    expect(of(theirs, "orderbook_delta").map(({ msg }) => msg.client_order_id)).toEqual(["mine-1", undefined]);
  });

  it("sends a first ticker per market when asked to, found by ticker or by id", async () => {
    const { connect, world } = await stage();
    const client = await connect(MEMBER);
    const ids = [world.markets.get("B")!.marketId];
    subscribe(client, ["ticker"], { market_ticker: "A", send_initial_snapshot: true });
    subscribe(client, ["ticker"], { market_ids: ids, send_initial_snapshot: true }, 2);
    await client.settled();
    expect(client.frames.slice(1).map(({ type, msg }) => [type, msg.market_ticker ?? msg])).toEqual([
      ["ticker", "A"],
      ["ok", { market_tickers: ["A", "B"], market_ids: ids }],
      ["ticker", "B"],
    ]);
  });

  it("sends a first ticker of each market that a second subscribe adds, when that one asks for it", async () => {
    const { connect } = await stage();
    const client = await connect(MEMBER);
    subscribe(client, ["ticker"], { market_ticker: "A" });
    subscribe(client, ["ticker"], { market_tickers: ["A", "B"], send_initial_snapshot: true }, 2);
    await client.settled();
    expect(client.frames.map(({ type, sid, msg }) => [type, sid, msg.market_ticker])).toEqual([
      ["subscribed", undefined, undefined],
      ["ok", 1, undefined],
      ["ticker", 1, "B"],
    ]);
  });

  it("leaves the list of tickers out of its answers when asked to, and takes an id of 0 for none", async () => {
    const { connect } = await stage();
    const client = await connect(MEMBER);
    subscribe(client, ["orderbook_delta"], { market_ticker: "A", skip_ticker_ack: true }, 0);
    client.send({ id: 2, cmd: "update_subscription", params: { sid: 1, action: "add_markets", market_ticker: "B" } });
    client.send({ cmd: "update_subscription", params: { sid: 1, action: "delete_markets", market_ticker: "A" } });
    await client.settled();
    const answers = client.frames.filter((frame) => ["subscribed", "ok"].includes(frame.type));
    expect(answers.map(({ id, seq, msg }) => [id, seq, msg])).toEqual([
      [undefined, undefined, { channel: "orderbook_delta", sid: 1 }],
      [2, 2, undefined],
      [undefined, 4, undefined],
    ]);
  });

  it("hears of all markets where none is named, and a subscription for some becomes one for all", async () => {
    const { connect, place } = await stage();
    const [all, wider] = [await connect(MEMBER), await connect(MEMBER)];
    subscribe(all, ["user_orders"]);
    subscribe(wider, ["user_orders"], { market_ticker: "B" });
    await Promise.all([all.settled(), wider.settled()]);
    place("bid", "0.01", 1);
    subscribe(wider, ["user_orders"], {}, 2);
    await wider.settled();
    place("bid", "0.01", 2);
    place("bid", "0.01", 3, MEMBER, "B");
    await Promise.all([all.settled(), wider.settled()]);
    const told = (client: Client) =>
      client.frames.filter(({ type }) => type === "user_order").map(({ msg }) => [msg.ticker, msg.initial_count_fp]);
    expect(told(all)).toEqual([
      ["A", "1.00"],
      ["A", "2.00"],
      ["B", "3.00"],
    ]);
    expect(told(wider)).toEqual([
      ["A", "2.00"],
      ["B", "3.00"],
    ]);
  });

  it("compresses where the client offers it and not otherwise, and says the same either way", async () => {
    const { connect } = await stage();
    const [plain, small] = [await connect(MEMBER), await connect(MEMBER, true)];
    expect([plain.socket.extensions, small.socket.extensions]).toEqual(["", "permessage-deflate"]);
    for (const client of [plain, small]) {
      subscribe(client, ["orderbook_delta"], { market_tickers: Array.from({ length: 500 }, (_, n) => `NO-${n}`) });
    }
    await Promise.all([plain.settled(), small.settled()]);
    expect(plain.frames).toHaveLength(501);
    expect(small.frames).toEqual(plain.frames);
  });

  it("answers every wrong command with its code, and goes on", async () => {
    const { connect } = await stage();
    const client = await connect(MEMBER);
    subscribe(client, ["orderbook_delta"], { market_ticker: "A" });
    const update = (params: Record<string, Json>): Json => ({ id: 2, cmd: "update_subscription", params });
    const ask = (params: Record<string, Json>): Json => ({ id: 2, cmd: "subscribe", params });
    const uuid = "0f0f0f0f-1111-4222-8333-444444444444";
    subscribe(client, ["market_lifecycle_v2", "trade"]);
    const wrong: [Json | string, number][] = [
      ["{", 1],
      ["[]", 1],
      [{ id: "2", cmd: "list_subscriptions" }, 1],
      [{ id: 2, cmd: "subscribe" }, 2],
      [ask({ channels: "ticker" }), 1],
      [ask({ channels: [] }), 3],
      [ask({}), 3],
      [{ id: 2, cmd: "unsubscribe", params: {} }, 4],
      [{ id: 2, cmd: "dance" }, 5],
      [{ id: 2 }, 5],
      [{ id: 2, cmd: 5 }, 1],
      [{ id: 2, cmd: ["subscribe"] }, 1],
      [{ id: 2, cmd: "unsubscribe", params: { sids: [7] } }, 7],
      [update({ sid: 7, action: "add_markets", market_ticker: "B" }), 7],
      [ask({ channels: ["ticker_v2"] }), 8],
      [ask({ channels: ["multivariate"] }), 8],
      [ask({ channels: ["communications"] }), 9],
      [ask({ channels: ["cfbenchmarks_value"], index_ids: ["all"] }), 9],
      [ask({ channels: ["cfbenchmarks_value_5hz"] }), 9],
      [ask({ channels: ["pyth_value"] }), 9],
      [ask({ channels: ["ticker"], market_ids: ["x"] }), 11],
      [ask({ channels: ["ticker"], market_ticker: "A", market_tickers: ["B"] }), 11],
      [ask({ channels: ["ticker"], market_ticker: "A", market_id: uuid }), 11],
      [ask({ channels: ["fill"], market_id: uuid }), 11],
      [update({ sid: 1, action: "add_markets", market_id: uuid }), 11],
      [update({ action: "add_markets", market_ticker: "B" }), 12],
      [update({ sid: 1, sids: [1], action: "add_markets", market_ticker: "B" }), 12],
      [update({ sids: [1, 2], action: "add_markets", market_ticker: "B" }), 12],
      [update({ sid: 1, action: "dance", market_ticker: "B" }), 13],
      [update({ sid: 1, action: 5, market_ticker: "B" }), 1],
      [update({ sid: 2, action: "add_markets", market_ticker: "B" }), 13],
      [update({ sid: 3, action: "get_snapshot", market_tickers: ["B"] }), 13],
      [ask({ channels: ["orderbook_delta"] }), 14],
      [ask({ channels: ["orderbook_delta"], market_id: uuid }), 14],
      [update({ sid: 1, action: "add_markets" }), 14],
      [update({ sid: 1, action: "get_snapshot", market_ticker: "A" }), 14],
      [{ id: 2, cmd: "update_subscription", action: "add_markets", params: { sid: 1, market_ticker: "B" } }, 15],
    ];
    for (const [command] of wrong) client.send(command);
    await client.settled();
    const errors = client.frames.filter((frame) => frame.type === "error");
    expect(errors.map((frame) => frame.msg.code)).toEqual(wrong.map(([, code]) => code));
    expect(errors.map((frame) => frame.id)).toEqual(wrong.map((_, n) => (n < 3 ? undefined : 2)));
    expect(errors.every((frame) => frame.seq === undefined && frame.sid === undefined)).toBe(true);
  });
});

describe.skipIf(whyNoFrames !== null)(`frames (${whyNoFrames ?? "by asyncapi.yaml"})`, () => {
  const schemas: Record<string, string> = {
    subscribed: "subscribedResponsePayload",
    unsubscribed: "unsubscribedResponsePayload",
    ok: "okResponsePayload",
    error: "errorResponsePayload",
    orderbook_snapshot: "orderbookSnapshotPayload",
    orderbook_delta: "orderbookDeltaPayload",
    ticker: "tickerPayload",
    trade: "tradePayload",
    fill: "fillPayload",
    user_order: "userOrderPayload",
  };

  it("have the shape that the specification gives them", async () => {
    const { connect, steps, place } = await stage();
    const client = await connect(MEMBER);
    const channels = ["orderbook_delta", "ticker", "trade", "fill", "user_orders"];
    subscribe(client, channels, { market_tickers: ["A", "B"] });
    subscribe(client, channels, { market_tickers: ["B"] }, 2);
    await client.settled();
    place("ask", "0.99", 2);
    steps(400);
    place("bid", "0.98", 1);
    client.send({ id: 3, cmd: "dance" });
    client.send({
      id: 4,
      cmd: "update_subscription",
      params: { sid: 1, action: "get_snapshot", market_tickers: ["A"] },
    });
    client.send({ id: 5, cmd: "unsubscribe", params: { sids: [1, 2, 3, 4, 5] } });
    await client.settled();
    client.send({ id: 6, cmd: "list_subscriptions" });
    const list = await client.find((frame) => frame.id === 6);
    expect(frameComplaints("listSubscriptionsResponsePayload", list)).toEqual([]);
    expect(Object.keys(list).slice(0, 3)).toEqual(["type", "id", "msg"]);
    client.frames.pop();
    expect(new Set(client.frames.map((frame) => frame.type))).toEqual(new Set(Object.keys(schemas)));
    for (const frame of client.frames) {
      expect({ frame, found: frameComplaints(schemas[frame.type]!, frame) }).toEqual({ frame, found: [] });
    }
  });
});
