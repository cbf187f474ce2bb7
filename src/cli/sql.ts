import { readFileSync } from "node:fs";
import type { Command } from "commander";
import { KalshiError, messageOf } from "../errors.js";
import { SqlQuery } from "../lab/sql.js";
import { jsonRows } from "./json-rows.js";
import { printJson, printTable, say } from "./output.js";
import { stopSignal } from "./stop.js";

interface Flags {
  readonly library?: string;
  readonly recording?: string[];
  readonly out?: string;
  readonly limit: number;
  readonly memory?: string;
  readonly json?: boolean;
}

const examples = `
Examples:
  kalshi-lab sql "SELECT series, count(*) AS trades, sum(count) AS contracts FROM trades GROUP BY series"
  kalshi-lab sql "SELECT * FROM trades WHERE series = 'AVONHIGH' AND date = '2026-08-30'" --out day.parquet
  kalshi-lab sql "SELECT * FROM today.quotes WHERE spread > 0.05" --recording out/recordings/today --json
  kalshi-lab sql "SELECT count(*) FROM 'out/trades.parquet'"
  kalshi-lab sql - < report.sql

A view for each kind of dataset in the library: trades, candlesticks, markets, …; \`kalshi-lab sql "SHOW TABLES"\` lists them. A recording has
quotes, trades, book_levels, deltas, bars and quality behind the name of its folder. It is DuckDB's SQL; money comes with six decimals, exact.
`;

/** `kalshi-lab sql "SELECT …"`: over the library of datasets, recordings and files. Asks no exchange. */
export function registerSql(program: Command): void {
  program
    .command("sql <query>")
    .description("ask the library of datasets, recordings and files in SQL; - reads the query from stdin")
    .option("--library <dir>", "folder of the library (KALSHI_LIBRARY_DIR; default ./datasets)")
    .option("--recording <dir...>", "folders of recordings, each a schema of its name")
    .option("--out <file>", "write the rows to a .csv, .parquet or .arrow file, with a manifest beside it")
    .option("--limit <n>", "most rows to print", rowLimit, 50)
    .option("--memory <size>", 'what the engine may take before it goes to disk (default "1GB")')
    .option("--json", "print all rows as JSON: money and counts as exact text, times in RFC 3339")
    .addHelpText("after", examples)
    .action(async (given: string, flags: Flags) => {
      const { library, recording, memory } = flags;
      const statement = given === "-" ? readInput() : given;
      const query = new SqlQuery(statement, { library, recordings: recording, memory, signal: stopSignal() });
      if (flags.out === undefined) await print(query, flags);
      else {
        const saved = await query.save(flags.out);
        if (flags.json === true) printJson(saved);
        say(`${saved.path}: ${saved.rows.toLocaleString("en-US")} rows`);
      }
    });
}

async function print(query: SqlQuery, { json, limit }: Flags): Promise<void> {
  const table = await query;
  if (json === true) printJson(jsonRows(table));
  else {
    printTable(table, false, limit);
    if (table.numRows() > limit)
      say(`${limit} of ${table.numRows().toLocaleString("en-US")} rows shown; --limit gives more`);
  }
}

function readInput(): string {
  try {
    return readFileSync(0, "utf8");
  } catch (error) {
    throw new KalshiError("BAD_ARGUMENT", `no query on stdin: ${messageOf(error)}`, {
      hint: "pipe it in: echo 'SHOW TABLES' | kalshi-lab sql -",
    });
  }
}

function rowLimit(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new KalshiError("BAD_ARGUMENT", `not a number of rows: ${JSON.stringify(text)}`, {
    hint: "give a whole number above zero, such as 200",
    context: { text },
  });
}
