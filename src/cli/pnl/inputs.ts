import type { ColumnTable } from "arquero";
import type { ProfitInput } from "../../analysis/profit/pnl.js";
import { type AccountFile, accountFileKind, importAccountFile } from "../../datasets/accounts/account-file.js";
import { readRecords } from "../../datasets/wire-file.js";
import { fillsFrame } from "../../frames/fills.js";
import { marketsFrame } from "../../frames/markets.js";
import { settlementsFrame } from "../../frames/settlements.js";
import { readMarksFile } from "./marks.js";

/** The files that profit is computed from. */
export interface InputFlags {
  readonly fills: string;
  readonly settlements?: string;
  readonly markets?: string;
  readonly marks?: string;
}

/** What the files hold, and what is to be known of them. */
export interface Inputs {
  readonly input: ProfitInput;
  readonly notes: readonly string[];
}

/**
 * Reads the files. One of the exchange's own account files is told by its header; its settlements count unless others are given.
 *
 * @throws KalshiError as the readers of the files do
 */
export async function readInputs(flags: InputFlags): Promise<Inputs> {
  const account = await accountFile(flags.fills);
  const other = flags.settlements === undefined ? null : await accountFile(flags.settlements);
  const settlements = await settlementsOf(flags, account, other);
  return {
    input: {
      fills: account?.fills ?? (await readRecords(fillsFrame, flags.fills, "fills")),
      ...(settlements === undefined ? {} : { settlements }),
      ...(flags.markets === undefined ? {} : { markets: await readRecords(marketsFrame, flags.markets, "markets") }),
      ...(flags.marks === undefined ? {} : { marks: await marksOf(flags.marks) }),
    },
    notes: [account, other].flatMap((file) => file?.notes.map((note) => `${file.path}: ${note}`) ?? []),
  };
}

async function accountFile(path: string): Promise<AccountFile | null> {
  return /\.csv$/i.test(path) && (await accountFileKind(path)) !== null ? importAccountFile(path) : null;
}

async function settlementsOf(
  { settlements }: InputFlags,
  account: AccountFile | null,
  other: AccountFile | null,
): Promise<ColumnTable | undefined> {
  if (settlements !== undefined)
    return other?.settlements ?? (await readRecords(settlementsFrame, settlements, "settlements"));
  return account?.settlements;
}

async function marksOf(marks: string): Promise<NonNullable<ProfitInput["marks"]>> {
  return marks === "midpoint" || marks === "last" ? marks : readMarksFile(marks);
}
