import type { Count } from "../../units/count.js";
import { complement, type Price } from "../../units/price.js";
import type { BookView, Levels } from "../types.js";

/** Which way an order trades the YES leg. Buying NO at p is an ask at 1 − p. */
export type BookSide = "bid" | "ask";

/** An order that stands in the book. `remaining` falls as it fills. */
export interface Resting {
  readonly id: string;
  readonly owner: string;
  readonly side: BookSide;
  /** In YES dollars. */
  readonly price: Price;
  remaining: Count;
}

/** One price: its orders in the order they came. */
export interface Level<T extends Resting> {
  readonly price: Price;
  /** Contracts of all its orders. */
  total: Count;
  readonly queue: T[];
}

/** One market's book in YES prices. Both sides hold their best level last, where it is taken off cheaply. */
export interface OrderBook<T extends Resting> {
  readonly bids: Level<T>[];
  readonly asks: Level<T>[];
}

/** What happens when an order would meet one of its own owner. */
export type SelfTrade = "taker_at_cross" | "maker";

/** An order on its way in. */
export interface Incoming {
  readonly owner: string;
  readonly side: BookSide;
  readonly price: Price;
  readonly count: Count;
  readonly selfTrade: SelfTrade;
}

/** What an incoming order did to the book, one resting order at a time. */
export type MatchStep<T extends Resting> =
  | { readonly type: "fill"; readonly resting: T; readonly count: Count }
  | { readonly type: "withdrawn"; readonly resting: T; readonly count: Count };

export interface MatchResult<T extends Resting> {
  readonly steps: readonly MatchStep<T>[];
  /** What the incoming order still wants. */
  readonly remaining: Count;
  /** True when it met an order of its own owner and stopped there. */
  readonly stopped: boolean;
}

export function createOrderBook<T extends Resting>(): OrderBook<T> {
  return { bids: [], asks: [] };
}

/** Best level of a side, or null. */
export function best<T extends Resting>(book: OrderBook<T>, side: BookSide): Level<T> | null {
  return levelsOf(book, side).at(-1) ?? null;
}

/** Whether an order at this price would take. */
export function crosses<T extends Resting>(book: OrderBook<T>, side: BookSide, price: Price): boolean {
  const facing = best(book, opposite(side));
  return facing !== null && reaches(side, price, facing.price);
}

/**
 * Takes from the book by price, then by time, at the resting orders' prices, as far as price and count reach.
 *
 * What is filled or withdrawn leaves the book; the rest of the incoming order does not enter it: see {@link rest}.
 */
export function match<T extends Resting>(book: OrderBook<T>, incoming: Incoming): MatchResult<T> {
  const facing = levelsOf(book, opposite(incoming.side));
  const steps: MatchStep<T>[] = [];
  let remaining = incoming.count;
  while (remaining > 0) {
    const level = facing.at(-1);
    if (level === undefined || !reaches(incoming.side, incoming.price, level.price)) break;
    const resting = level.queue[0]!;
    if (resting.owner === incoming.owner && incoming.selfTrade === "taker_at_cross") {
      return { steps, remaining, stopped: true };
    }
    const own = resting.owner === incoming.owner;
    const count = own ? resting.remaining : Math.min(remaining, resting.remaining);
    steps.push({ type: own ? "withdrawn" : "fill", resting, count });
    if (!own) remaining -= count;
    take(facing, level, resting, count);
  }
  return { steps, remaining, stopped: false };
}

/** How a fill-or-kill order would fare: filled whole, short of contracts, or stopped by an order of its own owner. */
export function probe<T extends Resting>(book: OrderBook<T>, incoming: Incoming): "whole" | "short" | "own" {
  const facing = levelsOf(book, opposite(incoming.side));
  let wanted = incoming.count;
  for (let at = facing.length - 1; at >= 0; at -= 1) {
    const level = facing[at]!;
    if (!reaches(incoming.side, incoming.price, level.price)) break;
    for (const resting of level.queue) {
      if (resting.owner === incoming.owner) return "own";
      wanted -= resting.remaining;
      if (wanted <= 0) return "whole";
    }
  }
  return "short";
}

/** Resting orders that an incoming one would meet at most. */
export function countReached<T extends Resting>(book: OrderBook<T>, incoming: Incoming): number {
  const facing = levelsOf(book, opposite(incoming.side));
  let wanted = incoming.count;
  let met = 0;
  for (let at = facing.length - 1; at >= 0 && wanted > 0; at -= 1) {
    const level = facing[at]!;
    if (!reaches(incoming.side, incoming.price, level.price)) break;
    for (const resting of level.queue) {
      if (wanted <= 0) break;
      if (resting.owner !== incoming.owner) wanted -= resting.remaining;
      met += 1;
    }
  }
  return met;
}

/** Puts an order into the book, behind those at its price. It must not cross. */
export function rest<T extends Resting>(book: OrderBook<T>, order: T): void {
  const levels = levelsOf(book, order.side);
  const at = seat(levels, order.side, order.price);
  const level = levels[at];
  if (level !== undefined && level.price === order.price) {
    level.queue.push(order);
    level.total += order.remaining;
  } else {
    levels.splice(at, 0, { price: order.price, total: order.remaining, queue: [order] });
  }
}

/** The level of a price, or null. */
export function levelAt<T extends Resting>(book: OrderBook<T>, side: BookSide, price: Price): Level<T> | null {
  const levels = levelsOf(book, side);
  const level = levels[seat(levels, side, price)];
  return level?.price === price ? level : null;
}

/** Takes an order out of the book. False when it is not there. */
export function withdraw<T extends Resting>(book: OrderBook<T>, order: T): boolean {
  const levels = levelsOf(book, order.side);
  const place = seat(levels, order.side, order.price);
  const level = levels[place];
  if (level === undefined || level.price !== order.price) return false;
  const at = level.queue.indexOf(order);
  if (at < 0) return false;
  level.queue.splice(at, 1);
  level.total -= order.remaining;
  if (level.queue.length === 0) levels.splice(place, 1);
  return true;
}

/** Every order in the book: bids best first, then asks best first, each level by time. */
export function ordersOf<T extends Resting>(book: OrderBook<T>): T[] {
  const bestFirst = (levels: Level<T>[]) => levels.toReversed().flatMap((level) => level.queue);
  return [...bestFirst(book.bids), ...bestFirst(book.asks)];
}

/** The book as the exchange shows it: bids only, each side ascending in its own prices. */
export function view<T extends Resting>(book: OrderBook<T>): BookView {
  const yes: Levels = book.bids.map((level) => [level.price, level.total]);
  const no: Levels = book.asks.map((level) => [complement(level.price), level.total]);
  return { yes, no };
}

export function opposite(side: BookSide): BookSide {
  return side === "bid" ? "ask" : "bid";
}

function levelsOf<T extends Resting>(book: OrderBook<T>, side: BookSide): Level<T>[] {
  return side === "bid" ? book.bids : book.asks;
}

function reaches(side: BookSide, price: Price, facing: Price): boolean {
  return side === "bid" ? price >= facing : price <= facing;
}

function take<T extends Resting>(levels: Level<T>[], level: Level<T>, resting: T, count: Count): void {
  resting.remaining -= count;
  level.total -= count;
  if (resting.remaining > 0) return;
  level.queue.shift();
  if (level.queue.length === 0) levels.pop();
}

/** Where a price stands, or would stand, among levels whose best is last. */
function seat<T extends Resting>(levels: readonly Level<T>[], side: BookSide, price: Price): number {
  let low = 0;
  let high = levels.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const before = side === "bid" ? levels[middle]!.price < price : levels[middle]!.price > price;
    if (before) low = middle + 1;
    else high = middle;
  }
  return low;
}
