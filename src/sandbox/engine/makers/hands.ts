import type { Count } from "../../../units/count.js";
import { complement, type Price } from "../../../units/price.js";
import type { Timestamp } from "../../../units/time.js";
import type { Random } from "../../world/random.js";
import type { Account, Order } from "../accounts.js";
import { type BookSide, best, crosses, type Level, opposite } from "../matching.js";
import type { Trading } from "../trading.js";
import { isTrading, type OrderRequest, type Venue } from "../venue.js";

const MAKER_USER = "00000000-0000-4000-8000-00000000000a";
const TAKER_USER = "00000000-0000-4000-8000-00000000000b";

const PATIENT_USER = "00000000-0000-4000-8000-00000000000c";

/** The house's own accounts: who quotes, who takes, and who waits far out. */
export const HOUSE_USERS: readonly string[] = [MAKER_USER, TAKER_USER, PATIENT_USER];

/** What the house can do in one market: quote, withdraw and take, by its own accounts. */
export interface Hands {
  /** Whether the first ladder stands. Before, nothing is copied from or to the other market of a game. */
  ready: boolean;
  quote(side: BookSide, price: Price, count: Count, time: Timestamp): void;
  /** Leaves an order to itself: no maker moves or withdraws it. */
  leave(side: BookSide, price: Price, count: Count, time: Timestamp): void;
  /** Takes an order out and returns what it still wanted. */
  withdraw(order: Order, time: Timestamp): Count;
  take(side: BookSide, price: Price, count: Count, time: Timestamp): void;
  /** Does here what was done in the other market. */
  copyQuote(side: BookSide, price: Price, count: Count, time: Timestamp): void;
  copyWithdrawal(side: BookSide, price: Price, count: Count, time: Timestamp): void;
}

/** The other market of a game, where NO is what YES is here. */
export interface Pair {
  readonly random: Random;
  /** Null before it has opened and after its close. */
  other(): Hands | null;
}

export interface HandsOptions {
  readonly venue: Venue;
  readonly trading: Trading;
  readonly accountOf: (userId: string) => Account;
  readonly pair: Pair | null;
}

/** Share of quotes that a maker of games makes in both markets at once. */
const PAIRED = 0.6;

export function createHands({ venue, trading, accountOf, pair }: HandsOptions): Hands {
  const maker = accountOf(MAKER_USER);
  const taker = accountOf(TAKER_USER);
  const { book, market } = venue;
  let serial = 0;

  function rest(side: BookSide, price: Price, count: Count, time: Timestamp, whose: Account = maker): void {
    trading.execute(venue, whose, request(side, price, count, "good_till_canceled"), time);
  }

  function request(side: BookSide, price: Price, count: Count, timeInForce: OrderRequest["timeInForce"]) {
    serial += 1;
    return { side, price, count, timeInForce, clientOrderId: `house-${serial}`, ...PLAIN };
  }

  const hands: Hands = {
    ready: false,
    quote(side, price, count, time) {
      if (crosses(book, side, price)) return;
      rest(side, price, count, time);
      if (pair === null || !hands.ready || !pair.random.chance(PAIRED)) return;
      pair.other()?.copyQuote(opposite(side), complement(price), count, time);
    },
    leave(side, price, count, time) {
      if (!crosses(book, side, price)) rest(side, price, count, time, accountOf(PATIENT_USER));
    },
    withdraw(order, time) {
      const count = trading.cancel(venue, order, null, time);
      if (hands.ready) pair?.other()?.copyWithdrawal(opposite(order.side), complement(order.price), count, time);
      return count;
    },
    take(side, price, count, time) {
      trading.execute(venue, taker, request(side, price, count, "immediate_or_cancel"), time);
    },
    copyQuote(side, price, count, time) {
      if (!hands.ready || !isTrading(market, time) || crosses(book, side, price)) return;
      rest(side, price, count, time);
    },
    copyWithdrawal(side, price, count, time) {
      // The last quote of a side stays: without it nobody would know where to quote.
      if (best(book, side)?.price === price || !isTrading(market, time)) return;
      const order = levelAt(venue, side, price)?.queue.find((one) => isOwn(one) && one.remaining === count);
      if (order !== undefined) trading.cancel(venue, order, null, time);
    },
  };
  return hands;
}

/** Whether it is a maker's, not a member's. */
export function isOwn(order: Order): boolean {
  return order.owner === MAKER_USER;
}

/** One of the makers' orders of a level. */
export function ownOrder(level: Level<Order>, random: Random): Order | null {
  const order = random.pick(level.queue);
  return isOwn(order) ? order : (level.queue.find(isOwn) ?? null);
}

export function levelsOf({ book }: Venue, side: BookSide): readonly Level<Order>[] {
  return side === "bid" ? book.bids : book.asks;
}

/** The level at a price, if anything stands there. */
export function levelAt(venue: Venue, side: BookSide, price: Price): Level<Order> | null {
  const levels = levelsOf(venue, side);
  let low = 0;
  let high = levels.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isBetter(side, price, levels[middle]!.price)) low = middle + 1;
    else high = middle;
  }
  const level = levels[low];
  return level?.price === price ? level : null;
}

export function isBetter(side: BookSide, price: Price, than: Price): boolean {
  return side === "bid" ? price > than : price < than;
}

const PLAIN = {
  selfTrade: "taker_at_cross" as const,
  postOnly: false,
  reduceOnly: false,
  cancelOnPause: false,
  expires: null,
};
