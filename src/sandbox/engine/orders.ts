import type { Count } from "../../units/count.js";
import { type Duration, SECOND } from "../../units/time.js";
import { notFound, Refused } from "../wire/replies.js";
import type { Order } from "./accounts.js";
import { type Amendment, inactive, otherMarket } from "./admission.js";
import type { Halts } from "./halts.js";
import type { Listings } from "./listings.js";
import type { Progress } from "./progress.js";
import { ahead } from "./queue.js";
import type { Register } from "./register.js";
import type { Seat } from "./seat.js";
import type { TickerTape } from "./ticker-tape.js";
import type { Placed, Trading } from "./trading.js";
import { isOpen, type OrderRequest } from "./venue.js";

/** What members do with their orders. Each throws {@link Refused} with the exchange's own answer. */
export interface OrderOperations {
  place(userId: string, ticker: string, request: OrderRequest): Placed;
  /**
   * Cancels a resting order, of one subaccount or of any, and returns what it still wanted. `ticker`: what the market is said to be.
   *
   * @throws Refused, alike for unknown and finished orders
   */
  cancel(userId: string, orderId: string, subaccount?: number, ticker?: string): OrderCount;
  /** Changes a resting order, and returns what that filled. @throws Refused, alike for unknown and finished orders */
  amend(userId: string, orderId: string, amendment: (order: Order) => Amendment, subaccount?: number): Placed;
  /** Makes a resting order smaller by what `by` says of it; it keeps its place. @throws Refused, alike for unknown and finished orders */
  decrease(userId: string, orderId: string, by: (order: Order) => Count, subaccount?: number): Order;
  /** Cancels all resting orders of markets that are open, of one subaccount or of all. */
  cancelAll(userId: string, subaccount?: number): void;
  /** Contracts that stand before a resting order at its price. @throws Refused, alike for unknown and finished orders */
  ahead(userId: string, orderId: string): OrderCount;
}

export interface OrderCount {
  readonly order: Order;
  readonly count: Count;
}

export interface OrdersContext {
  readonly progress: Progress;
  readonly register: Register;
  readonly listings: Listings;
  readonly trading: Trading;
  readonly halts: Halts;
  readonly tape: TickerTape;
  /** Lets orders expire and markets close that were to by now. */
  catchUp(): void;
}

/** The exchange cancels what rests shortly after a close; until then it refuses to. Here the orders are gone at once, the refusals stay. */
const CLOSING: Duration = SECOND;

export function createOrders(context: OrdersContext): OrderOperations {
  const { progress, register, listings, trading, halts, tape, catchUp } = context;

  /** A member's order, of one subaccount or of any. @throws Refused for one that there is not */
  function find(userId: string, orderId: string, subaccount?: number): Order {
    catchUp();
    for (const account of register.member(userId).accounts) {
      const order = account.orders.get(orderId);
      if (order !== undefined && (subaccount === undefined || account.subaccount === subaccount)) return order;
    }
    throw new Refused(notFound());
  }

  /** The seat of an order that rests. @throws Refused for one that does not any more, as if there were none */
  function seatOf({ status, ticker }: Order): Seat {
    if (status === "resting") return listings.seatFor(ticker);
    throw new Refused(notFound());
  }

  /** A resting order of a market that is open: after its close an order can no longer be touched. */
  function touch(userId: string, orderId: string, subaccount?: number): { seat: Seat; order: Order } {
    const order = find(userId, orderId, subaccount);
    if (order.reason === "CloseCancel" && progress.time - order.updated < CLOSING) throw inactive();
    const seat = seatOf(order);
    if (!isOpen(seat.venue.market, progress.time)) throw inactive();
    return { seat, order };
  }

  function cancel(userId: string, orderId: string, subaccount?: number, ticker?: string): OrderCount {
    halts.checkExchange();
    const { seat, order } = touch(userId, orderId, subaccount);
    if (ticker !== undefined && ticker !== order.ticker) throw otherMarket();
    const count = trading.cancel(seat.venue, order, null, progress.time);
    tape.send(seat);
    return { order, count };
  }

  return {
    place(userId, ticker, request) {
      catchUp();
      const account = register.account(userId, request.subaccount);
      const seat = listings.seatFor(ticker);
      halts.checkTrading();
      const placed = trading.place(seat.venue, account, request, progress.time);
      tape.send(seat);
      return placed;
    },
    cancel,
    amend(userId, orderId, amendment, subaccount) {
      halts.checkTrading();
      const { seat, order } = touch(userId, orderId, subaccount);
      const placed = trading.amend(seat.venue, order, amendment(order), progress.time);
      tape.send(seat);
      return placed;
    },
    decrease(userId, orderId, by, subaccount) {
      halts.checkExchange();
      const { seat, order } = touch(userId, orderId, subaccount);
      trading.shrink(seat.venue, order, by(order), progress.time);
      tape.send(seat);
      return order;
    },
    cancelAll(userId, subaccount) {
      catchUp();
      halts.checkExchange();
      const { accounts } = register.member(userId);
      const wanted = subaccount === undefined ? accounts : [register.account(userId, subaccount)];
      for (const { id, ticker } of wanted.flatMap(({ resting }) => [...resting])) {
        if (isOpen(listings.seatFor(ticker).venue.market, progress.time)) cancel(userId, id);
      }
    },
    ahead(userId, orderId) {
      const order = find(userId, orderId);
      return { order, count: ahead(seatOf(order).venue.book, order) };
    },
  };
}
