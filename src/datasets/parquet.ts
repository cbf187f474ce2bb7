import { existsSync } from "node:fs";
import type { DuckDBConnection, DuckDBDataChunk } from "@duckdb/node-api";
import type { ColumnTable } from "arquero";
import { KalshiError, messageOf } from "../errors.js";
import type { TableColumn } from "../frames/columns.js";
import { entryOf } from "../frames/dictionary.js";
import { withProvenance } from "../frames/provenance.js";
import { makeTable } from "../frames/table.js";
import { castTo } from "./casts.js";
import { literal, quoted, withConnection } from "./duckdb.js";
import { type ColumnEntry, type Description, parseDescription } from "./manifest.js";
import { type ColumnReader, readerFor } from "./readers.js";

/**
 * A Parquet file as a table. Files of this library come back exactly, with their schema and provenance; those of others by their
 * types, with kinds by column name where the dictionary knows it.
 *
 * @throws KalshiError `FILE_NOT_FOUND`, `FILE_UNREADABLE`
 */
export async function readParquet(path: string): Promise<ColumnTable> {
  if (!existsSync(path)) throw notFound(path);
  return withConnection(async (connection) => {
    try {
      const { description, types, from } = await parquetColumns(connection, path);
      const columns = description.columns.map((entry, at) => {
        const name = quoted(entry.name);
        return { ...entry, sql: `${castTo(entry.kind, name, types[at]!)} AS ${name}` };
      });
      const table = await tableFrom(connection, from, columns);
      return description.provenance === null ? table : withProvenance(table, description.provenance);
    } catch (error) {
      throw unreadable(path, error);
    }
  });
}

function unreadable(path: string, error: unknown): KalshiError {
  if (error instanceof KalshiError) return error;
  return new KalshiError("FILE_UNREADABLE", `cannot read ${path}: ${messageOf(error)}`, {
    hint: "check that it is a whole Parquet file; if it was cut short, write it again",
    context: { path },
    cause: error,
  });
}

function notFound(path: string): KalshiError {
  return new KalshiError("FILE_NOT_FOUND", `no such file: ${path}`, {
    hint: "check the path; relative ones start at the working folder",
    context: { path },
  });
}

/** A column to read: what it is, and the SQL that brings it into one of the few types that are read. */
export interface Wanted extends ColumnEntry {
  readonly sql: string;
}

async function describe(connection: DuckDBConnection, path: string): Promise<Description | null> {
  const found = await connection.runAndReadAll(
    `SELECT decode(value) FROM parquet_kv_metadata(${literal(path)}) WHERE decode(key) = 'kalshi_lab'`,
  );
  const text: unknown = found.getRows()[0]?.[0];
  return typeof text === "string" ? parseDescription(text) : null;
}

/** What a Parquet file's columns are, with their SQL types, and the SQL that reads it. */
export async function parquetColumns(
  connection: DuckDBConnection,
  path: string,
): Promise<{ readonly description: Description; readonly types: readonly string[]; readonly from: string }> {
  if (!existsSync(path)) throw notFound(path);
  const from = `read_parquet(${literal(path)})`;
  try {
    const described = await describe(connection, path);
    const found = await connection.runAndReadAll(
      `SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM ${from})`,
    );
    const columns = found.getRows().map(([column, type]) => {
      const name = String(column);
      return described?.columns.find((candidate) => candidate.name === name) ?? foreign(name, String(type));
    });
    const { noun = null, provenance = null } = described ?? {};
    return { description: { noun, columns, provenance }, types: found.getRows().map(([, type]) => String(type)), from };
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** What a column of another's file is: by its type, and by its name where the type allows it. */
function foreign(name: string, type: string): ColumnEntry {
  const byType = kindOfType(type);
  const entry = entryOf(name);
  const about = entry?.about ?? "";
  if (
    entry !== null &&
    (entry.kind === byType ||
      (entry.kind === "uuid" && byType === "text") ||
      (entry.kind === "json" && byType === "text"))
  ) {
    return { name, kind: entry.kind, about };
  }
  return { name, kind: byType, about: entry?.kind === byType ? about : "" };
}

function kindOfType(type: string): ColumnEntry["kind"] {
  const decimals = /^DECIMAL\(\d+,(\d+)\)$/.exec(type)?.[1];
  if (decimals !== undefined) {
    if (decimals === "0") return "integer";
    return Number(decimals) === 2 ? "contracts" : Number(decimals) <= 6 ? "dollars" : "number";
  }
  if (/^(TIMESTAMP|DATE)/.test(type)) return "time";
  if (/^U?(TINYINT|SMALLINT|INTEGER|BIGINT)$/.test(type)) return "integer";
  if (/^(FLOAT|DOUBLE|U?HUGEINT)$/.test(type)) return "number";
  if (type === "BOOLEAN") return "boolean";
  if (type === "UUID") return "uuid";
  return /^(STRUCT|MAP|UNION)|\]$/.test(type) ? "json" : "text";
}

/** The rows of a relation of the engine, in its order, as a table. */
export async function tableFrom(
  connection: DuckDBConnection,
  from: string,
  wanted: readonly Wanted[],
): Promise<ColumnTable> {
  const counted = await connection.runAndReadAll(`SELECT count(*)::DOUBLE FROM ${from}`);
  const rows = Number(counted.getRows()[0]![0]);
  const result = await connection.stream(`SELECT ${wanted.map(({ sql }) => sql).join(", ")} FROM ${from}`);
  const readers: ColumnReader[] = wanted.map((entry, at) => readerFor(entry, String(result.columnType(at)), rows));
  let base = 0;
  for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    readChunk(chunk, readers, base);
    base += chunk.rowCount;
  }
  const columns: Record<string, TableColumn> = {};
  for (const [at, { name }] of wanted.entries()) columns[name] = readers[at]!.column();
  return makeTable(columns);
}

function readChunk(chunk: DuckDBDataChunk, readers: readonly ColumnReader[], base: number): void {
  for (const [at, reader] of readers.entries()) reader.read(chunk.getColumnVector(at), base, chunk.rowCount);
}
