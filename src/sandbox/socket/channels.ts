import type { IncomingHttpHeaders, IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import type { Clock } from "../../units/time.js";
import type { Engine } from "../engine/engine.js";
import type { Signed, Verdict } from "../rest/auth.js";
import type { Reply, World } from "../types.js";
import { notFound, tooManyRequests } from "../wire/replies.js";
import { wallClock } from "../world/clock.js";
import { createBroadcast } from "./broadcast.js";
import { type Connection, createConnection } from "./connection.js";
import type { FrameFaults } from "./frame-faults.js";
import type { FrameLog } from "./frame-log.js";
import { refuseHandshake } from "./handshake.js";
import { SubscriptionIndex } from "./subscription-index.js";

export interface ChannelsOptions {
  /** `/trade-api/ws/v2`. */
  readonly path: string;
  /** Tells who signed a handshake, or the answer that refuses it. */
  readonly authenticate: (headers: IncomingHttpHeaders, method: string, path: string) => Verdict;
  readonly world: World;
  readonly engine: Engine;
  /** Wall time between pings, in milliseconds. */
  readonly pingEveryMs?: number | undefined;
  /** How much a reader may leave unread before its subscriptions end with error 25. */
  readonly maxPendingBytes?: number | undefined;
  /** Connections that one account may have at once. */
  readonly maxConnections?: number | undefined;
  /** Markets that the subscriptions of one connection may name together. */
  readonly maxMarkets?: number | undefined;
  /** Of one connection. */
  readonly commandsPerSecond?: number | undefined;
  readonly faults?: FrameFaults | undefined;
  /** Where everything that is sent is written down. */
  readonly log?: FrameLog | undefined;
  /** What commands are counted by. */
  readonly wall?: Clock | undefined;
}

/** The exchange's own limits, and for the buffer a guess. */
const LIMITS = {
  pingEveryMs: 10_000,
  maxPendingBytes: 16 * 1024 * 1024,
  maxConnections: 200,
  maxMarkets: 500_000,
  commandsPerSecond: 10_000,
} as const;
const MAX_COMMAND_BYTES = 64 * 1024 * 1024;

/** The channels being served. `close` ends every connection. */
export interface Channels {
  /** Those open now, oldest first. */
  connections(): readonly Connection[];
  /** Ends the connections that were opened with a key. */
  revoke(keyId: string): void;
  close(): void;
}

/** Serves the WebSocket channels on an HTTP server. */
export function attachChannels(server: Server, options: ChannelsOptions): Channels {
  const { engine, world, path, faults, log, wall = wallClock } = options;
  const limits = { ...LIMITS, ...defined(options) };
  const index = new SubscriptionIndex();
  const connections = new Set<Connection>();
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_COMMAND_BYTES,
    // A connection answers pings itself, unless it is silent.
    autoPong: false,
    // Where the client offers it. Short messages, as nearly all are, go as they are.
    perMessageDeflate: { serverNoContextTakeover: true, clientNoContextTakeover: true, threshold: 1024 },
  });
  let opened = 0;

  server.on("upgrade", upgrade);
  // First to hear: a change of a book stands before the frames that tell it.
  const unlog = log === undefined ? () => undefined : engine.on(log.event);
  const silence = engine.on(createBroadcast({ world, engine, index }));
  const pings = setInterval(() => {
    for (const connection of connections) connection.ping();
  }, limits.pingEveryMs);
  pings.unref();

  function upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    stream.on("error", () => stream.destroy());
    const verdict = verdictOn(request);
    if ("reply" in verdict) {
      refuseHandshake(stream, verdict.reply);
      return;
    }
    sockets.handleUpgrade(request, stream, head, (socket) => open(socket, stream, verdict));
  }

  function verdictOn({ headers, url }: IncomingMessage): Verdict {
    const target = (url ?? "/").split("?", 1)[0]!;
    const refused: Reply | null = faults?.handshake() ?? null;
    if (refused !== null) return { reply: refused };
    if (target !== path) return { reply: notFound() };
    const verdict = options.authenticate(headers, "GET", target);
    if ("reply" in verdict) return verdict;
    const { userId } = verdict.account;
    const own = [...connections].filter((connection) => connection.account.userId === userId);
    return own.length < limits.maxConnections ? verdict : { reply: tooManyRequests(true) };
  }

  function open(socket: WebSocket, stream: Duplex, { account, grant }: Signed): void {
    opened += 1;
    const connection = createConnection({
      ...{ id: opened, socket, stream, account, grant, world, engine, index, wall, faults, log },
      maxPendingBytes: limits.maxPendingBytes,
      maxMarkets: limits.maxMarkets,
      commandsPerSecond: limits.commandsPerSecond,
    });
    connections.add(connection);
    socket.once("close", () => connections.delete(connection));
  }

  return {
    connections: () => [...connections],
    revoke(keyId) {
      for (const connection of connections) if (connection.account.keyId === keyId) connection.revoke();
    },
    close() {
      clearInterval(pings);
      silence();
      unlog();
      server.off("upgrade", upgrade);
      for (const connection of connections) connection.cut();
      connections.clear();
      sockets.close();
      log?.close();
    },
  };
}

/** The options that are given. */
function defined(options: ChannelsOptions): Partial<Record<keyof typeof LIMITS, number>> {
  const names = Object.keys(LIMITS) as (keyof typeof LIMITS)[];
  return Object.fromEntries(names.flatMap((name) => (options[name] === undefined ? [] : [[name, options[name]]])));
}
