import type { ConnectionStart } from "../book/connection.js";
import type { BookEvent } from "../book/event.js";
import type { Signer } from "../client/signing.js";
import type { Frame, SocketEnd } from "../client/socket.js";
import type { KalshiError } from "../errors.js";
import type { ChannelName } from "../exchange/channel.js";
import type { Timestamp } from "../units/time.js";

/** What to listen to, and how. */
export interface LinkOptions {
  readonly url: string;
  readonly signer: Signer;
  /** Markets to begin with. None with channels that name no market: all of them, but where books are asked for none yet. */
  readonly tickers: readonly string[];
  /** No market named means none yet, also with channels that could be listened to for all of them. Default false. */
  readonly isList?: boolean | undefined;
  /** Default: books, trades and tickers. A name this library does not read gives `unknown` events. */
  readonly channels?: readonly (ChannelName | (string & {}))[] | undefined;
  /** Asks for NO levels in YES prices. Books and events are the same either way. Default false, and always sent. */
  readonly useYesPrice?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Local time in microseconds. */
  readonly now?: (() => Timestamp) | undefined;
  /** Uniform in [0, 1), for the jitter of reconnects. */
  readonly random?: (() => number) | undefined;
  /** First and longest wait before a reconnect; the wait itself is anywhere below. Default 250 ms and 30 s. */
  readonly backoffMs?: { readonly first: number; readonly longest: number } | undefined;
  /** After how much silence (no message, no ping, no pong) a connection is given up. Default 30 s. */
  readonly silenceMs?: number | undefined;
  /** How long the handshake, and each command, may take. Default 10 s. */
  readonly timeoutMs?: number | undefined;
  /** How long the first book may take after it was subscribed to, before the connection is given up. Default 10 s. */
  readonly firstMessageMs?: number | undefined;
  /** How long a book may stay without its snapshot before it is asked for again. Default 2 s, then longer and longer. */
  readonly repairMs?: number | undefined;
  /** After how much silence a market, or a connection, has stalled. Default 60 s. */
  readonly stallMs?: number | undefined;
  /**
   * How many subscriptions to a market one connection may have, a market on three channels being three; more go over further
   * connections. Default 500,000, the exchange's limit; where it refuses fewer, that is learned.
   */
  readonly maxSubscriptions?: number | undefined;
  /** How many connections there may be. Default 200, what the exchange allows an account. */
  readonly maxConnections?: number | undefined;
}

/** What a link tells. `lane` says which of several connections held at the same time it was, counted from 0. */
export interface LinkListener {
  /** Every frame, before anything of it is parsed. */
  frame?(frame: Frame, lane: number): void;
  event(event: BookEvent): void;
  /** A connection is about to be made where there was none; it waits. What this throws is thrown by what asked for it. */
  opening?(lane: number): Promise<void>;
  connected?(start: ConnectionStart, lane: number): void;
  disconnected?(end: SocketEnd, connection: number, lane: number): void;
  /** A reconnect or a repair that failed and will be tried again. */
  problem?(problem: KalshiError): void;
}
