import type { DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";

/** The engine, loaded when the first file is read or written (its library takes 70 MB and a moment). */
export async function duckdb(): Promise<typeof import("@duckdb/node-api")> {
  return import("@duckdb/node-api");
}

/**
 * A file that is written anew under its name is read anew: what the engine keeps of files it tells apart by their times alone, and then gives
 * rows of the old one, or cannot decompress the mixture.
 */
const reading = { enable_external_file_cache: "false" } as const;

let shared: Promise<DuckDBInstance> | null = null;

/**
 * Runs work on a connection of the one in-memory instance of this process. Tables it makes should be temporary ones, which
 * belong to the connection.
 */
export async function withConnection<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
  shared ??= duckdb().then(({ DuckDBInstance }) => DuckDBInstance.create(":memory:", reading));
  const connection = await (await shared).connect();
  try {
    return await work(connection);
  } finally {
    connection.closeSync();
  }
}

/**
 * Runs work on an instance of its own that keeps to `memory` (in the engine's words; `128MB` unless told) and `threads`, and puts what exceeds it into
 * `folder`, which must exist.
 */
export async function withSpillingConnection<T>(
  folder: string,
  { memory = "128MB", threads }: { readonly memory?: string | undefined; readonly threads?: number | undefined },
  work: (connection: DuckDBConnection) => Promise<T>,
): Promise<T> {
  const { DuckDBInstance } = await duckdb();
  const instance = await DuckDBInstance.create(":memory:", {
    ...reading,
    memory_limit: memory,
    temp_directory: folder,
    // What is freed goes back to the system at once: there are no further files to use it for.
    allocator_flush_threshold: "1MB",
    allocator_bulk_deallocation_flush_threshold: "1MB",
    ...(threads === undefined ? {} : { threads: String(threads) }),
  });
  try {
    const connection = await instance.connect();
    try {
      return await work(connection);
    } finally {
      connection.closeSync();
    }
  } finally {
    instance.closeSync();
  }
}

/** A name for SQL. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A text for SQL. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
