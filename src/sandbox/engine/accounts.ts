import { DIRECT_PRECISION } from "../../analysis/fees/fee.js";
import type { Count } from "../../units/count.js";
import { type FineAmount, fineAmount } from "../../units/fine-amount.js";
import { type Amount, notional } from "../../units/money.js";
import { complement, DOLLAR, type Price } from "../../units/price.js";
import { divide } from "../../units/sum.js";
import type { Timestamp } from "../../units/time.js";
import type { BookSide, Resting, SelfTrade } from "./matching.js";

/** What cancelled an order, or changed it last, in the exchange's words. */
export type UpdateReason =
  | "Trade"
  | "Amend"
  | "Decrease"
  | "ExpiryCancel"
  | "CloseCancel"
  | "HaltCancel"
  | "MarginCancel"
  | "SelfTradeCancel"
  | "ReduceOnlyCancel";

export type OrderStatus = "resting" | "canceled" | "executed";

/** An order of any account, from its acceptance on. Money in 1e-8 dollars. */
export interface Order extends Resting {
  readonly ticker: string;
  /** Of its owner: 0 is the primary account. */
  readonly subaccount: number;
  /** The order group that it belongs to. */
  readonly groupId: string | null;
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
  readonly subaccount: number;
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
  cost: FineAmount;
  /** Locked in by closing and settlement, without fees; average cost. */
  realized: FineAmount;
  fees: Amount;
  /** The part of the fees that what is held has cost. */
  feeCost: Amount;
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
  readonly yesCost: FineAmount;
  readonly noCount: Count;
  readonly noCost: FineAmount;
  readonly revenue: Amount;
  /** Trading fees of the market, and what the payout's precision cut off. */
  readonly fee: Amount;
  readonly time: Timestamp;
}

/** One subaccount of a member: its money, orders and holdings. */
export interface Account {
  readonly userId: string;
  readonly keyId: string;
  /** 0 is the primary account. */
  readonly subaccount: number;
  /** The exchange's own makers and takers: unlimited credit, and no lists kept of what they did. */
  readonly house: boolean;
  /** Money that was paid in before anything else happened, and when. */
  readonly opening: Amount;
  opened: Timestamp;
  /** The balance's smallest step: $0.0001 for direct members, a cent for the others. */
  readonly precision: Price;
  /** Money, that behind resting orders included, before any collateral is returned. */
  cash: Amount;
  /** Whether collateral is returned across the markets of an event. */
  netting: boolean;
  /** Collateral returned for holdings that cannot all lose, by event. */
  readonly returned: Map<string, Amount>;
  readonly positions: Map<string, Position>;
  /** Collateral of resting orders, by market. */
  readonly reserved: Map<string, Amount>;
  /** Sums of the two maps. */
  returnedTotal: Amount;
  reservedTotal: Amount;
  /** By id, in the order they were placed. */
  readonly orders: Map<string, Order>;
  /** Those of them that stand in a book. */
  readonly resting: Set<Order>;
  /** The same by market; a market without any is not in it. */
  readonly restingIn: Map<string, Set<Order>>;
  /** Shared by all subaccounts of a member. */
  readonly clientOrderIds: Set<string>;
  /** Oldest first. */
  readonly fills: Fill[];
  /** Oldest first. */
  readonly settlements: Settlement[];
  updated: Timestamp;
}

/** What an account is made from. */
export interface AccountDraft {
  readonly userId: string;
  readonly keyId: string;
  readonly cash: Amount;
  readonly house: boolean;
  readonly subaccount?: number;
  readonly precision?: Price;
  readonly clientOrderIds?: Set<string>;
}

export function createAccount({ userId, keyId, cash, house, ...more }: AccountDraft): Account {
  return {
    userId,
    keyId,
    subaccount: more.subaccount ?? 0,
    house,
    opening: cash,
    opened: 0,
    precision: more.precision ?? DIRECT_PRECISION,
    cash,
    netting: true,
    returned: new Map(),
    positions: new Map(),
    reserved: new Map(),
    returnedTotal: 0n,
    reservedTotal: 0n,
    orders: new Map(),
    resting: new Set(),
    restingIn: new Map(),
    clientOrderIds: more.clientOrderIds ?? new Set(),
    fills: [],
    settlements: [],
    updated: 0,
  };
}

/** Money that is free to trade with: the balance. */
export function available(account: Account): Amount {
  return account.cash + account.returnedTotal - account.reservedTotal;
}

/** Enters an order among those that rest. */
export function addResting(account: Account, order: Order): void {
  account.resting.add(order);
  const here = account.restingIn.get(order.ticker);
  if (here === undefined) account.restingIn.set(order.ticker, new Set([order]));
  else here.add(order);
}

export function removeResting(account: Account, order: Order): void {
  account.resting.delete(order);
  const here = account.restingIn.get(order.ticker);
  here?.delete(order);
  if (here?.size === 0) account.restingIn.delete(order.ticker);
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
    feeCost: 0n,
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
    const cost = divide(position.cost * BigInt(closing), BigInt(Math.abs(position.count)));
    position.cost -= cost;
    position.realized += fineAmount(proceeds) - cost;
    cash += proceeds;
  }
  const paid = notional(own, count - closing);
  position.cost += fineAmount(paid);
  cash -= paid;
  position.count += side === "bid" ? count : -count;
  position.traded += notional(own, count);
  position.volume += count;
  position.updated = time;
  return cash;
}

/** What a position is worth at a price per YES contract. */
export function valueAt(held: Count, yesPrice: Price): Amount {
  return held >= 0 ? notional(yesPrice, held) : notional(DOLLAR - yesPrice, -held);
}
