import { DOLLAR, type Price } from "../../../units/price.js";
import type { Timestamp } from "../../../units/time.js";
import type { Random } from "../../world/random.js";
import type { Order } from "../accounts.js";
import { type BookSide, best, opposite } from "../matching.js";
import type { Venue } from "../venue.js";
import { type Aim, aimAt, isStale, NO_AIM } from "./aim.js";
import { usualOrders, welcome } from "./habit.js";
import { type Hands, isBetter, isOwn, levelAt, levelsOf, ownOrder } from "./hands.js";
import { createPace } from "./pace.js";
import { countOf, sizeOf } from "./sizes.js";
import type { Temper } from "./temper.js";
import { away, roomFrom, somewhere, ticksOf } from "./ticks.js";

/** Makers and takers of one market. Moves its book in bursts, as real books move. */
export interface Maker {
  /** When it acts next. */
  readonly next: Timestamp;
  act(time: Timestamp): void;
  /** Drops what it would have done before a moment. */
  skipTo(time: Timestamp): void;
}

export interface MakerOptions {
  readonly venue: Venue;
  readonly hands: Hands;
  readonly random: Random;
  readonly temperAt: (time: Timestamp) => Temper;
  /** What the market is worth, as a share of a dollar. */
  readonly fairAt: (time: Timestamp) => number;
  /** Now: the market has just opened, or the sandbox has just begun to run. */
  readonly time: Timestamp;
}

const SIDES = ["bid", "ask"] as const;
const CENT: Price = 10_000;
/** Share of stale best quotes that a taker comes to first, and of those left that move instead of going. */
const SWEPT = 0.4;
const MOVES = 0.6;
/** How many takers want YES, as was measured. */
const TAKES_YES = 0.56;
/** Nearer than these to nothing or a dollar the outcome is likely, or as good as known. */
const LIKELY: Price = 10 * CENT;
const SURE: Price = 2 * CENT;

/**
 * A market maker, and takers, over one book.
 *
 * An act first follows the fair price: what stands beyond it is taken, moved or withdrawn, and a best quote that lags behind is brought up.
 * Then something happens somewhere: an order moves, comes, goes or is taken, so weighed that the depth stays about the same. When it acts
 * depends on its own chances and nothing else, so that the size of the engine's steps changes nothing.
 */
export function createMaker({ venue, hands, random, temperAt, fairAt, time: start }: MakerOptions): Maker {
  const { market, book } = venue;
  const pace = createPace(random);
  let temper = temperAt(start);
  let aim: Aim = NO_AIM;
  let next = start;

  function act(time: Timestamp): void {
    if (time >= temper.until) temper = temperAt(time);
    const fair = Math.round(fairAt(time) * DOLLAR);
    if (isStale(aim, fair, time)) aim = aimAt(market.grid, fair, temper, random, time);
    for (const side of SIDES) {
      clear(side, fair, time);
      improve(side, time);
    }
    if (hands.ready) fidget(time);
    else layOut(time);
    next = pace.next(time, temper, interestIn(fair));
  }

  /** Removes the makers' orders that are better than wanted; a member's are taken where they are better than fair. */
  function clear(side: BookSide, fair: Price, time: Timestamp): void {
    const limit = wanted(side);
    const isBeyond = (price: Price) => limit === null || isBetter(side, price, limit);
    const top = best(book, side);
    if (top === null || !isBeyond(top.price)) return;
    if (random.chance(SWEPT)) strike(opposite(side), top.price, time);
    for (const level of levelsOf(venue, side)
      .filter(({ price }) => isBeyond(price))
      .reverse()) {
      for (const order of level.queue.filter(isOwn)) yieldTo(limit, order, time);
      if (level.queue.length === 0 || !isBetter(side, level.price, fair)) continue;
      hands.take(opposite(side), level.price, level.total, time);
    }
  }

  /** A stale order goes, or moves to where it is wanted. */
  function yieldTo(limit: Price | null, order: Order, time: Timestamp): void {
    const count = hands.withdraw(order, time);
    if (limit === null || !random.chance(MOVES)) return;
    const { side } = order;
    const price = random.chance(0.5) ? limit : somewhere(random, ticksOf(market.grid), side, limit);
    hands.quote(side, price, count, time);
  }

  /** Brings up a best quote that lags behind; not always at once, but where nothing stands. */
  function improve(side: BookSide, time: Timestamp): void {
    const limit = wanted(side);
    const top = best(book, side);
    if (limit === null) return;
    if (top !== null && (!isBetter(side, limit, top.price) || !random.chance(temper.prompt))) return;
    const order = top === null || top.queue.length === 1 || random.chance(MOVES) ? null : ownOrder(top, random);
    hands.quote(side, limit, order === null ? newSize() : hands.withdraw(order, time), time);
  }

  /** Lays out the whole ladder, when the market opens. */
  function layOut(time: Timestamp): void {
    const ticks = ticksOf(market.grid);
    for (const side of SIDES) {
      const top = best(book, side)?.price;
      if (top === undefined) continue;
      const start = ticks.indexOf(top);
      const outermost = side === "bid" ? CENT : DOLLAR - CENT;
      for (let n = 0; n < roomFrom(ticks, side, top); n += 1) {
        const price = ticks[side === "bid" ? start - n : start + n]!;
        const stands = levelAt(venue, side, price)?.queue.length ?? 0;
        for (let left = countOf(random, usual(side, price, top)) - stands; left > 0; left -= 1) {
          hands.quote(side, price, newSize(), time);
        }
        if (price === outermost && temper.wall > 0) hands.leave(side, price, temper.wall * 100, time);
      }
    }
    hands.ready = true;
  }

  /** One small act: trades, or something at some price of a side. */
  function fidget(time: Timestamp): void {
    const draw = random.next();
    if (draw < temper.takes) {
      flurry(time);
      return;
    }
    const side = withQuotes(random.chance(0.5) ? "bid" : "ask");
    const top = best(book, side)?.price;
    const moves = draw < temper.takes + temper.requotes;
    for (let tries = 0; tries < 4 && top !== undefined && !touch(side, top, moves, time); tries += 1);
  }

  /** Something happens at some price of a side. False where nothing is used to stand there, and nothing came. */
  function touch(side: BookSide, top: Price, moves: boolean, time: Timestamp): boolean {
    const price = somewhere(random, ticksOf(market.grid), side, top);
    const level = levelAt(venue, side, price);
    const orders = level?.queue.length ?? 0;
    const comes = random.chance(welcome(orders, usual(side, price, top)));
    if (orders === 0 && !comes) return false;
    const order = level === null || (orders === 1 && price === top) ? null : ownOrder(level, random);
    if (order === null) hands.quote(side, price, newSize(), time);
    else if (moves) shift(order, top, time);
    else if (comes) hands.quote(side, price, newSize(), time);
    else hands.withdraw(order, time);
    return true;
  }

  /** A maker moves an order: the same size leaves one price and comes to another. */
  function shift(order: Order, top: Price, time: Timestamp): void {
    const { side } = order;
    const ticks = ticksOf(market.grid);
    const count = hands.withdraw(order, time);
    let price = order.price;
    for (let tries = 0; tries < 5; tries += 1) {
      price = somewhere(random, ticks, side, top);
      const orders = levelAt(venue, side, price)?.queue.length ?? 0;
      if (price !== order.price && random.chance(welcome(orders, usual(side, price, top)))) break;
    }
    hands.quote(side, price === order.price ? away(ticks, side, price, 1) : price, count, time);
  }

  /** Takers come one by one, and now and then several at once. */
  function flurry(time: Timestamp): void {
    const side = opposite(withQuotes(random.chance(TAKES_YES) ? "ask" : "bid"));
    do {
      const facing = best(book, opposite(side));
      if (facing === null) return;
      strike(side, facing.price, time);
    } while (random.chance(0.35));
  }

  function strike(side: BookSide, price: Price, time: Timestamp): void {
    hands.take(side, price, sizeOf(random, temper.takerSizes), time);
  }

  function newSize() {
    return sizeOf(random, temper.sizes);
  }

  function wanted(side: BookSide): Price | null {
    return side === "bid" ? aim.bid : aim.ask;
  }

  function usual(side: BookSide, price: Price, top: Price): number {
    return usualOrders(market.grid, temper, side, price, top);
  }

  /** The side asked for, or the other where it has nothing. */
  function withQuotes(side: BookSide): BookSide {
    return best(book, side) === null ? opposite(side) : side;
  }

  return {
    get next() {
      return next;
    },
    act,
    skipTo(time) {
      if (next < time) next = time;
    },
  };
}

/** How much there is to quote and to trade about: the surer the outcome, the less. */
function interestIn(fair: Price): number {
  const doubt = Math.min(fair, DOLLAR - fair);
  if (doubt < SURE) return 0.2;
  return doubt < LIKELY ? 0.5 : 1;
}
