import type { OrderbookDelta, OrderbookSnapshot } from "../exchange/channel.js";
import type { Level, Orderbook } from "../exchange/orderbook.js";
import type { Count } from "../units/count.js";
import type { Price } from "../units/price.js";
import { Book } from "./book.js";
import type { Ladder } from "./ladder.js";

/**
 * Replaces a book by a snapshot; a side without levels becomes empty. NO levels are in NO prices here.
 *
 * @throws KalshiError `BOOK_BROKEN` for a level below zero
 */
export function applySnapshot(book: Book, snapshot: Pick<OrderbookSnapshot, "yes" | "no">): void {
  replace(book.yes, snapshot.yes);
  replace(book.no, snapshot.no);
}

/**
 * Adds a delta to its level, which goes at zero. Returns the contracts there now. A NO level is in its NO price here.
 *
 * @throws KalshiError `BOOK_BROKEN` when the level would fall below zero; the book stays as it was
 */
export function applyDelta(book: Book, delta: Pick<OrderbookDelta, "side" | "price" | "delta">): Count {
  return (delta.side === "yes" ? book.yes : book.no).add(delta.price, delta.delta);
}

/** The best guess for a book known to lack messages: like {@link applyDelta}, but a level stops at zero. */
export function applyLoosely(book: Book, side: "yes" | "no", price: Price, delta: Count): Count {
  const ladder = side === "yes" ? book.yes : book.no;
  return price < 0 ? 0 : ladder.add(price, Math.max(delta, -ladder.at(price)));
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
  for (const { price, count } of levels) ladder.add(price, count);
}
