import { existsSync } from "node:fs";
import { join } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import { literal, quoted } from "../duckdb.js";
import { partitionPath, partitionsIn } from "../library/partition.js";
import { readPartition } from "../library/partition-manifest.js";
import { kindFolder, kindsIn, namesIn } from "../library/place.js";

/** Where the rows of a view come from, and whether these are all there are. */
export interface ViewOrigin {
  readonly tier: "recording" | "file" | "derived";
  readonly endpoint: string;
  readonly rows: number;
  readonly complete: boolean;
  /** Why it is not complete; null when it is. */
  readonly why: string | null;
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
        await createView(connection, view, `SELECT * EXCLUDE (kind) FROM ${partitions(dir)}`);
        const why = lackOf(library, kind);
        const rows = await rowsOf(connection, viewName(view));
        return { tier: "file", endpoint: dir, rows, complete: why === null, why };
      },
    };
    return view;
  });
}

/** What the datasets of a kind lack, by their manifests; null when nothing. */
function lackOf(library: string, kind: string): string | null {
  const reasons = partitionsIn(library, kind).flatMap((partition) => {
    const manifest = readPartition(library, partition);
    const why = manifest === null ? "it has no manifest" : manifest.complete ? null : manifest.why;
    return why === null ? [] : [`${partitionPath(partition)}: ${why}`];
  });
  if (reasons.length === 0) return null;
  return reasons.length === 1
    ? reasons[0]!
    : `${reasons.length} partitions of ${kind} are not complete, the last ${reasons.at(-1)}`;
}

/** What reads the files of a kind, with the columns that its folders are named by. */
export function partitions(dir: string): string {
  const types = [["series", "VARCHAR"] as const, ["date", "DATE"] as const].filter(([key]) =>
    isPartitionedBy(dir, key),
  );
  const given = types.map(([key, type]) => `'${key}': ${type}`);
  const hive = [`'kind': VARCHAR`, ...given].join(", ");
  return `read_parquet(${literal(join(dir, "**", "*.parquet"))}, hive_partitioning = true, hive_types = {${hive}}, union_by_name = true)`;
}

function isPartitionedBy(dir: string, key: string): boolean {
  const begins = (folder: string): boolean => namesIn(folder).some((name) => name.startsWith(`${key}=`));
  return existsSync(dir) && (begins(dir) || namesIn(dir).some((name) => name.includes("=") && begins(join(dir, name))));
}
