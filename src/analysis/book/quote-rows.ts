import type { ColumnTable } from "arquero";
import type { Quote } from "../../flow/top-of-book.js";
import { rawOf } from "../../frames/exact.js";
import { fromMillis, readTime, systemClock, type TimeInput, type Timestamp } from "../../units/time.js";
import { isCountOrNull, isPriceOrNull, pricesOf } from "../given-amounts.js";
import { isWhole } from "../given-rows.js";
import { textsOf } from "../read-fills.js";
import type { RowKind } from "./rows.js";

/** What is read of a quote. Without `trust` it is taken to be known. */
export type QuoteLike = Pick<Quote, "time" | "ticker" | "yes_bid" | "yes_ask"> &
  Partial<Pick<Quote, "trust" | "yes_bid_size" | "yes_ask_size">>;

/** Whether the book was known: not within a gap, nor crossed beyond the millisecond. */
export function isKnown({ trust }: Partial<Pick<Quote, "trust">>): boolean {
  return trust === undefined || trust === "ok";
}

/** Bid plus ask, which is twice the midpoint and always whole; null without both sides, and where the book is not known. */
export function twiceMidpoint(quote: QuoteLike): number | null {
  const { yes_bid: bid, yes_ask: ask } = quote;
  return bid === null || ask === null || !isKnown(quote) ? null : bid + ask;
}

const FIELDS = ["time", "ticker", "yes_bid", "yes_ask"] as const;
const SIZES = ["yes_bid_size", "yes_ask_size"] as const;

/** Quotes, of a table ascending by time; those without one are left out. */
export const quoteKind: RowKind<QuoteLike> = {
  name: "quotes",
  columns: FIELDS,
  fields: FIELDS,
  whole: ["time", "yes_bid", "yes_ask"],
  prices: ["yes_bid", "yes_ask"],
  known: ["time", "ticker"],
  isPlain: isPlainQuote,
  read: quoteRows,
};

/** Quotes of which sizes are needed too. */
export const sizedQuoteKind: RowKind<QuoteLike> = {
  name: "quotes",
  columns: [...FIELDS, ...SIZES],
  fields: [...FIELDS, ...SIZES],
  whole: ["time", "yes_bid", "yes_ask", ...SIZES],
  prices: ["yes_bid", "yes_ask"],
  counts: SIZES,
  known: ["time", "ticker"],
  isPlain: (quote) => isPlainQuote(quote) && isCountOrNull(quote.yes_bid_size) && isCountOrNull(quote.yes_ask_size),
  read: quoteRows,
};

function isPlainQuote({ ticker, time, yes_bid, yes_ask }: QuoteLike): boolean {
  return typeof ticker === "string" && isWhole(time) && isPriceOrNull(yes_bid) && isPriceOrNull(yes_ask);
}

function quoteRows(table: ColumnTable): QuoteLike[] {
  const ticker = textsOf(table, "ticker");
  const trust = hasColumn(table, "trust") ? textsOf(table, "trust") : null;
  const [bid, ask] = [pricesOf(table, "yes_bid"), pricesOf(table, "yes_ask")];
  const [bidSize, askSize] = [rawOrNone(table, "yes_bid_size"), rawOrNone(table, "yes_ask_size")];
  return timedRows(table, "time").map(({ row, time }) => ({
    ...{ time, ticker: ticker[row] ?? "", yes_bid: bid[row] ?? null, yes_ask: ask[row] ?? null },
    ...{ yes_bid_size: bidSize?.[row] ?? null, yes_ask_size: askSize?.[row] ?? null },
    trust: trustOf(trust?.[row]),
  }));
}

/** Rows that have a time, in the order of it. */
export function timedRows(table: ColumnTable, name: string): { readonly row: number; readonly time: Timestamp }[] {
  const rows: { row: number; time: Timestamp }[] = [];
  for (const [row, time] of rawOf(table, name).entries()) if (time !== null) rows.push({ row, time });
  return rows.sort((a, b) => a.time - b.time);
}

export function hasColumn(table: ColumnTable, name: string): boolean {
  return table.columnNames().includes(name);
}

export function rawOrNone(table: ColumnTable, name: string): (number | null)[] | null {
  return hasColumn(table, name) ? rawOf(table, name) : null;
}

export function trustOf(text: string | null | undefined): Quote["trust"] {
  return text === "unknown" || text === "crossed" ? text : "ok";
}

/** A moment as ms since 1970, as tables have it, or as `Date` or text; null for none. @throws KalshiError `BAD_TIME` */
export function readUntil(until: number | TimeInput | undefined): Timestamp | null {
  if (until === undefined) return null;
  return typeof until === "number" ? fromMillis(until) : readTime(until, systemClock.now());
}
