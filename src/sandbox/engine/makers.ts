import type { Count } from "../../units/count.js";
import { DOLLAR, type Price } from "../../units/price.js";
import type { Timestamp } from "../../units/time.js";
import type { MarketRecord } from "../types.js";
import { gridFloor, tickAbove, tickBelow } from "../world/grid.js";
import type { Random } from "../world/random.js";
import type { Account, Order } from "./accounts.js";
import { type Belief, createBelief } from "./belief.js";
import { type BookSide, best, crosses, type Level, opposite } from "./matching.js";
import { quoteSize, rank, takerSize, temperOf, withinBurst } from "./temper.js";
import type { Trading } from "./trading.js";
import type { Venue } from "./venue.js";

const MAKER_USER = "00000000-0000-4000-8000-00000000000a";
const TAKER_USER = "00000000-0000-4000-8000-00000000000b";

/** The house's own accounts: who quotes, and who takes. */
export const HOUSE_USERS: readonly string[] = [MAKER_USER, TAKER_USER];

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
  readonly trading: Trading;
  readonly accountOf: (userId: string) => Account;
  readonly random: Random;
  /** Now: the market has just opened, or the sandbox has just begun to run. */
  readonly time: Timestamp;
  /** What the market is thought to be worth; as the market alone suggests when absent. */
  readonly belief?: Belief | undefined;
}

/**
 * A market maker, and takers, over one book.
 *
 * A burst first moves the fair price, then requotes around it, then adds, pulls, moves and takes here and there: a few deltas
 * within a millisecond or two, then nothing for a while. Sizes are skewed, one in eight is fractional, and where the fair price
 * leaves no tick below it, one side stays empty. Fair prices wander and end at the market's outcome.
 */
export function createMaker(options: MakerOptions): Maker {
  const { venue, trading, random } = options;
  const { market, book } = venue;
  const maker = options.accountOf(MAKER_USER);
  const taker = options.accountOf(TAKER_USER);
  const temper = temperOf(market, random);
  const belief = options.belief ?? createBelief(market, random, options.time);
  let serial = 0;
  let left = 0;
  let seeded = false;
  let next = options.time;

  function act(time: Timestamp): void {
    if (left === 0) {
      left = 1 + Math.floor(random.exponential() * temper.actions);
      belief.moveTo(time);
      requote(time);
      if (!seeded) fill(time);
      seeded = true;
    } else {
      fidget(time);
    }
    left -= 1;
    next = time + (left > 0 ? withinBurst(random) : 1 + Math.floor(random.exponential() * temper.gap));
  }

  /** Brings the best quotes to the fair price: takes or pulls what stands beyond it, and quotes where nothing stands. */
  function requote(time: Timestamp): void {
    const wanted = quotesAround(market, belief.fair(), random);
    for (const side of ["bid", "ask"] as const) {
      const limit = side === "bid" ? wanted.bid : wanted.ask;
      clear(side, limit, time);
      if (limit !== null && best(book, side)?.price !== limit) quote(side, limit, time);
    }
  }

  /** Removes a side's levels better than `limit`; all of them where there is none. */
  function clear(side: BookSide, limit: Price | null, time: Timestamp): void {
    const beyond = (price: Price) => limit === null || (side === "bid" ? price > limit : price < limit);
    const worst = best(book, side);
    if (worst === null || !beyond(worst.price)) return;
    if (random.chance(0.5)) take(opposite(side), worst.price, takerSize(random), time);
    for (let level = best(book, side); level !== null && beyond(level.price); level = best(book, side)) {
      const before = level.total;
      for (const order of [...level.queue]) if (order.owner === MAKER_USER) trading.cancel(venue, order, null, time);
      // What is left belongs to a member and is mispriced: somebody takes it.
      const stranger = best(book, side);
      if (stranger?.price === level.price) take(opposite(side), level.price, stranger.total, time);
      if (best(book, side)?.total === before) break;
    }
  }

  /** Lays out the whole ladder, when the market opens. */
  function fill(time: Timestamp): void {
    for (const side of ["bid", "ask"] as const) {
      let price = best(book, side)?.price ?? null;
      for (let n = 1; n < temper.levels && price !== null; n += 1) {
        price = further(side, price);
        if (price !== null && random.chance(0.9)) quote(side, price, time);
      }
    }
  }

  /** One small act: a trade, a requote, a withdrawal or a new quote, so weighed that the depth stays about the same. */
  function fidget(time: Timestamp): void {
    const side: BookSide = random.chance(0.5) ? "bid" : "ask";
    const draw = random.next();
    const order = ownOrder(side);
    const crowd = Math.min(1.6, levelsOf(side).length / temper.levels);
    if (draw < 0.05) strike(time);
    else if (order !== null && draw < 0.3) shift(order, time);
    else if (order !== null && draw < 0.3 + 0.35 * crowd) trading.cancel(venue, order, null, time);
    else add(side, time);
  }

  /** A new quote, mostly near the best, now and then far out. */
  function add(side: BookSide, time: Timestamp): void {
    const start = best(book, side)?.price ?? null;
    if (start === null) return;
    const price = stepsAway(side, start, random.chance(0.1) ? random.integer(0, temper.levels) : rank(random));
    if (price !== null) quote(side, price, time);
  }

  /** A taker meets the best quote. */
  function strike(time: Timestamp): void {
    const side: BookSide = random.chance(0.56) ? "bid" : "ask";
    const facing = best(book, opposite(side));
    if (facing !== null) take(side, facing.price, takerSize(random), time);
  }

  /** A maker moves an order: the same size leaves one price and comes to another. */
  function shift(order: Order, time: Timestamp): void {
    const count = trading.cancel(venue, order, null, time);
    const away = stepsAway(order.side, order.price, random.integer(1, 4));
    const closer = nearer(order.side, order.price);
    const price = random.chance(0.5) && closer !== null && withinQuotes(order.side, closer) ? closer : away;
    quote(order.side, price ?? order.price, time, count);
  }

  /** Whether a price would not improve on the best of its side. */
  function withinQuotes(side: BookSide, price: Price): boolean {
    const top = best(book, side);
    return top !== null && (side === "bid" ? price <= top.price : price >= top.price);
  }

  function quote(side: BookSide, price: Price, time: Timestamp, count: Count = quoteSize(random)): void {
    if (crosses(book, side, price)) return;
    trading.execute(venue, maker, request(side, price, count, "good_till_canceled"), time);
  }

  function take(side: BookSide, price: Price, count: Count, time: Timestamp): void {
    trading.execute(venue, taker, request(side, price, count, "immediate_or_cancel"), time);
  }

  function request(
    side: BookSide,
    price: Price,
    count: Count,
    timeInForce: "good_till_canceled" | "immediate_or_cancel",
  ) {
    serial += 1;
    return {
      side,
      price,
      count,
      timeInForce,
      selfTrade: "taker_at_cross" as const,
      clientOrderId: `house-${serial}`,
      postOnly: false,
      reduceOnly: false,
      cancelOnPause: false,
      expires: null,
    };
  }

  function levelsOf(side: BookSide): readonly Level<Order>[] {
    return side === "bid" ? book.bids : book.asks;
  }

  /** One of the maker's orders, more likely near the best price. */
  function ownOrder(side: BookSide): Order | null {
    const levels = levelsOf(side);
    const level = levels[levels.length - 1 - Math.min(rank(random), levels.length - 1)];
    const own = level?.queue.filter((order) => order.owner === MAKER_USER) ?? [];
    return own.length === 0 ? null : random.pick(own);
  }

  function further(side: BookSide, price: Price): Price | null {
    return side === "bid" ? tickBelow(market.grid, price) : tickAbove(market.grid, price);
  }

  function nearer(side: BookSide, price: Price): Price | null {
    return side === "bid" ? tickAbove(market.grid, price) : tickBelow(market.grid, price);
  }

  function stepsAway(side: BookSide, from: Price, steps: number): Price | null {
    let price: Price | null = from;
    for (let n = 0; n < steps && price !== null; n += 1) price = further(side, price);
    return price;
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

/** Best bid and ask that fit a fair price: a tick apart mostly, two now and then; null where the grid has no room. */
function quotesAround(market: MarketRecord, fair: number, random: Random): { bid: Price | null; ask: Price | null } {
  const middle = Math.round(fair * DOLLAR);
  const bid = gridFloor(market.grid, middle);
  let ask = tickAbove(market.grid, bid ?? 0);
  if (ask !== null && random.chance(0.18)) ask = tickAbove(market.grid, ask);
  return { bid, ask };
}
