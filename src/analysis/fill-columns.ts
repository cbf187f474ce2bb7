import type { TableColumn } from "../frames/columns.js";
import { TextColumn } from "../frames/text-column.js";

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
