import { messageTime } from "../exchange/channel.js";
import type { WireObject } from "../exchange/field.js";
import type { Timestamp } from "../units/time.js";
import type { ReadFrame } from "./player.js";

/** What a frame says of its time: exact, none that is exact, none at all, or it has nothing to do with books. */
export type Seen =
  | { readonly kind: "timed"; readonly time: Timestamp }
  | { readonly kind: "untimed"; readonly sentTime: Timestamp | null }
  | { readonly kind: "control" }
  | { readonly kind: "other" };

const controls: ReadonlySet<string> = new Set(["subscribed", "ok", "unsubscribed", "error"]);

/** What a frame says of the exchange's time, and that time itself, which any channel's message may have. */
export function look({ envelope, time: known }: ReadFrame): { readonly seen: Seen; readonly time: Timestamp | null } {
  if (known !== null) return { seen: { kind: "timed", time: known }, time: known };
  if (envelope === null) return { seen: { kind: "control" }, time: null };
  const { type, msg, sentTime } = envelope;
  if (controls.has(type)) return { seen: { kind: "control" }, time: null };
  const time = timeIn(msg);
  if (type !== "orderbook_delta" && type !== "orderbook_snapshot") return { seen: { kind: "other" }, time };
  const isUntimed = time === null || type === "orderbook_snapshot";
  return { seen: isUntimed ? { kind: "untimed", sentTime } : { kind: "timed", time }, time };
}

function timeIn(msg: unknown): Timestamp | null {
  if (typeof msg !== "object" || msg === null) return null;
  try {
    return messageTime(msg as WireObject);
  } catch {
    // The feed tells of what cannot be read.
    return null;
  }
}
