import { KalshiError } from "../errors.js";
import type { Count } from "../units/count.js";
import { parseCount } from "../units/count.js";
import type { Price } from "../units/price.js";
import { parsePrice } from "../units/price.js";
import { fromMillis, fromSeconds, parseTime, type Timestamp } from "../units/time.js";
import { always, asObject, maybe, type RecordOf, recordParser, type WireObject } from "./field.js";
import { refuseLegacyRecord } from "./legacy.js";
import { type Level, parseLevels, refuseOldSides } from "./orderbook.js";

/**
 * The channels whose messages this library reads; others can be subscribed to and come as unknown messages. Mind the plurals:
 * `user_orders` sends `user_order`, `market_positions` sends `market_position`.
 *
 * @see API: 13.5
 */
export type ChannelName =
  | "orderbook_delta"
  | "ticker"
  | "trade"
  | "fill"
  | "user_orders"
  | "market_positions"
  | "order_group_updates"
  | "market_lifecycle_v2"
  | "multivariate_market_lifecycle";

/** Whether a subscription to a channel can be limited to some markets, which can then be added to and deleted from it. @see API: 13.5 */
export function takesMarkets(channel: string): boolean {
  return !forAll.has(channel);
}

const forAll: ReadonlySet<string> = new Set([
  "order_group_updates",
  "market_lifecycle_v2",
  "multivariate_market_lifecycle",
  "communications",
]);

/** What stands around every message, before its content is looked at. */
export interface Envelope {
  readonly type: string;
  /** Id of the command it answers, or null. */
  readonly id: number | null;
  /** Subscription, counted from 1 per connection, or null. */
  readonly sid: number | null;
  /** Place in the subscription's own count, or null for types that take none. */
  readonly seq: number | null;
  /** When the exchange queued it for sending, or null; sent since October 2026. */
  readonly sentTime: Timestamp | null;
  /** Content, not looked at. */
  readonly msg: unknown;
}

/** A whole book of one market, as a channel sends it. */
export interface OrderbookSnapshot {
  readonly ticker: string;
  /** Ascending bids; a side without levels is left out on the wire and empty here. */
  readonly yes: readonly Level[];
  /** In NO prices, unless the subscription has `use_yes_price`: then as sent, in YES prices. */
  readonly no: readonly Level[];
}

/** One level's change. */
export interface OrderbookDelta {
  readonly ticker: string;
  readonly side: "yes" | "no";
  /** In the side's own price, unless the subscription has `use_yes_price`: then NO levels are in YES prices. */
  readonly price: Price;
  /** Added to the level; negative takes away. */
  readonly delta: Count;
  /** The exchange's time, or null where it sent none. */
  readonly time: Timestamp | null;
  /** Set when an own order caused it. */
  readonly clientOrderId: string | null;
}

/** A public trade on the channel. @see API: 13.6 */
export const tradeMessageFields = {
  ticker: always("text", ["market_ticker", "ticker"], "market"),
  yes_price: always("dollars", "yes_price_dollars", "price of the YES side, $ per contract"),
  no_price: maybe("dollars", "no_price_dollars", "price of the NO side; both add up to $1"),
  count: always("contracts", "count_fp", "contracts"),
  taker_outcome_side: maybe(
    "text",
    ["taker_outcome_side", "taker_side"],
    "`yes` or `no`: what the taker became long of",
  ),
  taker_book_side: maybe("text", "taker_book_side", "`bid` or `ask`: the same, as a side of the YES book"),
  is_block_trade: maybe("boolean", "is_block_trade", "agreed off the book"),
  trade_id: always("uuid", "trade_id", "key of the trade"),
};

/** The figures of a market, sent when one changes. An empty bid is 0, an empty ask $1. @see API: 13.6 */
export const tickerMessageFields = {
  ticker: always("text", ["market_ticker", "ticker"], "market"),
  price: maybe("dollars", "price_dollars", "last trade, 0 without one, $"),
  yes_bid: maybe("dollars", "yes_bid_dollars", "best YES bid, 0 without one, $"),
  yes_ask: maybe("dollars", "yes_ask_dollars", "best YES ask, $1 without one"),
  yes_bid_size: maybe("contracts", "yes_bid_size_fp", "contracts at the best bid"),
  yes_ask_size: maybe("contracts", "yes_ask_size_fp", "contracts at the best ask"),
  last_trade_size: maybe("contracts", "last_trade_size_fp", "contracts of the last trade"),
  volume: maybe("contracts", "volume_fp", "contracts traded so far"),
  open_interest: maybe("contracts", "open_interest_fp", "contracts held"),
};

/** An own fill on the channel. @see API: 13.7 */
export const fillMessageFields = {
  ticker: always("text", ["market_ticker", "ticker"], "market"),
  trade_id: always("uuid", "trade_id", "the public trade"),
  order_id: always("uuid", "order_id", "the order"),
  client_order_id: maybe("text", "client_order_id", "our own id of the order"),
  is_taker: always("boolean", "is_taker", "whether our order crossed the spread"),
  outcome_side: maybe("text", "outcome_side", "`yes` or `no`: what the fill made longer"),
  book_side: maybe("text", "book_side", "`bid` or `ask`: the same, as a side of the YES book"),
  yes_price: always("dollars", "yes_price_dollars", "price of the YES side, $ per contract"),
  count: always("contracts", "count_fp", "contracts"),
  fee_cost: maybe("dollars", "fee_cost", "fee of this fill, $"),
  post_position: maybe("contracts", "post_position_fp", "position after it, signed"),
  action: maybe("text", "action", "older: buy or sell"),
  side: maybe("text", "side", "older: on sells the side bought to close"),
};

/** An own order after a change, on the channel. @see API: 13.7 */
export const orderMessageFields = {
  ticker: always("text", ["ticker", "market_ticker"], "market"),
  order_id: always("uuid", "order_id", "key of the order"),
  client_order_id: maybe("text", "client_order_id", "our own id"),
  status: always("text", "status", "resting, canceled, executed or unknown"),
  outcome_side: maybe("text", "outcome_side", "`yes` or `no`: what its fills make longer"),
  book_side: maybe("text", "book_side", "`bid` or `ask`: the same, as a side of the YES book"),
  yes_price: maybe("dollars", "yes_price_dollars", "limit of the YES side, $ per contract"),
  initial_count: maybe("contracts", "initial_count_fp", "contracts asked for"),
  fill_count: maybe("contracts", "fill_count_fp", "contracts filled"),
  remaining_count: maybe("contracts", "remaining_count_fp", "contracts still resting"),
  last_update_reason: maybe("text", "last_update_reason", "what changed it"),
};

/** An own position after a change, on the channel. @see API: 13.7 */
export const positionMessageFields = {
  ticker: always("text", ["market_ticker", "ticker"], "market"),
  position: always("contracts", "position_fp", "contracts of YES held; negative is NO"),
  position_cost: maybe("dollars", "position_cost_dollars", "what the position cost, $"),
  realized_pnl: maybe("dollars", "realized_pnl_dollars", "profit of what was closed, without fees, $"),
  fees_paid: maybe("dollars", "fees_paid_dollars", "fees so far, $"),
  position_fee_cost: maybe("dollars", "position_fee_cost_dollars", "fees of the position as it is, $"),
  volume: maybe("contracts", "volume_fp", "contracts traded by us so far"),
};

/** An own order group after a change, on the channel. @see API: 13.7 */
export const orderGroupMessageFields = {
  event_type: always("text", "event_type", "created, triggered, reset, deleted or limit_updated"),
  order_group_id: always("text", "order_group_id", "key of the group"),
  contracts_limit: maybe(
    "contracts",
    "contracts_limit_fp",
    "contracts that the group may trade; when created and changed",
  ),
};

/**
 * A market's life, on either of its two channels. Times are seconds on the wire. Nothing is sent when a market opens or closes as it was
 * planned to.
 *
 * @see API: 13.6
 */
export const lifecycleMessageFields = {
  ticker: always("text", "market_ticker", "market"),
  event_type: always(
    "text",
    "event_type",
    "created, activated, deactivated, close_date_updated, determined, settled, price_level_structure_updated or metadata_updated",
  ),
  event_ticker: maybe("text", ["additional_metadata.event_ticker", "event_ticker"], "its event; when created"),
  open_time: maybe("time", "open_ts", "when it opens", "seconds"),
  close_time: maybe("time", "close_ts", "when it closes", "seconds"),
  is_deactivated: maybe("boolean", "is_deactivated", "whether trading is held"),
  result: maybe("text", "result", "yes, no or scalar; when determined"),
  settlement_value: maybe("dollars", "settlement_value", "what a YES contract pays, $"),
  determination_time: maybe("time", "determination_ts", "when the result was determined", "seconds"),
  settled_time: maybe("time", "settled_ts", "when it was settled", "seconds"),
  price_level_structure: maybe("text", "price_level_structure", "name of the grid of prices"),
  price_ranges: maybe("json", "price_ranges", "the grid: list of start, end and step"),
  title: maybe("text", "additional_metadata.title", "title"),
  yes_sub_title: maybe("text", ["yes_sub_title", "additional_metadata.yes_sub_title"], "what YES is"),
  strike_type: maybe("text", ["strike_type", "additional_metadata.strike_type"], "how the strikes are to be read"),
  floor_strike: maybe("number", ["floor_strike", "additional_metadata.floor_strike"], "lower strike"),
  cap_strike: maybe("number", ["cap_strike", "additional_metadata.cap_strike"], "upper strike"),
  custom_strike: maybe("json", ["custom_strike", "additional_metadata.custom_strike"], "a strike of another kind"),
};

/** An event that has come into being, on the channels of lifecycles. @see API: 13.6 */
export const eventLifecycleMessageFields = {
  event_ticker: always("text", "event_ticker", "event"),
  series_ticker: maybe("text", "series_ticker", "series"),
  title: maybe("text", "title", "title"),
  subtitle: maybe("text", "subtitle", "second line of the title"),
  collateral_return_type: maybe("text", "collateral_return_type", "MECNET, DIRECNET or empty"),
  strike_date: maybe("time", "strike_date", "what it is about", "seconds"),
  strike_period: maybe("text", "strike_period", "what it is about, as a period"),
};

/** A fee of one event that differs from its series', on the channel of lifecycles. Both null: it differs no longer. @see API: 13.6 */
export const eventFeeMessageFields = {
  event_ticker: always("text", "event_ticker", "event"),
  fee_type_override: maybe("text", "fee_type_override", "its own fee type"),
  fee_multiplier_override: maybe("number", "fee_multiplier_override", "its own multiplier"),
};

export type TradeMessage = RecordOf<typeof tradeMessageFields>;
export type TickerMessage = RecordOf<typeof tickerMessageFields>;
export type FillMessage = RecordOf<typeof fillMessageFields>;
export type OrderMessage = RecordOf<typeof orderMessageFields>;
export type PositionMessage = RecordOf<typeof positionMessageFields>;
export type OrderGroupMessage = RecordOf<typeof orderGroupMessageFields>;
export type LifecycleMessage = RecordOf<typeof lifecycleMessageFields>;
export type EventLifecycleMessage = RecordOf<typeof eventLifecycleMessageFields>;
export type EventFeeMessage = RecordOf<typeof eventFeeMessageFields>;

/** Reads the content of `trade`. @throws KalshiError `BAD_RECORD`, `LEGACY_FIELDS` */
export const parseTradeMessage = recordParser("trade message", tradeMessageFields);
/** Reads the content of `ticker`. @throws KalshiError `BAD_RECORD`, `LEGACY_FIELDS` */
export const parseTickerMessage = recordParser("ticker message", tickerMessageFields);
/** Reads the content of `fill`. @throws KalshiError `BAD_RECORD`, `LEGACY_FIELDS` */
export const parseFillMessage = recordParser("fill message", fillMessageFields);
/** Reads the content of `user_order`. @throws KalshiError `BAD_RECORD`, `LEGACY_FIELDS` */
export const parseOrderMessage = recordParser("order message", orderMessageFields);
/** Reads the content of `market_position`. @throws KalshiError `BAD_RECORD` */
export const parsePositionMessage = recordParser("position message", positionMessageFields);
/** Reads the content of `order_group_updates`. @throws KalshiError `BAD_RECORD` */
export const parseOrderGroupMessage = recordParser("order group message", orderGroupMessageFields);
/** Reads the content of `market_lifecycle_v2` and `multivariate_market_lifecycle`. @throws KalshiError `BAD_RECORD` */
export const parseLifecycleMessage = recordParser("lifecycle message", lifecycleMessageFields);
/** Reads the content of `event_lifecycle`. @throws KalshiError `BAD_RECORD` */
export const parseEventLifecycleMessage = recordParser("event lifecycle message", eventLifecycleMessageFields);
/** Reads the content of `event_fee_update`. @throws KalshiError `BAD_RECORD` */
export const parseEventFeeMessage = recordParser("event fee message", eventFeeMessageFields);

/**
 * Reads a frame's text up to its envelope.
 *
 * @throws KalshiError `BAD_RECORD` when it is no JSON object with a `type`
 * @see API: 13.4
 */
export function parseEnvelope(text: string): Envelope {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch (error) {
    throw badMessage("a frame is no JSON", text, error);
  }
  if (typeof raw !== "object" || raw === null) throw badMessage("a frame is no JSON object", text);
  const { type, id, sid, seq, sending_ts_ms, msg } = raw as Readonly<Record<string, unknown>>;
  if (typeof type !== "string") throw badMessage("a frame has no `type`", text);
  return {
    type,
    id: typeof id === "number" && id > 0 ? id : null,
    sid: typeof sid === "number" ? sid : null,
    seq: typeof seq === "number" ? seq : null,
    sentTime: typeof sending_ts_ms === "number" ? fromMillis(sending_ts_ms) : null,
    msg,
  };
}

/** Reads the content of `orderbook_snapshot`. @throws KalshiError `BAD_RECORD`, `LEGACY_FIELDS`, `BAD_PRICE`, `BAD_COUNT` */
export function parseSnapshot(msg: unknown): OrderbookSnapshot {
  const object = asObject("order book snapshot", msg);
  const ticker = tickerOf(object);
  refuseOldSides(`order book snapshot ${ticker}`, object, "_dollars_fp");
  return { ticker, yes: parseLevels(ticker, object.yes_dollars_fp), no: parseLevels(ticker, object.no_dollars_fp) };
}

const deltaAmounts = {
  price: always("dollars", "price_dollars", "price of the level, in its side's own price, $"),
  delta: always("contracts", "delta_fp", "contracts more, or fewer"),
};

/** Reads the content of `orderbook_delta`, on the hot path. @throws KalshiError `BAD_RECORD`, `LEGACY_FIELDS`, `BAD_PRICE`, `BAD_COUNT` */
export function parseDelta(msg: unknown): OrderbookDelta {
  const object = asObject("order book delta", msg);
  const { side, price_dollars, delta_fp, client_order_id } = object;
  const ticker = tickerOf(object);
  if ((side !== "yes" && side !== "no") || typeof price_dollars !== "string" || typeof delta_fp !== "string") {
    refuseLegacyRecord(`order book delta ${ticker}`, deltaAmounts, object);
    throw badMessage(
      `order book delta ${ticker}: \`side\`, \`price_dollars\` or \`delta_fp\` is not as expected`,
      JSON.stringify(msg),
    );
  }
  return {
    ticker,
    side,
    price: parsePrice(price_dollars),
    delta: parseCount(delta_fp),
    time: messageTime(object),
    clientOrderId: typeof client_order_id === "string" ? client_order_id : null,
  };
}

/**
 * The exchange's time of a message's content, or null: `ts_ms`, else `ts` as RFC 3339 (zeros trimmed) or as seconds, else `time`.
 *
 * @throws KalshiError `BAD_TIME`
 */
export function messageTime(object: WireObject): Timestamp | null {
  const ms = object.ts_ms;
  if (typeof ms === "number") return ms * 1000;
  const { ts, time, last_updated_ts_ms, created_ts_ms } = object;
  if (typeof ts === "string") return parseTime(ts);
  if (typeof ts === "number") return fromSeconds(ts);
  if (typeof time === "string") return parseTime(time);
  if (typeof last_updated_ts_ms === "number") return fromMillis(last_updated_ts_ms);
  return typeof created_ts_ms === "number" ? fromMillis(created_ts_ms) : null;
}

/** The code and text of an `error` message. Codes 10 and 25 end their subscription. @see API: 13.8 */
export interface ChannelRefusal {
  readonly code: number;
  readonly text: string;
}

/** Reads the content of `error`; code 0 where there is none. */
export function parseRefusal(msg: unknown): ChannelRefusal {
  const object = typeof msg === "object" && msg !== null ? (msg as WireObject) : {};
  return {
    code: typeof object.code === "number" ? object.code : 0,
    text: typeof object.msg === "string" ? object.msg : "",
  };
}

/** The channel that `subscribed` names, or null. */
export function subscribedChannel(msg: unknown): string | null {
  const channel = typeof msg === "object" && msg !== null ? (msg as WireObject).channel : undefined;
  return typeof channel === "string" ? channel : null;
}

/** The tickers that an `ok` lists as the whole of its subscription, or null where it lists none. */
export function listedTickers(msg: unknown): readonly string[] | null {
  const list = typeof msg === "object" && msg !== null ? (msg as WireObject).market_tickers : undefined;
  return Array.isArray(list) ? list.filter((item): item is string => typeof item === "string") : null;
}

function tickerOf(object: WireObject): string {
  const ticker = object.market_ticker;
  if (typeof ticker === "string") return ticker;
  throw badMessage("a message without `market_ticker`", JSON.stringify(object));
}

function badMessage(what: string, text: string, cause?: unknown): KalshiError {
  return new KalshiError("BAD_RECORD", `${what}: ${text.length > 120 ? `${text.slice(0, 117)}...` : text}`, {
    hint: "the message is kept as it came; if the exchange changed its shape, update this library",
    context: { length: text.length },
    cause,
  });
}
