import { activityFields, activityFrame } from "../../frames/activity.js";
import { type Frame, tableOfRecords } from "../../frames/frame.js";
import { DOLLAR, type Price } from "../../units/price.js";
import type { AccountTables } from "./account-file.js";
import { units } from "./cells.js";
import { fillsTable, type MadeFill } from "./made-fills.js";
import { type MadeSettlement, settlementsTable } from "./made-settlements.js";
import type { Notes } from "./notes.js";
import { type AccountRecord, cutCounts, namedUnit, noteRounding, type Reading, recordsOf } from "./records.js";
import { type Places, placesOf, type Sheet } from "./sheet.js";

const COUNTS = ["count", "yes_count", "no_count", "fill_count", "remaining_count"];
const ROUNDED = { money: ["amount", "fee_cost", "revenue"], price: ["yes_price"], time: "created_time" };
const AVERAGES = ["yes_average", "no_average"];

/** The file has contracts and dollars in one column, payouts and profits in another, whatever their names; the type of a row tells. */
const meant: Readonly<Record<string, (type: string) => boolean>> = {
  count: isCounted,
  amount: (type) => !isCounted(type),
  revenue: (type) => is(type, "settlement"),
  profit: (type) => !is(type, "settlement"),
};

/**
 * What happened on an account: trades become fills, settlements become settlements, the rest is kept in the table. A trade's direction is read
 * as what it made longer, as in the exchange's records; of files with sells none was at hand to show it, but where settlements disagree with
 * the fills, `pnl` says so.
 */
export function activityTables(sheet: Sheet, notes: Notes): AccountTables {
  const places = placesOf(activityFields, sheet.names);
  const average = unitOfAverages(sheet, places, notes);
  const reading: Reading = {
    fields: activityFields,
    places,
    unitOf: (column, place) => (AVERAGES.includes(column) ? average : namedUnit(place)),
    isMeant: (column, type) => meant[column]?.(type) ?? true,
    isAside: (column) => column === "traded_time" || column === "updated_time",
  };
  const isExact = cutCounts(sheet, reading, COUNTS);
  const records = recordsOf(sheet, reading, notes).map((record) => ({
    ...record,
    count_exact: isExact(record, record.created_time),
  }));
  noteRounding(records, ROUNDED, notes);
  const frame: Frame = activityFrame;
  return {
    table: tableOfRecords(frame, records, { extra: records.some((record) => record.extra !== null) }),
    fills: fillsTable(sheet.path, fillsOf(records, notes)),
    settlements: settlementsTable(settlementsOf(records, notes)),
  };
}

function is(type: string, wanted: string): boolean {
  return type.trim().toLowerCase() === wanted;
}

/** Whether the amount of such a row is a number of contracts. */
function isCounted(type: string): boolean {
  return is(type, "trade") || is(type, "order");
}

/** The averages' names say cents. They hold dollars, in later files cents: more than one of them a contract can only cost in cents. */
function unitOfAverages(sheet: Sheet, places: Places, notes: Notes): number {
  const at = AVERAGES.flatMap((column) => places.get(column)?.at ?? []);
  const values = sheet.rows.flatMap(({ fields }) => at.flatMap((one) => Number(fields[one] ?? 0) || []));
  if (values.length === 0) return units.dollars;
  const isCents = values.some((value) => value > 1);
  notes.say(
    isCents
      ? "average prices are read as cents: some are above 1"
      : "average prices are read as dollars, whatever their column is called: none is above 1",
  );
  return isCents ? units.cents : units.dollars;
}

function fillsOf(records: readonly AccountRecord[], notes: Notes): MadeFill[] {
  return records.flatMap((record) => {
    if (!is(record.type, "trade")) return [];
    const { ticker, outcome_side, yes_price, count } = record;
    const created_time = record.traded_time ?? record.created_time;
    const lacking = Object.entries({ created_time, ticker, outcome_side, yes_price, count }).find(
      ([name, value]) => value === null || (name === "outcome_side" && value !== "yes" && value !== "no"),
    );
    if (lacking !== undefined) {
      notes.add(`a trade without a usable \`${lacking[0]}\` makes no fill`, record.line);
      return [];
    }
    return [
      {
        part: 1,
        line: record.line,
        created_time: created_time as number,
        ticker: ticker as string,
        outcome_side: outcome_side as "yes" | "no",
        yes_price: yes_price as Price,
        count: count as number,
        count_exact: record.count_exact as boolean,
        fee_cost: (record.fee_cost ?? 0) as Price,
      },
    ];
  });
}

function settlementsOf(records: readonly AccountRecord[], notes: Notes): MadeSettlement[] {
  return records.flatMap((record) => {
    if (!is(record.type, "settlement")) return [];
    const { ticker, created_time, market_result } = record;
    const lacking = Object.entries({ ticker, created_time }).find(([, value]) => value === null);
    if (lacking !== undefined) {
      notes.add(`a settlement without \`${lacking[0]}\` settles nothing`, record.line);
      return [];
    }
    return [
      {
        settled_time: created_time as number,
        ticker: ticker as string,
        market_result: (market_result ?? "") as string,
        yes_count: (record.yes_count ?? 0) as number,
        no_count: (record.no_count ?? 0) as number,
        value: settledAt(record, notes),
        revenue: record.revenue as number | null,
        count_exact: record.count_exact as boolean | null,
        line: record.line,
      },
    ];
  });
}

/** What one YES contract paid; of other results as the payout and the counts tell. */
function settledAt(record: AccountRecord, notes: Notes): Price | null {
  if (record.market_result === "yes") return DOLLAR;
  if (record.market_result === "no") return 0;
  const [yes, no, paid] = [record.yes_count ?? 0, record.no_count ?? 0, record.revenue] as [
    number,
    number,
    number | null,
  ];
  // Of counts that the file has cut a payout tells nothing.
  if (paid === null || yes === no || record.count_exact !== true) return null;
  const value = Math.round((paid * 100 - no * DOLLAR) / (yes - no));
  if (value < 0 || value > DOLLAR) return null;
  notes.add("the value of a contract is what the payout makes for each", record.line);
  return value;
}
