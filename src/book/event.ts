import type {
  EventFeeMessage,
  EventLifecycleMessage,
  FillMessage,
  LifecycleMessage,
  OrderGroupMessage,
  OrderMessage,
  PositionMessage,
  TickerMessage,
  TradeMessage,
} from "../exchange/channel.js";
import type { Level } from "../exchange/orderbook.js";
import type { Count } from "../units/count.js";
import type { Price } from "../units/price.js";
import type { Timestamp } from "../units/time.js";

/** What every event carries. */
interface Happened {
  /** When it reached us, by the local clock. Clocks differ: it can be before `time`. */
  readonly receivedAt: Timestamp;
  /** The exchange's time, or null where it sent none. */
  readonly time: Timestamp | null;
  /** Connection it came on, counted from 1; subscriptions and sequences belong to one connection. */
  readonly connection: number;
}

interface OnSubscription extends Happened {
  readonly sid: number | null;
  /** Place in the subscription's count; null for channels that do not count (`ticker`, `fill`, `user_orders`, `market_positions`). */
  readonly sequence: number | null;
}

interface OnMarket extends OnSubscription {
  readonly ticker: string;
}

interface OnNoMarket extends OnSubscription {
  readonly ticker: null;
}

/** A whole book, which replaces what was there. NO levels are in NO prices. `time` is when it was sent, where the exchange says so. */
export interface Snapshot extends OnMarket {
  readonly type: "snapshot";
  readonly yes: readonly Level[];
  readonly no: readonly Level[];
}

/** One level's change. A NO level is in its NO price. */
export interface Delta extends OnMarket {
  readonly type: "delta";
  readonly side: "yes" | "no";
  readonly price: Price;
  readonly delta: Count;
  /** Contracts on the level after it. */
  readonly count: Count;
  /** `stale`: the book lacks messages, and `count` is a best guess. */
  readonly state: "ok" | "stale";
  /** Set when an own order caused it. */
  readonly client_order_id: string | null;
}

/** A public trade. */
export type TradeEvent = OnMarket & { readonly type: "trade" } & TradeMessage;

/** The figures of a market after a change. */
export type TickerEvent = OnMarket & { readonly type: "ticker" } & TickerMessage;

/** An own fill. */
export type FillEvent = OnMarket & { readonly type: "fill" } & FillMessage;

/** An own order after a change. */
export type OrderEvent = OnMarket & { readonly type: "order" } & OrderMessage;

/** An own position after a change. */
export type PositionEvent = OnMarket & { readonly type: "position" } & PositionMessage;

/** An own order group after a change. */
export type OrderGroupEvent = OnNoMarket & { readonly type: "order_group" } & OrderGroupMessage;

/**
 * A turn in the life of a market, of a combo, or of an event; `kind` is the message's own type. `event_type` of a market is `created`,
 * `activated`, `deactivated`, `close_date_updated`, `determined`, `settled`, `price_level_structure_updated` or `metadata_updated`.
 */
export type LifecycleEvent =
  | (OnMarket & {
      readonly type: "lifecycle";
      readonly kind: "market_lifecycle_v2" | "multivariate_market_lifecycle";
    } & LifecycleMessage)
  | (OnNoMarket & { readonly type: "lifecycle"; readonly kind: "event_lifecycle" } & EventLifecycleMessage)
  | (OnNoMarket & { readonly type: "lifecycle"; readonly kind: "event_fee_update" } & EventFeeMessage);

/** Why messages are missing. */
export type GapReason =
  /** A number was skipped in a subscription's count. */
  | "sequence"
  /** A level would have fallen below zero. */
  | "negative_level"
  /** A level was at a price below nothing or above a dollar. */
  | "invalid_price"
  /** A message could not be read. */
  | "unreadable"
  /** The exchange ended the subscription (errors 10 and 25). */
  | "channel_error"
  /** The connection was lost. */
  | "disconnect"
  /** The recorder could not write, or the recording is damaged. */
  | "not_recorded"
  /** The reader of a live connection was too slow, and had asked to go on without the oldest events. */
  | "slow_reader";

/**
 * Messages are missing: from `from` on the books of `tickers` are not to be trusted.
 *
 * Told twice: when it is noticed, with `to` and `recoveredBy` null, and when the last of its books is whole again. A hole in a channel
 * that keeps no book (`trade`) is told once; what was missed there can only be asked for by REST.
 */
export interface Gap extends Happened {
  readonly type: "gap";
  readonly reason: GapReason;
  readonly sid: number | null;
  readonly channel: string | null;
  /** First and last missing number; null where none is known to be missing. */
  readonly fromSequence: number | null;
  readonly toSequence: number | null;
  readonly tickers: readonly string[];
  /** The interval in exchange time, estimated from receive time where no message carries one. */
  readonly from: Timestamp;
  readonly to: Timestamp | null;
  readonly recoveredBy: "get_snapshot" | "snapshot" | "resubscribe" | null;
  /** With `slow_reader`: how many events were dropped. */
  readonly dropped?: number;
}

/** Whether an event begins a time in which books are not to be trusted: a {@link Gap} whose end is not known yet. */
export function opensGap(event: BookEvent): event is Gap {
  return event.type === "gap" && event.to === null;
}

/** The connection ended. Every book is stale until it has been subscribed to again; the {@link Gap} that follows tells the interval. */
export interface Disconnect extends Happened {
  readonly type: "disconnect";
  readonly reason: string;
  /** Close code of the WebSocket; 1006 where it was cut without one; null where none is known. */
  readonly code: number | null;
  readonly tickers: readonly string[];
  /** When the exchange was last heard. */
  readonly from: Timestamp;
}

/** Markets are no longer subscribed to: from `from` on their books are not kept up. Nothing that was asked for is missing. */
export interface Unsubscribed extends Happened {
  readonly type: "unsubscribed";
  readonly sid: number;
  readonly tickers: readonly string[];
  /** The exchange's time of the subscription's last message with one. */
  readonly from: Timestamp;
}

/** Whether from now on books are not to be told from: messages are missing, or none are asked for any more. */
export function endsBooks(event: BookEvent): event is Gap | Unsubscribed {
  return opensGap(event) || event.type === "unsubscribed";
}

/**
 * Nothing was heard for longer than `stallMs` (default 60 s), though the connection stands. It is found from receive times alone, so a
 * recording gives the very events that were given live.
 *
 * - `market`: no message of a book that has levels, while the connection brought others. Told twice: by the first message of the
 *   connection that finds it so (up to an eighth of `stallMs` late), with `to` null, and by the book's next message.
 * - `connection`: no message at all. Told once, by the next one, since pings are not recorded. A connection that does not even answer
 *   pings is given up: that is a {@link Disconnect}.
 * - `clock`: messages come, but the exchange's time on them stands still or goes back. Told twice, as `market`.
 */
export interface Stall extends Happened {
  readonly type: "stall";
  readonly reason: "market" | "connection" | "clock";
  /** The silent market; null for the other reasons. */
  readonly ticker: string | null;
  /** Receive time of the last message before it. */
  readonly from: Timestamp;
  /** Receive time of the first message after it; null while it goes on. */
  readonly to: Timestamp | null;
}

/** A message of a type this library does not read, or one it could not: kept as it came. */
export interface UnknownEvent extends Happened {
  readonly type: "unknown";
  /** The message's own `type`, or null. */
  readonly kind: string | null;
  readonly ticker: string | null;
  readonly sid: number | null;
  readonly sequence: number | null;
  readonly text: string;
  /** What was wrong with it; null for a type that is merely not known. */
  readonly problem: string | null;
}

/**
 * Everything that can happen on a feed, live or recorded: plain records, told apart by `type`.
 *
 * Every one has `receivedAt` (local) and `time` (the exchange's, or null), both in microseconds since 1970, and the number of its
 * connection. Prices are integer micro-dollars, counts integer hundredths of a contract. What concerns one market has its `ticker`; what
 * concerns several has `tickers`. Messages of a channel keep the exchange's own names of fields, without `_dollars` and `_fp`.
 */
export type BookEvent =
  | Snapshot
  | Delta
  | TradeEvent
  | TickerEvent
  | FillEvent
  | OrderEvent
  | PositionEvent
  | LifecycleEvent
  | OrderGroupEvent
  | Gap
  | Disconnect
  | Unsubscribed
  | Stall
  | UnknownEvent;
