import type { ColumnTable } from "arquero";
import type { Level } from "../../exchange/orderbook.js";
import type { BookSnapshot } from "../../flow/book-snapshots.js";
import type { Trust } from "../../flow/settled-books.js";
import { rawOf } from "../../frames/exact.js";
import { complement } from "../../units/price.js";
import type { Timestamp } from "../../units/time.js";
import { textsOf } from "../read-fills.js";
import { hasColumn, rawOrNone, trustOf } from "./quote-rows.js";
import type { RowKind } from "./rows.js";

/** The levels of a market's book, each side in its own prices, in any order; null where it is not known. */
export interface Levels {
  readonly ticker: string;
  /** Null for a book that does not say when it was. */
  readonly time: Timestamp | null;
  readonly trust: Trust;
  readonly yes: readonly Level[] | null;
  readonly no: readonly Level[] | null;
}

/** A book as `bookSnapshots(…)` or `topLevels` gives it. */
export type SnapshotLike = Pick<BookSnapshot, "ticker" | "time" | "trust" | "yes" | "no">;

/** Columns of a table of levels. */
export const levelColumns = ["ticker", "side", "yes_price", "count"] as const;

/** Books, of a table of levels in order of first appearance. */
export const bookKind: RowKind<Levels> = {
  name: "levels",
  columns: levelColumns,
  fields: ["ticker", "trust", "yes", "no"],
  whole: ["time"],
  known: ["ticker"],
  levels: ["yes", "no"],
  read: booksOf,
};

function booksOf(table: ColumnTable): Levels[] {
  const [ticker, side] = [textsOf(table, "ticker"), textsOf(table, "side")];
  const [price, count] = [rawOf(table, "yes_price"), rawOf(table, "count")];
  const time = rawOrNone(table, "time");
  const trust = hasColumn(table, "trust") ? textsOf(table, "trust") : null;
  const books = new Map<string, Levels & { readonly yes: Level[]; readonly no: Level[] }>();
  for (const [row, of] of ticker.entries()) {
    const key = `${time?.[row] ?? ""} ${of}`;
    let book = books.get(key);
    if (book === undefined) {
      book = { ticker: of ?? "", time: time?.[row] ?? null, trust: trustOf(trust?.[row]), yes: [], no: [] };
      books.set(key, book);
    }
    const [yesPrice, contracts] = [price[row] ?? null, count[row] ?? null];
    if (yesPrice === null || contracts === null) continue;
    if (side[row] === "yes") book.yes.push({ price: yesPrice, count: contracts });
    else if (side[row] === "no") book.no.push({ price: complement(yesPrice), count: contracts });
  }
  return [...books.values()];
}
