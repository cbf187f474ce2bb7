import { type Command, Option } from "commander";
import { pnl } from "../analysis/profit/pnl.js";
import { readRecords } from "../datasets/wire-file.js";
import { fillsFrame } from "../frames/fills.js";
import { settlementsFrame } from "../frames/settlements.js";
import { printJson, printTable, say } from "./output.js";

interface Flags {
  readonly fills: string;
  readonly settlements?: string;
  readonly method: "fifo" | "average";
  readonly json?: boolean;
}

/** `kalshi-lab pnl --fills FILE`: exact profit from files alone, without a connection. */
export function registerPnl(program: Command): void {
  program
    .command("pnl")
    .description("exact profit from a file of fills")
    .requiredOption("--fills <file>", "own fills: NDJSON or JSON of the exchange, or CSV or Parquet of this tool")
    .option("--settlements <file>", "own settlements, in the same forms")
    .addOption(
      new Option("--method <name>", "what a closing fill is set against").choices(["fifo", "average"]).default("fifo"),
    )
    .option("--json", "print JSON")
    .action(async (flags: Flags) => {
      const fills = await readRecords(fillsFrame, flags.fills, "fills");
      const settlements =
        flags.settlements === undefined
          ? undefined
          : await readRecords(settlementsFrame, flags.settlements, "settlements");
      const profit = pnl({ fills, method: flags.method, ...(settlements === undefined ? {} : { settlements }) });
      if (flags.json === true) printJson(profit);
      else {
        printTable(profit.markets, false, 50);
        const { total } = profit.toJSON();
        say(`realized ${total.realized}  unrealized ${total.unrealized}  fees ${total.fees}  net ${total.net}`);
      }
      // The JSON has one shape and no room for doubts, so they are told either way.
      if (profit.unmarked.length > 0) say(`open, without a mark, carried at cost: ${profit.unmarked.join(", ")}`);
      for (const note of profit.notes) say(`note: ${note}`);
    });
}
