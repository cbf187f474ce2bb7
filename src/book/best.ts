import type { Count } from "../units/count.js";
import { complement, type Price } from "../units/price.js";
import { weightedMean } from "../units/sum.js";
import type { Book } from "./book.js";

/** Highest YES bid; null while the side is empty. */
export function bestBid(book: Book): Price | null {
  return book.yes.best;
}

/** Lowest YES ask, which is $1 minus the highest NO bid; null while that side is empty. */
export function bestAsk(book: Book): Price | null {
  const best = book.no.best;
  return best === null ? null : complement(best);
}

/**
 * Best ask minus best bid, in micro-dollars; null while either side is empty. Zero or less while the book is locked or crossed,
 * which happens inside one exchange millisecond.
 */
export function spread(book: Book): Price | null {
  const bid = bestBid(book);
  const ask = bestAsk(book);
  return bid === null || ask === null ? null : ask - bid;
}

/** The middle of best bid and ask in micro-dollars, with a half where the sum is odd; null while either side is empty. */
export function midpoint(book: Book): number | null {
  const bid = bestBid(book);
  const ask = bestAsk(book);
  return bid === null || ask === null ? null : (bid + ask) / 2;
}

/**
 * The midpoint drawn to where fewer contracts wait: (bid × ask size + ask × bid size) / (bid size + ask size), in micro-dollars rounded half
 * up; null while either side is empty.
 */
export function microprice(book: Book): Price | null {
  const bid = bestBid(book);
  const ask = bestAsk(book);
  return bid === null || ask === null ? null : weightedMean(bid, book.no.bestCount, ask, book.yes.bestCount);
}

/** (bid size − ask size) / (bid size + ask size) of the best levels, from −1 to 1; null while both sides are empty. */
export function imbalance(book: Book): number | null {
  return balanceOf(book.yes.bestCount, book.no.bestCount);
}

/** (a − b) / (a + b), the double nearest to it; null for two zeros. */
export function balanceOf(a: Count, b: Count): number | null {
  return a + b === 0 ? null : (a - b) / (a + b);
}

/** Whether bid and ask meet or overlap. */
export function isCrossed(book: Book): boolean {
  const gap = spread(book);
  return gap !== null && gap <= 0;
}

/** Contracts within `within` micro-dollars of the best price of each side, the best itself included. */
export function depth(book: Book, within: Price): { bid: Count; ask: Count } {
  const { yes, no } = book;
  return {
    bid: yes.best === null ? 0 : yes.countFrom(yes.best - within),
    ask: no.best === null ? 0 : no.countFrom(no.best - within),
  };
}
