import type { ColumnTable } from "arquero";
import type { Quote } from "../../src/flow/top-of-book.js";
import { topOfBookFrame } from "../../src/frames/flows.js";
import { tableOfRecords } from "../../src/frames/frame.js";

/** What a test says of a quote; the rest follows from it. */
export type PlainQuote = Pick<Quote, "time" | "ticker" | "yes_bid" | "yes_bid_size" | "yes_ask" | "yes_ask_size">;

/** The quote that `topOfBook()` gives where these prices stand, as far as prices tell. */
export function quoteRecord(quote: PlainQuote): Quote {
  const { yes_bid, yes_ask } = quote;
  const both = yes_bid !== null && yes_ask !== null;
  return {
    ...quote,
    type: "quote",
    receivedAt: quote.time,
    trust: "ok",
    spread: both ? yes_ask - yes_bid : null,
    midpoint: both ? Math.ceil((yes_bid + yes_ask) / 2) : null,
    microprice: null,
    imbalance: null,
  };
}

/** Such quotes as the table that `topOfBook()` gives, also of none. */
export function quotesTable(list: readonly PlainQuote[]): ColumnTable {
  return tableOfRecords(
    topOfBookFrame,
    list.map((quote) => ({ ...quoteRecord(quote) })),
  );
}
