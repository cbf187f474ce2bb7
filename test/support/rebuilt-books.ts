import { applyLoosely, applySnapshot } from "../../src/book/apply.js";
import { Book } from "../../src/book/book.js";
import { type BookEvent, endsBooks } from "../../src/book/event.js";

/** Books made from events alone, as somebody who reads them would. */
export class RebuiltBooks {
  readonly books = new Map<string, Book>();

  take(event: BookEvent): void {
    if (event.type === "snapshot") {
      const book = this.#of(event.ticker);
      applySnapshot(book, event);
      book.state = "ok";
    } else if (event.type === "delta") {
      applyLoosely(this.#of(event.ticker), event.side, event.price, event.delta);
      if (event.state === "stale") this.#of(event.ticker).state = "stale";
    } else if (endsBooks(event)) for (const ticker of event.tickers) this.#of(ticker).state = "stale";
  }

  /** The levels of a book that is whole, else null. */
  levels(ticker: string): string | null {
    const book = this.books.get(ticker);
    return book?.state === "ok" ? JSON.stringify(book.levels()) : null;
  }

  #of(ticker: string): Book {
    const book = this.books.get(ticker) ?? new Book(ticker);
    this.books.set(ticker, book);
    return book;
  }
}
