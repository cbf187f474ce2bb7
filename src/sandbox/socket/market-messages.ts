import { formatCount } from "../../units/count.js";
import type { Amount } from "../../units/money.js";
import { complement, DOLLAR, formatPrice, type Price } from "../../units/price.js";
import { formatTime, type Timestamp, toSeconds } from "../../units/time.js";
import type { Engine } from "../engine/engine.js";
import type { EngineEvent, JsonObject, Levels, TradeRecord, World } from "../types.js";
import { wholeMillis } from "../wire/private-messages.js";

/** The whole book of a market; `""` as its id, and no levels, where there is none to be had. An empty side is left out. */
export function snapshotMessage(world: World, engine: Engine, ticker: string, useYesPrice: boolean): JsonObject {
  const book = engine.book(ticker);
  const gone = book === null || engine.now() >= (world.markets.get(ticker)?.settledTime ?? 0);
  return {
    market_ticker: ticker,
    market_id: gone ? "" : idOf(world, ticker),
    yes_dollars_fp: levels(book?.yes ?? [], (price) => price),
    no_dollars_fp: levels(book?.no ?? [], (price) => (useYesPrice ? complement(price) : price)),
  };
}

/** One change of a level. `own` adds what only the owner of the order that caused it is told. */
export function deltaMessage(
  world: World,
  event: Extract<EngineEvent, { type: "delta" }>,
  useYesPrice: boolean,
  own: boolean,
): JsonObject {
  return {
    market_ticker: event.ticker,
    market_id: idOf(world, event.ticker),
    price_dollars: formatPrice(event.side === "no" && useYesPrice ? complement(event.price) : event.price),
    delta_fp: formatCount(event.delta),
    side: event.side,
    client_order_id: own ? event.cause?.clientOrderId : undefined,
    subaccount: own ? (event.cause?.subaccount ?? 0) : undefined,
    ts: formatTime(event.time),
    ts_ms: wholeMillis(event.time),
  };
}

/** What a market's ticker shows at a moment; null for a market that does not exist. */
export function tickerMessage(world: World, engine: Engine, ticker: string, time: Timestamp): JsonObject | null {
  const view = engine.ticker(ticker);
  if (view === null) return null;
  return {
    market_ticker: ticker,
    market_id: idOf(world, ticker),
    price_dollars: formatPrice(view.lastPrice ?? 0),
    yes_bid_dollars: formatPrice(view.yesBid ?? 0),
    yes_ask_dollars: formatPrice(view.yesAsk ?? DOLLAR),
    volume_fp: formatCount(view.volume),
    open_interest_fp: formatCount(view.openInterest),
    dollar_volume: wholeDollars(view.dollarVolume),
    dollar_open_interest: Math.floor(view.openInterest / 100),
    yes_bid_size_fp: formatCount(view.yesBidSize),
    yes_ask_size_fp: formatCount(view.yesAskSize),
    last_trade_size_fp: formatCount(view.lastTradeSize),
    ts: toSeconds(time),
    ts_ms: wholeMillis(time),
    time: formatTime(time),
  };
}

/** A public trade. */
export function tradeMessage(trade: TradeRecord): JsonObject {
  return {
    trade_id: trade.id,
    market_ticker: trade.ticker,
    yes_price_dollars: formatPrice(trade.price),
    no_price_dollars: formatPrice(complement(trade.price)),
    count_fp: formatCount(trade.count),
    taker_side: trade.taker,
    taker_outcome_side: trade.taker,
    taker_book_side: trade.taker === "yes" ? "bid" : "ask",
    is_block_trade: trade.isBlock,
    ts: toSeconds(trade.time),
    ts_ms: wholeMillis(trade.time),
  };
}

/** What the channel of combos tells of a change to a market: no price ranges, and nothing of other metadata. */
export function comboMessage(message: JsonObject): JsonObject | null {
  if (message.event_type === "price_level_structure_updated" || message.event_type === "metadata_updated") return null;
  const { price_level_structure, price_ranges, ...told } = message;
  return told;
}

function idOf(world: World, ticker: string): string {
  return world.markets.get(ticker)?.marketId ?? "";
}

function levels(side: Levels, priceOf: (price: Price) => Price): readonly (readonly [string, string])[] | undefined {
  if (side.length === 0) return undefined;
  return side.map(([price, count]) => [formatPrice(priceOf(price)), formatCount(count)] as const);
}

function wholeDollars(amount: Amount): number {
  return Number(amount / 100_000_000n);
}
