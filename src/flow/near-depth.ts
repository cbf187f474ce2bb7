import { balanceOf, depth } from "../book/best.js";
import type { BookEvent } from "../book/event.js";
import { readNumber } from "../units/argument.js";
import type { Count } from "../units/count.js";
import { CENT, type Price } from "../units/price.js";
import { type Measure, type Moment, SettledBooks, type Trust } from "./settled-books.js";
import { type Transform, transform } from "./transform.js";

/** Contracts near the best prices of a market from a moment on; null unless `trust` is `ok`. */
export interface NearDepth extends Moment {
  readonly type: "near_depth";
  readonly trust: Trust;
  /** How far behind the best price of its side a level may be. */
  readonly within: Price;
  readonly bid_depth: Count | null;
  readonly ask_depth: Count | null;
  /** (bid depth − ask depth) / (bid depth + ask depth), from −1 to 1; null for an empty book too. */
  readonly imbalance: number | null;
}

/**
 * Contracts within `cents` of the best price of each side, the best itself included: a record for every market each time they have changed.
 * An empty side has 0. When it is given, and what a gap gives, is as with {@link topOfBook}.
 *
 * @throws KalshiError `BAD_ARGUMENT` unless `cents` is 0 to 100
 */
export function nearDepth(cents: number): Transform<BookEvent, NearDepth> {
  const hint = "give cents from the best price of a side, 0 to 100; 0.1 is a tenth of a cent";
  const within = Math.round(readNumber("cents", cents, { least: 0, most: 100 }, hint) * CENT);
  return transform(() => new SettledBooks(measured(within)), "near_depth");
}

function measured(within: Price): Measure<NearDepth> {
  return {
    reach: within,
    read(moment, book) {
      const { bid, ask } = depth(book, within);
      return {
        type: "near_depth",
        ...moment,
        trust: "ok",
        within,
        bid_depth: bid,
        ask_depth: ask,
        imbalance: balanceOf(bid, ask),
      };
    },
    unknown: (moment, trust) => ({
      type: "near_depth",
      ...moment,
      trust,
      within,
      bid_depth: null,
      ask_depth: null,
      imbalance: null,
    }),
    isSame: (a, b) => a.bid_depth === b.bid_depth && a.ask_depth === b.ask_depth && a.trust === b.trust,
  };
}
