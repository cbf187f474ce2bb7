import { wireLevels } from "../book/book.js";
import type { BookEvent, Gap } from "../book/event.js";
import {
  eventFeeMessageFields,
  eventLifecycleMessageFields,
  fillMessageFields,
  lifecycleMessageFields,
  orderGroupMessageFields,
  orderMessageFields,
  positionMessageFields,
  tickerMessageFields,
  tradeMessageFields,
} from "../exchange/channel.js";
import type { Fields, Kind } from "../exchange/field.js";
import { formatCount } from "../units/count.js";
import { formatPrice } from "../units/price.js";
import { formatTimeFull, type Timestamp } from "../units/time.js";

/**
 * An event as `kalshi-lab replay` writes it: `type`, `time` (the exchange's, or null), `received_time` and `connection`, then what it says.
 * Times are RFC 3339 in UTC with six decimals, prices and counts the exchange's own texts, NO levels always in NO prices.
 */
export type WireEvent = Readonly<Record<string, unknown>>;

export function wireEvent(event: BookEvent): WireEvent {
  const { type, time, receivedAt, connection } = event;
  const head = { type, time: maybeTime(time), received_time: formatTimeFull(receivedAt), connection };
  switch (event.type) {
    case "snapshot":
      return {
        ...head,
        ...placeOf(event),
        ticker: event.ticker,
        yes_dollars: wireLevels(event.yes),
        no_dollars: wireLevels(event.no),
      };
    case "delta":
      return {
        ...head,
        ...placeOf(event),
        ticker: event.ticker,
        side: event.side,
        price: formatPrice(event.price),
        delta: formatCount(event.delta),
        count: formatCount(event.count),
        trust: event.state === "ok" ? "ok" : "unknown",
        client_order_id: event.client_order_id,
      };
    case "gap":
      return { ...head, ...wireGap(event), channel: event.channel };
    case "disconnect":
      return {
        ...head,
        reason: event.reason,
        code: event.code,
        tickers: event.tickers,
        from: formatTimeFull(event.from),
      };
    case "unsubscribed":
      return { ...head, sid: event.sid, tickers: event.tickers, from: formatTimeFull(event.from) };
    case "stall": {
      const [from, to] = [formatTimeFull(event.from), maybeTime(event.to)];
      return { ...head, reason: event.reason, ticker: event.ticker, from, to };
    }
    case "unknown": {
      const { ticker, kind, text, problem } = event;
      return { ...head, ...placeOf(event), ticker, kind, text, problem };
    }
    case "lifecycle":
      return { ...head, ...placeOf(event), kind: event.kind, ...messageOf(lifecycles[event.kind], event) };
    default:
      return { ...head, ...placeOf(event), ...messageOf(messages[event.type], event) };
  }
}

/** A gap as the quality of a recording lists it; one from a lost connection has null sequences, one still open a null `to`. */
export function wireGap(gap: Gap) {
  return {
    connection: gap.connection,
    reason: gap.reason as string,
    sid: gap.sid,
    from_seq: gap.fromSequence,
    to_seq: gap.toSequence,
    tickers: gap.tickers,
    from: formatTimeFull(gap.from),
    to: maybeTime(gap.to),
    recovered_by: gap.recoveredBy as string | null,
  };
}

const messages: Readonly<Record<"trade" | "ticker" | "fill" | "order" | "position" | "order_group", Fields>> = {
  trade: tradeMessageFields,
  ticker: tickerMessageFields,
  fill: fillMessageFields,
  order: orderMessageFields,
  position: positionMessageFields,
  order_group: orderGroupMessageFields,
};

const lifecycles: Readonly<Record<(BookEvent & { type: "lifecycle" })["kind"], Fields>> = {
  market_lifecycle_v2: lifecycleMessageFields,
  multivariate_market_lifecycle: lifecycleMessageFields,
  event_lifecycle: eventLifecycleMessageFields,
  event_fee_update: eventFeeMessageFields,
};

function placeOf({ sid, sequence }: { readonly sid: number | null; readonly sequence: number | null }) {
  return { sid, seq: sequence };
}

function messageOf(fields: Fields, event: BookEvent): WireEvent {
  const values = event as unknown as Readonly<Record<string, unknown>>;
  const told = Object.entries(fields).map(([name, { kind }]) => [name, wireValue(kind, values[name])]);
  const { extra } = values;
  return { ...Object.fromEntries(told), ...(extra === null || extra === undefined ? {} : { extra }) };
}

function wireValue(kind: Kind, value: unknown): unknown {
  if (typeof value !== "number") return value ?? null;
  if (kind === "dollars") return formatPrice(value);
  if (kind === "contracts") return formatCount(value);
  return kind === "time" ? formatTimeFull(value) : value;
}

function maybeTime(time: Timestamp | null): string | null {
  return time === null ? null : formatTimeFull(time);
}
