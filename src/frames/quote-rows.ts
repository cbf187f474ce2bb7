import { bestAsk, bestBid } from "../book/best.js";
import type { Book } from "../book/book.js";
import type { BookEvent } from "../book/event.js";
import type { Timestamp } from "../units/time.js";
import type { Quote } from "./quotes.js";
import { SettledBooks } from "./settled-books.js";

/** Makes rows of events, one after the other. */
export interface RowMaker {
  push(event: BookEvent): void;
  /** Nothing comes any more; `at` is the exchange's time up to which it was listened for. */
  end(at?: Timestamp): void;
}

/** Best quotes: a row whenever the best level of a side has changed, and one of nulls where it is not known any more. */
export function quoteRows(give: (quote: Quote) => void, from?: Timestamp): RowMaker {
  const last = new Map<string, Quote>();
  return new SettledBooks((time, ticker, book) => {
    const quote = quoteOf(time, ticker, book);
    const before = last.get(ticker);
    if (before !== undefined && isSame(before, quote)) return;
    last.set(ticker, quote);
    give(quote);
  }, from);
}

const none = { yes_bid: null, yes_bid_size: null, yes_ask: null, yes_ask_size: null, trust: "unknown" } as const;

function quoteOf(time: Timestamp, ticker: string, book: Book | null): Quote {
  if (book === null) return { time, ticker, ...none };
  const { yes, no } = book;
  return {
    time,
    ticker,
    yes_bid: bestBid(book),
    yes_bid_size: yes.best === null ? null : yes.bestCount,
    yes_ask: bestAsk(book),
    yes_ask_size: no.best === null ? null : no.bestCount,
    trust: "ok",
  };
}

function isSame(a: Quote, b: Quote): boolean {
  return (
    a.yes_bid === b.yes_bid &&
    a.yes_ask === b.yes_ask &&
    a.yes_bid_size === b.yes_bid_size &&
    a.yes_ask_size === b.yes_ask_size &&
    a.trust === b.trust
  );
}
