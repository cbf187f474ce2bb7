import { tradeFee } from "../../analysis/fees.js";
import type { Count } from "../../units/count.js";
import { type Amount, amountOf, notional } from "../../units/money.js";
import { complement, DOLLAR, type Price } from "../../units/price.js";
import type { Timestamp } from "../../units/time.js";
import type { BookSide, Resting, SelfTrade } from "./matching.js";

/** What cancelled an order, or changed it last, in the exchange's words. */
export type UpdateReason =
  | "Trade"
  | "Amend"
  | "Decrease"
  | "ExpiryCancel"
  | "CloseCancel"
  | "SelfTradeCancel"
  | "ReduceOnlyCancel";

export type OrderStatus = "resting" | "canceled" | "executed";

/** An order of any account, from its acceptance on. Money in 1e-8 dollars. */
export interface Order extends Resting {
  readonly ticker: string;
  /** An amendment can change it, as the price, the initial count and the expiry. */
  clientOrderId: string;
  price: Price;
  /** `sell` when it was placed to reduce what its owner held. */
  readonly action: "buy" | "sell";
  /** Asked for. An amendment sets it anew; a decrease leaves it, so that what is not filled in the end was withdrawn. */
  initial: Count;
  readonly created: Timestamp;
  expires: Timestamp | null;
  readonly selfTrade: SelfTrade;
  readonly cancelOnPause: boolean;
  status: OrderStatus;
  filled: Count;
  updated: Timestamp;
  reason: UpdateReason | null;
  takerCost: Amount;
  makerCost: Amount;
  takerFees: Amount;
  makerFees: Amount;
  /** Rounding fees not given back yet: the accumulator of the fee rule. */
  carried: Amount;
}

/** One own order's part in one trade. */
export interface Fill {
  /** The public trade's id, and the fill's own. */
  readonly tradeId: string;
  readonly orderId: string;
  readonly clientOrderId: string;
  readonly ticker: string;
  readonly side: BookSide;
  readonly action: "buy" | "sell";
  /** YES price. */
  readonly price: Price;
  readonly count: Count;
  readonly isTaker: boolean;
  readonly time: Timestamp;
  readonly fee: Amount;
}

/** What an account holds in one market, and has done there. */
export interface Position {
  readonly ticker: string;
  /** YES positive, NO negative. */
  count: Count;
  /** Cost of what is held, without fees. */
  cost: Amount;
  /** Locked in by closing and settlement, without fees; average cost. */
  realized: Amount;
  fees: Amount;
  /** All money traded, each fill at the price of the side it made longer. */
  traded: Amount;
  /** All contracts traded. */
  volume: Count;
  updated: Timestamp;
  settled: boolean;
}

/** A paid market. */
export interface Settlement {
  readonly ticker: string;
  readonly eventTicker: string;
  readonly result: "yes" | "no" | "scalar";
  readonly value: Price;
  readonly yesCount: Count;
  readonly yesCost: Amount;
  readonly noCount: Count;
  readonly noCost: Amount;
  readonly revenue: Amount;
  /** Trading fees of the market, and what the payout's precision cut off. */
  readonly fee: Amount;
  readonly time: Timestamp;
}

/** One member's money, orders and holdings. */
export interface Account {
  readonly userId: string;
  readonly keyId: string;
  /** The exchange's own makers and takers: unlimited credit, and no lists kept of what they did. */
  readonly house: boolean;
  /** Money that was paid in before anything else happened, and when. */
  readonly opening: Amount;
  opened: Timestamp;
  /** Money, that behind resting orders included. */
  cash: Amount;
  readonly positions: Map<string, Position>;
  /** Collateral of resting orders, by market. */
  readonly reserved: Map<string, Amount>;
  /** By id, in the order they were placed. */
  readonly orders: Map<string, Order>;
  /** Those of them that stand in a book. */
  readonly resting: Set<Order>;
  readonly clientOrderIds: Set<string>;
  /** Oldest first. */
  readonly fills: Fill[];
  /** Oldest first. */
  readonly settlements: Settlement[];
  updated: Timestamp;
}

export function createAccount(userId: string, keyId: string, cash: Amount, house: boolean): Account {
  return {
    userId,
    keyId,
    house,
    opening: cash,
    opened: 0,
    cash,
    positions: new Map(),
    reserved: new Map(),
    orders: new Map(),
    resting: new Set(),
    clientOrderIds: new Set(),
    fills: [],
    settlements: [],
    updated: 0,
  };
}

/** Money that is free to trade with. */
export function available(account: Account): Amount {
  let free = account.cash;
  for (const reserved of account.reserved.values()) free -= reserved;
  return free;
}

/** The account's position in a market, made when there was none. */
export function positionOf(account: Account, ticker: string): Position {
  const known = account.positions.get(ticker);
  if (known !== undefined) return known;
  const fresh: Position = {
    ticker,
    count: 0,
    cost: 0n,
    realized: 0n,
    fees: 0n,
    traded: 0n,
    volume: 0,
    updated: 0,
    settled: false,
  };
  account.positions.set(ticker, fresh);
  return fresh;
}

/** Price of the side that a fill makes longer: YES for a bid, NO for an ask. */
export function sidePrice(side: BookSide, yesPrice: Price): Price {
  return side === "bid" ? yesPrice : complement(yesPrice);
}

/** Contracts that a fill of `count` takes out of a position before it opens any. */
export function closingCount(held: Count, side: BookSide, count: Count): Count {
  const opposed = side === "bid" ? Math.max(0, -held) : Math.max(0, held);
  return Math.min(opposed, count);
}

/**
 * Books a fill into a position by average cost, and returns the cash it moves before fees: what opens is paid for, what
 * closes is sold.
 */
export function applyFill(position: Position, side: BookSide, price: Price, count: Count, time: Timestamp): Amount {
  const closing = closingCount(position.count, side, count);
  const own = sidePrice(side, price);
  let cash = 0n;
  if (closing > 0) {
    const proceeds = notional(complement(own), closing);
    const cost = (position.cost * BigInt(closing)) / BigInt(Math.abs(position.count));
    position.cost -= cost;
    position.realized += proceeds - cost;
    cash += proceeds;
  }
  const paid = notional(own, count - closing);
  position.cost += paid;
  cash -= paid;
  position.count += side === "bid" ? count : -count;
  position.traded += notional(own, count);
  position.volume += count;
  position.updated = time;
  return cash;
}

/** What decides the fees that collateral must cover. */
export interface FeeTerms {
  readonly feeType: string;
  readonly feeMultiplier: number;
}

/**
 * Collateral of one side's orders in a market: their cost at their limits with the fees they may meet, in steps of $0.0001.
 *
 * Orders that would only close a holding need no money; the cheapest count as those, so that the answer is never too low.
 */
export function collateral(
  held: Count,
  side: BookSide,
  orders: readonly { price: Price; remaining: Count; role: "taker" | "maker" }[],
  terms: FeeTerms,
): Amount {
  let free = side === "bid" ? Math.max(0, -held) : Math.max(0, held);
  let total = 0n;
  const cheapestFirst = orders.toSorted((a, b) => sidePrice(side, a.price) - sidePrice(side, b.price));
  for (const { price, remaining, role } of cheapestFirst) {
    const closing = Math.min(free, remaining);
    free -= closing;
    total += notional(sidePrice(side, price), remaining - closing);
    total += tradeFee(
      { feeType: terms.feeType, multiplier: terms.feeMultiplier, precision: BALANCE_STEP, rule: "current" },
      { price, count: remaining, role },
    );
  }
  const step = amountOf(BALANCE_STEP);
  return ((total + step - 1n) / step) * step;
}

/** The smallest step of a direct member's balance: $0.0001. */
export const BALANCE_STEP: Price = 100;

/** What a position is worth at a price per YES contract. */
export function valueAt(held: Count, yesPrice: Price): Amount {
  return held >= 0 ? notional(yesPrice, held) : notional(DOLLAR - yesPrice, -held);
}
