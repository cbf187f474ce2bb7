import { CENT, type Price } from "../../../units/price.js";
import { MILLISECOND, SECOND, type Timestamp } from "../../../units/time.js";
import { gridFloor, tickAbove, tickBelow } from "../../world/grid.js";
import type { Account, Order } from "../accounts.js";
import { type BookSide, best, opposite } from "../matching.js";
import type { Trading } from "../trading.js";
import type { Venue } from "../venue.js";
import type { Maker } from "./makers.js";

export interface FlowOptions {
  readonly venue: Venue;
  readonly trading: Trading;
  /** Whose quotes they are; one of the house's. */
  readonly account: Account;
  /** Deltas per second of the sandbox's clock. */
  readonly perSecond: number;
  /** Now. */
  readonly time: Timestamp;
}

/** Who moves a market from now on: its maker, or while there is to be a flow, a {@link Requoter} in its place. */
export function withFlow(mover: Maker, options: FlowOptions): Maker {
  const maker = mover instanceof Requoter ? mover.leave(options.time) : mover;
  return options.perSecond > 0 ? new Requoter(maker, options) : maker;
}

/** Fast flows come by several deltas at once, this often. */
const BURST_EVERY = 5 * MILLISECOND;
/** Quotes stand up to this many ticks behind the best, so that the best prices stay. */
const DEPTH = 10;

/** In place of a maker: one quote that comes and goes at a fixed rate, a delta each time. For measuring what a flow of deltas costs. */
export class Requoter implements Maker {
  readonly #maker: Maker;
  readonly #options: FlowOptions;
  readonly #burst: number;
  readonly #gap: number;
  #quote: Order | null = null;
  #serial = 0;
  #due: number;

  constructor(maker: Maker, options: FlowOptions) {
    const { perSecond, time } = options;
    this.#maker = maker;
    this.#options = options;
    this.#burst = Math.max(1, Math.round((perSecond * BURST_EVERY) / SECOND));
    this.#gap = (this.#burst * SECOND) / perSecond;
    this.#due = time + this.#gap;
  }

  get next(): Timestamp {
    return Math.round(this.#due);
  }

  act(time: Timestamp): void {
    for (let n = 0; n < this.#burst; n += 1) {
      if (!this.#withdraw(time)) this.#place(time);
    }
    this.#due += this.#gap;
  }

  skipTo(time: Timestamp): void {
    if (this.#due < time) this.#due = time;
  }

  /** Takes back its quote, and gives whom it stood in for. */
  leave(time: Timestamp): Maker {
    this.#withdraw(time);
    this.#maker.skipTo(time);
    return this.#maker;
  }

  #withdraw(time: Timestamp): boolean {
    const { trading, venue } = this.#options;
    const quote = this.#quote;
    this.#quote = null;
    if (quote?.status !== "resting") return false;
    trading.cancel(venue, quote, null, time);
    return true;
  }

  #place(time: Timestamp): void {
    const { trading, venue, account } = this.#options;
    this.#serial += 1;
    const ticks = this.#serial % DEPTH;
    const wanted: BookSide = this.#serial % 2 === 0 ? "bid" : "ask";
    // Near 0 and 1 a side may have no room; the quote then stands on the other.
    const side = this.#priceOf(wanted, ticks) === null ? opposite(wanted) : wanted;
    const request = {
      side,
      price: this.#priceOf(side, ticks) ?? CENT,
      count: 100 + ((this.#serial * 37) % 5_000),
      timeInForce: "good_till_canceled" as const,
      selfTrade: "taker_at_cross" as const,
      clientOrderId: `requote-${this.#serial}`,
      postOnly: false,
      reduceOnly: false,
      cancelOnPause: false,
      expires: null,
    };
    this.#quote = trading.execute(venue, account, request, time).order;
  }

  /** So many ticks behind the best of a side, or behind where it would be; null where the other side leaves no room for one. */
  #priceOf(side: BookSide, ticks: number): Price | null {
    const { book, market } = this.#options.venue;
    const further = side === "bid" ? tickBelow : tickAbove;
    const facing = best(book, opposite(side));
    const alone = gridFloor(market.grid, side === "bid" ? 45 * CENT : 55 * CENT);
    let price = best(book, side)?.price ?? (facing === null ? alone : further(market.grid, facing.price));
    for (let n = 0; n < ticks && price !== null; n += 1) price = further(market.grid, price) ?? price;
    return price;
  }
}
