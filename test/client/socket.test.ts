import { afterEach, describe, expect, it } from "vitest";
import { type Frame, openSocket, type SocketOptions } from "../../src/client/socket.js";
import type { ErrorCode } from "../../src/errors.js";
import { serving } from "../support/against.js";
import { expectRejection } from "../support/errors.js";
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
    const to = (url: string) => openSocket({ signer: testSigner(), onFrame: () => {}, url });
    await expectRejection(to("ws://exchange.example/trade-api/ws/v2"), "KEY_WRONG_HOST", /use wss/);
    await expectRejection(to("https://exchange.example"), "BAD_ARGUMENT", /wss:\/\/HOST\/trade-api\/ws\/v2/);
  });

  const unauthorized = (code: string, details = ""): string => JSON.stringify({ error: { code, details } });

  it.each<[string, number, string, ErrorCode, RegExp]>([
    ["a refused key", 401, '{"code":"token_authentication_failure"}', "KEY_REFUSED", /belong together/],
    ["an unknown key", 401, unauthorized("authentication_error", "NOT_FOUND"), "KEY_UNKNOWN", /demo or production/],
    ["an expired time", 401, unauthorized("header_timestamp_expired"), "CLOCK_OFF", /clock \(NTP\)/],
    ["a missing right", 403, unauthorized("forbidden"), "FORBIDDEN", /scope/],
    ["a gateway's page", 502, "<html>bad gateway</html>", "SERVER_FAILED", /try again in a while/],
    ["too many requests", 429, '{"error":"too many requests"}', "RATE_LIMITED", /another program/],
  ])("tells %s apart at the handshake, and says what to do", async (_, status, body, code, hint) => {
    await expectRejection(open({ refuse: () => ({ status, body }) }), code, hint);
    expect(server!.attempts()).toBe(1);
  });

  it("has the clock as the likelier cause of a refused key where that is off", async () => {
    const body = '{"code":"token_authentication_failure"}';
    const late = Date.now() + 60_000;
    server = await startScripted({ refuse: () => ({ status: 401, body, date: new Date(late).toUTCString() }) });
    const opening = openSocket({ url: server.url, signer: server.signer, onFrame: () => {} });
    const error = await expectRejection(opening, "KEY_REFUSED", /clock differs .* by (?:59|6\d)\.\d s; set it \(NTP\)/);
    expect(error.context.status).toBe(401);
  });

  it("says that nobody answers where nobody listens, and that it took too long where nobody shakes hands", async () => {
    const gone = await startScripted({});
    await gone.close();
    const opening = openSocket({ url: gone.url, signer: gone.signer, onFrame: () => {} });
    await expectRejection(opening, "UNREACHABLE", /network, the host name/);
    const mute = await serving(() => undefined);
    const url = mute.baseUrl.replace("http:", "ws:");
    const waiting = openSocket({ url, signer: testSigner(), onFrame: () => {}, timeoutMs: 50 });
    const error = await expectRejection(waiting, "TIMED_OUT", /network, then try again/);
    expect(error.message).toContain("within 50 ms");
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

  it("gives messages that were read at once one receive time, and those of the next read a later one", async () => {
    let connection: Scripted | undefined;
    let time = 0;
    const { session, frames } = await open(
      {
        open: (opened) => {
          connection = opened;
        },
      },
      {
        now: () => {
          time += 1;
          return time;
        },
      },
    );
    for (const sent of [3, 6, 9]) {
      connection!.send("a", "b", "c");
      await until(() => frames.length === sent, `${sent} frames`);
    }
    await session.close();
    const times = frames.map(({ receivedAt }) => receivedAt);
    expect(new Set(times).size).toBe(3);
    for (const at of [0, 3, 6]) expect(times.slice(at, at + 3)).toEqual(Array(3).fill(times[at]));
    expect(times).toEqual([...times].sort((a, b) => a - b));
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

  it.each([
    [8, "Unknown channel name", /user_orders and market_positions are plural/],
    [9, "Authentication required", /this key may not/],
    [11, "Market not found", /market's id/],
    [14, "Market tickers required", /needs market tickers/],
    [26, "Too many markets", /fewer markets/],
    [27, "Too many commands", /fewer commands/],
    [99, "Something new", /what the exchange said/],
  ])(
    "rejects a command that is refused with %d by the exchange's code and text, and says what to do",
    async (...row) => {
      const [code, said, hint] = row;
      const { session } = await open({
        command: (connection, { id }) =>
          connection.send(`${JSON.stringify({ type: "error", id, msg: { code, msg: said } })}\n`),
      });
      const error = await expectRejection(session.command("subscribe", { channels: ["x"] }), "CHANNEL_REFUSED", hint);
      expect(error.context).toMatchObject({ command: "subscribe", code, message: said });
      await session.close();
    },
  );

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
    await expectRejection(session.command("list_subscriptions", {}), "TIMED_OUT", /connect again/);
    const command = session.command("list_subscriptions", {});
    connection!.cut();
    await expectRejection(command, "SOCKET_CLOSED", /connect again/);
    expect(await session.ended).toMatchObject({ code: 1006, reason: "cut" });
    await expectRejection(session.command("list_subscriptions", {}), "SOCKET_CLOSED", /connect again/);
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

  it("paused reads no more, is up beyond the silence it allows, gives signs of life unasked, and reads on where it stopped", async () => {
    let connection: Scripted | undefined;
    const { session, frames } = await open(
      {
        open: (one) => {
          connection = one;
        },
      },
      { silenceMs: 100 },
    );
    connection!.send("first");
    await until(() => frames.length === 1, "a frame");
    session.pause();
    const texts = Array.from({ length: 40_000 }, (_, at) => `${at} ${"x".repeat(400)}`);
    connection!.send(...texts);
    await until(() => connection!.pongs() >= 12, "pongs while paused");
    // What one read of the socket had brought, at most.
    expect(frames.length).toBeLessThan(1_000);
    session.resume();
    await until(() => frames.length === 1 + texts.length, "all frames");
    expect(frames.slice(1).map(({ text }) => text)).toEqual(texts);
    connection!.freeze();
    expect((await session.ended).reason).toBe("silent for 100 ms");
  });

  it("can be closed while paused", async () => {
    const { session } = await open({});
    session.pause();
    expect((await session.close("enough")).reason).toBe("enough");
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
    await expectRejection(opening, "INTERRUPTED", /run it again/);
  });

  it("ends cleanly also when the other side never answers the close", async () => {
    const { session } = await open({ open: (connection) => connection.freeze() });
    expect((await session.close()).code).toBe(1006);
  });
});
