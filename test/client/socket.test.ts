import { afterEach, describe, expect, it } from "vitest";
import { type Frame, openSocket, type SocketOptions } from "../../src/client/socket.js";
import {
  acknowledge,
  type Script,
  type Scripted,
  type ScriptedServer,
  startScripted,
  testSigner,
} from "../support/scripted-socket.js";
import { until } from "../support/wait.js";

let server: ScriptedServer | null = null;

afterEach(async () => {
  await server?.close();
  server = null;
});

async function open(script: Script, options: Partial<SocketOptions> = {}) {
  server = await startScripted(script);
  const frames: { text: string; receivedAt: number }[] = [];
  const onFrame = ({ data, receivedAt }: Frame): void => void frames.push({ text: data.toString("utf8"), receivedAt });
  const session = await openSocket({ url: server.url, signer: server.signer, onFrame, ...options });
  return { session, frames };
}

describe("openSocket", () => {
  it("signs the handshake and offers no compression", async () => {
    let seen: Scripted | undefined;
    const { session } = await open({
      open: (connection) => {
        seen = connection;
      },
    });
    expect(seen!.headers["kalshi-access-key"]).toBe("test-key");
    expect(seen!.headers["kalshi-access-timestamp"]).toMatch(/^\d{13}$/);
    expect(seen!.headers["sec-websocket-extensions"]).toBeUndefined();
    await session.close();
  });

  it("refuses to send a key in the clear to another machine, before anything is sent", async () => {
    const options = { signer: testSigner(), onFrame: () => {} };
    await expect(openSocket({ ...options, url: "ws://exchange.example/trade-api/ws/v2" })).rejects.toMatchObject({
      code: "KEY_WRONG_HOST",
    });
    await expect(openSocket({ ...options, url: "https://exchange.example" })).rejects.toMatchObject({
      code: "BAD_ARGUMENT",
    });
  });

  it("explains a refused key, and tells other failures of the handshake apart", async () => {
    const answers = [
      [401, '{"code":"token_authentication_failure"}', "KEY_REFUSED"],
      [502, "<html>bad gateway</html>", "SERVER_FAILED"],
      [429, '{"error":"too many requests"}', "RATE_LIMITED"],
    ] as const;
    for (const [status, body, code] of answers) {
      await expect(open({ refuse: () => ({ status, body }) })).rejects.toMatchObject({ code });
      await server?.close();
    }
    const gone = await startScripted({});
    await gone.close();
    await expect(openSocket({ url: gone.url, signer: gone.signer, onFrame: () => {} })).rejects.toMatchObject({
      code: "UNREACHABLE",
    });
  });

  it("hands over the bytes of every frame exactly as sent, in order, with a receive time in microseconds", async () => {
    const sent = ['{"type":"a", "x":1}\n', "no json", '{"é":"°"}\n', ""];
    const { session, frames } = await open({ open: (connection) => connection.send(...sent) });
    const before = Date.now() * 1000;
    await session.close();
    expect(frames.map(({ text }) => text)).toEqual(sent);
    for (const { receivedAt } of frames) {
      expect(Number.isInteger(receivedAt)).toBe(true);
      expect(Math.abs(receivedAt - before)).toBeLessThan(60_000_000);
    }
  });

  it("matches answers to commands, one per channel for subscribe, and hands them over as frames too", async () => {
    const { session, frames } = await open({
      command: (connection, command) => {
        connection.send('{"type":"ticker","sid":9,"msg":{}}\n');
        acknowledge(connection, command);
      },
    });
    const [first, second] = await Promise.all([
      session.command("subscribe", { channels: ["orderbook_delta", "trade"] }, 2),
      session.command("subscribe", { channels: ["ticker"] }),
    ]);
    expect(first.map(({ msg }) => msg)).toEqual([
      { channel: "orderbook_delta", sid: 1 },
      { channel: "trade", sid: 2 },
    ]);
    expect(second).toHaveLength(1);
    expect(frames).toHaveLength(5);
    await session.close();
  });

  it("rejects a refused command with the exchange's code and text", async () => {
    const { session } = await open({
      command: (connection, { id }) =>
        connection.send(`{"type":"error","id":${id},"msg":{"code":8,"msg":"Unknown channel name"}}\n`),
    });
    await expect(session.command("subscribe", { channels: ["ticker_v2"] })).rejects.toMatchObject({
      code: "CHANNEL_REFUSED",
      context: { code: 8, message: "Unknown channel name" },
    });
    await session.close();
  });

  it("fails commands that are never answered, and those under way when the connection is cut", async () => {
    let connection: Scripted | undefined;
    const { session } = await open(
      {
        open: (one) => {
          connection = one;
        },
      },
      { timeoutMs: 50 },
    );
    await expect(session.command("list_subscriptions", {})).rejects.toMatchObject({ code: "TIMED_OUT" });
    const command = session.command("list_subscriptions", {});
    connection!.cut();
    await expect(command).rejects.toMatchObject({ code: "SOCKET_CLOSED" });
    expect(await session.ended).toMatchObject({ code: 1006, reason: "cut" });
    await expect(session.command("list_subscriptions", {})).rejects.toMatchObject({ code: "SOCKET_CLOSED" });
  });

  it("gives up a connection on which nothing is heard, not even a pong", async () => {
    const { session } = await open({ open: (connection) => connection.freeze() }, { silenceMs: 100 });
    const end = await session.ended;
    expect(end.reason).toBe("silent for 100 ms");
    expect(end.at - end.lastHeardAt).toBeGreaterThanOrEqual(100_000);
  });

  it("keeps a quiet connection that still answers pings", async () => {
    let connection: Scripted | undefined;
    const { session, frames } = await open(
      {
        open: (one) => {
          connection = one;
        },
      },
      { silenceMs: 200 },
    );
    await until(() => connection!.pings() >= 8, "pings on a quiet connection");
    connection!.send("still here");
    await until(() => frames.length === 1, "a frame after the quiet");
    await session.close();
  });

  it("stops connecting when the signal comes", async () => {
    const stop = new AbortController();
    server = await startScripted({
      refuse: () => {
        stop.abort();
        return null;
      },
    });
    const opening = openSocket({ url: server.url, signer: server.signer, onFrame: () => {}, signal: stop.signal });
    await expect(opening).rejects.toMatchObject({ code: "INTERRUPTED" });
  });

  it("ends cleanly also when the other side never answers the close", async () => {
    const { session } = await open({ open: (connection) => connection.freeze() });
    expect((await session.close()).code).toBe(1006);
  });
});
