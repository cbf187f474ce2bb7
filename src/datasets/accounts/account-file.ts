import type { ColumnTable } from "arquero";
import { KalshiError } from "../../errors.js";
import { activityFields } from "../../frames/activity.js";
import { rawOf } from "../../frames/exact.js";
import type { Frame } from "../../frames/frame.js";
import { withProvenance } from "../../frames/provenance.js";
import { transactionFields } from "../../frames/transactions.js";
import { formatTime, systemClock } from "../../units/time.js";
import { activityTables } from "./activity.js";
import { Notes } from "./notes.js";
import { placesOf, readHeader, readSheet } from "./sheet.js";
import { transactionTables } from "./transactions.js";

/** Which of the exchange's own files: closed lots of a year, or what happened on the account. */
export type AccountFileKind = "transactions" | "activity";

/** One of the exchange's own account files, read. */
export interface AccountFile {
  readonly kind: AccountFileKind;
  readonly path: string;
  /** Every row of the file, ascending by time; see `transactions` and `activity` in the dictionary of columns. */
  readonly table: ColumnTable;
  /** Own fills as far as the file tells them, as `pnl` takes them. `count_exact` is false where a count may have been cut. */
  readonly fills: ColumnTable;
  /** Settlements as far as the file tells them, as `pnl` takes them; none of a Transactions file, whose fills close what was settled. */
  readonly settlements: ColumnTable;
  /** What is not exact, was assumed, or makes no fill, with the lines it is true of. */
  readonly notes: readonly string[];
}

/** What an account file is made into. */
export type AccountTables = Pick<AccountFile, "table" | "fills" | "settlements">;

/** Columns without which a file is none of the kind, and how to make its tables. */
const kinds = {
  transactions: {
    title: "Transactions",
    fields: transactionFields,
    needed: [
      "type",
      "count",
      "ticker",
      "side",
      "open_price",
      "close_price",
      "open_fees",
      "close_fees",
      "realized",
      "net",
      "closed_time",
      "opened_time",
    ],
    time: "closed_time",
    tables: transactionTables,
  },
  activity: {
    title: "Activity",
    fields: activityFields,
    needed: ["type", "created_time", "ticker"],
    time: "created_time",
    tables: activityTables,
  },
} as const;

/**
 * Reads one of the exchange's own account files, Transactions or Activity, of any of its generations; which it is, the header tells. Every
 * row is kept, those that are alike too. What the file has cut or rounded is marked and noted, never made up.
 *
 * @throws KalshiError `FILE_NOT_FOUND`, `FILE_UNREADABLE`; `COLUMN_MISSING` naming the columns found and those expected; `BAD_LINE` naming
 * file, line and column
 */
export async function importAccountFile(path: string): Promise<AccountFile> {
  const sheet = await readSheet(path);
  const kind = kindOf(sheet.names);
  if (kind === null) throw unknownHeader(path, sheet.names);
  const notes = new Notes();
  const { table, fills, settlements }: AccountTables = kinds[kind].tables(sheet, notes);
  const origin = (noun: string, made: ColumnTable, time: string): ColumnTable => fromFile(path, noun, made, time);
  return {
    kind,
    path,
    table: origin(kind === "activity" ? "activity" : "transaction", table, kinds[kind].time),
    fills: origin("fill", fills, "created_time"),
    settlements: origin("settlement", settlements, "settled_time"),
    notes: notes.texts(),
  };
}

/** Which account file a CSV file is by its header, or null. @throws KalshiError `FILE_NOT_FOUND`, `FILE_UNREADABLE`, `BAD_LINE` */
export async function accountFileKind(path: string): Promise<AccountFileKind | null> {
  return kindOf(await readHeader(path));
}

function kindOf(names: readonly string[]): AccountFileKind | null {
  return missingOf("transactions", names).length === 0
    ? "transactions"
    : missingOf("activity", names).length === 0
      ? "activity"
      : null;
}

/** Columns, as the file would name them, that a header lacks to be of a kind. */
function missingOf(kind: AccountFileKind, names: readonly string[]): string[] {
  const { fields, needed } = kinds[kind];
  const places = placesOf(fields, names);
  return needed
    .filter((column) => !places.has(column))
    .map((column) => (fields as Frame["fields"])[column]!.wire.join(" or "));
}

function unknownHeader(path: string, names: readonly string[]): KalshiError {
  const lacks = (Object.keys(kinds) as AccountFileKind[]).map((kind) => ({ kind, missing: missingOf(kind, names) }));
  // A column all files have tells nothing of which was meant.
  const near = lacks.find(({ kind, missing }) => missing.length <= kinds[kind].needed.length / 2);
  const expected = lacks.map(({ kind, missing }) => `${kinds[kind].title}: ${missing.join(", ")}`);
  const what =
    near === undefined
      ? "is none of the exchange's account files"
      : `looks like the exchange's ${kinds[near.kind].title} file but lacks ${near.missing.join(", ")}`;
  return new KalshiError("COLUMN_MISSING", `${path} ${what}; its columns are ${names.join(", ")}`, {
    hint: `give the file as the exchange's site makes it, with its header line. Missing to be of a kind are, of ${expected.join("; of ")}`,
    context: { path, found: names, missing: Object.fromEntries(lacks.map(({ kind, missing }) => [kind, missing])) },
  });
}

function fromFile(path: string, noun: string, table: ColumnTable, time: string): ColumnTable {
  const rows = table.numRows();
  const times = rawOf(table, time).filter((one) => one !== null);
  const covered = times.length === 0 ? null : { from: formatTime(times[0]!), to: formatTime(times.at(-1)!) };
  return withProvenance(table, {
    noun,
    sources: [{ tier: "file", endpoint: path, rows, pages: 1 }],
    cutoffs: null,
    from: null,
    to: null,
    covered,
    complete: true,
    why: null,
    rows,
    at: formatTime(systemClock.now()),
  });
}
