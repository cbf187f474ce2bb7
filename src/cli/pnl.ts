import { type Command, Option } from "commander";
import { pnl } from "../analysis/profit/pnl.js";
import { refuseSameFiles } from "./distinct-files.js";
import { jsonRows } from "./json-rows.js";
import { printJson, printTable, say, warn } from "./output.js";
import { type InputFlags, readInputs } from "./pnl/inputs.js";
import { type PartFlags, partsOf, saveParts } from "./pnl/parts.js";

interface Flags extends InputFlags, PartFlags {
  readonly method: "fifo" | "average";
  readonly json?: boolean;
}

const EXAMPLES = `
Examples:
  kalshi-lab pnl --fills fills.ndjson --settlements settlements.ndjson --markets markets.parquet
  kalshi-lab pnl --fills fills.csv --markets markets.csv --marks midpoint --events
  kalshi-lab pnl --fills fills.csv --settlements settlements.csv --lots lots-2026.csv --year 2026 --zone America/New_York
  kalshi-lab pnl --fills Kalshi-Transactions-2026.csv --cash     (the exchange's own file; see kalshi-lab import)`;

/** `kalshi-lab pnl --fills FILE`: exact profit from files alone, without a connection. */
export function registerPnl(program: Command): void {
  program
    .command("pnl")
    .description("exact profit from a file of fills")
    .requiredOption(
      "--fills <file>",
      "own fills: NDJSON or JSON of the exchange, CSV, Parquet or Arrow of this tool, or the exchange's Transactions or Activity CSV",
    )
    .option("--settlements <file>", "own settlements, in the same forms")
    .option("--markets <file>", "markets, in the same forms: exact settlement values, events, prices to mark by")
    .option(
      "--marks <source>",
      'value open positions by "midpoint" or "last" of --markets, or by a file of ticker, mark',
    )
    .addOption(
      new Option("--method <name>", "what a closing fill is set against").choices(["fifo", "average"]).default("fifo"),
    )
    .option("--events [file]", "profit by event, shown or saved (.csv, .parquet, .arrow)")
    .option("--lots [file]", "closed lots with dates, cost, proceeds and fees, oldest first, shown or saved")
    .option("--open-lots [file]", "lots still held, shown or saved")
    .option("--cash [file]", "where the money went, line by line, shown or saved")
    .option("--zone <name>", "adds calendar dates of a time zone to lots, such as America/New_York")
    .option("--year <year>", "only lots closed in a calendar year, of --zone or else of UTC")
    .option("--json", "print JSON")
    .addHelpText("after", EXAMPLES)
    .action(async (flags: Flags) => {
      const { input, notes } = await readInputs(flags);
      const profit = pnl({ ...input, method: flags.method });
      const parts = partsOf(profit, flags);
      const inputs = [flags.fills, flags.settlements, flags.markets, flags.marks];
      refuseSameFiles(
        inputs,
        parts.flatMap(({ to }) => (to === true ? [] : [to])),
      );
      const shown = await saveParts(parts);
      if (flags.json === true) {
        const more = Object.fromEntries(shown.map(({ name, table }) => [name, jsonRows(table)]));
        printJson({ ...profit.toJSON(), ...more });
      } else {
        for (const table of [profit.markets, ...shown.map((part) => part.table)]) printTable(table, false, 50);
        const { total } = profit.toJSON();
        say(`realized ${total.realized}  unrealized ${total.unrealized}  fees ${total.fees}  net ${total.net}`);
      }
      // The JSON has one shape and no room for doubts, so they are told either way.
      if (profit.unmarked.length > 0) warn(`open, without a mark, carried at cost: ${profit.unmarked.join(", ")}`);
      for (const note of [...notes, ...profit.notes]) warn(`note: ${note}`);
    });
}
