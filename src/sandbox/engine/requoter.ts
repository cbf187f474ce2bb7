import { CENT } from "../../units/price.js";
import { MILLISECOND, SECOND, type Timestamp } from "../../units/time.js";
import { gridFloor, tickAbove, tickBelow } from "../world/grid.js";
import type { Account, Order } from "./accounts.js";
import type { Maker } from "./makers.js";
import { type BookSide, best } from "./matching.js";
import type { Trading } from "./trading.js";
import type { Venue } from "./venue.js";

export interface RequoterOptions {
  readonly venue: Venue;
  readonly trading: Trading;
  /** Whose quotes they are; one of the house's. */
  readonly account: Account;
  /** Deltas per second of the sandbox's clock. */
  readonly perSecond: number;
  /** Now. */
  readonly time: Timestamp;
}

/** A maker that can be told to leave. */
export interface Requoter extends Maker {
  /** Takes back the quote that it has in the book. */
  leave(time: Timestamp): void;
}

/** Fast flows come by several deltas at once, this often. */
const BURST_EVERY = 5 * MILLISECOND;
/** Quotes stand up to this many ticks behind the best, so that the best prices stay. */
const DEPTH = 10;

/** In place of a maker: one quote that comes and goes at a fixed rate, a delta each time. For measuring what a flow of deltas costs. */
export function createRequoter({ venue, trading, account, perSecond, time }: RequoterOptions): Requoter {
  const { book, market } = venue;
  const burst = Math.max(1, Math.round((perSecond * BURST_EVERY) / SECOND));
  const gap = (burst * SECOND) / perSecond;
  let quote: Order | null = null;
  let serial = 0;
  let due = time + gap;

  function change(at: Timestamp): void {
    if (quote?.status === "resting") {
      trading.cancel(venue, quote, null, at);
      quote = null;
      return;
    }
    serial += 1;
    const side: BookSide = serial % 2 === 0 ? "bid" : "ask";
    const request = {
      ...{ side, price: priceOf(side, serial % DEPTH), count: 100 + ((serial * 37) % 5_000) },
      ...{ timeInForce: "good_till_canceled" as const, selfTrade: "taker_at_cross" as const },
      ...{
        clientOrderId: `requote-${serial}`,
        postOnly: false,
        reduceOnly: false,
        cancelOnPause: false,
        expires: null,
      },
    };
    quote = trading.execute(venue, account, request, at).order;
  }

  /** So many ticks behind the best of a side, or behind where it would be. */
  function priceOf(side: BookSide, ticks: number): number {
    const { grid } = market;
    let price = best(book, side)?.price ?? gridFloor(grid, side === "bid" ? 45 * CENT : 55 * CENT) ?? CENT;
    for (let n = 0; n < ticks; n += 1) price = (side === "bid" ? tickBelow : tickAbove)(grid, price) ?? price;
    return price;
  }

  return {
    get next() {
      return Math.round(due);
    },
    act(at) {
      for (let n = 0; n < burst; n += 1) change(at);
      due += gap;
    },
    skipTo(at) {
      if (due < at) due = at;
    },
    leave(at) {
      if (quote?.status === "resting") trading.cancel(venue, quote, null, at);
      quote = null;
    },
  };
}
