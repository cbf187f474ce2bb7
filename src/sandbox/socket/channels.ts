import { type IncomingHttpHeaders, type Server, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import type { Engine } from "../engine/engine.js";
import type { Verdict } from "../rest/auth.js";
import type { AccountRef, Reply, World } from "../types.js";
import { notFound } from "../wire/replies.js";
import type { FrameFaults, Held } from "./frame-faults.js";
import { Hold } from "./hold.js";
import { createSession, type Session } from "./session.js";

export interface ChannelsOptions {
  /** `/trade-api/ws/v2`. */
  readonly path: string;
  /** Tells who signed a handshake, or the answer that refuses it. */
  readonly authenticate: (headers: IncomingHttpHeaders, method: string, path: string) => Verdict;
  readonly world: World;
  readonly engine: Engine;
  /** What goes wrong on purpose. */
  readonly faults?: FrameFaults | undefined;
  /** Wall time between pings, in milliseconds. */
  readonly pingEveryMs?: number;
  /** How much a reader may leave unread before its subscriptions end with error 25. */
  readonly maxPendingBytes?: number;
}

const PING_EVERY_MS = 10_000;
const MAX_PENDING_BYTES = 16 * 1024 * 1024;
const MAX_COMMAND_BYTES = 64 * 1024 * 1024;

/** Serves the WebSocket channels on an HTTP server. `close` ends every connection. */
export function attachChannels(server: Server, options: ChannelsOptions): { close(): void } {
  const { engine, path, pingEveryMs = PING_EVERY_MS } = options;
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: MAX_COMMAND_BYTES });
  const sessions = new Map<WebSocket, Session>();
  const holds = new Map<WebSocket, Hold>();
  let opened = 0;

  server.on("upgrade", upgrade);
  const silence = engine.on((event) => {
    for (const session of sessions.values()) session.hear(event);
  });
  const pings = setInterval(() => {
    for (const [socket, hold] of holds) hold.ping(() => socket.ping("heartbeat"));
  }, pingEveryMs);
  pings.unref();

  function upgrade(request: { headers: IncomingHttpHeaders; url?: string }, stream: Duplex, head: Buffer): void {
    stream.on("error", () => stream.destroy());
    const target = (request.url ?? "/").split("?", 1)[0]!;
    const fault = target === path ? (options.faults?.handshake() ?? null) : null;
    if (fault !== null) {
      refuse(stream, fault);
      return;
    }
    const verdict = target === path ? options.authenticate(request.headers, "GET", target) : { reply: notFound() };
    if ("reply" in verdict) {
      refuse(stream, verdict.reply);
      return;
    }
    // The HTTP server hands over its own request; ws asks for more of it than is used here.
    sockets.handleUpgrade(request as Parameters<typeof sockets.handleUpgrade>[0], stream, head, (socket) => {
      open(socket, verdict.account);
    });
  }

  function open(socket: WebSocket, account: AccountRef): void {
    opened += 1;
    const number = opened;
    const hold = new Hold();
    holds.set(socket, hold);
    const outlet = {
      send: (frame: string) => hold.pass(() => socket.send(frame)),
      pending: () => socket.bufferedAmount,
      hold: (held: Held) => hold.close(held),
      cut: () => socket.terminate(),
    };
    const maxPendingBytes = options.maxPendingBytes ?? MAX_PENDING_BYTES;
    const session = createSession({
      world: options.world,
      engine,
      account,
      outlet,
      maxPendingBytes,
      fate: (about) => options.faults?.frame({ ...about, session: number, userId: account.userId }) ?? "send",
    });
    sessions.set(socket, session);
    socket.on("message", (data) => session.receive(data.toString()));
    socket.on("close", () => {
      sessions.delete(socket);
      holds.delete(socket);
      hold.drop();
    });
    socket.on("error", () => socket.terminate());
  }

  return {
    close() {
      clearInterval(pings);
      silence();
      server.off("upgrade", upgrade);
      for (const socket of sessions.keys()) socket.terminate();
      sessions.clear();
      sockets.close();
    },
  };
}

/** Answers a handshake with an HTTP status and body instead of a connection. */
function refuse(stream: Duplex, reply: Reply): void {
  const body = Buffer.from(reply.text ?? JSON.stringify(reply.body ?? {}), "utf8");
  const reason = STATUS_CODES[reply.status] ?? "Refused";
  const type = reply.contentType ?? "application/json";
  stream.end(
    `HTTP/1.1 ${reply.status} ${reason}\r\nContent-Type: ${type}\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
  );
}
