import type { Amount } from "../../units/money.js";
import type { Timestamp } from "../../units/time.js";
import type { World } from "../types.js";
import { type Order, positionOf } from "./accounts.js";
import { HOUSE_USERS } from "./makers/hands.js";
import type { Margin } from "./margin.js";
import type { OrderGroup, OrderGroups } from "./order-groups.js";
import type { Register } from "./register.js";
import type { Seat } from "./seat.js";
import { settle } from "./settlement.js";
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
  readonly register: Register;
  readonly groups: OrderGroups;
  readonly trading: Trading;
  readonly margin: Margin;
}

/** Puts orders and groups back, gives the house the other side of what members hold, and pays what was settled meanwhile. */
export function continueFrom(context: ResumptionContext, past: Resumption, time: Timestamp): void {
  const { world, seats, register, groups } = context;
  for (const group of past.groups) groups.revive(group);
  for (const order of past.orders) revive(context, order, time);
  const house = register.account(HOUSE_USERS[0]!);
  for (const account of register.everyOfMembers()) {
    for (const { ticker, count, settled } of account.positions.values()) {
      if (settled || count === 0) continue;
      const market = world.markets.get(ticker);
      if (seats.has(ticker) || market === undefined) positionOf(house, ticker).count -= count;
      else settle(account, market, time);
    }
  }
  register.continueWith(past.fees, past.deposited);
  const { cash, escrow, fees, deposited } = register.audit();
  house.cash += deposited - fees - cash - escrow;
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
  if (seat !== undefined) margin.refresh(seat.venue, account);
}
