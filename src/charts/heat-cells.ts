import { CENT, DOLLAR } from "../units/price.js";
import type { BookAt } from "./books-data.js";
import type { Datum } from "./spec.js";
import { exactTime } from "./time-axis.js";

/** A stretch of time with the books in it. */
interface Column {
  readonly from: number;
  readonly to: number;
  readonly books: readonly BookAt[];
}

/** What is drawn of books over time: a cell for every price at which something rested in a column, and the stretches that are unknown. */
export interface HeatCells {
  readonly cells: readonly Datum[];
  readonly unknown: readonly Datum[];
  readonly columns: number;
  /** Dollars of a row. */
  readonly step: number;
  readonly reduced: boolean;
}

/** Cells beyond which a spec becomes slow to open. */
const MAX_CELLS = 8_000;

/** Pixels that a row of prices needs at least to be seen. */
const MIN_ROW = 3;

/**
 * Books (ascending by time, each standing until the next) as cells of price and time. Books are drawn one by one where they are wide
 * enough and few; else those of a column are put together, and a cell has the most that ever rested there, and the least.
 */
export function heatCells(
  books: readonly BookAt[],
  [low, high]: readonly [number, number],
  look: { width: number; height: number; end: number; gap: number },
): HeatCells {
  const inside = ({ price }: { price: number }) => price >= low && price <= high;
  const shown = books.map((book) => ({ ...book, bids: book.bids.filter(inside), asks: book.asks.filter(inside) }));
  const levels = shown.reduce((sum, { bids, asks }) => sum + bids.length + asks.length, 0);
  const step = rowStep(shown, high - low, look.height);
  const single = stretches(shown, look);
  const fits = levels <= MAX_CELLS && shown.length <= look.width;
  const most = Math.max(1, Math.min(look.width / 2, Math.floor((MAX_CELLS * shown.length) / levels)));
  const columns = fits ? single : together(single, Math.floor(most), shown[0]!.time!, look.end);
  const cells = columns.flatMap((column) => cellsOf(column, step));
  const unknown = single.flatMap(({ from, to, books: [book] }): Datum[] =>
    book!.unknown ? [{ from: exactTime(from), to: exactTime(to) }] : [],
  );
  return { cells, unknown, columns: columns.length, step, reduced: !fits };
}

/** Every book as a column of its own: until the next, at most `gap` long. */
function stretches(books: readonly BookAt[], { end, gap }: { end: number; gap: number }): Column[] {
  return books.map((book, at) => {
    const from = book.time!;
    const to = books[at + 1]?.time ?? end;
    return { from, to: book.unknown ? to : Math.min(to, from + gap), books: [book] };
  });
}

/** Columns of equal length; a book is in each that it stood in. */
function together(single: readonly Column[], count: number, from: number, to: number): Column[] {
  const length = (to - from) / count;
  const parts: BookAt[][] = Array.from({ length: count }, () => []);
  for (const { from: start, to: end, books } of single) {
    const last = Math.min(count - 1, Math.ceil((end - from) / length) - 1);
    for (let at = Math.min(count - 1, Math.floor((start - from) / length)); at <= last; at += 1)
      parts[at]!.push(...books);
  }
  return parts.map((books, at) => ({ from: from + at * length, to: from + (at + 1) * length, books }));
}

function cellsOf({ from, to, books }: Column, step: number): Datum[] {
  const known = books.filter(({ unknown }) => !unknown);
  return (["bids", "asks"] as const).flatMap((side) => {
    const found = new Map<number, { most: number; least: number; times: number }>();
    for (const book of known) {
      for (const [row, count] of rowsOf(book[side], step)) {
        const cell = found.get(row) ?? { most: 0, least: Number.POSITIVE_INFINITY, times: 0 };
        found.set(row, {
          most: Math.max(cell.most, count),
          least: Math.min(cell.least, count),
          times: cell.times + 1,
        });
      }
    }
    return [...found].map(
      ([row, { most, least, times }]): Datum => ({
        from: exactTime(from),
        to: exactTime(to),
        price: (row * step) / DOLLAR,
        low: ((row - 0.5) * step) / DOLLAR,
        high: ((row + 0.5) * step) / DOLLAR,
        side,
        count: most,
        // In one of the books nothing rested there.
        least: times < known.length ? 0 : least,
      }),
    );
  });
}

/** Contracts by row of prices; levels of one row are added up. */
function rowsOf(levels: BookAt["bids"], step: number): Map<number, number> {
  const rows = new Map<number, number>();
  for (const { price, count } of levels) {
    const row = Math.round((price * DOLLAR) / step);
    rows.set(row, Math.round(((rows.get(row) ?? 0) + count) * 100) / 100);
  }
  return rows;
}

/** The step that all prices are multiples of, in micro-dollars, a cent at most; a multiple of it where rows would be too thin to see. */
function rowStep(books: readonly BookAt[], range: number, height: number): number {
  let tick = CENT;
  for (const { bids, asks } of books) {
    for (const { price } of [...bids, ...asks]) tick = commonDivisor(Math.round(price * DOLLAR), tick);
  }
  const rows = (range * DOLLAR) / tick;
  return tick * Math.max(1, Math.ceil((rows * MIN_ROW) / height));
}

function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b);
}
