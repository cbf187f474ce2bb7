import type { ColumnTable } from "arquero";
import { KalshiError } from "../errors.js";
import { formatTime, MILLISECOND, readTime, type TimeInput } from "../units/time.js";
import { hasColumns, needColumns, needRows, numbers, prices, severalMarkets, texts, times } from "./columns.js";

/** One price with what rests there: dollars in YES prices, contracts. */
export interface BookLevel {
  readonly price: number;
  readonly count: number;
}

/** A market's book from a moment on (ms since 1970; null where the table has no times): best levels first. */
export interface BookAt {
  readonly time: number | null;
  readonly bids: readonly BookLevel[];
  readonly asks: readonly BookLevel[];
  /** Messages were missing: nothing is known of the book. */
  readonly unknown: boolean;
}

/** A moment: a `Date`, ISO text, or milliseconds since 1970 as tables have them. */
export type ChartMoment = TimeInput | number;

/**
 * Books of one market out of a table of levels (`side`, `yes_price`, `count`, where there are several books also `time`), in order of time.
 *
 * @throws KalshiError `CHART_EMPTY`, `COLUMN_MISSING`, `COLUMN_KIND`, `BAD_PRICE`; `BAD_ARGUMENT` for several markets without `wanted`; `BAD_RECORD`
 * for a level of no side, or that a book has twice
 */
export function readBooks(
  chart: string,
  table: ColumnTable,
  wanted: string | undefined,
): { ticker: string; books: BookAt[] } {
  needColumns(chart, table, ["side", "yes_price", "count"]);
  const tickers = hasColumns(table, ["ticker"]) ? texts(table, "ticker") : null;
  const ticker = wanted ?? tickers?.[0] ?? "";
  const other = wanted === undefined ? tickers?.find((one) => one !== ticker) : undefined;
  if (other !== undefined) throw severalMarkets(chart, ticker, other);
  const time = hasColumns(table, ["time"]) ? times(chart, table, "time") : null;
  const trust = hasColumns(table, ["trust"]) ? texts(table, "trust") : null;
  const side = texts(table, "side");
  const [price, count] = [prices(chart, table, "yes_price"), numbers(chart, table, "count")];
  const byTime = new Map<number | null, { bids: BookLevel[]; asks: BookLevel[]; unknown: boolean }>();
  for (let row = 0; row < side.length; row += 1) {
    if (tickers !== null && tickers[row] !== ticker) continue;
    const at = time?.[row] ?? null;
    const book = byTime.get(at) ?? { bids: [], asks: [], unknown: false };
    byTime.set(at, book);
    if (trust?.[row] === "unknown") book.unknown = true;
    const [p, c] = [price[row], count[row]];
    if (p == null || c == null || c === 0) continue;
    if (side[row] !== "yes" && side[row] !== "no") throw noSide(chart, side[row]!);
    const levels = side[row] === "yes" ? book.bids : book.asks;
    levels.push({ price: p, count: c });
  }
  const books = [...byTime].map(([at, { bids, asks, unknown }]) => ({
    time: at,
    bids: onceEach(
      chart,
      bids.sort((a, b) => b.price - a.price),
    ),
    asks: onceEach(
      chart,
      asks.sort((a, b) => a.price - b.price),
    ),
    unknown,
  }));
  books.sort((a, b) => (a.time ?? 0) - (b.time ?? 0));
  needRows(
    chart,
    books.filter(({ bids, asks }) => bids.length + asks.length > 0).length,
    "levels",
    "the book is empty, as it is after a market closed; ask an open market",
  );
  return { ticker, books };
}

/** Refuses a book, sorted by price, that has one of its prices twice. */
function onceEach(chart: string, levels: readonly BookLevel[]): readonly BookLevel[] {
  const twice = levels.find(({ price }, at) => levels[at + 1]?.price === price);
  if (twice === undefined) return levels;
  throw new KalshiError("BAD_RECORD", `chart.${chart}: a book has the level at $${twice.price} twice`, {
    hint: "give books of several moments their `time`, or only one of them",
    context: { chart, price: twice.price },
  });
}

function noSide(chart: string, side: string): KalshiError {
  return new KalshiError("BAD_RECORD", `chart.${chart}: a level is of the side ${JSON.stringify(side)}`, {
    hint: 'a level\'s side says whose bids they are: "yes" or "no"; an ask for YES is a bid for NO',
    context: { chart, side },
  });
}

/**
 * The book that stood at a moment: the last one of the table at or before it, of all without one.
 *
 * @throws KalshiError `CHART_EMPTY` where none is known then; `BAD_TIME`
 */
export function bookAt(chart: string, books: readonly BookAt[], at: ChartMoment | undefined): BookAt {
  const last = books.at(-1)!;
  if (at === undefined || last.time === null) {
    // After a close nothing rests any more: the last book that there was says more than an empty one.
    const shown = books.findLast(({ bids, asks }) => bids.length + asks.length > 0)!;
    return at === undefined ? shown : last;
  }
  const ms = typeof at === "number" ? at : readTime(at, last.time * MILLISECOND) / MILLISECOND;
  const found = books.findLast(({ time }) => time! <= ms);
  const why =
    found === undefined
      ? `the table begins at ${formatTime(Math.round(books[0]!.time! * MILLISECOND))}`
      : found.unknown
        ? "messages were missing then; ask a moment that the recording covers"
        : "the book was empty then; ask another moment";
  const levels = found === undefined ? 0 : found.bids.length + found.asks.length;
  needRows(chart, levels, `levels at ${formatTime(Math.round(ms * MILLISECOND))}`, why);
  return found!;
}
