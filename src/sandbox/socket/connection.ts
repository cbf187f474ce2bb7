import type { Duplex } from "node:stream";
import { WebSocket } from "ws";
import type { Clock, Timestamp } from "../../units/time.js";
import type { Engine } from "../engine/engine.js";
import type { KeyGrant } from "../rest/api-key.js";
import type { AccountRef, World } from "../types.js";
import type { ChannelName } from "./channel.js";
import type { FrameFaults } from "./frame-faults.js";
import type { FrameLog } from "./frame-log.js";
import { createIntake } from "./intake.js";
import { createOutlet } from "./outlet.js";
import { createPace } from "./pace.js";
import { createSession } from "./session.js";
import type { SubscriptionIndex } from "./subscription-index.js";

export interface ConnectionOptions {
  readonly id: number;
  readonly socket: WebSocket;
  /** What the socket runs over. */
  readonly stream: Duplex;
  readonly account: AccountRef;
  readonly grant: KeyGrant | undefined;
  readonly world: World;
  readonly engine: Engine;
  readonly index: SubscriptionIndex;
  readonly wall: Clock;
  readonly faults: FrameFaults | undefined;
  readonly log: FrameLog | undefined;
  readonly maxPendingBytes: number;
  readonly maxMarkets: number;
  readonly commandsPerSecond: number;
}

/** What a subscription looks like from outside. */
export interface SubscriptionView {
  readonly sid: number;
  readonly channel: ChannelName;
  /** How many markets are named; null for all. */
  readonly markets: number | null;
  /** Last number given out. */
  readonly seq: number;
}

/** One open connection, for whoever looks at it or does something to it. */
export interface Connection {
  /** Counted from 1. */
  readonly id: number;
  readonly account: AccountRef;
  /** Wall time. */
  readonly since: Timestamp;
  /** Bytes that the other side has not taken yet. */
  readonly pending: number;
  /** Frames so far. */
  readonly sent: number;
  subscriptions(): readonly SubscriptionView[];
  /** Ends a subscription: 10 for a fault of the channel, 25 for a reader too slow. False when there is none. */
  endSubscription(sid: number, code: 10 | 25): boolean;
  /** Sends a heartbeat; cuts a connection that has answered none of the last ones. */
  ping(): void;
  /** Ends it with a close frame, its key being no longer one; what is subscribed ends at once. */
  revoke(): void;
  /** Ends it without a close frame. */
  cut(): void;
}

/** Heartbeats that may stay without an answer. */
const MOST_UNANSWERED = 6;
/** See RFC 6455, 7.4.1. */
const POLICY_VIOLATION = 1008;

/** A session on a socket, until the socket closes. */
export function createConnection(options: ConnectionOptions): Connection {
  const { id, socket, stream, account, wall } = options;
  const outlet = createOutlet(socket, stream);
  const pace = createPace(options.commandsPerSecond, wall);
  const session = createSession({ ...options, outlet, pace });
  const since = wall.now();
  const intake = createIntake({ socket, outlet, maxPendingBytes: options.maxPendingBytes, receive: session.receive });
  let unanswered = 0;
  let pendingThen = 0;

  socket.on("message", (data) => intake.take(data.toString()));
  socket.on("ping", (payload) => {
    if (!outlet.isSilent() && socket.readyState === WebSocket.OPEN) socket.pong(payload);
  });
  socket.on("pong", () => {
    unanswered = 0;
  });
  socket.on("close", () => session.close());
  // What is no frame, or too long a one, closes the socket with a code that says so; there is nothing to add.
  socket.on("error", () => undefined);

  return {
    id,
    account,
    since,
    get pending() {
      return outlet.pending();
    },
    get sent() {
      return outlet.sent();
    },
    subscriptions: () =>
      session.subscriptions().map(({ sid, channel, markets, seq }) => ({
        ...{ sid, channel, seq },
        markets: markets?.size ?? null,
      })),
    endSubscription: session.endSubscription,
    ping() {
      if (outlet.isSilent()) return;
      // While nothing is read no answer can come; taking what is sent is a sign of life too.
      if (intake.isFull && outlet.pending() < pendingThen) unanswered = 0;
      pendingThen = outlet.pending();
      if (unanswered >= MOST_UNANSWERED) outlet.cut();
      else if (socket.readyState === WebSocket.OPEN) socket.ping("heartbeat");
      unanswered += 1;
    },
    revoke() {
      session.close();
      socket.close(POLICY_VIOLATION, "API key deleted");
    },
    cut: () => outlet.cut(),
  };
}
