import type { Reply } from "../types.js";
import type { ChannelName } from "./channel.js";

/** What a frame is, before it is sent. The ends of a subscription count as frames of its channel, errors without one have none. */
export interface FrameAbout {
  /** Number of the connection, counted from 1. */
  readonly session: number;
  readonly userId: string;
  /** As sent: `orderbook_delta`, `ok`, `error`, … */
  readonly type: string;
  readonly channel: ChannelName | null;
  readonly ticker: string | null;
  readonly sid: number | null;
  /** The number that it has taken already, so that one dropped leaves a hole. */
  readonly seq: number | null;
}

/** Sent later. Behind it everything of its connection waits, as behind a lost packet: nothing overtakes. Pings and the answers to pings pass unless told otherwise. */
export interface Held {
  readonly delayMs: number;
  readonly holdsPings?: boolean;
}

/**
 * What becomes of a frame: sent, lost, sent two times alike, held for a while, sent behind so many that come after it, lost together with its
 * subscription, which ends with this error, or lost together with the connection, which ends without a close frame.
 */
export type FrameFate =
  | "send"
  | "drop"
  | "twice"
  | "disconnect"
  | Held
  | { readonly behind: number }
  | { readonly end: 10 | 25 };

/** What goes wrong on sockets on purpose. Asked for each handshake and each frame, in the order they happen. */
export interface FrameFaults {
  /** False while no frame can meet a fault, so that nobody need ask for each. */
  readonly isOn?: boolean;
  /** The answer that refuses a handshake, as a proxy's 502 does; null lets it pass. Asked before the signature is looked at. */
  handshake(): Reply | null;
  frame(about: FrameAbout): FrameFate;
}
