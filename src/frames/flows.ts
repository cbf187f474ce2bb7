import type { Bar } from "../flow/bar.js";
import type { BookDelta } from "../flow/book-deltas.js";
import type { BookSnapshot } from "../flow/book-snapshots.js";
import type { NearDepth } from "../flow/near-depth.js";
import type { Quote } from "../flow/top-of-book.js";
import type { RecordType } from "../flow/transform.js";
import { complement } from "../units/price.js";
import { barFields, bookDeltaFields, bookLevelFields, nearDepthFields, topOfBookFields } from "./flow-fields.js";
import type { Frame } from "./frame.js";

/** A record of one of the transforms. */
export type FlowRecord = Quote | NearDepth | Bar | BookSnapshot | BookDelta;

/** How the records of `topOfBook()` stand in a table. */
export const topOfBookFrame = {
  noun: "top of book",
  source: "`topOfBook()` over a live feed or a recording (channel orderbook_delta)",
  fields: topOfBookFields,
  key: [],
  orderBy: ["time"],
} satisfies Frame;

/** How the records of `nearDepth(cents)` stand in a table. */
export const nearDepthFrame = {
  noun: "depth near the best",
  source: "`nearDepth(cents)` over a live feed or a recording (channel orderbook_delta)",
  fields: nearDepthFields,
  key: [],
  orderBy: ["time"],
} satisfies Frame;

/** How the records of `bars(…)` stand in a table. */
export const barsFrame = {
  noun: "bar of trades",
  source: "`bars(…)` over a live feed or a recording (channel trade)",
  fields: barFields,
  key: [],
  orderBy: ["end_time"],
} satisfies Frame;

/** How the records of `bookSnapshots(…)` stand in a table. */
export const bookLevelsFrame = {
  noun: "level of a book on a grid",
  source: "`bookSnapshots(…)` over a live feed or a recording (channel orderbook_delta)",
  fields: bookLevelFields,
  key: [],
  orderBy: ["time", "ticker", "side", "price"],
} satisfies Frame;

/** How the records of `bookDeltas()` stand in a table. */
export const bookDeltasFrame = {
  noun: "change of a book",
  source: "`bookDeltas()` over a live feed or a recording (channel orderbook_delta)",
  fields: bookDeltaFields,
  key: [],
  orderBy: ["message"],
} satisfies Frame;

/** The frame of each type of record. */
export const flowFrames: Readonly<Record<RecordType, Frame>> = {
  quote: topOfBookFrame,
  near_depth: nearDepthFrame,
  bar: barsFrame,
  book: bookLevelsFrame,
  book_delta: bookDeltasFrame,
};

/** The rows of one record: one, or of a book as many as it has levels, at least one. */
export function rowsOf(record: FlowRecord): readonly Readonly<Record<string, unknown>>[] {
  return record.type === "book" ? levelsOf(record) : [{ ...record }];
}

function levelsOf({ time, ticker, trust, yes, no }: BookSnapshot): readonly Readonly<Record<string, unknown>>[] {
  const of = (side: "yes" | "no", levels: BookSnapshot["yes"]) =>
    (levels ?? []).map(({ price, count }, at, { length }) => ({
      ...{ time, ticker, trust, side, level: length - at, price, count },
      yes_price: side === "yes" ? price : complement(price),
    }));
  const rows = [...of("no", no), ...of("yes", yes)];
  return rows.length > 0 ? rows : [{ time, ticker, trust }];
}
