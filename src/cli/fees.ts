import type { ColumnTable } from "arquero";
import { type Command, Option } from "commander";
import type { FeeRule } from "../analysis/fees/fee.js";
import { feesOf, type Precision } from "../analysis/fees/fees-of.js";
import { textsOf } from "../analysis/read-fills.js";
import { readRecords } from "../datasets/wire-file.js";
import { KalshiError } from "../errors.js";
import { exactSum, rawOf } from "../frames/exact.js";
import { fillsFrame } from "../frames/fills.js";
import { columnOf } from "../frames/schema.js";
import { connect } from "../lab/connect.js";
import { formatFixed } from "../units/fixed.js";
import { PRICE_DECIMALS } from "../units/price.js";
import { type ConnectionFlags, connectionOf, withConnection } from "./connection.js";
import { printJson, printTable, say, warn } from "./output.js";
import { stopSignal } from "./stop.js";

interface Flags extends ConnectionFlags {
  readonly fills: string;
  readonly feeType?: string;
  readonly multiplier?: number;
  readonly precision?: Precision;
  readonly rule?: FeeRule;
  readonly json?: boolean;
}

/** `kalshi-lab fees --fills FILE`: our fee of every fill beside the reported one. */
export function registerFees(program: Command): void {
  withConnection(program.command("fees"))
    .description("the fee of every fill by the exchange's model, beside the one it reports")
    .requiredOption("--fills <file>", "own fills: NDJSON or JSON of the exchange, or CSV or Parquet of this tool")
    .option("--fee-type <name>", "fee model of all fills, such as quadratic; with --multiplier no exchange is asked")
    .option("--multiplier <factor>", "its fee_multiplier", multiplier)
    .addOption(
      new Option("--precision <dollars>", "the balance's smallest step; told by the fees unless given").choices([
        "0.0001",
        "0.01",
      ]),
    )
    .addOption(
      new Option("--rule <name>", "rounding of all fills; by the time of each unless given").choices([
        "2026-08",
        "current",
      ]),
    )
    .option("--json", "print JSON")
    .action(async (flags: Flags) => {
      const fills = await readRecords(fillsFrame, flags.fills, "fills");
      const table = await feesTable(fills, flags);
      if (flags.json === true) printJson(asJson(table));
      else printTable(shown(table), false, 50);
      tell(table);
    });
}

async function feesTable(fills: ColumnTable, flags: Flags): Promise<ColumnTable> {
  const { feeType, multiplier, precision, rule } = flags;
  if (feeType !== undefined || multiplier !== undefined)
    return feesOf(fills, { terms: { feeType: feeType ?? "quadratic", multiplier: multiplier ?? 1 }, precision, rule });
  const signal = stopSignal();
  const lab = await connect({ ...connectionOf(flags), signal });
  try {
    return await lab.fees.of(fills, { precision, rule, signal });
  } finally {
    await lab.close();
  }
}

function shown(table: ColumnTable): ColumnTable {
  const names = ["created_time", "ticker", "outcome_side", "yes_price", "count", "is_taker", "fee", "fee_cost"];
  return table.select([...names, "difference", ...(notesOf(table).length === 0 ? [] : ["note"])]);
}

function asJson(table: ColumnTable): object {
  const texts = (name: string) => Array.from(columnOf(table, name), String);
  const money = (name: string) =>
    rawOf(table, name).map((value) => (value === null ? null : formatFixed(value, PRICE_DECIMALS)));
  const names = table.columnNames();
  const [fill, order] = ["fill_id", "order_id"].map((name) => (names.includes(name) ? texts(name) : []));
  const [fee, cost] = [money("fee"), money("fee_cost")];
  return {
    fills: fee.map((one, row) => ({
      fill_id: fill![row] ?? null,
      order_id: order![row] ?? null,
      fee: one,
      fee_cost: cost[row]!,
    })),
  };
}

function tell(table: ColumnTable): void {
  const differences = rawOf(table, "difference");
  const differing = differences.filter((difference) => difference !== 0 && difference !== null).length;
  const [fee, difference] = [exactSum(table, "fee"), exactSum(table, "difference")];
  const lacking = differences.filter((one) => one === null).length;
  const without = lacking === 0 ? "" : `; ${lacking} of them without a fee of ours, left out here`;
  (differing + lacking === 0 ? say : warn)(
    `${table.numRows()} fills, ${differing} of them charged otherwise; $${fee} by the model, $${fee.minus(difference)} reported${without}`,
  );
  for (const note of notesOf(table)) warn(note);
}

/** Why fees of ours are missing, each once. */
function notesOf(table: ColumnTable): string[] {
  return [...new Set(textsOf(table, "note").filter((note) => note !== null))];
}

function multiplier(text: string): number {
  if (/^\d+(\.\d{1,6})?$/.test(text)) return Number(text);
  throw new KalshiError("BAD_ARGUMENT", `not a fee multiplier: ${JSON.stringify(text)}`, {
    hint: "give the series' or event's fee_multiplier, such as 1 or 0.5",
    context: { text },
  });
}
