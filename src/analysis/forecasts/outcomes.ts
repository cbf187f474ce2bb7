import type { ColumnTable } from "arquero";
import { rawOf } from "../../frames/exact.js";
import { rawColumn } from "../../frames/raw-column.js";
import { typedColumns } from "../../frames/schema.js";
import { makeTable } from "../../frames/table.js";
import { DOLLAR, type Price } from "../../units/price.js";
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
  const values = rawOf(markets, "settlement_value");
  if (!names.includes("result")) return values;
  const byResult: Readonly<Record<string, Price>> = { yes: DOLLAR, no: 0 };
  return textsOf(markets, "result").map((result, row) => values[row] ?? byResult[result ?? ""] ?? null);
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
 * @throws KalshiError `COLUMN_MISSING`, `COLUMN_KIND`
 */
export function withOutcomes(table: ColumnTable, markets: ColumnTable): ColumnTable {
  tableGiven("markets", markets, ["ticker", "settlement_value"]);
  const ours = typedColumns(tableGiven("table", table, ["ticker"]));
  const theirs = typedColumns(markets);
  const pair = { name: "ticker", left: columnNamed(ours, "ticker"), right: columnNamed(theirs, "ticker") };
  const { left, right, size } = keyNumbers([pair], table.numRows(), markets.numRows());
  const rowOf = new Int32Array(size).fill(-1);
  for (const [row, key] of right.entries()) if (key >= 0) rowOf[key] = row;
  const rows = left.map((key) => (key < 0 ? -1 : rowOf[key]!));
  const outcome = rawColumn("dollars", "what one YES contract paid, $", outcomesOf(markets));
  const taken = { event_ticker: theirs.event_ticker, outcome, result: theirs.result };
  const columns = { ...ours };
  for (const [name, column] of Object.entries(taken)) {
    if (column !== undefined) columns[name] = column.takeOrNull(rows);
  }
  return withOriginsOf(makeTable(columns), [table, markets]);
}
