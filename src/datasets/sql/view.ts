import { existsSync } from "node:fs";
import { join } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import { literal, quoted } from "../duckdb.js";
import { partitionPath, partitionsIn } from "../library/partition.js";
import { readPartition } from "../library/partition-manifest.js";
import { kindFolder, kindsIn, namesIn } from "../library/place.js";
import { unfinishedIn } from "../library/unfinished.js";
import { countVanished } from "../library/vanished.js";
import { vanishedIn } from "../library/vanished-in.js";

/** Where the rows of a view come from, and whether these are all there are. */
export interface ViewOrigin {
  readonly tier: "recording" | "file" | "derived";
  readonly endpoint: string;
  readonly rows: number;
  readonly complete: boolean;
  /** Why it is not complete; null when it is. */
  readonly why: string | null;
  /** How many of the rows the exchange did not tell any more when it was asked again. Default none. */
  readonly vanished?: number;
}

/** Something that a statement can name. It is made when one does. */
export interface SqlView {
  /** In front of a dot; null for the views of the library. */
  readonly schema: string | null;
  readonly name: string;
  /** Makes it as a view of the engine. What it needs on disk goes into `folder`. */
  readonly define: (connection: DuckDBConnection, folder: string) => Promise<ViewOrigin>;
}

/** The name of a view in SQL. */
export function viewName({ schema, name }: SqlView): string {
  return schema === null ? quoted(name) : `${quoted(schema)}.${quoted(name)}`;
}

/** Makes a view over a query, its schema too. */
export async function createView(connection: DuckDBConnection, view: SqlView, query: string): Promise<void> {
  if (view.schema !== null) await connection.run(`CREATE SCHEMA IF NOT EXISTS ${quoted(view.schema)}`);
  await connection.run(`CREATE OR REPLACE VIEW ${viewName(view)} AS ${query}`);
}

/** Rows that a relation has. */
export async function rowsOf(connection: DuckDBConnection, relation: string): Promise<number> {
  const counted = await connection.runAndReadAll(`SELECT count(*)::DOUBLE FROM ${relation}`);
  return Number(counted.getRows()[0]![0]);
}

/** A view for each kind of dataset that a library has: `trades`, `markets`, … with its columns and those it is partitioned by. */
export function libraryViews(library: string): SqlView[] {
  return kindsIn(library).map((kind): SqlView => {
    const view: SqlView = {
      schema: null,
      name: kind,
      define: async (connection) => {
        const dir = kindFolder(library, kind);
        const { rows, why, uniform } = describe(library, kind);
        await createView(connection, view, `SELECT * EXCLUDE (kind) FROM ${partitions(dir, uniform)}`);
        const held = rows ?? (await rowsOf(connection, viewName(view)));
        const vanished = vanishedIn(library, kind).reduce((sum, one) => sum + countVanished(one.rows), 0);
        return { tier: "file", endpoint: dir, rows: held, complete: why === null, why, vanished };
      },
    };
    return view;
  });
}

/** What the manifests of a kind say together, and what the library has not come to the end of. */
interface Described {
  /** Null where a partition has no manifest. */
  readonly rows: number | null;
  /** What is not complete; null when everything is. */
  readonly why: string | null;
  /** Whether all files have the same columns, so that one of them tells for all. */
  readonly uniform: boolean;
}

function describe(library: string, kind: string): Described {
  const reasons: string[] = [];
  const layouts = new Set<number | string>();
  let rows: number | null = 0;
  for (const partition of partitionsIn(library, kind)) {
    const manifest = readPartition(library, partition);
    const why = manifest === null ? "it has no manifest" : manifest.complete ? null : manifest.why;
    if (why !== null) reasons.push(`${partitionPath(partition)}: ${why}`);
    if (manifest === null) layouts.add(partitionPath(partition));
    else for (const { columns } of manifest.files) layouts.add(columns);
    const own = manifest?.files.reduce((sum, file) => sum + file.rows, 0);
    rows = rows === null || own === undefined ? null : rows + own;
  }
  const unfinished = unfinishedIn(library, kind).map(
    ({ why, ...one }) => `${partitionPath({ ...one, date: null })}: ${why}`,
  );
  const why = [
    ...lastOf(reasons, `partitions of ${kind} are not complete`),
    ...lastOf(unfinished, `subjects of ${kind} are not finished`),
  ].join("; ");
  return { rows, why: why === "" ? null : why, uniform: layouts.size < 2 };
}

/** A few words for many reasons. */
function lastOf(reasons: readonly string[], what: string): readonly string[] {
  return reasons.length < 2 ? reasons : [`${reasons.length} ${what}, the last ${reasons.at(-1)}`];
}

/** What reads the files of a kind, with the columns that its folders are named by. */
function partitions(dir: string, uniform: boolean): string {
  const types = [["series", "VARCHAR"] as const, ["date", "DATE"] as const].filter(([key]) =>
    isPartitionedBy(dir, key),
  );
  const given = types.map(([key, type]) => `'${key}': ${type}`);
  const hive = [`'kind': VARCHAR`, ...given].join(", ");
  // Without it only the files that a query needs are opened.
  const union = uniform ? "" : ", union_by_name = true";
  return `read_parquet(${literal(join(dir, "**", "*.parquet"))}, hive_partitioning = true, hive_types = {${hive}}${union})`;
}

function isPartitionedBy(dir: string, key: string): boolean {
  const begins = (folder: string): boolean => namesIn(folder).some((name) => name.startsWith(`${key}=`));
  return existsSync(dir) && (begins(dir) || namesIn(dir).some((name) => name.includes("=") && begins(join(dir, name))));
}
