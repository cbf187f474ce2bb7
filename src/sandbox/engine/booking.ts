import { DIRECT_PRECISION, fillFee } from "../../analysis/fees.js";
import type { Count } from "../../units/count.js";
import { notional } from "../../units/money.js";
import type { Price } from "../../units/price.js";
import type { Timestamp } from "../../units/time.js";
import {
  type Account,
  applyFill,
  closingCount,
  type FeeTerms,
  type Fill,
  type Order,
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
}

/** An order as its account places it, not filled yet. It sells when all of it reduces what the account holds. */
export function newOrder(account: Account, draft: OrderDraft, time: Timestamp): Order {
  const { count, ...kept } = draft;
  const held = account.positions.get(draft.ticker)?.count ?? 0;
  const closes = count > 0 && closingCount(held, draft.side, count) === count;
  return {
    ...kept,
    owner: account.userId,
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
    { feeType: terms.feeType, multiplier: terms.feeMultiplier, precision: DIRECT_PRECISION, rule: "current" },
    { bookSide: order.side, price, count, role: isTaker ? "taker" : "maker" },
    order.carried,
  );
  const position = positionOf(account, order.ticker);
  account.cash += applyFill(position, order.side, price, count, time) - fee.net;
  account.updated = time;
  position.fees += fee.net;
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
    side: order.side,
    action: order.action,
    fee: fee.net,
  };
}
