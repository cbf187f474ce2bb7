import { afterEach, describe, expect, it } from "vitest";
import type { FrameAbout, FrameFate, FrameFaults } from "../../../src/sandbox/socket/frame-faults.js";
import type { Reply } from "../../../src/sandbox/types.js";
import { refusedHandshake } from "../../support/handshake.js";
import type { Client } from "../../support/socket.js";
import { type Stage, socketStage, subscribe } from "../../support/socket-stage.js";
import { MEMBER } from "../../support/tiny-world.js";

/** Faults that a test sets as it goes. */
class Scripted implements FrameFaults {
  refusal: Reply | null = null;
  fate: (about: FrameAbout) => FrameFate = () => "send";
  readonly asked: FrameAbout[] = [];

  handshake(): Reply | null {
    return this.refusal;
  }

  frame(about: FrameAbout): FrameFate {
    this.asked.push(about);
    return this.fate(about);
  }
}

let one: Stage;
afterEach(() => one.close());

async function followed(): Promise<{ faults: Scripted; client: Client }> {
  const faults = new Scripted();
  one = await socketStage({ faults });
  const client = await one.connect(MEMBER);
  subscribe(client, ["orderbook_delta"], { market_ticker: "A" });
  await client.settled();
  return { faults, client };
}

function seqs(client: Client): (number | undefined)[] {
  return client.frames.filter(({ sid }) => sid === 1).map(({ seq }) => seq);
}

describe("faults of frames", () => {
  it("are asked about every frame, by what it is", async () => {
    const { faults } = await followed();
    const from = { session: 1, userId: MEMBER.userId, channel: "orderbook_delta" };
    expect(faults.asked.slice(0, 2)).toEqual([
      { ...from, type: "subscribed", ticker: null, sid: null, seq: null },
      { ...from, type: "orderbook_snapshot", ticker: "A", sid: 1, seq: 1 },
    ]);
    one.place("bid", "0.01", 1);
    expect(faults.asked.at(-1)).toEqual({ ...from, type: "orderbook_delta", ticker: "A", sid: 1, seq: 2 });
  });

  it("leave a hole in the numbers where one is dropped", async () => {
    const { faults, client } = await followed();
    faults.fate = ({ seq }) => (seq === 3 ? "drop" : "send");
    for (let n = 1; n < 4; n += 1) one.place("bid", "0.01", n);
    await client.settled();
    expect(seqs(client)).toEqual([1, 2, 4]);
  });

  it("send the same frame a second time, number and all", async () => {
    const { faults, client } = await followed();
    faults.fate = ({ seq }) => (seq === 2 ? "twice" : "send");
    for (let n = 1; n < 3; n += 1) one.place("bid", "0.01", n);
    await client.settled();
    expect(seqs(client)).toEqual([1, 2, 2, 3]);
    const [first, second] = client.texts.filter((text) => text.includes('"seq":2'));
    expect(second).toBe(first);
  });

  it("send a frame behind those that come next, with the number it has taken", async () => {
    const { faults, client } = await followed();
    faults.fate = ({ seq }) => (seq === 2 ? { behind: 2 } : seq === 3 ? { behind: 1 } : "send");
    for (let n = 1; n < 5; n += 1) one.place("bid", "0.01", n);
    await client.settled();
    expect(seqs(client)).toEqual([1, 4, 3, 2, 5]);
  });

  it("hold a frame for its time, and let nothing overtake it", async () => {
    const { faults, client } = await followed();
    faults.fate = ({ seq }) => (seq === 2 ? { delayMs: 60 } : "send");
    const begun = performance.now();
    for (let n = 1; n < 4; n += 1) one.place("bid", "0.01", n);
    await client.settled();
    expect(performance.now() - begun).toBeGreaterThan(55);
    expect(seqs(client)).toEqual([1, 2, 3, 4]);
  });

  it("take the connection away without a close frame", async () => {
    const { faults, client } = await followed();
    faults.fate = ({ seq }) => (seq === 2 ? "disconnect" : "send");
    one.place("bid", "0.01", 1);
    expect(await client.closed).toBe(1006);
    expect(seqs(client)).toEqual([1]);
  });

  it("refuse a handshake with any answer, before its signature is looked at", async () => {
    const { faults } = await followed();
    faults.refusal = { status: 502, text: "<html></html>", contentType: "text/html" };
    expect(await refusedHandshake(one.url)).toEqual([502, "<html></html>"]);
    faults.refusal = null;
    expect((await refusedHandshake(one.url))[0]).toBe(401);
  });
});

describe("a connection", () => {
  it("shows its subscriptions, and loses one to error 10 when told to", async () => {
    const { client } = await followed();
    const [connection] = one.channels.connections();
    expect(connection?.subscriptions()).toEqual([{ sid: 1, channel: "orderbook_delta", markets: 1, seq: 1 }]);
    expect(connection?.endSubscription(2, 10)).toBe(false);
    expect(connection?.endSubscription(1, 10)).toBe(true);
    one.place("bid", "0.01", 1);
    await client.settled();
    expect(client.frames.at(-1)).toMatchObject({ type: "error", sid: 1, msg: { code: 10, msg: "Channel error" } });
    expect(connection?.subscriptions()).toEqual([]);
  });

  it("ends without a close frame when it is cut", async () => {
    const { client } = await followed();
    one.channels.connections()[0]?.cut();
    expect(await client.closed).toBe(1006);
    expect(one.channels.connections()).toEqual([]);
  });
});
