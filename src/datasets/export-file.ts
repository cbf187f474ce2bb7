import { mkdir, rm } from "node:fs/promises";
import type { DuckDBConnection } from "@duckdb/node-api";
import { KalshiError } from "../errors.js";
import { bookDeltasFrame } from "../frames/flows.js";
import { provenance } from "../frames/provenance.js";
import { typedColumns } from "../frames/schema.js";
import { temporaryBeside } from "../store/atomic-file.js";
import { formatTime, systemClock, type Timestamp } from "../units/time.js";
import { storedAs } from "./casts.js";
import { copyOut, engineError, formatOf } from "./copy.js";
import { literal, quoted, withSpillingConnection } from "./duckdb.js";
import { removeLeftovers } from "./leftovers.js";
import type { ColumnEntry, Description } from "./manifest.js";
import { parquetColumns } from "./parquet.js";
import { readTable } from "./read.js";
import { entriesOf, loadColumns, type SavedFile } from "./write.js";

/** Which rows of a file: by its column `ticker`, and by its first column of times. */
export interface FilePart {
  readonly tickers?: readonly string[] | undefined;
  /** Included. */
  readonly from?: Timestamp | undefined;
  /** Not included. */
  readonly to?: Timestamp | undefined;
}

/** A relation of the engine that has a file's rows. */
interface Rows {
  readonly from: string;
  readonly enums: ReadonlySet<string>;
  readonly description: Description;
}

/**
 * Writes the rows of a CSV, Parquet or Arrow file into another, in their order, with exact values and the same origin. Parquet passes through
 * piece by piece, however large; CSV and Arrow are read as a table first.
 *
 * @throws KalshiError `FILE_FORMAT`, `FILE_NOT_FOUND`, `FILE_UNREADABLE`, `BAD_LINE`, `COLUMN_MISSING` for a part by what the file has not,
 * `BAD_ARGUMENT` for a part by time of the changes of books,
 * `DISK_FULL`, `WRITE_FAILED`; an older file is then as it was
 */
export async function exportFile(source: string, path: string, part: FilePart = {}): Promise<SavedFile> {
  formatOf(path);
  const folder = temporaryBeside(path);
  try {
    await removeLeftovers(path);
    await mkdir(folder, { recursive: true });
    return await withSpillingConnection(folder, {}, async (connection) => {
      const rows =
        formatOf(source) === "parquet" ? await inParquet(connection, source) : await inTable(connection, source);
      return await copyPart(connection, rows, path, part, source);
    });
  } catch (error) {
    throw engineError(path, error);
  } finally {
    await rm(folder, { recursive: true, force: true }).catch(() => undefined);
  }
}

async function inParquet(connection: DuckDBConnection, path: string): Promise<Rows> {
  const { description, types, from } = await parquetColumns(connection, path);
  const columns = description.columns.map(
    ({ name, kind }, at) => `${storedAs(kind, quoted(name), types[at]!)} AS ${quoted(name)}`,
  );
  return { from: `(SELECT ${columns.join(", ")} FROM ${from})`, enums: new Set(), description };
}

async function inTable(connection: DuckDBConnection, path: string): Promise<Rows> {
  const table = await readTable(path);
  const columns = typedColumns(table);
  const { enums } = await loadColumns(connection, "saved", columns);
  const origin = provenance(table);
  return {
    from: "saved",
    enums,
    description: { noun: origin?.noun ?? null, columns: entriesOf(columns), provenance: origin },
  };
}

async function copyPart(
  connection: DuckDBConnection,
  { from, enums, description }: Rows,
  path: string,
  part: FilePart,
  source: string,
): Promise<SavedFile> {
  if (description.noun === bookDeltasFrame.noun && (part.from !== undefined || part.to !== undefined))
    throw bookless(source);
  const conditions = conditionsOf(description.columns, part, source);
  const tail = conditions.length === 0 ? "" : `WHERE ${conditions.join(" AND ")}`;
  const counted = await connection.runAndReadAll(`SELECT count(*)::DOUBLE FROM ${from} ${tail}`);
  const rows = Number(counted.getRows()[0]![0]);
  const origin = description.provenance;
  const narrowed =
    origin === null
      ? null
      : {
          ...origin,
          rows,
          from: part.from === undefined ? origin.from : formatTime(part.from),
          to: part.to === undefined ? origin.to : formatTime(part.to),
          at: formatTime(systemClock.now()),
        };
  const manifest = await copyOut(
    connection,
    { from, enums, rows, description: { ...description, provenance: narrowed }, tail },
    path,
  );
  return { path, rows, duplicates: 0, manifest };
}

function conditionsOf(columns: readonly ColumnEntry[], { tickers, from, to }: FilePart, source: string): string[] {
  const conditions: string[] = [];
  if (tickers !== undefined) {
    const column = columns.find(({ name }) => name === "ticker");
    if (column === undefined) throw missing(source, "ticker", columns);
    conditions.push(`${quoted("ticker")}::VARCHAR IN (${tickers.map(literal).join(", ")})`);
  }
  if (from === undefined && to === undefined) return conditions;
  const column = columns.find(({ kind }) => kind === "time");
  if (column === undefined) throw missing(source, "time", columns);
  const time = `epoch_us(${quoted(column.name)})`;
  if (from !== undefined) conditions.push(`${time} >= ${from}`);
  if (to !== undefined) conditions.push(`${time} < ${to}`);
  return conditions;
}

/** Changes are worth nothing without the books that they change. */
function bookless(source: string): KalshiError {
  return new KalshiError("BAD_ARGUMENT", `a part by time of ${source}: changes of books begin with the books`, {
    hint: "export the part from the recording, which gives the books at its start first; of the file, all of it, or some markets",
    context: { path: source },
  });
}

function missing(path: string, column: string, columns: readonly ColumnEntry[]): KalshiError {
  const names = columns.map(({ name }) => name).join(", ");
  return new KalshiError(
    "COLUMN_MISSING",
    `${path} has no column ${column === "time" ? "of times" : `\`${column}\``}`,
    {
      hint: `its columns are ${names}; export all of it`,
      context: { path, column },
    },
  );
}
