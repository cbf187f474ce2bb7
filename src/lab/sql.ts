import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { ColumnTable } from "arquero";
import { copyOut, engineError, formatOf } from "../datasets/copy.js";
import { removeLeftovers } from "../datasets/leftovers.js";
import { libraryFolder, recordingsIn } from "../datasets/library/place.js";
import { tableFrom } from "../datasets/parquet.js";
import { type Answer, answered } from "../datasets/sql/statement.js";
import { tableViews } from "../datasets/sql/table-views.js";
import { libraryViews, type SqlView } from "../datasets/sql/view.js";
import type { SavedFile } from "../datasets/write.js";
import { KalshiError } from "../errors.js";
import { withProvenance } from "../frames/provenance.js";
import { temporaryBeside } from "../store/atomic-file.js";
import { Asked } from "./asked.js";
import { recordingViews } from "./recording-views.js";

export interface SqlOptions {
  /** Folder of the library. Default: `KALSHI_LIBRARY_DIR`, else `datasets` in the working folder. */
  readonly library?: string | undefined;
  /** Folders of recordings, as schemas of their names. Those in the library's `recordings` folder are there too. */
  readonly recordings?: readonly string[] | undefined;
  /** Tables in memory, as views of the names given. */
  readonly tables?: Readonly<Record<string, ColumnTable>> | undefined;
  /** Memory that the engine may take before it goes to disk, in its own words. Default `1GB`. */
  readonly memory?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * A SQL query over the library, recordings, files and tables: awaiting it gives the table, `save` a file. The table has the rows in the query's
 * order, exact: `DECIMAL` as dollars (six decimals) or contracts (two), `TIMESTAMP` and `DATE` as times.
 *
 * @throws KalshiError from every way out: `BAD_SQL`, `BAD_ARGUMENT`, `INTERRUPTED`
 */
export class SqlQuery extends Asked {
  readonly #statement: string;
  readonly #options: SqlOptions;

  constructor(statement: string, options: SqlOptions = {}) {
    super();
    this.#statement = statement;
    this.#options = options;
  }

  /**
   * Writes the rows to a CSV, Parquet or Arrow file, by its ending, with a manifest beside it. What exceeds the memory goes to disk.
   *
   * @throws KalshiError `FILE_FORMAT`, `BAD_SQL`, `BAD_ARGUMENT`, `DISK_FULL`, `WRITE_FAILED`, `INTERRUPTED`; an older file is then as it was
   */
  async save(path: string): Promise<SavedFile> {
    formatOf(path);
    const folder = temporaryBeside(path);
    try {
      await removeLeftovers(path);
      await mkdir(folder, { recursive: true });
      return await this.#answered(folder, async ({ connection, from, columns, rows, provenance }) => {
        const description = {
          noun: null,
          columns: columns.map(({ name, kind, about }) => ({ name, kind, about })),
          provenance,
        };
        const stored = `(SELECT ${columns.map((column) => column.stored).join(", ")} FROM ${from})`;
        const source = { from: stored, enums: new Set<string>(), rows, description };
        return { path, rows, duplicates: 0, manifest: await copyOut(connection, source, path) };
      });
    } catch (error) {
      throw engineError(path, error);
    } finally {
      await rm(folder, { recursive: true, force: true }).catch(() => undefined);
    }
  }

  protected async collect(): Promise<ColumnTable> {
    const folder = await mkdtemp(join(tmpdir(), "kalshi-lab-sql-"));
    try {
      return await this.#answered(folder, async ({ connection, from, columns, provenance }) => {
        const wanted = columns.map(({ name, kind, about, read }) => ({ name, kind, about, sql: read }));
        return withProvenance(await tableFrom(connection, from, wanted), provenance);
      });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  #answered<T>(folder: string, use: (answer: Answer) => Promise<T>): Promise<T> {
    const { memory, signal } = this.#options;
    return answered(this.#statement, { views: viewsOf(this.#options), folder, memory, signal }, use);
  }
}

/** Everything that a query can name. Of two of one name that which was given counts. */
function viewsOf({ library: given, recordings = [], tables = {} }: SqlOptions): SqlView[] {
  const library = libraryFolder(given, process.env);
  if (typeof recordings === "string" || !Array.isArray(recordings)) {
    throw new KalshiError("BAD_ARGUMENT", "recordings is no list of folders", {
      hint: 'such as ["out/recordings/today"]',
    });
  }
  const found = recordingsIn(library);
  const dirs = [...new Set([...(recordings as readonly string[]), ...found].map((dir) => resolve(dir)))];
  const all = [...tableViews(tables), ...dirs.flatMap(recordingViews), ...libraryViews(library)];
  const key = ({ schema, name }: SqlView): string => JSON.stringify([schema, name].map((part) => part?.toLowerCase()));
  return all.filter((view, at) => all.findIndex((other) => key(other) === key(view)) === at);
}
