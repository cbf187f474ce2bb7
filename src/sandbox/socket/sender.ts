import type { Engine } from "../engine/engine.js";
import type { Json } from "../types.js";
import type { ChannelName } from "./channel.js";
import type { FrameFaults } from "./frame-faults.js";
import type { FrameLog, LoggedFate } from "./frame-log.js";
import { type FrameHead, frameHead, frameTail } from "./frames.js";
import type { Outlet } from "./outlet.js";
import { nextSeq, type Subscription, type Told } from "./subscription.js";

export interface SenderOptions {
  /** Number of the connection. */
  readonly id: number;
  readonly engine: Engine;
  readonly userId: string;
  readonly outlet: Outlet;
  /** A reader with more than this many bytes to take, those asked for aside, is too slow. */
  readonly maxPendingBytes: number;
  readonly faults?: FrameFaults | undefined;
  readonly log?: FrameLog | undefined;
  /** Ends a subscription, as a fault wants it. */
  readonly end: (sid: number, code: 10 | 25) => void;
}

/** What a frame is about, for the faults that pick frames. */
export interface About {
  readonly channel: ChannelName | null;
  readonly ticker: string | null;
}

/** The frames of one connection, on their way out. */
export interface Sender {
  /** Sends what a command asked for. */
  answer(head: FrameHead, msg: Json | undefined, about?: About): void;
  /** Sends a message in its place. False, and nothing sent, where the reader is too slow for it. */
  tell(subscription: Subscription, told: Told): boolean;
}

/** How many times over `maxPendingBytes` the answers to one command may be, with all before them, before the connection is cut. */
const PATIENCE = 32;

export function createSender(options: SenderOptions): Sender {
  const { id, engine, userId, outlet, maxPendingBytes, faults, log, end } = options;
  /** Bytes that were asked for and may not all have been taken yet. A whole book for each of many markets is nobody's slowness. */
  let asked = 0;
  /** Frames that so many others have yet to overtake. */
  let late: { readonly frame: string; left: number }[] = [];

  function isOverflowing(): boolean {
    const pending = outlet.pending();
    if (pending > maxPendingBytes) return pending > maxPendingBytes + asked;
    asked = 0;
    return false;
  }

  function note(fate: LoggedFate, frame: string): void {
    log?.frame(id, fate, frame, engine.now());
  }

  function give(frame: string): void {
    note("sent", frame);
    outlet.send(frame);
    if (late.length === 0) return;
    const due = late.filter((one) => {
      one.left -= 1;
      return one.left === 0;
    });
    late = late.filter(({ left }) => left > 0);
    for (const one of due) give(one.frame);
  }

  function send(head: FrameHead, tail: string, about: About): void {
    const frame = frameHead(head) + tail;
    if (faults === undefined || faults.isOn === false) {
      give(frame);
      return;
    }
    const { type, sid = null, seq = null } = head;
    const fate = faults.frame({ session: id, userId, type, sid, seq, channel: about.channel, ticker: about.ticker });
    if (fate === "drop" || fate === "disconnect" || (typeof fate === "object" && "end" in fate)) {
      note("dropped", frame);
      if (fate === "disconnect") outlet.cut();
      else if (typeof fate === "object" && sid !== null) end(sid, fate.end);
      return;
    }
    if (typeof fate === "object" && "behind" in fate) {
      note("late", frame);
      late.push({ frame, left: fate.behind });
      return;
    }
    if (typeof fate === "object") outlet.hold(fate.delayMs, fate.holdsPings);
    give(frame);
    if (fate === "twice") give(frame);
  }

  return {
    answer(head, msg, about = NOTHING) {
      if (outlet.pending() > PATIENCE * maxPendingBytes) {
        outlet.cut();
        return;
      }
      const tail = frameTail(msg, engine.now());
      asked += tail.length;
      send(head, tail, about);
    },
    tell(subscription, { type, ticker, tail }) {
      if (isOverflowing()) return false;
      const { sid, channel } = subscription;
      const seq = unnumbered.has(channel) ? undefined : nextSeq(subscription);
      send({ type, sid, seq }, tail, { channel, ticker });
      return true;
    },
  };
}

const NOTHING: About = { channel: null, ticker: null };

/** Channels whose messages take no number. What is answered about their subscriptions takes one. */
const unnumbered: ReadonlySet<ChannelName> = new Set(["ticker", "fill", "user_orders", "market_positions"]);
