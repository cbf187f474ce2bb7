import {
  type Envelope,
  parseFillMessage,
  parseOrderMessage,
  parseTickerMessage,
  parseTradeMessage,
} from "../exchange/channel.js";
import type { Timestamp } from "../units/time.js";
import type { UnknownEvent } from "./event.js";

/** Messages that change no book, each with the type of its event. */
export const readers = {
  trade: (msg: unknown) => ({ type: "trade", ...parseTradeMessage(msg) }) as const,
  ticker: (msg: unknown) => ({ type: "ticker", ...parseTickerMessage(msg) }) as const,
  fill: (msg: unknown) => ({ type: "fill", ...parseFillMessage(msg) }) as const,
  user_order: (msg: unknown) => ({ type: "order", ...parseOrderMessage(msg) }) as const,
};

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
