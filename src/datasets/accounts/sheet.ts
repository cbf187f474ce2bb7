import { KalshiError } from "../../errors.js";
import type { Fields } from "../../exchange/field.js";
import { badLine, piecesOf, unreadable } from "../csv.js";
import { type CsvRow, readCsvRows } from "../csv-rows.js";

/** A CSV file as it stands: its header, and every row under it. */
export interface Sheet {
  readonly path: string;
  readonly names: readonly string[];
  readonly rows: readonly CsvRow[];
}

/** Where a column of a table stands in a sheet, and under which name. */
export interface Place {
  readonly at: number;
  readonly name: string;
}

/** Places by column, of those that the sheet has. */
export type Places = ReadonlyMap<string, Place>;

/**
 * Reads all of a CSV file with a header line. Lines on which nothing stands are no rows.
 *
 * @throws KalshiError `FILE_NOT_FOUND`, `FILE_UNREADABLE`, `BAD_LINE` naming file and line
 */
export async function readSheet(path: string): Promise<Sheet> {
  const rows: CsvRow[] = [];
  let names: readonly string[] | null = null;
  for await (const row of readCsvRows(path, piecesOf(path))) {
    if (names === null) names = namesOf(path, row);
    else if (row.fields.length === names.length) rows.push(row);
    else if (row.fields.length > 1 || row.fields[0] !== null)
      throw badLine(path, row.line, null, `${row.fields.length} fields instead of ${names.length}`);
  }
  if (names === null) throw unreadable(path, "it is empty: a header line is missing");
  return { path, names, rows };
}

/** The header of a CSV file alone. @throws KalshiError `FILE_NOT_FOUND`, `FILE_UNREADABLE`, `BAD_LINE` */
export async function readHeader(path: string): Promise<readonly string[]> {
  for await (const row of readCsvRows(path, piecesOf(path))) return row.fields.map((name) => (name ?? "").trim());
  throw unreadable(path, "it is empty: a header line is missing");
}

/** Where each column of a table stands under one of its names, the first that is there; order, case and separators do not matter. */
export function placesOf(fields: Fields, names: readonly string[]): Places {
  const known = new Map(names.map((name, at) => [plain(name), at]));
  const places = new Map<string, Place>();
  for (const [column, { wire }] of Object.entries(fields)) {
    const name = wire.find((one) => known.has(plain(one)));
    if (name !== undefined) places.set(column, { at: known.get(plain(name))!, name });
  }
  return places;
}

/** The fields of a row that no column was found for, by their names; null where all of them are empty. */
export function restOf({ names }: Sheet, places: Places, row: CsvRow): Readonly<Record<string, string>> | null {
  const taken = new Set([...places.values()].map(({ at }) => at));
  const rest = names.flatMap((name, at) => {
    const value = row.fields[at] ?? null;
    return taken.has(at) || value === null ? [] : [[name, value] as const];
  });
  return rest.length === 0 ? null : Object.fromEntries(rest);
}

/** `Market Ticker` and `market_ticker` are one name. */
function plain(name: string): string {
  return name
    .trim()
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_");
}

function namesOf(path: string, { fields, line }: CsvRow): readonly string[] {
  const names = fields.map((name) => (name ?? "").trim());
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(plain(name))) throw twice(path, line, name);
    seen.add(plain(name));
  }
  return names;
}

function twice(path: string, line: number, name: string): KalshiError {
  return new KalshiError("BAD_LINE", `${path}, line ${line}: column \`${name}\` stands twice`, {
    hint: "leave one of the two out; which is meant cannot be told",
    context: { path, line, column: name },
  });
}
