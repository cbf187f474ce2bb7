import {
  type Envelope,
  parseEventFeeMessage,
  parseEventLifecycleMessage,
  parseFillMessage,
  parseLifecycleMessage,
  parseOrderGroupMessage,
  parseOrderMessage,
  parsePositionMessage,
  parseTickerMessage,
  parseTradeMessage,
} from "../exchange/channel.js";
import type { Timestamp } from "../units/time.js";
import type { UnknownEvent } from "./event.js";

/** Messages that change no book, by their type, each with the type of its event. */
const readers = {
  trade: (msg: unknown) => ({ type: "trade", ...parseTradeMessage(msg) }) as const,
  ticker: (msg: unknown) => ({ type: "ticker", ...parseTickerMessage(msg) }) as const,
  fill: (msg: unknown) => ({ type: "fill", ...parseFillMessage(msg) }) as const,
  user_order: (msg: unknown) => ({ type: "order", ...parseOrderMessage(msg) }) as const,
  market_position: (msg: unknown) => ({ type: "position", ...parsePositionMessage(msg) }) as const,
  order_group_updates: (msg: unknown) =>
    ({ type: "order_group", ticker: null, ...parseOrderGroupMessage(msg) }) as const,
  market_lifecycle_v2: (msg: unknown) =>
    ({ type: "lifecycle", kind: "market_lifecycle_v2", ...parseLifecycleMessage(msg) }) as const,
  multivariate_market_lifecycle: (msg: unknown) =>
    ({ type: "lifecycle", kind: "multivariate_market_lifecycle", ...parseLifecycleMessage(msg) }) as const,
  event_lifecycle: (msg: unknown) =>
    ({ type: "lifecycle", kind: "event_lifecycle", ticker: null, ...parseEventLifecycleMessage(msg) }) as const,
  event_fee_update: (msg: unknown) =>
    ({ type: "lifecycle", kind: "event_fee_update", ticker: null, ...parseEventFeeMessage(msg) }) as const,
};

export type ReadableType = keyof typeof readers;

/** Whether a message of this type changes no book and can be read. */
export function isReadable(type: string): type is ReadableType {
  return Object.hasOwn(readers, type);
}

/** What a message says, with the type of its event. @throws KalshiError `BAD_RECORD`, `LEGACY_FIELDS` */
export function readMessage(type: ReadableType, msg: unknown): ReturnType<(typeof readers)[ReadableType]> {
  return readers[type](msg);
}

/** A message kept as it came; `problem` tells what was wrong with it, null for a type that is merely not known. */
export function unknownEvent(
  envelope: Envelope | null,
  text: string,
  receivedAt: Timestamp,
  connection: number,
  ticker: string | null,
  problem: string | null,
): UnknownEvent {
  return {
    type: "unknown",
    receivedAt,
    time: envelope?.sentTime ?? null,
    connection,
    kind: envelope?.type ?? null,
    ticker,
    sid: envelope?.sid ?? null,
    sequence: envelope?.seq ?? null,
    text,
    problem,
  };
}

/** The market that a message is of, under either name, or null. */
export function tickerIn(msg: unknown): string | null {
  if (typeof msg !== "object" || msg === null) return null;
  const { market_ticker, ticker } = msg as Readonly<Record<string, unknown>>;
  return typeof market_ticker === "string" ? market_ticker : typeof ticker === "string" ? ticker : null;
}
