import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import { KalshiError, messageOf } from "../errors.js";
import type { Kind } from "../exchange/field.js";
import { replaceFile, temporaryBeside, writeError } from "../store/atomic-file.js";
import { writeArrow } from "./arrow.js";
import { castTo } from "./casts.js";
import { literal, quoted } from "./duckdb.js";
import { beforeOf, type Description, descriptionText, type Manifest, makeManifest, manifestPath } from "./manifest.js";

/** File formats by the ending of a path. */
export type FileFormat = "csv" | "parquet" | "arrow";

/**
 * The format that a path's ending asks for.
 *
 * @throws KalshiError `FILE_FORMAT`
 */
export function formatOf(path: string): FileFormat {
  if (/\.csv$/i.test(path)) return "csv";
  if (/\.parquet$/i.test(path)) return "parquet";
  if (/\.arrow$/i.test(path)) return "arrow";
  throw new KalshiError("FILE_FORMAT", `unknown file ending: ${path}`, {
    hint: "name a file that ends in .csv, .parquet or .arrow",
    context: { path },
  });
}

/** What is written from where: rows of an engine's table or query, in its order. */
export interface Source {
  /** A table's name or a query in parentheses. */
  readonly from: string;
  /** Columns that the engine holds as ENUM. */
  readonly enums: ReadonlySet<string>;
  readonly rows: number;
  readonly description: Description;
  /** SQL after FROM: which rows, in which order. */
  readonly tail?: string;
}

/**
 * Copies rows out into a file with its manifest beside it: a temporary file in the same folder, fsync, rename. Killed at any moment it leaves the
 * older file or the new one, and a manifest that is right for it.
 *
 * @throws KalshiError `DISK_FULL`, `WRITE_FAILED`; an older file is then as it was
 */
export async function copyOut(connection: DuckDBConnection, source: Source, path: string): Promise<Manifest> {
  const format = formatOf(path);
  const temporary = temporaryBeside(path);
  const [forBoth, forNew] = [temporaryBeside(manifestPath(path)), temporaryBeside(manifestPath(path))];
  try {
    await mkdir(dirname(path), { recursive: true });
    const columns = source.description.columns.map(({ name, kind }) => expression(format, name, kind, source.enums));
    const query = `SELECT ${columns.join(", ")} FROM ${source.from} ${source.tail ?? ""}`;
    if (format === "arrow") await writeArrow(connection, query, source.description, temporary);
    else await connection.run(`COPY (${query}) TO ${literal(temporary)} (${optionsOf(format, source.description)})`);
    const manifest = await makeManifest(path, temporary, source.rows, source.description);
    // All are there before any takes its place: a disk that has room for one alone keeps the older pair.
    await writeFile(forBoth, textOf({ ...manifest, before: await beforeOf(path) }));
    await writeFile(forNew, textOf(manifest));
    await replaceFile(forBoth, manifestPath(path));
    await replaceFile(temporary, path);
    await replaceFile(forNew, manifestPath(path));
    return manifest;
  } catch (error) {
    for (const file of [temporary, forBoth, forNew]) await rm(file, { force: true }).catch(() => undefined);
    throw engineError(path, error);
  }
}

function textOf(manifest: Manifest): string {
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

/** What a failure of the engine while writing means. It reports a full disk only in words. */
export function engineError(path: string, error: unknown): KalshiError {
  if (error instanceof KalshiError) return error;
  const message = messageOf(error);
  if (/no space left|disk quota|file too large|attempted to write 0 bytes|max_temp_directory_size/i.test(message)) {
    return new KalshiError("DISK_FULL", `no space left to write ${path}`, {
      hint: "free some space or name another folder; an older file of this name is untouched",
      context: { path },
      cause: error,
    });
  }
  return writeError(path, error);
}

/** The second version writes numbers that ascend as differences: deltas of books take a quarter less, trades a little. */
export const PARQUET = "FORMAT parquet, PARQUET_VERSION V2, COMPRESSION zstd";

function optionsOf(format: "csv" | "parquet", description: Description): string {
  if (format === "csv") return "FORMAT csv, HEADER true";
  return `${PARQUET}, KV_METADATA {kalshi_lab: ${literal(descriptionText(description))}}`;
}

function expression(format: FileFormat, name: string, kind: Kind, enums: ReadonlySet<string>): string {
  const column = quoted(name);
  if (enums.has(name)) return `${column}::VARCHAR AS ${column}`;
  if (format === "csv" && kind === "time") {
    return `strftime(make_timestamp(epoch_us(${column})), '%Y-%m-%dT%H:%M:%S.%fZ') AS ${column}`;
  }
  // What it is read in by is what Parquet files are read in by.
  return format === "arrow" ? `${castTo(kind, column, kind === "json" ? "VARCHAR" : "")} AS ${column}` : column;
}
