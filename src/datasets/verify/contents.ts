import { statSync } from "node:fs";
import { KalshiError, messageOf } from "../../errors.js";
import { isMissing } from "../../store/checkpoint.js";
import { formatOf } from "../copy.js";
import { piecesOf } from "../csv.js";
import { readCsvRows } from "../csv-rows.js";
import { literal, withConnection } from "../duckdb.js";
import { sha256Of } from "../manifest.js";
import { readArrow } from "../read-arrow.js";
import type { Findings } from "./fault.js";

/** What a manifest says of a data file. */
export interface Expected {
  readonly rows: number;
  readonly size: number;
  readonly sha256: string;
  /** Those it has, in order; or only how many. */
  readonly columns: readonly { readonly name: string }[] | number;
}

/**
 * Holds a data file against what is said of it: size, checksum, and by reading it rows and columns.
 *
 * @returns whether it is as it should be
 * @throws KalshiError `INTERRUPTED`
 */
export async function checkContents(
  path: string,
  expected: Expected,
  findings: Findings,
  signal?: AbortSignal,
): Promise<boolean> {
  endIfStopped(signal);
  findings.files += 1;
  const size = sizeOf(path);
  if (size === null) {
    findings.fault(path, "missing", "its manifest is there, and it is not");
    return false;
  }
  findings.bytes += size;
  if (size !== expected.size) {
    findings.fault(path, "size", `${size} bytes instead of ${expected.size}`);
    return false;
  }
  try {
    const sha256 = await sha256Of(path, signal);
    if (sha256 !== expected.sha256) {
      findings.fault(path, "checksum", `SHA-256 ${sha256} instead of ${expected.sha256}`);
      return false;
    }
    return checkFound(path, expected, await contentsOf(path, signal), findings);
  } catch (error) {
    // What was stopped is no fault of the file.
    endIfStopped(signal);
    findings.fault(path, "unreadable", messageOf(error));
    return false;
  }
}

interface Contents {
  readonly rows: number;
  readonly columns: readonly string[];
}

function checkFound(path: string, expected: Expected, found: Contents, findings: Findings): boolean {
  findings.rows += found.rows;
  const before = findings.faults.length;
  if (found.rows !== expected.rows) findings.fault(path, "rows", `${found.rows} rows instead of ${expected.rows}`);
  const [named, wanted] =
    typeof expected.columns === "number"
      ? [`${found.columns.length}`, `${expected.columns}`]
      : [found.columns.join(", "), expected.columns.map(({ name }) => name).join(", ")];
  if (named !== wanted) findings.fault(path, "columns", `columns ${named} instead of ${wanted}`);
  return findings.faults.length === before;
}

/** @throws KalshiError `INTERRUPTED` when whoever asked for a check has stopped it */
export function endIfStopped(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true)
    throw new KalshiError("INTERRUPTED", "stopped while files were checked", { hint: "run it again" });
}

async function contentsOf(path: string, signal?: AbortSignal): Promise<Contents> {
  switch (formatOf(path)) {
    case "parquet":
      return parquetContents(path);
    case "csv":
      return csvContents(path, signal);
    case "arrow": {
      const table = await readArrow(path);
      return { rows: table.numRows(), columns: table.columnNames() };
    }
  }
}

function parquetContents(path: string): Promise<Contents> {
  return withConnection(async (connection) => {
    const rows = await connection.runAndReadAll(`SELECT num_rows::DOUBLE FROM parquet_file_metadata(${literal(path)})`);
    const described = `DESCRIBE SELECT * FROM read_parquet(${literal(path)}, hive_partitioning = false)`;
    const columns = await connection.runAndReadAll(`SELECT column_name FROM (${described})`);
    return { rows: Number(rows.getRows()[0]![0]), columns: columns.getRows().map(([name]) => String(name)) };
  });
}

async function csvContents(path: string, signal?: AbortSignal): Promise<Contents> {
  let columns: readonly string[] | null = null;
  let rows = 0;
  for await (const { fields } of readCsvRows(path, piecesOf(path))) {
    endIfStopped(signal);
    if (columns === null) columns = fields.map((name) => name ?? "");
    else rows += 1;
  }
  return { rows, columns: columns ?? [] };
}

function sizeOf(path: string): number | null {
  try {
    return statSync(path).size;
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}
