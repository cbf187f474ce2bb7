import { fillFee } from "../../analysis/fees/fee.js";
import type { Count } from "../../units/count.js";
import { type Amount, notional } from "../../units/money.js";
import type { Price } from "../../units/price.js";
import type { Timestamp } from "../../units/time.js";
import type { FeeTerms } from "../world/fee-schedule.js";
import {
  type Account,
  applyFill,
  closingCount,
  type Fill,
  type Order,
  type Position,
  positionOf,
  sidePrice,
} from "./accounts.js";
import type { BookSide, SelfTrade } from "./matching.js";

/** What an order is made from. */
export interface OrderDraft {
  readonly id: string;
  readonly ticker: string;
  readonly side: BookSide;
  readonly price: Price;
  readonly count: Count;
  readonly clientOrderId: string;
  readonly selfTrade: SelfTrade;
  readonly cancelOnPause: boolean;
  readonly expires: Timestamp | null;
  readonly groupId?: string | null;
}

/** An order as its account places it, not filled yet. It sells when all of it reduces what the account holds. */
export function newOrder(account: Account, draft: OrderDraft, time: Timestamp): Order {
  const { count } = draft;
  const held = account.positions.get(draft.ticker)?.count ?? 0;
  const closes = count > 0 && closingCount(held, draft.side, count) === count;
  return {
    id: draft.id,
    ticker: draft.ticker,
    side: draft.side,
    price: draft.price,
    clientOrderId: draft.clientOrderId,
    selfTrade: draft.selfTrade,
    cancelOnPause: draft.cancelOnPause,
    expires: draft.expires,
    owner: account.userId,
    subaccount: account.subaccount,
    groupId: draft.groupId ?? null,
    action: closes ? "sell" : "buy",
    initial: count,
    remaining: count,
    created: time,
    status: "resting",
    filled: 0,
    updated: time,
    reason: null,
    takerCost: 0n,
    makerCost: 0n,
    takerFees: 0n,
    makerFees: 0n,
    carried: 0n,
  };
}

/** One party's part in a trade. */
export interface Part {
  readonly tradeId: string;
  /** YES price. */
  readonly price: Price;
  readonly count: Count;
  readonly isTaker: boolean;
  readonly time: Timestamp;
}

/** Books one party's part in a trade: cash, position, and the order's sums, with the fee by the rule in force. */
export function bookFill(account: Account, order: Order, terms: FeeTerms, part: Part): Fill {
  const { price, count, isTaker, time } = part;
  const fee = fillFee(
    { feeType: terms.feeType, multiplier: terms.feeMultiplier, precision: account.precision, rule: "current" },
    { bookSide: order.side, price, count, role: isTaker ? "taker" : "maker" },
    order.carried,
  );
  const position = positionOf(account, order.ticker);
  carryFees(position, order.side, count, fee.net);
  account.cash += applyFill(position, order.side, price, count, time) - fee.net;
  account.updated = time;
  order.carried = fee.carried;
  order.filled += count;
  order.updated = time;
  order.reason = "Trade";
  const cost = notional(sidePrice(order.side, price), count);
  if (isTaker) {
    order.takerCost += cost;
    order.takerFees += fee.net;
  } else {
    order.makerCost += cost;
    order.makerFees += fee.net;
  }
  return {
    ...part,
    orderId: order.id,
    clientOrderId: order.clientOrderId,
    ticker: order.ticker,
    subaccount: order.subaccount,
    side: order.side,
    action: order.action,
    fee: fee.net,
  };
}

/** Books a fill's fee before the fill itself: what closes takes its share of the held fees along, what opens adds its own. */
function carryFees(position: Position, side: BookSide, count: Count, fee: Amount): void {
  const closing = closingCount(position.count, side, count);
  if (closing > 0) position.feeCost -= (position.feeCost * BigInt(closing)) / BigInt(Math.abs(position.count));
  position.feeCost += (fee * BigInt(count - closing)) / BigInt(count);
  position.fees += fee;
}
