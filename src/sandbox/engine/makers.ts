import type { Count } from "../../units/count.js";
import { DOLLAR, type Price } from "../../units/price.js";
import type { Timestamp } from "../../units/time.js";
import type { Random } from "../world/random.js";
import type { Account, Order } from "./accounts.js";
import { type Aim, aimAt, isStale, NO_AIM } from "./aim.js";
import { type BookSide, best, crosses, type Level, opposite } from "./matching.js";
import { createPace } from "./pace.js";
import { countOf, sizeOf } from "./sizes.js";
import type { Temper } from "./temper.js";
import { away, roomFrom, somewhere, ticksOf } from "./ticks.js";
import type { Trading } from "./trading.js";
import { isTrading, type OrderRequest, type Venue } from "./venue.js";

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
  /** Quotes what was quoted in the other market of a game. */
  echo(side: BookSide, price: Price, count: Count, time: Timestamp): void;
}

export interface MakerOptions {
  readonly venue: Venue;
  readonly trading: Trading;
  readonly accountOf: (userId: string) => Account;
  readonly random: Random;
  readonly temperAt: (time: Timestamp) => Temper;
  /** What the market is worth, as a share of a dollar. */
  readonly fairAt: (time: Timestamp) => number;
  /** Hears of quotes that have a counterpart elsewhere. */
  readonly onQuote?: ((side: BookSide, price: Price, count: Count, time: Timestamp) => void) | undefined;
  /** Now: the market has just opened, or the sandbox has just begun to run. */
  readonly time: Timestamp;
}

/**
 * A market maker, and takers, over one book.
 *
 * An act first follows the fair price: what stands beyond it is taken, moved or withdrawn, and a best quote that lags behind is brought up.
 * Then something happens somewhere: an order moves, comes, goes or is taken, so weighed that the depth stays about the same.
 */
export function createMaker(options: MakerOptions): Maker {
  const { venue, trading, random, fairAt, temperAt, onQuote } = options;
  const { market, book } = venue;
  const maker = options.accountOf(MAKER_USER);
  const taker = options.accountOf(TAKER_USER);
  const pace = createPace(random);
  let temper = temperAt(options.time);
  let aim: Aim = NO_AIM;
  let serial = 0;
  let seeded = false;
  let next = options.time;

  function act(time: Timestamp): void {
    if (time >= temper.until) temper = temperAt(time);
    const fair = Math.round(fairAt(time) * DOLLAR);
    if (isStale(aim, fair, time)) aim = aimAt(market.grid, fair, temper, random, time);
    for (const side of SIDES) {
      clear(side, fair, time);
      improve(side, time);
    }
    if (!seeded) fill(time);
    else fidget(time);
    seeded = true;
    next = pace.next(time, temper, isSure(fair));
  }

  /** Removes the makers' orders that are better than wanted; a member's are taken where they are better than fair. */
  function clear(side: BookSide, fair: Price, time: Timestamp): void {
    const limit = wanted(side);
    const top = best(book, side);
    if (top === null || !(limit === null || isBetter(side, top.price, limit))) return;
    if (random.chance(SWEPT)) strike(opposite(side), top.price, time);
    const stale = levelsOf(side).filter(({ price }) => limit === null || isBetter(side, price, limit));
    for (const level of stale.reverse()) {
      for (const order of [...level.queue]) if (order.owner === MAKER_USER) yieldTo(limit, order, time);
      if (level.queue.length > 0 && isBetter(side, level.price, fair)) {
        take(opposite(side), level.price, level.total, time);
      }
    }
  }

  /** A stale order goes, or moves to where it is wanted. */
  function yieldTo(limit: Price | null, order: Order, time: Timestamp): void {
    const count = trading.cancel(venue, order, null, time);
    if (limit === null || random.chance(0.4)) return;
    const { side } = order;
    quote(side, random.chance(0.5) ? limit : somewhere(random, ticksOf(market.grid), side, limit), time, count);
  }

  /** Brings up a best quote that lags behind; not always at once, but where nothing stands. */
  function improve(side: BookSide, time: Timestamp): void {
    const limit = wanted(side);
    if (limit === null) return;
    const top = best(book, side);
    if (top !== null && (!isBetter(side, limit, top.price) || !random.chance(temper.prompt))) return;
    const order = top === null ? null : ownOrder(top);
    if (order !== null && top !== null && top.queue.length > 1 && random.chance(0.4)) {
      quote(side, limit, time, trading.cancel(venue, order, null, time));
    } else quote(side, limit, time);
  }

  /** Lays out the whole ladder, when the market opens. */
  function fill(time: Timestamp): void {
    const ticks = ticksOf(market.grid);
    for (const side of SIDES) {
      const top = best(book, side)?.price;
      if (top === undefined) continue;
      const room = roomFrom(ticks, side, top);
      const start = ticks.indexOf(top);
      for (let n = 0; n < room; n += 1) {
        const price = ticks[side === "bid" ? start - n : start + n]!;
        for (let orders = countOf(random, wont(side, price, top, room)); orders > 0; orders -= 1) {
          quote(side, price, time);
        }
      }
      const outermost = side === "bid" ? CENT : DOLLAR - CENT;
      if (temper.wall > 0 && isBetter(side, top, outermost)) quote(side, outermost, time, temper.wall * 100);
    }
  }

  /** How many orders stand at a price in the mean. */
  function wont(side: BookSide, price: Price, top: Price, room: number): number {
    const distance = Math.abs(price - top);
    const far = -Math.log(1 - Math.min(MOST_FILLED, temper.levels / Math.max(room, 1)));
    if (price === top) return temper.near;
    if (distance > NEAR) return far;
    const inner = away(ticksOf(market.grid), opposite(side), price, 1);
    return Math.max(far, (temper.near * Math.abs(inner - price)) / CENT);
  }

  /** One small act: a trade, or something at some price of a side. */
  function fidget(time: Timestamp): void {
    const draw = random.next();
    if (draw < temper.takes) {
      flurry(time);
      return;
    }
    const side = sideToMove();
    const top = best(book, side);
    if (top === null) return;
    const ticks = ticksOf(market.grid);
    const price = somewhere(random, ticks, side, top.price);
    const level = levelAt(side, price);
    const order = level === null ? null : ownOrder(level);
    const usual = wont(side, price, top.price, roomFrom(ticks, side, top.price));
    const last = level?.queue.length === 1 && price === top.price;
    if (order === null || last) quote(side, price, time);
    else if (draw < temper.takes + temper.requotes) shift(order, top.price, time);
    else if (random.chance(level!.queue.length / (level!.queue.length + usual)))
      trading.cancel(venue, order, null, time);
    else quote(side, price, time);
  }

  /** A maker moves an order: the same size leaves one price and comes to another. */
  function shift(order: Order, from: Price, time: Timestamp): void {
    const { side } = order;
    const count = trading.cancel(venue, order, null, time);
    const price = somewhere(random, ticksOf(market.grid), side, best(book, side)?.price ?? from);
    quote(side, price === order.price ? away(ticksOf(market.grid), side, price, 1) : price, time, count);
  }

  /** Takers come one by one, and now and then several at once. */
  function flurry(time: Timestamp): void {
    const wish: BookSide = random.chance(0.56) ? "bid" : "ask";
    const side = best(book, opposite(wish)) === null ? opposite(wish) : wish;
    do {
      const facing = best(book, opposite(side));
      if (facing === null) return;
      strike(side, facing.price, time);
    } while (random.chance(0.35));
  }

  function strike(side: BookSide, price: Price, time: Timestamp): void {
    take(side, price, sizeOf(random, temper.takerSizes), time);
  }

  function quote(side: BookSide, price: Price, time: Timestamp, count?: Count): void {
    if (crosses(book, side, price)) return;
    const size = count ?? sizeOf(random, temper.sizes);
    trading.execute(venue, maker, request(side, price, size, "good_till_canceled"), time);
    if (count === undefined) onQuote?.(side, price, size, time);
  }

  function take(side: BookSide, price: Price, count: Count, time: Timestamp): void {
    trading.execute(venue, taker, request(side, price, count, "immediate_or_cancel"), time);
  }

  function request(side: BookSide, price: Price, count: Count, timeInForce: OrderRequest["timeInForce"]) {
    serial += 1;
    return { side, price, count, timeInForce, clientOrderId: `house-${serial}`, ...PLAIN };
  }

  function wanted(side: BookSide): Price | null {
    return side === "bid" ? aim.bid : aim.ask;
  }

  /** Either side, where both have something. */
  function sideToMove(): BookSide {
    const side = random.chance(0.5) ? "bid" : "ask";
    return best(book, side) === null ? opposite(side) : side;
  }

  function levelsOf(side: BookSide): readonly Level<Order>[] {
    return side === "bid" ? book.bids : book.asks;
  }

  function levelAt(side: BookSide, price: Price): Level<Order> | null {
    const levels = levelsOf(side);
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

  /** One of the maker's orders of a level. */
  function ownOrder(level: Level<Order>): Order | null {
    const order = random.pick(level.queue);
    return order.owner === MAKER_USER ? order : (level.queue.find((one) => one.owner === MAKER_USER) ?? null);
  }

  return {
    get next() {
      return next;
    },
    act,
    skipTo(time) {
      if (next < time) next = time;
    },
    echo(side, price, count, time) {
      if (seeded && isTrading(market, time)) quote(side, price, time, count);
    },
  };
}

const SIDES = ["bid", "ask"] as const;
const PLAIN = {
  selfTrade: "taker_at_cross" as const,
  postOnly: false,
  reduceOnly: false,
  cancelOnPause: false,
  expires: null,
};
const CENT: Price = 10_000;
/** Up to here from the best a price has as many orders as the temper says; further out, as many as make up the levels. */
const NEAR: Price = 9 * CENT;
const SURE: Price = 2 * CENT;
const MOST_FILLED = 0.7;
/** Share of stale best quotes that a taker comes to first. */
const SWEPT = 0.4;

/** Whether the outcome is as good as known. */
function isSure(fair: Price): boolean {
  return fair < SURE || fair > DOLLAR - SURE;
}

function isBetter(side: BookSide, price: Price, than: Price): boolean {
  return side === "bid" ? price > than : price < than;
}
