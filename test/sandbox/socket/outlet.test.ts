import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { afterEach, describe, expect, it } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { createOutlet, type Outlet } from "../../../src/sandbox/socket/outlet.js";

let server: WebSocketServer;
afterEach(() => {
  for (const client of server.clients) client.terminate();
  server.close();
});

/** An outlet, what its other side has been sent, and every write to the stream between. */
async function outlet(
  compresses = false,
): Promise<{ out: Outlet; received: string[]; writes: number[]; all: () => Promise<void> }> {
  server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: compresses });
  await new Promise((resolve) => server.once("listening", resolve));
  const writes: number[] = [];
  const made = new Promise<Outlet>((resolve) => {
    server.once("connection", (socket, { socket: stream }) => resolve(createOutlet(socket, counted(stream, writes))));
  });
  const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`, {
    perMessageDeflate: compresses,
  });
  const received: string[] = [];
  let look = (): void => undefined;
  client.on("message", (data) => {
    received.push(data.toString());
    look();
  });
  const out = await made;
  const all = () =>
    new Promise<void>((resolve) => {
      look = () => {
        if (received.at(-1) === END) resolve();
      };
      out.send(END);
    });
  return { out, received, writes, all };
}

function counted(stream: Duplex, writes: number[]): Duplex {
  const write = stream.write.bind(stream) as (chunk: Buffer) => boolean;
  stream.write = (chunk: Buffer) => {
    writes.push(chunk.length);
    return write(chunk);
  };
  return stream;
}

const END = "end";
/** Lengths on both sides of where a frame's head grows, and texts whose bytes are more than their characters. */
const texts = [0, 1, 125, 126, 127, 65_535, 65_536, 200_000].map((length) => "x".repeat(length));
const all = [...texts, "°".repeat(63), "°".repeat(32_768), '{"title":"high temp in NYC, °F"}\n', "😀"];

describe("an outlet", () => {
  it.each([false, true])(
    "delivers every text whole, of any length and in any script; compressed: %s",
    async (compresses) => {
      const { out, received, all: everything } = await outlet(compresses);
      for (const text of all) out.send(text);
      await everything();
      expect(received.map((text) => text.length)).toEqual([...all, END].map((text) => text.length));
      expect(received).toEqual([...all, END]);
    },
  );

  it("sends the frames of one turn in one write", async () => {
    const { out, received, writes, all: everything } = await outlet();
    for (let n = 0; n < 100; n += 1) out.send(`frame ${n}`);
    expect(writes).toEqual([]);
    await everything();
    expect(received).toHaveLength(101);
    expect(writes).toHaveLength(1);
  });

  it("does not gather more than a megabyte", async () => {
    const { out, writes, all: everything } = await outlet();
    for (let n = 0; n < 50; n += 1) out.send("x".repeat(100_000));
    expect(writes.length).toBeGreaterThan(3);
    await everything();
    expect(Math.max(...writes)).toBeLessThan(1_200_000);
  });

  it("counts what is gathered and what the other side has not taken", async () => {
    const { out, all: everything } = await outlet();
    expect(out.pending()).toBe(0);
    out.send("x".repeat(1_000));
    expect(out.pending()).toBe(1_000);
    await everything();
    expect(out.pending()).toBe(0);
  });

  it("holds what comes for a while, the longest that was asked for, and then sends it in its order", async () => {
    const { out, received, all: everything } = await outlet();
    out.send("before");
    const begun = performance.now();
    out.hold(80);
    out.hold(5);
    out.send("after");
    await everything();
    expect(performance.now() - begun).toBeGreaterThan(75);
    expect(received).toEqual(["before", "after", END]);
  });
});
