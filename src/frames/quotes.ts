import type { ColumnTable } from "arquero";
import type { Orderbook } from "../exchange/orderbook.js";
import type { Count } from "../units/count.js";
import type { Price } from "../units/price.js";
import type { Timestamp } from "../units/time.js";
import type { TableOptions } from "./builder.js";
import { type Frame, tableOfRecords } from "./frame.js";
import { levelsOf } from "./orderbook.js";
import { depthFields, quoteFields } from "./quote-fields.js";

/** How best quotes stand in a table. */
export const quotesFrame = {
  noun: "quote",
  source: "live feed or recording (channel orderbook_delta)",
  fields: quoteFields,
  key: [],
  orderBy: ["time"],
} satisfies Frame;

/** How books over time stand in a table. */
export const depthFrame = {
  noun: "depth level",
  source: "live feed or recording (channel orderbook_delta)",
  fields: depthFields,
  key: ["time", "ticker", "side", "price"],
  orderBy: ["time", "ticker", "side", "price"],
} satisfies Frame;

/** Best bid and ask of a market at a moment, in YES prices; null while a side is empty. */
export type Quote = {
  readonly time: Timestamp;
  readonly ticker: string;
  readonly yes_bid: Price | null;
  readonly yes_bid_size: Count | null;
  readonly yes_ask: Price | null;
  readonly yes_ask_size: Count | null;
};

/**
 * Best quotes over time, one row per quote given, ascending by time, in the given order within one microsecond.
 *
 * Columns: `time` (ms since 1970, UTC), `ticker`, `yes_bid`, `yes_ask`, `spread`, `midpoint` ($), `yes_bid_size`, `yes_ask_size`
 * (contracts). Spread and midpoint are computed here; null while a side is empty.
 */
export function quotes(list: readonly Quote[], options?: TableOptions): ColumnTable {
  return tableOfRecords(quotesFrame, list.map(quoteRecord), options);
}

/** A quote with its spread and midpoint, as a record of the quote's fields. */
export function quoteRecord(quote: Quote): Quote & { spread: Price | null; midpoint: Price | null } {
  const { yes_bid, yes_ask } = quote;
  const both = yes_bid !== null && yes_ask !== null;
  return {
    ...quote,
    spread: both ? yes_ask - yes_bid : null,
    // Tenths of a cent halve exactly; only prices of a single micro-dollar do not, and are rounded up.
    midpoint: both ? Math.ceil((yes_bid + yes_ask) / 2) : null,
  };
}

/**
 * Whole books at given moments, one row per level, ascending by time, ticker, side and price.
 *
 * Columns: `time` (ms since 1970, UTC), `ticker`, `side` ("yes" | "no"), `price`, `yes_price` ($), `count` (contracts).
 */
export function depth(
  books: readonly { readonly time: Timestamp; readonly book: Orderbook }[],
  options?: TableOptions,
): ColumnTable {
  const records = books.flatMap(({ time, book }) => levelsOf(book).map((level) => ({ time, ...level })));
  return tableOfRecords(depthFrame, records, options);
}
