import type { ColumnTable } from "arquero";
import type { Command } from "commander";
import { type AccountFile, importAccountFile } from "../datasets/accounts/account-file.js";
import { formatOf } from "../datasets/copy.js";
import { saveTable } from "../datasets/write.js";
import { exactSum } from "../frames/exact.js";
import { provenance } from "../frames/provenance.js";
import { refuseSameFiles } from "./distinct-files.js";
import { printJson, printTable, say, warn } from "./output.js";

interface Flags {
  readonly out?: string;
  readonly fills?: string;
  readonly settlements?: string;
  readonly json?: boolean;
}

const EXAMPLES = `
Examples:
  kalshi-lab import Kalshi-Transactions-2026.csv                       what it holds, and what of it is not exact
  kalshi-lab import Kalshi-Transactions-2026.csv --out lots.parquet    every row, typed
  kalshi-lab import Kalshi-Recent-Activity-All.csv --fills fills.csv --settlements settlements.csv
  kalshi-lab pnl --fills fills.csv --settlements settlements.csv`;

/** `kalshi-lab import FILE`: one of the exchange's own account files into typed tables. */
export function registerImport(program: Command): void {
  program
    .command("import <file>")
    .description("reads the exchange's own Transactions or Activity CSV: a summary, and typed files")
    .option("--out <file>", "every row, to .csv, .parquet or .arrow")
    .option("--fills <file>", "the fills it lets one know, as `kalshi-lab pnl` takes them")
    .option("--settlements <file>", "the settlements, likewise")
    .option("--json", "print the summary as JSON")
    .addHelpText("after", EXAMPLES)
    .action(async (path: string, flags: Flags) => {
      const outputs = (["out", "fills", "settlements"] as const).flatMap((name) =>
        flags[name] === undefined ? [] : [[name, flags[name]] as const],
      );
      for (const [, to] of outputs) formatOf(to);
      refuseSameFiles(
        [path],
        outputs.map(([, to]) => to),
      );
      const file = await importAccountFile(path);
      const saved: Record<string, string> = {};
      for (const [name, to] of outputs) {
        const { rows } = await saveTable(name === "out" ? file.table : file[name], to);
        saved[name] = to;
        say(`${to}: ${rows.toLocaleString("en-US")} rows`);
      }
      const summary = summaryOf(file);
      if (flags.json === true) printJson({ ...summary, saved });
      else {
        printTable(file.table, false, 10);
        say(inWords(summary));
      }
      for (const note of file.notes) warn(`note: ${note}`);
    });
}

interface Summary {
  readonly kind: AccountFile["kind"];
  readonly rows: number;
  readonly types: Readonly<Record<string, number>>;
  readonly from: string | null;
  readonly to: string | null;
  readonly sums: Readonly<Record<string, string>>;
  readonly fills: number;
  readonly settlements: number;
  readonly notes: readonly string[];
}

function summaryOf({ kind, table, fills, settlements, notes }: AccountFile): Summary {
  const covered = provenance(table)?.covered ?? null;
  const columns = kind === "transactions" ? ["realized", "open_fees", "close_fees", "net"] : ["fee_cost", "revenue"];
  return {
    kind,
    rows: table.numRows(),
    types: countsOf(table),
    from: covered?.from ?? null,
    to: covered?.to ?? null,
    sums: Object.fromEntries(columns.map((name) => [name, exactSum(table, name).toFixed(6)])),
    fills: fills.numRows(),
    settlements: settlements.numRows(),
    notes,
  };
}

function countsOf(table: ColumnTable): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const type of table.array("type") as Iterable<string>) counts[type] = (counts[type] ?? 0) + 1;
  return counts;
}

function inWords({ kind, rows, types, from, to, sums, fills, settlements }: Summary): string {
  const ofTypes = Object.entries(types).map(([type, count]) => `${count} ${type}`);
  const span = from === null ? "" : `, ${from} to ${to}`;
  const added = Object.entries(sums).map(([name, sum]) => `${name} ${sum}`);
  return [
    `${kind}: ${rows.toLocaleString("en-US")} rows (${ofTypes.join(", ")})${span}`,
    added.join("  "),
    `makes ${fills.toLocaleString("en-US")} fills and ${settlements.toLocaleString("en-US")} settlements`,
  ].join("\n");
}
