import type { Reply } from "../types.js";
import type { ChannelName } from "./channel.js";

/** What a frame is, before it is sent. The ends of a subscription count as frames of its channel, errors without one have none. */
export interface FrameAbout {
  readonly userId: string;
  /** As sent: `orderbook_delta`, `ok`, `error`, … */
  readonly type: string;
  readonly channel: ChannelName | null;
  readonly ticker: string | null;
  readonly sid: number | null;
  /** The number that it has taken already, so that one dropped leaves a hole. */
  readonly seq: number | null;
}

/**
 * What becomes of a frame: sent, lost, sent two times alike, held for a while, or lost together with the connection, which ends without a
 * close frame. Behind a held frame everything of its connection waits, as behind a lost packet; nothing overtakes.
 */
export type FrameFate = "send" | "drop" | "twice" | "disconnect" | { readonly delayMs: number };

/** What goes wrong on sockets on purpose. Asked for each handshake and each frame, in the order they happen. */
export interface FrameFaults {
  /** The answer that refuses a handshake, as a proxy's 502 does; null lets it pass. Asked before the signature is looked at. */
  handshake(): Reply | null;
  frame(about: FrameAbout): FrameFate;
}
