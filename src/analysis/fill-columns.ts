import type { TableColumn } from "../frames/columns.js";
import { TextColumn } from "../frames/text-column.js";
import { withoutCopies } from "./fill-copies.js";

/** Fills as columns in the order of time, each counted once. */
export interface FillColumns {
  readonly length: number;
  /** µs since 1970 */
  readonly time: Float64Array;
  /** Index of the market in {@link tickers}. */
  readonly market: Uint32Array;
  readonly tickers: readonly string[];
  /** The account within the member's, 0 for the primary one. */
  readonly account: Float64Array;
  /** Signed hundredths of a contract: YES positive. */
  readonly quantity: Float64Array;
  /** YES price in micro-dollars. */
  readonly price: Float64Array;
  /** micro-dollars, as the exchange reports it */
  readonly fee: Float64Array;
  /** Whether the order crossed the spread: 1 or 0, NaN where it is not said; null where no fill says. */
  readonly taker: Float64Array | null;
  /** `fill_id`; null where the fills have none. */
  readonly id: TableColumn | null;
  /** `order_id`; null where the fills have none. */
  readonly order: TableColumn | null;
  /** 0 where the count may have been cut to whole contracts, as account files do; null where no fill says. */
  readonly exact: Float64Array | null;
  /** 1 where the older `side` says otherwise than `outcome_side` or `book_side`, which are believed; null where none does. */
  readonly contradicted: Float64Array | null;
  /** 1 where the older `action` says that something was sold; null where none does. */
  readonly sells: Float64Array | null;
  /** Fills that came again and were not counted again. */
  readonly duplicates: number;
}

/** The market of a fill. */
export function tickerOf({ tickers, market }: FillColumns, row: number): string {
  return tickers[market[row]!]!;
}

/** The market of every fill, as a column of a table. */
export function marketColumn(fills: {
  readonly tickers: readonly string[];
  readonly market: ArrayLike<number>;
}): TextColumn {
  const { tickers, market } = fills;
  const codes = new Uint32Array(market.length);
  // Code 0 of a column is the absent value.
  for (let row = 0; row < codes.length; row += 1) codes[row] = market[row]! + 1;
  return new TextColumn("text", "market", codes, ["", ...tickers]);
}

/**
 * Fills in order: ascending by time, those of one moment by order, those of one order as it walked through the book, best price first, and
 * else by id. No record tells which of two orders came first in one moment: theirs is the order of their ids, the same at each reading but not
 * the exchange's, and what first in, first out realizes may depend on it. Each counts once, as {@link withoutCopies} says.
 */
export function arranged(given: Omit<FillColumns, "duplicates">, coarse: Uint8Array | null = null): FillColumns {
  const kept = withoutCopies(given, coarse);
  const fills = kept === null ? given : taken(given, kept);
  const { length, time, quantity, price, id, order } = fills;
  const compare = (a: number, b: number): number =>
    time[a]! - time[b]! ||
    (order?.compare(a, b) ?? 0) ||
    ((order?.at(a) ?? null) === null ? 0 : (price[a]! - price[b]!) * Math.sign(quantity[a]!)) ||
    (id?.compare(a, b) ?? 0);
  let isRising = true;
  for (let row = 1; row < length && isRising; row += 1)
    isRising = time[row - 1]! < time[row]! || (time[row - 1] === time[row] && compare(row - 1, row) < 0);
  if (isRising) return { ...fills, duplicates: given.length - length };
  const rows = Uint32Array.from({ length }, (_, row) => row).sort((a, b) => compare(a, b) || a - b);
  return { ...taken(fills, rows), duplicates: given.length - length };
}

function taken(fills: Omit<FillColumns, "duplicates">, rows: Uint32Array): FillColumns {
  const floats = (values: Float64Array): Float64Array => {
    const result = new Float64Array(rows.length);
    for (let at = 0; at < rows.length; at += 1) result[at] = values[rows[at]!]!;
    return result;
  };
  return {
    length: rows.length,
    time: floats(fills.time),
    market: rows.map((row) => fills.market[row]!),
    tickers: fills.tickers,
    account: floats(fills.account),
    quantity: floats(fills.quantity),
    price: floats(fills.price),
    fee: floats(fills.fee),
    taker: fills.taker === null ? null : floats(fills.taker),
    exact: fills.exact === null ? null : floats(fills.exact),
    contradicted: fills.contradicted === null ? null : floats(fills.contradicted),
    sells: fills.sells === null ? null : floats(fills.sells),
    id: fills.id?.take(rows) ?? null,
    order: fills.order?.take(rows) ?? null,
    duplicates: fills.length - rows.length,
  };
}
