import type { ColumnTable } from "arquero";
import type { Book } from "../book/book.js";
import type { BookEvent } from "../book/event.js";
import { topOfBook } from "../flow/top-of-book.js";
import { isAsync } from "../flow/transform.js";
import { orderbook } from "./orderbook.js";
import { tableOf } from "./table-of.js";

/**
 * Best quotes over time of a live feed or a recording: one row whenever the best level of a side has changed.
 *
 * Columns: those of `topOfBook()`, as `time` (ms since 1970, UTC), `ticker`, `trust`, `yes_bid`, `yes_ask`, `spread`, `midpoint` ($),
 * `yes_bid_size`, `yes_ask_size` (contracts). What changes within one exchange millisecond is one change: a requote is two deltas, and
 * between them, as while a book is crossed, there is no quote. While messages are missing there is one row of nulls at the start of the gap,
 * its `trust` `unknown`.
 */
export async function quotesOf(events: AsyncIterable<BookEvent> | Iterable<BookEvent>): Promise<ColumnTable> {
  return isAsync(events) ? tableOf(topOfBook()(events)) : tableOf(topOfBook()(events));
}

/**
 * The levels of one book, one row per level, ascending by side and price.
 *
 * Columns: `ticker`, `side` ("yes" | "no": whose bids), `price`, `yes_price` ($), `count` (contracts).
 */
export function bookTable(book: Book): ColumnTable {
  return orderbook(book.levels());
}
