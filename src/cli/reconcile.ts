import type { ColumnTable } from "arquero";
import type { Command } from "commander";
import { type Reconciliation, reconcile } from "../analysis/profit/reconcile.js";
import { formatOf } from "../datasets/copy.js";
import { readRecords } from "../datasets/wire-file.js";
import { saveTable } from "../datasets/write.js";
import { KalshiError } from "../errors.js";
import { positionsFrame } from "../frames/positions.js";
import { connect } from "../lab/connect.js";
import type { AccountReconciliation } from "../lab/reconciliation.js";
import { type ConnectionFlags, connectionOf, withConnection } from "./connection.js";
import { refuseSameFiles } from "./distinct-files.js";
import { jsonRows } from "./json-rows.js";
import { printJson, printTable, say, warn } from "./output.js";
import { readInputs } from "./pnl/inputs.js";
import { stopSignal } from "./stop.js";

interface Flags extends ConnectionFlags {
  readonly fills?: string;
  readonly positions?: string;
  readonly settlements?: string;
  readonly markets?: string;
  readonly moved?: string;
  readonly resting?: string;
  readonly out?: string;
  readonly balance?: string;
  readonly json?: boolean;
}

/** `kalshi-lab reconcile`: our figures beside the exchange's, of a connected account or of files. */
export function registerReconcile(program: Command): void {
  withConnection(program.command("reconcile"))
    .description("our figures from fills and settlements beside the exchange's positions, settlements and balance")
    .option("--fills <file>", "own fills, as pnl takes them; with --positions no exchange is asked")
    .option("--positions <file>", "own positions, settled ones included, in the same forms")
    .option("--settlements <file>", "own settlements, in the same forms")
    .option("--markets <file>", "markets, in the same forms: exact settlement values")
    .option("--moved <dollars>", "paid in less paid out; the account's deposits and withdrawals unless given")
    .option("--resting <dollars>", "money behind resting orders")
    .option(
      "--out <file>",
      "save every figure compared, with the fills behind those that differ (.csv, .parquet, .arrow)",
    )
    .option("--balance <file>", "save how the money paid in becomes the balance, line by line, likewise")
    .option("--json", "print JSON")
    .action(async (flags: Flags) => {
      const { fills, positions, settlements, markets, out, balance } = flags;
      const saved = [out, balance].filter((file) => file !== undefined);
      for (const file of saved) formatOf(file);
      refuseSameFiles([fills, positions, settlements, markets], saved);
      const found = fills === undefined && positions === undefined ? await ofAccount(flags) : await ofFiles(flags);
      if (out !== undefined) await save(found.figures, out);
      if (balance !== undefined && found.cash !== null) await save(found.cash, balance);
      show(found, flags.json === true);
    });
}

async function ofAccount(flags: Flags): Promise<AccountReconciliation> {
  if (flags.settlements !== undefined || flags.markets !== undefined) throw together();
  const signal = stopSignal();
  const lab = await connect({ ...connectionOf(flags), signal });
  try {
    return await lab.reconcile({ moved: flags.moved, resting: flags.resting, signal });
  } finally {
    await lab.close();
  }
}

async function ofFiles(flags: Flags): Promise<AccountReconciliation> {
  const { fills, positions, settlements, markets } = flags;
  if (fills === undefined || positions === undefined) throw together();
  if (flags.moved !== undefined || flags.resting !== undefined || flags.balance !== undefined) {
    throw new KalshiError(
      "BAD_ARGUMENT",
      "--moved, --resting and --balance are about the balance, which no file tells",
      {
        hint: "leave them out, or leave the files out and ask the exchange",
      },
    );
  }
  const { input, notes } = await readInputs({
    fills,
    ...(settlements === undefined ? {} : { settlements }),
    ...(markets === undefined ? {} : { markets }),
  });
  const table = await readRecords(positionsFrame, positions, "market_positions");
  return {
    ...reconcile({ ...input, positions: table }),
    notes: [...notes, "from files: the balance was not compared"],
  };
}

async function save(table: ColumnTable, path: string): Promise<void> {
  say(`${path}: ${(await saveTable(table, path)).rows} rows`);
}

function together(): KalshiError {
  return new KalshiError("BAD_ARGUMENT", "--fills and --positions go together", {
    hint: "give both files, and --settlements and --markets as you have them; or none, and the exchange is asked",
  });
}

function show(found: AccountReconciliation, isJson: boolean): void {
  const { figures, differences, agrees, cash, returnedCollateral, notes } = found;
  if (isJson) {
    const rows = (table: ColumnTable | null) => (table === null ? null : jsonRows(table));
    printJson({
      agrees,
      compared: figures.numRows(),
      figures: rows(figures),
      differences: rows(differences),
      balance: rows(cash),
      returned_collateral: returnedCollateral?.toFixed(6) ?? null,
      notes,
    });
  } else {
    if (!agrees) printTable(differences, false, 50);
    if (cash !== null) printTable(cash, false, 50);
  }
  (found.agrees ? say : warn)(verdict(found));
  for (const note of notes) warn(`note: ${note}`);
}

function verdict({ figures, differences, agrees }: Reconciliation): string {
  const compared = figures.numRows().toLocaleString("en-US");
  return agrees
    ? `nothing differs: ${compared} figures compared`
    : `${differences.numRows()} of ${compared} figures differ; beside each the fills behind it`;
}
