import type { ColumnTable } from "arquero";
import { KalshiError } from "../../errors.js";
import { rawColumn } from "../../frames/raw-column.js";
import { typedColumns } from "../../frames/schema.js";
import { makeTable } from "../../frames/table.js";
import { DOLLAR, type Price } from "../../units/price.js";
import { pricesOf } from "../given-amounts.js";
import { tableGiven } from "../given-rows.js";
import { keyNumbers } from "../joins/keys.js";
import { columnNamed } from "../joins/lanes.js";
import { withOriginsOf } from "../joins/origins.js";
import { textsOf } from "../read-fills.js";

/**
 * What one YES contract of each market paid, in the table's order: its `settlement_value`, else $1 or $0 by a `result` of yes or no; null
 * for all others.
 *
 * @throws KalshiError `COLUMN_MISSING`, `COLUMN_KIND`
 */
export function outcomesOf(markets: ColumnTable): (Price | null)[] {
  const names = markets.columnNames();
  const values = pricesOf(markets, "settlement_value");
  if (!names.includes("result")) return values;
  const byResult: Readonly<Record<string, Price>> = { yes: DOLLAR, no: 0 };
  return textsOf(markets, "result").map((result, row) => values[row] ?? byResult[result ?? ""] ?? null);
}

/**
 * The row of each market, ascending. Of several the first that says what became of it counts, of those that do not the last.
 *
 * @throws KalshiError `BAD_RECORD` where two say something else
 */
export function rowsOfMarkets(tickers: readonly (string | null)[], outcomes: readonly (Price | null)[]): number[] {
  const rows = new Map<string | null, number>();
  for (const [row, ticker] of tickers.entries()) {
    const before = outcomes[rows.get(ticker) ?? -1] ?? null;
    const outcome = outcomes[row] ?? null;
    if (before === null) rows.set(ticker, row);
    else if (outcome !== null && outcome !== before) throw twoOutcomes(ticker, [before, outcome]);
  }
  return [...rows.values()].sort((a, b) => a - b);
}

function twoOutcomes(ticker: string | null, outcomes: readonly Price[]): KalshiError {
  const told = outcomes.map((one) => `$${one / DOLLAR}`);
  return new KalshiError("BAD_RECORD", `markets: ${ticker} is there twice, and paid ${told.join(" and ")}`, {
    hint: "a market is settled once; leave out the record that was withdrawn",
    context: { ticker, outcomes: told },
  });
}

/** Whether a market was settled between its two results, as one is that is voided: by its result, or by its value. */
export function isScalar(outcome: Price, result: string | null): boolean {
  return result === "scalar" || (outcome > 0 && outcome < DOLLAR);
}

/**
 * A table of a column `ticker`, as trades have it, with what became of each row's market.
 *
 * Columns: those of the table, then `event_ticker`; `outcome` ($ that one YES contract paid, null while not settled); `result`. Null where
 * the market is not among `markets`. A column that the table has by one of these names gives way.
 *
 * @throws KalshiError `COLUMN_MISSING`, `COLUMN_KIND`, `BAD_PRICE`; `BAD_RECORD` for a market of two outcomes
 */
export function withOutcomes(table: ColumnTable, markets: ColumnTable): ColumnTable {
  tableGiven("markets", markets, ["ticker", "settlement_value"]);
  const ours = typedColumns(tableGiven("table", table, ["ticker"]));
  const theirs = typedColumns(markets);
  const pair = { name: "ticker", left: columnNamed(ours, "ticker"), right: columnNamed(theirs, "ticker") };
  const { left, right, size } = keyNumbers([pair], table.numRows(), markets.numRows());
  const outcomes = outcomesOf(markets);
  const rowOf = new Int32Array(size).fill(-1);
  for (const row of rowsOfMarkets(textsOf(markets, "ticker"), outcomes)) if (right[row]! >= 0) rowOf[right[row]!] = row;
  const rows = left.map((key) => (key < 0 ? -1 : rowOf[key]!));
  const outcome = rawColumn("dollars", "what one YES contract paid, $", outcomes);
  const taken = { event_ticker: theirs.event_ticker, outcome, result: theirs.result };
  const columns = { ...ours };
  for (const [name, column] of Object.entries(taken)) {
    if (column !== undefined) columns[name] = column.takeOrNull(rows);
  }
  return withOriginsOf(makeTable(columns), [table, markets]);
}
