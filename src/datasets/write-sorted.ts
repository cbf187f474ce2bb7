import { mkdir, rm } from "node:fs/promises";
import type { DuckDBConnection, DuckDBDataChunk } from "@duckdb/node-api";
import { tableBuilder } from "../frames/builder.js";
import type { TableColumn } from "../frames/columns.js";
import type { Frame } from "../frames/frame.js";
import { typedColumns } from "../frames/schema.js";
import { temporaryBeside } from "../store/atomic-file.js";
import { copyOut, engineError, formatOf } from "./copy.js";
import { duckdb, withSpillingConnection } from "./duckdb.js";
import { removeLeftovers } from "./leftovers.js";
import { survey } from "./survey.js";
import { type Writer, writerFor } from "./vectors.js";
import { asText, entriesOfFrame, type SavedFile, type SaveRowsOptions } from "./write.js";

/** Wire objects that ascend as their frame says, neighbours of one key dropped. */
export interface SortedRows {
  /** The rows in chunks, from the first one on with every call. */
  readonly rows: () => Iterable<readonly unknown[]>;
  /** At least as many as there are. */
  readonly count: number;
}

/**
 * Writes rows that are in order already to a CSV, Parquet or Arrow file, by its ending: the file of `saveRows`, byte for byte, without sorting. The
 * rows are read twice, once to count them and once to write them; they pass through the engine chunk by chunk and are kept nowhere.
 *
 * @returns null, nothing written, when a key stands more than once after all: a record that came with two places in the order
 * @throws KalshiError `FILE_FORMAT`, `BAD_RECORD`, `LEGACY_FIELDS`, `DISK_FULL`, `WRITE_FAILED`; an older file is then as it was
 */
export async function saveSorted(
  frame: Frame,
  sorted: SortedRows,
  path: string,
  options: Omit<SaveRowsOptions, "typed"> = {},
): Promise<SavedFile | null> {
  formatOf(path);
  const { rows, texts, unique } = await survey(frame, sorted.rows, sorted.count);
  if (!unique) return null;
  const folder = temporaryBeside(path);
  try {
    await removeLeftovers(path);
    await mkdir(folder, { recursive: true });
    return await withSpillingConnection(folder, { memory: options.memory, threads: 1 }, async (connection) => {
      const passing = new Passing(frame, sorted.rows(), texts, options.extra === true);
      await passing.register(connection);
      const origin = options.provenance?.() ?? null;
      const description = {
        noun: frame.noun,
        columns: entriesOfFrame(frame, options.extra === true),
        provenance: origin === null ? null : { ...origin, rows },
      };
      try {
        const manifest = await copyOut(
          connection,
          { from: `${FUNCTION}()`, enums: new Set(), rows, description },
          path,
        );
        return { path, rows, duplicates: 0, manifest };
      } catch (error) {
        // The engine knows only the words of what went wrong on this side.
        throw passing.error ?? error;
      }
    });
  } catch (error) {
    throw engineError(path, error);
  } finally {
    await rm(folder, { recursive: true, force: true }).catch(() => undefined);
  }
}

/** Name of the table function that the engine reads rows from. */
const FUNCTION = "sorted_rows";

/** Rows on their way through the engine, which asks for one chunk after the other. */
class Passing {
  /** What ended the rows too early. */
  error: unknown = null;
  readonly #frame: Frame;
  readonly #chunks: Iterable<readonly unknown[]>;
  readonly #texts: ReadonlySet<string>;
  readonly #extra: boolean;
  #writers: readonly Writer[] = [];
  #batches: Iterator<readonly unknown[]> = [][Symbol.iterator]();

  constructor(frame: Frame, chunks: Iterable<readonly unknown[]>, texts: ReadonlySet<string>, extra: boolean) {
    this.#frame = frame;
    this.#chunks = chunks;
    this.#texts = texts;
    this.#extra = extra;
  }

  async register(connection: DuckDBConnection): Promise<void> {
    const { DuckDBTableFunction, DuckDBVector } = await duckdb();
    const none = this.#columnsOf([]);
    this.#writers = await Promise.all(Object.values(none).map((column) => writerFor(column, false)));
    this.#batches = batches(this.#chunks, DuckDBVector.standardSize());
    connection.registerTableFunction(
      DuckDBTableFunction.create({
        name: FUNCTION,
        bindFunction: (info) => {
          for (const [at, name] of Object.keys(none).entries()) info.addResultColumn(name, this.#writers[at]!.type);
        },
        // One reader, so that rows keep their order.
        initFunction: (info) => info.setMaxThreads(1),
        mainFunction: (info, chunk) => {
          try {
            this.#fill(chunk);
          } catch (error) {
            this.error = error;
            info.setError(String(error));
          }
        },
      }),
    );
  }

  /** Writes the next rows into a chunk; none of them says that there are no more. */
  #fill(chunk: DuckDBDataChunk): void {
    const next = this.#batches.next();
    const rows = next.done === true ? [] : next.value;
    chunk.rowCount = rows.length;
    if (rows.length === 0) return;
    for (const [at, column] of Object.values(this.#columnsOf(rows)).entries()) {
      const vector = chunk.getColumnVector(at);
      this.#writers[at]!.fill(vector, column, 0, rows.length);
      vector.flush();
    }
  }

  #columnsOf(rows: readonly unknown[]): Record<string, TableColumn> {
    const builder = tableBuilder(this.#frame.noun, this.#frame.fields, { extra: this.#extra });
    builder.add(rows);
    const columns = typedColumns(builder.finish());
    for (const name of this.#texts) columns[name] = asText(columns[name]!);
    return columns;
  }
}

/** The same rows, `size` at a time: only of full chunks does the engine make row groups as it makes them of a table. */
function* batches(chunks: Iterable<readonly unknown[]>, size: number): Generator<readonly unknown[]> {
  let batch: unknown[] = [];
  for (const chunk of chunks) {
    for (const row of chunk) {
      batch.push(row);
      if (batch.length < size) continue;
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}
