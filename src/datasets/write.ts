import { mkdir, rm } from "node:fs/promises";
import { setImmediate as turn } from "node:timers/promises";
import type { DuckDBConnection } from "@duckdb/node-api";
import type { ColumnTable } from "arquero";
import { maybe } from "../exchange/field.js";
import { extraField, type TableBuilder, tableBuilder } from "../frames/builder.js";
import type { TableColumn } from "../frames/columns.js";
import type { Frame } from "../frames/frame.js";
import { type Provenance, provenance } from "../frames/provenance.js";
import { ScaledColumn } from "../frames/scaled-column.js";
import { typedColumns } from "../frames/schema.js";
import { sourceOf } from "../frames/source.js";
import { TextColumn } from "../frames/text-column.js";
import { TextWriter } from "../frames/text-writer.js";
import { temporaryBeside } from "../store/atomic-file.js";
import { copyOut, engineError, formatOf } from "./copy.js";
import { quoted, withConnection, withSpillingConnection } from "./duckdb.js";
import { removeLeftovers } from "./leftovers.js";
import type { ColumnEntry, Manifest } from "./manifest.js";
import { appendColumns, type Writer, writerFor } from "./vectors.js";

/** A file that was written. */
export interface SavedFile {
  readonly path: string;
  readonly rows: number;
  /** Rows left out because their key came again. */
  readonly duplicates: number;
  readonly manifest: Manifest;
}

export interface SaveRowsOptions {
  /** Asked for once all rows have passed, so that it can say what they span. */
  readonly provenance?: (() => Provenance) | undefined;
  /** Adds a JSON text column `extra` of the fields that the types do not know. */
  readonly extra?: boolean | undefined;
  /** The rows are typed records (integers for amounts and times) instead of wire objects. */
  readonly typed?: boolean | undefined;
  /** Memory that rows may take before they go to disk, in the engine's words. Default `128MB`. */
  readonly memory?: string | undefined;
}

/** Rows collected before they go to the engine. */
const BATCH_ROWS = 20_480;

/** The column that remembers in which order rows came; no column of the exchange begins so. */
const ARRIVAL = "__arrival";

/**
 * Writes a table to a CSV, Parquet or Arrow file, by its ending, with the types of its schema and a manifest beside it. Rows go in the
 * table's order, its filter applied.
 *
 * @throws KalshiError `FILE_FORMAT`, `COLUMN_KIND`, `DISK_FULL`, `WRITE_FAILED`; an older file is then as it was
 */
export async function saveTable(table: ColumnTable, path: string): Promise<SavedFile> {
  formatOf(path);
  const columns = typedColumns(table);
  const origin = provenance(table);
  const description = { noun: origin?.noun ?? null, columns: entriesOf(columns), provenance: origin };
  return withConnection(async (connection) => {
    try {
      await removeLeftovers(path);
      const { enums } = await loadColumns(connection, "saved", columns);
      const rows = table.numRows();
      const manifest = await copyOut(connection, { from: "saved", enums, rows, description }, path);
      return { path, rows, duplicates: 0, manifest };
    } catch (error) {
      throw engineError(path, error);
    }
  });
}

/**
 * Writes rows as they come to a CSV, Parquet or Arrow file: ordered as the frame says, each key once (the last that came), with flat
 * memory however many there are. The file has the rows of `saveTable` of the same records, in the same order.
 *
 * @throws KalshiError `FILE_FORMAT`, `BAD_RECORD`, `LEGACY_FIELDS`, `DISK_FULL`, `WRITE_FAILED`; an older file is then as it was
 */
export async function saveRows(
  frame: Frame,
  source: AsyncIterable<readonly unknown[]> | Iterable<readonly unknown[]>,
  path: string,
  options: SaveRowsOptions = {},
): Promise<SavedFile> {
  formatOf(path);
  const folder = temporaryBeside(path);
  try {
    await removeLeftovers(path);
    await mkdir(folder, { recursive: true });
    return await withSpillingConnection(folder, options, async (connection) => {
      const spool = new Spool(connection, frame, options);
      for await (const page of source) await spool.add(page);
      return spool.copyOut(path, options.provenance?.() ?? null);
    });
  } catch (error) {
    throw engineError(path, error);
  } finally {
    await rm(folder, { recursive: true, force: true }).catch(() => undefined);
  }
}

/** Rows on their way into a table of the engine. */
class Spool {
  readonly #connection: DuckDBConnection;
  readonly #frame: Frame;
  readonly #options: SaveRowsOptions;
  #builder: TableBuilder;
  #arrived = 0;
  /** Columns that the engine holds as UUID, until a value comes that is none. */
  #uuids: Set<string> | null = null;

  constructor(connection: DuckDBConnection, frame: Frame, options: SaveRowsOptions) {
    this.#connection = connection;
    this.#frame = frame;
    this.#options = options;
    this.#builder = this.#start();
  }

  async add(page: readonly unknown[]): Promise<void> {
    if (this.#options.typed === true) this.#builder.addRecords(page as readonly Readonly<Record<string, unknown>>[]);
    else this.#builder.add(page);
    if (this.#builder.rows >= BATCH_ROWS) await this.#flush();
  }

  async copyOut(path: string, origin: Provenance | null): Promise<SavedFile> {
    await this.#flush();
    const { key, orderBy, noun } = this.#frame;
    const keys = key.map(quoted).join(", ");
    const rows = key.length === 0 ? this.#arrived : await this.#countOf(`(SELECT 1 FROM rows GROUP BY ${keys})`);
    const duplicates = this.#arrived - rows;
    const where =
      duplicates === 0 ? "" : `WHERE ${quoted(ARRIVAL)} IN (SELECT max(${quoted(ARRIVAL)}) FROM rows GROUP BY ${keys})`;
    const order = [...orderBy, ARRIVAL].map((name) => `${quoted(name)} ASC NULLS LAST`).join(", ");
    const columns = entriesOfFrame(this.#frame, this.#options.extra === true);
    const manifest = await copyOut(
      this.#connection,
      {
        from: "rows",
        enums: new Set(),
        rows,
        description: { noun, columns, provenance: origin === null ? null : { ...origin, rows } },
        tail: `${where} ORDER BY ${order}`,
      },
      path,
    );
    return { path, rows, duplicates, manifest };
  }

  #start(): TableBuilder {
    return tableBuilder(this.#frame.noun, this.#frame.fields, { extra: this.#options.extra === true });
  }

  async #flush(): Promise<void> {
    if (this.#builder.rows === 0 && this.#uuids !== null) return;
    const columns = typedColumns(this.#builder.finish());
    this.#builder = this.#start();
    await this.#settleUuids(columns);
    const rows = Object.values(columns)[0]?.length ?? 0;
    const arrival = arrivals(this.#arrived, rows);
    await loadColumns(this.#connection, "rows", { ...columns, [ARRIVAL]: arrival }, this.#arrived === 0);
    this.#arrived += rows;
  }

  /** Keeps the engine's column and the batch's of one type: both text from the first value on that is no canonical UUID. */
  async #settleUuids(columns: Record<string, TableColumn>): Promise<void> {
    const canonical = (name: string) => !(columns[name] instanceof TextColumn);
    if (this.#uuids === null) {
      this.#uuids = new Set(Object.keys(columns).filter((name) => columns[name]!.kind === "uuid" && canonical(name)));
    }
    for (const [name, column] of Object.entries(columns)) {
      if (column.kind !== "uuid") continue;
      if (this.#uuids.has(name) && !canonical(name)) {
        await this.#connection.run(`ALTER TABLE rows ALTER COLUMN ${quoted(name)} TYPE VARCHAR`);
        this.#uuids.delete(name);
      } else if (!this.#uuids.has(name) && canonical(name)) {
        columns[name] = asText(column);
      }
    }
  }

  async #countOf(from: string): Promise<number> {
    const result = await this.#connection.runAndReadAll(`SELECT count(*)::DOUBLE AS rows FROM ${from}`);
    return Number(result.getRows()[0]![0]);
  }
}

/** Appends columns to a table of the engine, making it first unless told otherwise. */
export async function loadColumns(
  connection: DuckDBConnection,
  table: string,
  columns: Readonly<Record<string, TableColumn>>,
  create = true,
): Promise<{ enums: ReadonlySet<string> }> {
  const writers: Writer[] = [];
  const enums = new Set<string>();
  for (const [name, column] of Object.entries(columns)) {
    const writer = await writerFor(column, table === "saved");
    writers.push(writer);
    if (writer.isEnum) enums.add(name);
  }
  if (create) {
    const definitions = Object.keys(columns).map((name, at) => `${quoted(name)} ${writers[at]!.sql}`);
    await connection.run(`CREATE TEMP TABLE ${table} (${definitions.join(", ")})`);
  }
  const appender = await connection.createAppender(table, "main", "temp");
  try {
    await appendColumns((chunk) => appender.appendDataChunk(chunk), Object.values(columns), writers);
    appender.flushSync();
  } finally {
    appender.closeSync();
  }
  // The binding frees the chunks that went over only when the event loop comes round.
  await turn();
  return { enums };
}

/** The columns of a frame's file. */
export function entriesOfFrame(frame: Frame, extra: boolean): ColumnEntry[] {
  const columns = Object.entries(frame.fields).map(([name, { kind, about }]) => ({ name, kind, about }));
  if (extra) columns.push({ name: "extra", kind: extraField.kind, about: extraField.about });
  return columns;
}

/** The columns of a table's file. */
export function entriesOf(columns: Readonly<Record<string, TableColumn>>): ColumnEntry[] {
  return Object.entries(columns).map(([name, { kind, about }]) => ({ name, kind, about }));
}

/** Consecutive numbers from `first` on. */
function arrivals(first: number, rows: number): TableColumn {
  return new ScaledColumn(
    "integer",
    "",
    Float64Array.from({ length: rows }, (_, row) => first + row),
  );
}

/** A column of UUIDs as texts. */
export function asText(column: TableColumn): TableColumn {
  const writer = new TextWriter(sourceOf("table", "uuid", maybe("uuid", "uuid", column.about)));
  for (let row = 0; row < column.length; row += 1) writer.write(row, column.at(row));
  return writer.column(column.length);
}
