import { applyLoosely, applySnapshot } from "../book/apply.js";
import { Book } from "../book/book.js";
import type { Delta, Snapshot } from "../book/event.js";

/**
 * The books that events make, by ticker. A book is `ok` from its snapshot on, and `stale` from when messages are known to be missing; one
 * whose snapshot was never seen is stale.
 */
export class KeptBooks {
  readonly #books = new Map<string, Book>();

  get(ticker: string): Book {
    const known = this.#books.get(ticker);
    if (known !== undefined) return known;
    const book = new Book(ticker);
    this.#books.set(ticker, book);
    return book;
  }

  has(ticker: string): boolean {
    return this.#books.has(ticker);
  }

  /** A market that is over. */
  forget(ticker: string): void {
    this.#books.delete(ticker);
  }
}

/** Changes a book by an event of its own. @throws KalshiError `BOOK_BROKEN` for a snapshot with a level below zero */
export function applyEvent(book: Book, event: Snapshot | Delta): void {
  if (event.type === "snapshot") {
    applySnapshot(book, event);
    book.state = "ok";
  } else {
    applyLoosely(book, event.side, event.price, event.delta);
    if (event.state === "stale") book.state = "stale";
  }
  if (event.time !== null) book.time = event.time;
  book.receivedAt = event.receivedAt;
}
