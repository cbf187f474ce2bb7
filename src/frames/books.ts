import type { ColumnTable } from "arquero";
import { applyLoosely, applySnapshot } from "../book/apply.js";
import { bestAsk, bestBid, isCrossed } from "../book/best.js";
import { Book } from "../book/book.js";
import { type BookEvent, opensGap } from "../book/event.js";
import type { Timestamp } from "../units/time.js";
import { tableBuilder } from "./builder.js";
import { orderbook } from "./orderbook.js";
import { type Quote, quoteRecord, quotesFrame } from "./quotes.js";

/**
 * Best quotes over time of a live feed or a recording: one row whenever the best level of a side has changed.
 *
 * Columns: `time` (ms since 1970, UTC), `ticker`, `yes_bid`, `yes_ask`, `spread`, `midpoint` ($), `yes_bid_size`, `yes_ask_size`
 * (contracts). What changes within one exchange millisecond is one change: a requote is two deltas, and between them, as while a book is
 * crossed, there is no quote. While messages are missing there is one row of nulls at the start of the gap, so that it shows.
 */
export async function quotesOf(events: AsyncIterable<BookEvent> | Iterable<BookEvent>): Promise<ColumnTable> {
  const books = new Map<string, Book>();
  const changing = new Map<string, Quote>();
  const last = new Map<string, Quote>();
  const builder = tableBuilder(quotesFrame.noun, quotesFrame.fields);
  const tell = (quote: Quote): void => {
    const before = last.get(quote.ticker);
    if (before !== undefined && same(before, quote)) return;
    last.set(quote.ticker, quote);
    builder.addRecords([quoteRecord(quote)]);
  };
  const settle = (ticker: string, until: Timestamp): void => {
    const quote = changing.get(ticker);
    if (quote === undefined || quote.time >= until) return;
    changing.delete(ticker);
    tell(quote);
  };
  for await (const event of events) {
    if (event.type === "snapshot" || event.type === "delta") {
      const time = event.time ?? event.receivedAt;
      settle(event.ticker, time);
      const book = books.get(event.ticker) ?? new Book(event.ticker);
      books.set(event.ticker, book);
      if (event.type === "snapshot") applySnapshot(book, event);
      else applyLoosely(book, event.side, event.price, event.delta);
      if (isCrossed(book) || (event.type === "delta" && event.state === "stale")) changing.delete(event.ticker);
      else changing.set(event.ticker, quoteOf(book, time));
    } else if (opensGap(event)) {
      for (const ticker of event.tickers) {
        settle(ticker, Number.POSITIVE_INFINITY);
        tell({ ...nothing, ticker, time: event.from });
      }
    }
  }
  for (const ticker of [...changing.keys()]) settle(ticker, Number.POSITIVE_INFINITY);
  return builder.finish({ orderBy: quotesFrame.orderBy });
}

const nothing = { yes_bid: null, yes_bid_size: null, yes_ask: null, yes_ask_size: null } as const;

function quoteOf(book: Book, time: Timestamp): Quote {
  const { yes, no } = book;
  return {
    time,
    ticker: book.ticker,
    yes_bid: bestBid(book),
    yes_bid_size: yes.best === null ? null : yes.bestCount,
    yes_ask: bestAsk(book),
    yes_ask_size: no.best === null ? null : no.bestCount,
  };
}

function same(a: Quote, b: Quote): boolean {
  return (
    a.yes_bid === b.yes_bid &&
    a.yes_ask === b.yes_ask &&
    a.yes_bid_size === b.yes_bid_size &&
    a.yes_ask_size === b.yes_ask_size
  );
}

/**
 * The levels of one book, one row per level, ascending by side and price.
 *
 * Columns: `ticker`, `side` ("yes" | "no": whose bids), `price`, `yes_price` ($), `count` (contracts).
 */
export function bookTable(book: Book): ColumnTable {
  return orderbook(book.levels());
}
