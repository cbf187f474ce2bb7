import { readFile } from "node:fs/promises";
import type { ColumnTable } from "arquero";
import type { Mark } from "../../analysis/profit/marks.js";
import { readTable } from "../../datasets/read.js";
import { KalshiError, messageOf, systemCode } from "../../errors.js";
import { columnOf } from "../../frames/schema.js";

/** Columns that a mark may stand in, the first that is there. */
const NAMES = ["mark", "yes_price"];

/**
 * YES prices by market from a file: `.csv`, `.parquet` or `.arrow` with columns `ticker` and `mark`, or `.json`, an object of prices by ticker.
 *
 * @throws KalshiError `FILE_NOT_FOUND`, `FILE_UNREADABLE`, `FILE_FORMAT`, `BAD_LINE`, `COLUMN_MISSING`
 */
export async function readMarksFile(path: string): Promise<ReadonlyMap<string, Mark>> {
  return /\.json$/i.test(path) ? fromJson(path) : fromTable(await readTable(path), path);
}

function fromTable(table: ColumnTable, path: string): Map<string, Mark> {
  const name = NAMES.find((one) => table.columnNames().includes(one));
  if (name === undefined) {
    throw new KalshiError("COLUMN_MISSING", `${path} has no column \`mark\``, {
      hint: `give columns ticker and mark (a YES price in dollars); its columns are ${table.columnNames().join(", ")}`,
      context: { path, columns: table.columnNames() },
    });
  }
  const [tickers, prices] = [columnOf(table, "ticker"), columnOf(table, name)];
  const marks = new Map<string, Mark>();
  for (const row of table.indices()) {
    const [ticker, price] = [tickers.at(row), prices.at(row)];
    // A market without a price is one without a mark.
    if (ticker !== null && price !== null) marks.set(String(ticker), price as Mark);
  }
  return marks;
}

async function fromJson(path: string): Promise<Map<string, Mark>> {
  try {
    const found: unknown = JSON.parse(await readFile(path, "utf8"));
    if (typeof found !== "object" || found === null || Array.isArray(found)) throw new Error("it is no object");
    return new Map(Object.entries(found) as [string, Mark][]);
  } catch (error) {
    const isMissing = systemCode(error) === "ENOENT";
    throw new KalshiError(
      isMissing ? "FILE_NOT_FOUND" : "FILE_UNREADABLE",
      `cannot read marks from ${path}${isMissing ? "" : `: ${messageOf(error)}`}`,
      {
        hint: 'give "midpoint", "last", or a file: .csv with columns ticker and mark, or .json such as {"TICKER": "0.56"}',
        context: { path },
        cause: error,
      },
    );
  }
}
