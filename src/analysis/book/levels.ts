import type { ColumnTable } from "arquero";
import type { Level } from "../../exchange/orderbook.js";
import type { BookSnapshot } from "../../flow/book-snapshots.js";
import type { Trust } from "../../flow/settled-books.js";
import { complement } from "../../units/price.js";
import type { Timestamp } from "../../units/time.js";
import { textsOf } from "../read-fills.js";
import { levelRows } from "./level-rows.js";
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
  const ticker = textsOf(table, "ticker");
  const time = rawOrNone(table, "time");
  const trust = hasColumn(table, "trust") ? textsOf(table, "trust") : null;
  const books = new Map<string, Levels & { readonly yes: Level[]; readonly no: Level[] }>();
  const keyOf = (of: string | null, at: Timestamp | null | undefined) => `${at ?? ""} ${of ?? ""}`;
  for (const [row, of] of ticker.entries()) {
    const key = keyOf(of, time?.[row]);
    if (books.has(key)) continue;
    books.set(key, { ticker: of ?? "", time: time?.[row] ?? null, trust: trustOf(trust?.[row]), yes: [], no: [] });
  }
  for (const { ticker: of, time: at, side, yesPrice, count } of levelRows(table)) {
    const price = side === "yes" ? yesPrice : complement(yesPrice);
    books.get(keyOf(of, at))![side].push({ price, count });
  }
  return [...books.values()];
}
