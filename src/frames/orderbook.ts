import type { ColumnTable } from "arquero";
import { type Orderbook, orderbookFields } from "../exchange/orderbook.js";
import { complement } from "../units/price.js";
import type { TableOptions } from "./builder.js";
import { type Frame, tableOfRecords } from "./frame.js";

/** How the levels of order books stand in a table. */
export const orderbookFrame = {
  noun: "order book level",
  source: "GET /markets/{ticker}/orderbook, GET /markets/orderbooks",
  fields: orderbookFields,
  key: ["ticker", "side", "price"],
  orderBy: ["ticker", "side", "price"],
} satisfies Frame;

/**
 * Levels of one or several order books, one row per level; each side ascends in its own price, its best bid last.
 *
 * Columns: `ticker`, `side` ("yes" | "no"), `price` ($, the side's own), `yes_price` ($), `count` (contracts).
 *
 * @see GET /markets/{ticker}/orderbook
 */
export function orderbook(books: Orderbook | readonly Orderbook[], options?: TableOptions): ColumnTable {
  const list = "ticker" in books ? [books] : books;
  return tableOfRecords(orderbookFrame, list.flatMap(levelsOf), options);
}

/** The levels of a book as records of the order book's fields. */
export function levelsOf(
  book: Orderbook,
): { ticker: string; side: string; price: number; yes_price: number; count: number }[] {
  return [
    ...book.yes.map(({ price, count }) => ({ ticker: book.ticker, side: "yes", price, yes_price: price, count })),
    ...book.no.map(({ price, count }) => ({
      ticker: book.ticker,
      side: "no",
      price,
      yes_price: complement(price),
      count,
    })),
  ];
}
