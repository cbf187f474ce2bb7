import { type Count, formatCount } from "../../units/count.js";
import { formatFine } from "../../units/fine-amount.js";
import { type Amount, formatAmount } from "../../units/money.js";
import { complement, formatPrice } from "../../units/price.js";
import { formatTime, MILLISECOND, type Timestamp, toSeconds } from "../../units/time.js";
import type { Fill, Order, Position, Settlement } from "../engine/accounts.js";
import type { BookSide } from "../engine/matching.js";
import type { JsonObject } from "../types.js";

/** An order as REST shows it, live and historical alike. */
export function orderWire(order: Order): JsonObject {
  return {
    action: order.action,
    book_side: order.side,
    cancel_order_on_pause: order.cancelOnPause ? true : undefined,
    client_order_id: order.clientOrderId,
    created_time: formatTime(order.created),
    exchange_index: 0,
    expiration_time: order.expires === null ? undefined : formatTime(order.expires),
    fill_count_fp: formatCount(order.filled),
    initial_count_fp: formatCount(order.initial),
    last_update_time: formatTime(order.updated),
    maker_fees_dollars: formatAmount(order.makerFees),
    maker_fill_cost_dollars: formatAmount(order.makerCost),
    no_price_dollars: formatPrice(complement(order.price)),
    order_group_id: order.groupId ?? undefined,
    order_id: order.id,
    outcome_side: outcomeOf(order.side),
    remaining_count_fp: formatCount(order.remaining),
    self_trade_prevention_type: order.selfTrade,
    side: outcomeOf(order.side),
    status: order.status,
    subaccount_number: order.subaccount,
    taker_fees_dollars: formatAmount(order.takerFees),
    taker_fill_cost_dollars: formatAmount(order.takerCost),
    ticker: order.ticker,
    type: "limit",
    user_id: order.owner,
    yes_price_dollars: formatPrice(order.price),
  };
}

/** A fill as REST shows it, live and historical alike. */
export function fillWire(fill: Fill): JsonObject {
  return {
    action: fill.action,
    book_side: fill.side,
    count_fp: formatCount(fill.count),
    created_time: formatTime(fill.time),
    exchange_index: 0,
    fee_cost: formatAmount(fill.fee),
    fill_id: fill.tradeId,
    is_taker: fill.isTaker,
    market_ticker: fill.ticker,
    no_price_dollars: formatPrice(complement(fill.price)),
    order_id: fill.orderId,
    outcome_side: outcomeOf(fill.side),
    side: outcomeOf(fill.side),
    subaccount_number: fill.subaccount,
    ticker: fill.ticker,
    trade_id: fill.tradeId,
    ts: toSeconds(fill.time),
    yes_price_dollars: formatPrice(fill.price),
  };
}

/** A market position as REST shows it. */
export function positionWire(position: Position): JsonObject {
  return {
    exchange_index: 0,
    fees_paid_dollars: formatAmount(position.fees),
    last_updated_ts: formatTime(position.updated),
    market_exposure_dollars: formatFine(position.cost),
    position_fp: formatCount(position.count),
    realized_pnl_dollars: formatFine(position.realized),
    ticker: position.ticker,
    total_traded_dollars: formatAmount(position.traded),
  };
}

/** The sum of an event's market positions as REST shows it. */
export function eventPositionWire(eventTicker: string, positions: readonly Position[]): JsonObject {
  const sum = (read: (position: Position) => Amount) => positions.reduce((total, one) => total + read(one), 0n);
  return {
    event_exposure_dollars: formatFine(sum((one) => one.cost)),
    event_ticker: eventTicker,
    fees_paid_dollars: formatAmount(sum((one) => one.fees)),
    realized_pnl_dollars: formatFine(sum((one) => one.realized)),
    total_cost_dollars: formatAmount(sum((one) => one.traded)),
    total_cost_shares_fp: formatCount(positions.reduce((total, one) => total + one.volume, 0)),
  };
}

/** A settlement as REST shows it: revenue and value in cents, cut, where all else is exact. */
export function settlementWire(settlement: Settlement): JsonObject {
  return {
    event_ticker: settlement.eventTicker,
    exchange_index: 0,
    fee_cost: formatAmount(settlement.fee),
    market_result: settlement.result,
    no_count_fp: formatCount(settlement.noCount),
    no_total_cost_dollars: formatFine(settlement.noCost),
    revenue: cents(settlement.revenue),
    settled_time: formatTime(settlement.time),
    ticker: settlement.ticker,
    value: Math.floor(settlement.value / 10_000),
    yes_count_fp: formatCount(settlement.yesCount),
    yes_total_cost_dollars: formatFine(settlement.yesCost),
  };
}

/** The message of the `fill` channel. */
export function fillMessage(fill: Fill, heldAfter: Count): JsonObject {
  return {
    trade_id: fill.tradeId,
    order_id: fill.orderId,
    client_order_id: fill.clientOrderId,
    market_ticker: fill.ticker,
    exchange_index: 0,
    is_taker: fill.isTaker,
    side: outcomeOf(fill.side),
    yes_price_dollars: formatPrice(fill.price),
    count_fp: formatCount(fill.count),
    fee_cost: formatAmount(fill.fee),
    action: fill.action,
    outcome_side: outcomeOf(fill.side),
    book_side: fill.side,
    purchased_side: outcomeOf(fill.side),
    post_position_fp: formatCount(heldAfter),
    subaccount: fill.subaccount,
    ts: toSeconds(fill.time),
    ts_ms: wholeMillis(fill.time),
  };
}

/** The message of the `user_orders` channel. */
export function orderMessage(order: Order): JsonObject {
  return {
    order_id: order.id,
    user_id: order.owner,
    ticker: order.ticker,
    exchange_index: 0,
    status: order.status,
    side: outcomeOf(order.side),
    is_yes: order.side === "bid",
    outcome_side: outcomeOf(order.side),
    book_side: order.side,
    yes_price_dollars: formatPrice(order.price),
    initial_count_fp: formatCount(order.initial),
    fill_count_fp: formatCount(order.filled),
    remaining_count_fp: formatCount(order.remaining),
    taker_fill_cost_dollars: formatAmount(order.takerCost),
    maker_fill_cost_dollars: formatAmount(order.makerCost),
    taker_fees_dollars: formatAmount(order.takerFees),
    maker_fees_dollars: formatAmount(order.makerFees),
    client_order_id: order.clientOrderId,
    order_group_id: order.groupId ?? undefined,
    self_trade_prevention_type: order.selfTrade,
    subaccount_number: order.subaccount,
    created_time: formatTime(order.created),
    created_ts_ms: wholeMillis(order.created),
    last_update_time: formatTime(order.updated),
    last_updated_ts_ms: wholeMillis(order.updated),
    last_update_reason: order.reason ?? undefined,
    expiration_time: order.expires === null ? undefined : formatTime(order.expires),
    expiration_ts_ms: order.expires === null ? undefined : wholeMillis(order.expires),
  };
}

/** The message of the `market_positions` channel. */
export function positionMessage(userId: string, subaccount: number, position: Position): JsonObject {
  return {
    user_id: userId,
    market_ticker: position.ticker,
    position_fp: formatCount(position.count),
    position_cost_dollars: formatFine(position.cost),
    realized_pnl_dollars: formatFine(position.realized),
    fees_paid_dollars: formatAmount(position.fees),
    position_fee_cost_dollars: formatAmount(position.feeCost),
    volume_fp: formatCount(position.volume),
    subaccount,
  };
}

/** What happens to an order group. */
export type GroupEvent = "created" | "triggered" | "reset" | "deleted" | "limit_updated";

/** The message of the `order_group_updates` channel. */
export function groupMessage(id: string, type: GroupEvent, limit: Count, time: Timestamp): JsonObject {
  const tellsLimit = type === "created" || type === "limit_updated";
  return {
    event_type: type,
    order_group_id: id,
    contracts_limit_fp: tellsLimit ? formatCount(limit) : undefined,
    ts_ms: wholeMillis(time),
  };
}

/** Whole cents of an amount, cut toward zero, as the exchange's older money fields are. */
export function cents(amount: Amount): number {
  return Number(amount / 1_000_000n);
}

export function wholeMillis(time: Timestamp): number {
  return Math.floor(time / MILLISECOND);
}

export function outcomeOf(side: BookSide): "yes" | "no" {
  return side === "bid" ? "yes" : "no";
}
