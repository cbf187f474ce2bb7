import { KalshiError } from "../errors.js";
import type { OrderbookDelta, OrderbookSnapshot } from "../exchange/channel.js";
import type { Level, Orderbook } from "../exchange/orderbook.js";
import type { Count } from "../units/count.js";
import { DOLLAR, formatPrice, type Price } from "../units/price.js";
import { Book } from "./book.js";
import type { Ladder } from "./ladder.js";

/**
 * Replaces a book by a snapshot; a side without levels becomes empty. NO levels are in NO prices here.
 *
 * @throws KalshiError `BOOK_BROKEN` for a level below zero, or at no price
 */
export function applySnapshot(book: Book, snapshot: Pick<OrderbookSnapshot, "yes" | "no">): void {
  replace(book.yes, snapshot.yes);
  replace(book.no, snapshot.no);
}

/**
 * Adds a delta to its level, which goes at zero. Returns the contracts there now. A NO level is in its NO price here.
 *
 * @throws KalshiError `BOOK_BROKEN` when the level would fall below zero, or is at no price; the book stays as it was
 */
export function applyDelta(book: Book, delta: Pick<OrderbookDelta, "side" | "price" | "delta">): Count {
  if (!isLevelPrice(delta.price)) throw noPrice(delta.price);
  return (delta.side === "yes" ? book.yes : book.no).add(delta.price, delta.delta);
}

/**
 * Whether a level can be at a price: from nothing to a dollar, what a contract pays at most.
 *
 * @see API: 14.3
 */
export function isLevelPrice(price: Price): boolean {
  return price >= 0 && price <= DOLLAR;
}

/** The best guess for a book known to lack messages: like {@link applyDelta}, but a level stops at zero, and one at no price is left out. */
export function applyLoosely(book: Book, side: "yes" | "no", price: Price, delta: Count): Count {
  const ladder = side === "yes" ? book.yes : book.no;
  return !isLevelPrice(price) ? 0 : ladder.add(price, Math.max(delta, -ladder.at(price)));
}

/** A book out of levels, such as REST gives them. */
export function bookOf(orderbook: Orderbook): Book {
  const book = new Book(orderbook.ticker);
  applySnapshot(book, orderbook);
  book.state = "ok";
  return book;
}

/** A copy that later messages leave alone. */
export function copyBook(book: Book): Book {
  const copy = bookOf(book.levels());
  copy.state = book.state;
  copy.time = book.time;
  copy.receivedAt = book.receivedAt;
  return copy;
}

function replace(ladder: Ladder, levels: readonly Level[]): void {
  ladder.clear();
  for (const { price, count } of levels) {
    if (!isLevelPrice(price)) throw noPrice(price);
    ladder.add(price, count);
  }
}

function noPrice(price: Price): KalshiError {
  return new KalshiError("BOOK_BROKEN", `a level at ${formatPrice(price)}, and prices are from 0 to 1 dollar`, {
    hint: "the message is damaged; ask get_snapshot for this market",
    context: { price },
  });
}
