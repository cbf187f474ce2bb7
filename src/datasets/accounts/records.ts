import type { Fields } from "../../exchange/field.js";
import { parseTime, type Timestamp } from "../../units/time.js";
import { type Cell, Cells, units } from "./cells.js";
import type { Notes } from "./notes.js";
import { type Place, type Places, restOf, type Sheet } from "./sheet.js";

/** A row by column, in record form: integers for amounts and times, null where the file has nothing or no such column. */
export type AccountRecord = Readonly<Record<string, unknown>> & {
  readonly type: string;
  readonly line: number;
  readonly extra: Readonly<Record<string, string>> | null;
};

/** How a file's cells are to be read beyond what their kinds say. */
export interface Reading {
  readonly fields: Fields;
  readonly places: Places;
  /** Micro-dollars of one unit of a money column. */
  unitOf(column: string, place: Place): number;
  /** Whether a column means something in rows of a type. */
  isMeant(column: string, type: string): boolean;
  /** Whether a time is only told by the way, so that one that cannot be read is no reason to refuse the file. */
  isAside(column: string): boolean;
}

/** From here on some, and soon all, markets take fractions of a contract and of a cent; before, everything was whole. */
const FRACTIONS: Timestamp = parseTime("2026-03-09T00:00:00Z");

/** Reads every row of a file. @throws KalshiError `BAD_LINE` */
export function recordsOf(
  sheet: Sheet,
  { fields, places, unitOf, isMeant, isAside }: Reading,
  notes: Notes,
): AccountRecord[] {
  const cells = new Cells(sheet.path, notes);
  const columns = Object.entries(fields).map(([column, { kind }]) => ({ column, kind, place: places.get(column) }));
  return sheet.rows.map((row) => {
    const type = row.fields[places.get("type")!.at] ?? "";
    const record: Record<string, unknown> = {};
    let extra = restOf(sheet, places, row);
    for (const { column, kind, place } of columns) {
      const text = place === undefined ? null : (row.fields[place.at] ?? null);
      if (place === undefined || text === null || text.trim() === "" || !isMeant(column, type)) {
        record[column] = null;
        continue;
      }
      const cell = { text, line: row.line, column: place.name };
      if (kind === "dollars") record[column] = cells.money(cell, unitOf(column, place));
      else if (kind === "contracts") record[column] = cells.count(cell);
      else if (kind === "time" && !isAside(column)) record[column] = cells.time(cell);
      else if (kind === "time") {
        record[column] = timeOrNull(cells, cell);
        if (record[column] === null) {
          notes.add(`\`${place.name}\` is no time that can be read; kept in \`extra\``, row.line);
          extra = { ...extra, [place.name]: text };
        }
      } else record[column] = sided.has(column) ? inLowerCase(text) : text;
    }
    return { ...record, type, line: row.line, extra };
  });
}

function timeOrNull(cells: Cells, cell: Cell): Timestamp | null {
  try {
    return cells.time(cell);
  } catch {
    // Nothing depends on it, and the caller keeps the text.
    return null;
  }
}

/** The unit that a column's name speaks of. */
export function namedUnit({ name }: Place): number {
  return /cents$/i.test(name) ? units.cents : units.dollars;
}

/**
 * Tells which counts of a file may have been cut to whole contracts: of a column in which nothing stands with decimals, those since fractions
 * of a contract can be traded.
 */
export function cutCounts(sheet: Sheet, { places, isMeant }: Reading, countColumns: readonly string[]) {
  const isWhole = new Map(
    countColumns.map((column) => {
      const at = places.get(column)?.at;
      const hasDecimals = sheet.rows.some(
        ({ fields }) =>
          at !== undefined &&
          isMeant(column, fields[places.get("type")!.at] ?? "") &&
          fields[at]?.includes(".") === true,
      );
      return [column, !hasDecimals] as const;
    }),
  );
  /** True, false, or null where a record has no count. */
  return (record: AccountRecord, time: unknown): boolean | null => {
    const counted = countColumns.filter((column) => record[column] !== null);
    if (counted.length === 0) return null;
    return (typeof time === "number" && time < FRACTIONS) || counted.every((column) => isWhole.get(column) === false);
  };
}

/** Columns of money and of prices, and that of times, by which a file's rounding is told. */
export interface Rounded {
  readonly money: readonly string[];
  readonly price: readonly string[];
  readonly time: string;
}

/** Says how many counts may have been cut, and what stands in whole cents. */
export function noteRounding(records: readonly AccountRecord[], { money, price, time }: Rounded, notes: Notes): void {
  const cut = records.filter((record) => record.count_exact === false);
  if (cut.length > 0) {
    const toZero = cut.filter((record) => record.count === 0).length;
    const zero = toZero === 0 ? "" : `, in ${toZero} of them down to 0`;
    notes.say(
      `counts of ${cut.length} of ${records.length} rows may be cut to whole contracts${zero}: \`count_exact\` is false there`,
    );
  }
  if (inCents(records, money))
    notes.say("money is in whole cents, each row rounded by itself: sums can differ from those of the fills");
  const later = records.filter((record) => typeof record[time] !== "number" || (record[time] as number) >= FRACTIONS);
  if (inCents(later, price)) notes.say("prices are in whole cents: tenths of a cent, if there were any, are lost");
}

/** Whether amounts are there, and all of them in whole cents. */
function inCents(records: readonly AccountRecord[], columns: readonly string[]): boolean {
  const amounts = records.flatMap((record) => columns.map((column) => record[column])).filter((one) => one !== null);
  return amounts.length > 0 && amounts.every((one) => (one as number) % units.cents === 0);
}

/** Columns whose `Yes` and `No` are written as the exchange's records have them. */
const sided: ReadonlySet<string> = new Set(["side", "outcome_side", "market_result"]);

function inLowerCase(text: string): string {
  const lower = text.trim().toLowerCase();
  return lower === "yes" || lower === "no" || lower === "scalar" ? lower : text;
}
