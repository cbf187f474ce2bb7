import type { FrameAbout, FrameFate, FrameFaults } from "../socket/frame-faults.js";
import type { Reply } from "../types.js";
import { refusedWith } from "./deliver.js";
import type { SocketRule } from "./fault.js";
import type { FaultPlan, Running } from "./fault-plan.js";

/** Answers to commands: no data, and left alone unless a rule names them. */
const ANSWERS: ReadonlySet<string> = new Set(["subscribed", "ok", "unsubscribed", "error"]);

/** The half of a fault plan that strikes sockets: each frame and each handshake, in the order they happen. */
export class FrameInjector implements FrameFaults {
  readonly #plan: FaultPlan;
  #hasConnected = false;

  constructor(plan: FaultPlan) {
    this.#plan = plan;
  }

  get isOn(): boolean {
    return this.#plan.socket.length > 0;
  }

  handshake(): Reply | null {
    for (const running of this.#plan.socket) {
      const { fault } = running.rule;
      if (!running.isOn || fault.fault !== "handshake" || (fault.reconnect && !this.#hasConnected)) continue;
      if (!running.strikes.isHit(this.#plan.now)) continue;
      this.#plan.strike(running, { request: "handshake" });
      return refusedWith(fault, true);
    }
    this.#hasConnected = true;
    return null;
  }

  /** The first rule that hits decides. */
  frame(about: FrameAbout): FrameFate {
    for (const running of this.#plan.socket) {
      if (!running.isOn || !matches(running.rule, about) || !running.strikes.isHit(this.#plan.now)) continue;
      const { session, userId, channel, type, ticker, sid, seq } = about;
      this.#plan.strike(running, { session, user_id: userId, channel, type, ticker, sid, seq });
      return fateOf(running);
    }
    return "send";
  }
}

function matches({ fault, channel, ticker, type }: SocketRule, about: FrameAbout): boolean {
  if (fault.fault === "handshake") return false;
  if (channel !== "*" && channel !== about.channel) return false;
  if (type === null ? ANSWERS.has(about.type) : type !== about.type) return false;
  // Without a subscription there is none to end.
  if (fault.fault === "error" && about.sid === null) return false;
  if (ticker === null) return true;
  if (about.ticker === null) return false;
  return ticker.endsWith("*") ? about.ticker.startsWith(ticker.slice(0, -1)) : about.ticker === ticker;
}

function fateOf(running: Running<SocketRule>): FrameFate {
  const { fault } = running.rule;
  switch (fault.fault) {
    case "duplicate":
      return "twice";
    case "delay":
      return { delayMs: running.delay(fault) };
    case "stall":
      return { delayMs: fault.ms, holdsPings: !fault.pings };
    case "reorder":
      return { behind: fault.frames };
    case "error":
      return { end: fault.code };
    case "handshake":
      return "send";
    default:
      return fault.fault;
  }
}
