import type { DuckDBConnection } from "@duckdb/node-api";
import { KalshiError } from "../../errors.js";
import type { Provenance } from "../../frames/provenance.js";
import { formatTime, systemClock } from "../../units/time.js";
import { literal, withSpillingConnection } from "../duckdb.js";
import { readManifest } from "../manifest.js";
import { type ResultColumn, resultColumns } from "./result-columns.js";
import { sqlError } from "./sql-error.js";
import { rowsOf, type SqlView, type ViewOrigin, viewName } from "./view.js";

/** What a statement is asked with. */
export interface StatementOptions {
  readonly views: readonly SqlView[];
  /** An empty folder for what does not fit into memory. */
  readonly folder: string;
  /** In the engine's words. Default `1GB`. */
  readonly memory?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The rows of a statement, in its order, as a table of the engine. */
export interface Answer {
  readonly connection: DuckDBConnection;
  readonly from: string;
  readonly columns: readonly ResultColumn[];
  readonly rows: number;
  readonly provenance: Provenance;
}

/** In a database of its own, where no statement sees it. */
const DATABASE = "kalshi_lab_answer";
const RESULT = `${DATABASE}.main.answer`;

/**
 * Answers one SQL query over views and files, and lets `use` take the rows.
 *
 * @throws KalshiError `BAD_SQL` with the engine's words and the place, `BAD_ARGUMENT` for what is no query, `INTERRUPTED`
 */
export async function answered<T>(
  statement: string,
  { views, folder, memory = "1GB", signal }: StatementOptions,
  use: (answer: Answer) => Promise<T>,
): Promise<T> {
  if (signal?.aborted === true) throw interrupted();
  return withSpillingConnection(folder, { memory }, async (connection) => {
    const onAbort = (): void => connection.interrupt();
    signal?.addEventListener("abort", onAbort, { once: true });
    try {
      return await use(await ask(connection, statement, views, folder));
    } catch (error) {
      // The engine calls what it was told to stop an error of the statement.
      if (signal?.aborted === true && !(error instanceof KalshiError && error.code !== "BAD_SQL")) throw interrupted();
      throw error;
    } finally {
      signal?.removeEventListener("abort", onAbort);
    }
  });
}

async function ask(
  connection: DuckDBConnection,
  statement: string,
  views: readonly SqlView[],
  folder: string,
): Promise<Answer> {
  for (const setting of ["TimeZone = 'UTC'", "autoinstall_known_extensions = false", "errors_as_json = true"])
    await connection.run(`SET ${setting}`);
  await connection.run(`ATTACH ':memory:' AS ${DATABASE}`);
  const named = namedIn(connection, statement);
  const names = views.map(viewName);
  try {
    const origins: ViewOrigin[] = [];
    for (const view of views) if (isNamed(view, named)) origins.push(await view.define(connection, folder));
    // What asks which views there are has to find them.
    if (/^\s*SHOW\b/i.test(statement))
      for (const view of views) if (view.schema === null) await view.define(connection, folder);
    const asked = await prepared(connection, statement, names);
    const aliases = asked.map((_, at) => `c${at}`).join(", ");
    await connection.run(`CREATE TABLE ${RESULT} AS SELECT * FROM query(${literal(statement)}) AS asked(${aliases})`);
    const columns = await resultColumns(connection, RESULT, asked);
    const rows = await rowsOf(connection, RESULT);
    return { connection, from: RESULT, columns, rows, provenance: provenanceOf(rows, [...origins, ...filesIn(named)]) };
  } catch (error) {
    throw sqlError(statement, error, names);
  } finally {
    await connection.run("SET errors_as_json = false");
  }
}

/** The columns that a statement will give. */
async function prepared(
  connection: DuckDBConnection,
  statement: string,
  names: readonly string[],
): Promise<readonly { name: string; type: string }[]> {
  if (statement.trim() === "") throw noQuery("an empty statement");
  const extracted = await connection.extractStatements(statement).catch((error: unknown) => {
    // Of a comment alone the engine says nothing at all.
    if (String(error).includes("native callback")) throw noQuery("no statement");
    throw sqlError(statement, error, names);
  });
  if (extracted.count !== 1) throw noQuery(`${extracted.count} statements at once`);
  const one = await extracted.prepare(0);
  try {
    const { StatementType } = await import("@duckdb/node-api");
    if (one.statementType !== StatementType.SELECT)
      throw noQuery(`a statement of type ${StatementType[one.statementType]}`);
    if (one.parameterCount > 0) throw noQuery("a statement with parameters");
    return Array.from({ length: one.columnCount }, (_, at) => ({
      name: one.columnName(at),
      type: String(one.columnType(at)),
    }));
  } finally {
    one.destroySync();
  }
}

function noQuery(what: string): KalshiError {
  return new KalshiError("BAD_ARGUMENT", `${what} is no query`, {
    hint: "give one SELECT (or WITH, FROM, DESCRIBE, SHOW TABLES): SQL only reads here, --out or save() writes its rows",
  });
}

function interrupted(): KalshiError {
  return new KalshiError("INTERRUPTED", "stopped while the query ran", { hint: "run it again" });
}

/** The tables and files that a statement names, without quotes; none when it cannot be read. */
function namedIn(connection: DuckDBConnection, statement: string): readonly string[][] {
  try {
    return connection.getTableNames(statement, true).map((name) => partsOf(name.replace(/ AS .*$/s, "")));
  } catch {
    // What is wrong with it is told when it is asked.
    return [];
  }
}

/** The identifiers of a name with dots. */
function partsOf(name: string): string[] {
  return [...name.matchAll(/"((?:[^"]|"")*)"|([^."]+)/g)].map(([, inQuotes, plain]) =>
    inQuotes === undefined ? plain! : inQuotes.replaceAll('""', '"'),
  );
}

function isNamed({ schema, name }: SqlView, named: readonly (readonly string[])[]): boolean {
  const same = (a: string | undefined, b: string): boolean => a?.toLowerCase() === b.toLowerCase();
  return named.some((parts) => {
    if (!same(parts.at(-1), name)) return false;
    return schema === null ? parts.length === 1 || same(parts.at(-2), "main") : same(parts.at(-2), schema);
  });
}

/** Files that are named as tables, with what their manifests say. */
function filesIn(named: readonly (readonly string[])[]): ViewOrigin[] {
  return named
    .filter((parts) => parts.length === 1 && /\.(parquet|csv)$/i.test(parts[0]!))
    .map(([path]): ViewOrigin => {
      const manifest = readManifest(path!);
      const origin = manifest?.provenance;
      const rows = manifest?.rows ?? 0;
      if (!origin)
        return { tier: "file", endpoint: path!, rows, complete: false, why: `${path} does not say its origin` };
      return { tier: "file", endpoint: path!, rows, complete: origin.complete, why: origin.why };
    });
}

function provenanceOf(rows: number, origins: readonly ViewOrigin[]): Provenance {
  const reasons = [...new Set(origins.flatMap(({ why }) => why ?? []))];
  if (origins.length === 0) reasons.push("the query names no view whose origin is known");
  return {
    noun: "row",
    sources: origins.map(({ tier, endpoint, rows: held, vanished = 0 }) => ({
      ...{ tier, endpoint, rows: held, pages: 1 },
      ...(vanished > 0 ? { vanished } : {}),
    })),
    ...{ cutoffs: null, from: null, to: null, covered: null },
    complete: reasons.length === 0,
    why: reasons.length === 0 ? null : reasons.join("; "),
    rows,
    at: formatTime(systemClock.now()),
  };
}
