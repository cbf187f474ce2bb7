import { bestAsk, bestBid, imbalance, microprice, spread } from "../book/best.js";
import type { BookEvent } from "../book/event.js";
import type { Count } from "../units/count.js";
import type { Price } from "../units/price.js";
import { type Measure, type Moment, SettledBooks, type Trust } from "./settled-books.js";
import { type Transform, transform } from "./transform.js";

/** Best bid and ask of a market from a moment on, in YES prices; null while a side is empty, all null unless `trust` is `ok`. */
export interface Quote extends Moment {
  readonly type: "quote";
  readonly trust: Trust;
  readonly yes_bid: Price | null;
  readonly yes_bid_size: Count | null;
  readonly yes_ask: Price | null;
  readonly yes_ask_size: Count | null;
  /** Ask minus bid. */
  readonly spread: Price | null;
  /** (bid + ask) / 2, half a micro-dollar rounded up. */
  readonly midpoint: Price | null;
  /** The midpoint drawn to where fewer contracts wait: (bid × ask size + ask × bid size) / (bid size + ask size), rounded half up. */
  readonly microprice: Price | null;
  /** (bid size − ask size) / (bid size + ask size), from −1 to 1. */
  readonly imbalance: number | null;
}

/**
 * Top of book: a quote for every market each time its best bid or ask, or the contracts there, have changed.
 *
 * What changes within one millisecond of the exchange is one change, and is given when that millisecond has passed: see {@link SettledBooks}.
 * From the start of a gap on there is one quote of nulls whose `trust` is `unknown`, until the book is whole again.
 */
export function topOfBook(): Transform<BookEvent, Quote> {
  return transform(() => new SettledBooks(quoted), "quote");
}

const quoted: Measure<Quote> = {
  reach: 0,
  read(moment, book) {
    const { yes, no } = book;
    const [yes_bid, yes_ask] = [bestBid(book), bestAsk(book)];
    return {
      type: "quote",
      ...moment,
      trust: "ok",
      yes_bid,
      yes_bid_size: yes_bid === null ? null : yes.bestCount,
      yes_ask,
      yes_ask_size: yes_ask === null ? null : no.bestCount,
      spread: spread(book),
      midpoint: yes_bid === null || yes_ask === null ? null : Math.ceil((yes_bid + yes_ask) / 2),
      microprice: microprice(book),
      imbalance: imbalance(book),
    };
  },
  unknown: (moment, trust) => ({ type: "quote", ...moment, trust, ...nothing }),
  isSame: (a, b) =>
    a.yes_bid === b.yes_bid &&
    a.yes_ask === b.yes_ask &&
    a.yes_bid_size === b.yes_bid_size &&
    a.yes_ask_size === b.yes_ask_size &&
    a.trust === b.trust,
};

const nothing = {
  yes_bid: null,
  yes_bid_size: null,
  yes_ask: null,
  yes_ask_size: null,
  spread: null,
  midpoint: null,
  microprice: null,
  imbalance: null,
} as const;
