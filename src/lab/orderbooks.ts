import type { ColumnTable } from "arquero";
import type { Client } from "../client/http.js";
import { KalshiError } from "../errors.js";
import { getMarketOrderbook, getMarketOrderbooks } from "../exchange/operations/orderbooks.js";
import type { Orderbook } from "../exchange/orderbook.js";
import { orderbook as orderbookTable } from "../frames/orderbook.js";
import { withProvenance } from "../frames/provenance.js";
import { formatTime, systemClock } from "../units/time.js";

const BOOKS_PER_REQUEST = 100;

/**
 * The order book of one market now, one row per level; none for an empty book.
 *
 * @throws KalshiError `MARKET_NOT_FOUND`
 * @see GET /markets/{ticker}/orderbook
 */
export async function fetchOrderbook(client: Client, ticker: string, depth?: number): Promise<ColumnTable> {
  try {
    const { orderbook } = await getMarketOrderbook(client, { ticker, depth });
    return tableOf([{ ticker, ...orderbook }], "GET /markets/{ticker}/orderbook");
  } catch (error) {
    throw error instanceof KalshiError && error.code === "NOT_FOUND" ? noBook([ticker], error) : error;
  }
}

/**
 * Order books of several markets now, one row per level.
 *
 * @throws KalshiError `MARKET_NOT_FOUND` when the exchange leaves one out: an empty book and no book are different answers
 * @see GET /markets/orderbooks
 */
export async function fetchOrderbooks(
  client: Client,
  tickers: readonly string[],
  signal?: AbortSignal,
): Promise<ColumnTable> {
  const books: Orderbook[] = [];
  for (let at = 0; at < tickers.length; at += BOOKS_PER_REQUEST) {
    const some = tickers.slice(at, at + BOOKS_PER_REQUEST);
    const { orderbooks } = await getMarketOrderbooks(client, { tickers: some }, { signal });
    for (const { ticker, orderbook } of orderbooks) books.push({ ticker, ...orderbook });
  }
  const answered = new Set(books.map(({ ticker }) => ticker));
  const absent = tickers.filter((ticker) => !answered.has(ticker));
  if (absent.length > 0) throw noBook(absent);
  return tableOf(books, "GET /markets/orderbooks");
}

function tableOf(books: readonly Orderbook[], endpoint: string): ColumnTable {
  const table = orderbookTable(books);
  const rows = table.numRows();
  return withProvenance(table, {
    noun: "order book level",
    sources: [{ tier: "live", endpoint, pages: Math.ceil(books.length / BOOKS_PER_REQUEST), rows }],
    cutoffs: null,
    from: null,
    to: null,
    covered: null,
    complete: true,
    why: null,
    rows,
    at: formatTime(systemClock.now()),
  });
}

function noBook(tickers: readonly string[], cause?: unknown): KalshiError {
  return new KalshiError("MARKET_NOT_FOUND", `no order book of ${tickers.join(", ")}`, {
    hint: "check the ticker; a market of the historical tier has no book any more",
    context: { tickers },
    cause,
  });
}
