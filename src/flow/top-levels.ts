import type { BookEvent } from "../book/event.js";
import type { Ladder } from "../book/ladder.js";
import type { Level } from "../exchange/orderbook.js";
import { readNumber } from "../units/argument.js";
import { DOLLAR } from "../units/price.js";
import type { BookSnapshot } from "./book-snapshots.js";
import { type Measure, type Moment, SettledBooks } from "./settled-books.js";
import { type Transform, transform } from "./transform.js";

/** The best levels of a market from a moment on. */
export type TopLevels = BookSnapshot & Moment;

/**
 * The best `levels` levels of each side: a book for every market each time one of them has changed. When it is given, and what a gap gives,
 * is as with `topOfBook()`.
 *
 * @throws KalshiError `BAD_ARGUMENT`
 */
export function topLevels(levels: number): Transform<BookEvent, TopLevels> {
  readNumber(
    "levels",
    levels,
    { least: 1, isWhole: true },
    "levels is how many of each side, from the best one, such as 10",
  );
  return transform(() => new SettledBooks(measured(levels)), "book");
}

function measured(levels: number): Measure<TopLevels> {
  const top = (side: Ladder): readonly Level[] => side.levels().slice(-levels);
  return {
    // A level far behind the best is among the first where few are between.
    reach: DOLLAR,
    read: (moment, book) => ({ type: "book", ...moment, trust: "ok", yes: top(book.yes), no: top(book.no) }),
    unknown: (moment, trust) => ({ type: "book", ...moment, trust, yes: null, no: null }),
    isSame: (a, b) => a.trust === b.trust && areSame(a.yes, b.yes) && areSame(a.no, b.no),
  };
}

function areSame(a: TopLevels["yes"], b: TopLevels["yes"]): boolean {
  if (a === null || b === null) return a === b;
  return a.length === b.length && a.every(({ price, count }, at) => price === b[at]!.price && count === b[at]!.count);
}
