import type { Amount } from "../../units/money.js";
import type { Timestamp } from "../../units/time.js";
import type { World } from "../types.js";
import { type Account, type Order, positionOf } from "./accounts.js";
import type { Listings } from "./listings.js";
import { HOUSE_USERS } from "./makers/hands.js";
import type { Margin } from "./margin.js";
import type { OrderGroup, OrderGroups } from "./order-groups.js";
import type { Register } from "./register.js";
import type { Seat } from "./seat.js";
import { settle, waiveShortage } from "./settlement.js";
import type { Trading } from "./trading.js";

/** What an engine goes on from, beside what its members' accounts hold already. */
export interface Resumption {
  /** Those that rested, each book's in the order they stood there. */
  readonly orders: readonly Order[];
  readonly groups: readonly OrderGroup[];
  readonly fees: Amount;
  readonly deposited: Amount;
  /** How often it was begun; ids given out now are none of those before. */
  readonly run: number;
}

export interface ResumptionContext {
  readonly world: World;
  readonly seats: ReadonlyMap<string, Seat>;
  readonly listings: Listings;
  readonly register: Register;
  readonly groups: OrderGroups;
  readonly trading: Trading;
  readonly margin: Margin;
}

/** Puts orders and groups back, gives the house the other side of what members hold, and pays what was settled meanwhile. */
export function continueFrom(context: ResumptionContext, past: Resumption, time: Timestamp): void {
  const { register, groups } = context;
  for (const account of register.everyOfMembers()) takeUnpaid(context, account);
  for (const group of past.groups) groups.revive(group);
  for (const order of past.orders) revive(context, order, time);
  register.continueWith(past.fees, past.deposited);
  const house = register.account(HOUSE_USERS[0]!);
  for (const account of register.everyOfMembers()) {
    payMissed(context, account, time);
    for (const { ticker, count, settled } of account.positions.values()) {
      if (!settled && count !== 0) positionOf(house, ticker).count -= count;
    }
  }
  const { cash, escrow, fees, deposited } = register.audit();
  house.cash += deposited - fees - cash - escrow;
}

/** Sees to it that what an account holds is paid, though the world made its markets anew as ones that are closed. */
function takeUnpaid({ world, listings }: ResumptionContext, account: Account): void {
  for (const { ticker, settled } of account.positions.values()) {
    const market = world.markets.get(ticker);
    if (!settled && market !== undefined) listings.takeUnpaid(market.eventTicker);
  }
}

/** Pays an account what was settled meanwhile, and takes back the collateral that was returned for it. */
function payMissed(
  { world, seats, register, trading, margin }: ResumptionContext,
  account: Account,
  time: Timestamp,
): void {
  const events = new Set<string>();
  for (const { ticker, settled } of account.positions.values()) {
    const market = world.markets.get(ticker);
    if (settled || market === undefined || seats.has(ticker)) continue;
    register.charge(settle(account, market, time)?.fee ?? 0n);
    events.add(market.eventTicker);
  }
  for (const event of events) margin.refreshEvent(event, account);
  if (events.size === 0) return;
  trading.cover(account, time);
  register.charge(-waiveShortage(account));
}

/** Puts an order back where it stood; one whose market has closed meanwhile is cancelled as that would have. */
function revive({ seats, register, trading, margin }: ResumptionContext, order: Order, time: Timestamp): void {
  const account = register.account(order.owner, order.subaccount);
  const seat = seats.get(order.ticker);
  if (seat !== undefined && time < seat.venue.market.closeTime) {
    trading.revive(seat.venue, account, order);
    return;
  }
  Object.assign(order, { status: "canceled", remaining: 0, reason: "CloseCancel", updated: time });
  if (seat === undefined) margin.release(order.ticker, account);
  else margin.refresh(seat.venue, account);
}
