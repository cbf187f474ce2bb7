import { type Envelope, parseEnvelope } from "../../exchange/channel.js";
import { complement, formatPrice, parsePrice } from "../../units/price.js";
import type { EngineEvent, Json, JsonObject } from "../types.js";

export type Recorded = Extract<EngineEvent, { type: "recorded" }>;

/** The channels whose messages a replay passes on. What belonged to the account that recorded is nobody's here. */
const channelOf: ReadonlyMap<string, Recorded["channel"]> = new Map([
  ["orderbook_snapshot", "orderbook_delta"],
  ["orderbook_delta", "orderbook_delta"],
  ["ticker", "ticker"],
  ["trade", "trade"],
  ["market_lifecycle_v2", "market_lifecycle_v2"],
  ["event_lifecycle", "market_lifecycle_v2"],
  ["event_fee_update", "market_lifecycle_v2"],
  ["multivariate_market_lifecycle", "multivariate_market_lifecycle"],
]);

/** The envelope of a frame as it was received; null for what is none. */
export function readFrame(body: Buffer): Envelope | null {
  try {
    return parseEnvelope(body.toString("utf8"));
  } catch {
    return null;
  }
}

/** The market that a frame is about; null where it is about none. */
export function tickerIn({ msg }: Envelope): string | null {
  const { market_ticker } = objectOf(msg);
  return typeof market_ticker === "string" ? market_ticker : null;
}

/** A frame as an event, its content as it was recorded; null for a frame of no channel that is passed on. */
export function recordedEvent(envelope: Envelope, useYesPrice: boolean): Recorded | null {
  const channel = channelOf.get(envelope.type);
  if (channel === undefined) return null;
  const { client_order_id: _id, subaccount: _subaccount, ...message } = objectOf(envelope.msg);
  const turned = channel === "orderbook_delta" ? turnNo(message) : message;
  return {
    type: "recorded",
    channel,
    frame: envelope.type,
    ticker: tickerIn(envelope),
    message: useYesPrice ? turned : message,
    yesPriceMessage: useYesPrice ? message : turned,
  };
}

/** The same message with NO levels in the other side's prices: of NO in those of YES, and back. */
function turnNo(message: JsonObject): JsonObject {
  const { side, price_dollars, no_dollars_fp } = message;
  if (side === "no" && typeof price_dollars === "string") return { ...message, price_dollars: turned(price_dollars) };
  if (!Array.isArray(no_dollars_fp)) return message;
  return { ...message, no_dollars_fp: (no_dollars_fp as readonly Json[]).map(turnLevel) };
}

function turnLevel(level: Json): Json {
  if (!Array.isArray(level)) return level;
  const [price, ...rest] = level as readonly Json[];
  return typeof price === "string" ? [turned(price), ...rest] : level;
}

function turned(price: string): string {
  return formatPrice(complement(parsePrice(price)));
}

/** JSON it is already; only the type says so anew. */
export function objectOf(msg: unknown): JsonObject {
  return typeof msg === "object" && msg !== null && !Array.isArray(msg) ? (msg as JsonObject) : {};
}
