import { basename, dirname, join } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import { KalshiError } from "../../errors.js";
import { temporaryBeside } from "../../store/atomic-file.js";
import type { Timestamp } from "../../units/time.js";
import { engineError, PARQUET } from "../copy.js";
import { literal, quoted, withSpillingConnection } from "../duckdb.js";
import type { ColumnEntry } from "../manifest.js";
import { descriptionText } from "../manifest.js";
import { checkSums, nextFile, partFile, presentFiles, putFile } from "./change-files.js";
import { findVanished, heldFiles, heldRows } from "./find-vanished.js";
import { type LibraryKind, libraryKind } from "./kinds.js";
import { isSameButSubaccount, matchSettlements } from "./match-settlements.js";
import { type Partition, partitionOf, partitionPath } from "./partition.js";
import { originOf, type PartFile, type PartOrigin, readPartition } from "./partition-manifest.js";
import { sameRecord } from "./same-record.js";
import { settledFor, settledOnce } from "./settled-again.js";
import { makeStaging } from "./staging.js";
import type { Reread, VanishedRows } from "./vanished.js";

/** A record that the exchange tells otherwise than it did. */
export interface Amendment {
  readonly kind: string;
  readonly series: string | null;
  /** Its key, and what differs: `result: no → yes`. */
  readonly key: string;
  readonly changes: readonly string[];
}

/** What a merge has come to. */
export interface Merged {
  readonly added: number;
  /** Rows that were there and are replaced by what they are now. */
  readonly updated: number;
  /** Those of them that should not have changed any more. At most a thousand are named. */
  readonly amended: number;
  readonly amendments: readonly Amendment[];
  /** Data files written. */
  readonly files: number;
  /** Rows that stay, though the exchange does not tell them any more, of what was read again. */
  readonly vanished: VanishedRows;
}

export interface Merging {
  readonly library: string;
  readonly kind: string;
  readonly series: string | null;
  /** A Parquet file of this library with the rows. */
  readonly staged: string;
  readonly origin: (date: string | null) => PartOrigin;
  /** A candle that had ended before was final. */
  readonly finalBefore: Timestamp;
  /** What the rows are all of; left out where the exchange did not answer for a part of it. */
  readonly reread?: Reread | undefined;
  /** When it was asked, RFC 3339. */
  readonly asked?: string | undefined;
  /** Stops between two days. */
  readonly signal?: AbortSignal | undefined;
}

/** Memory of the engine while rows are merged; beyond it goes to disk. */
const MEMORY = "512MB";

/**
 * Brings rows into their partitions, each record once: new ones as a further file, changed ones in the place of what they were. Stopped at
 * any moment and done again it ends the same.
 *
 * @throws KalshiError `FILE_UNREADABLE` for a partition that is not as its manifest says, `FILE_DAMAGED`, `DISK_FULL`, `WRITE_FAILED`, `INTERRUPTED`
 */
export async function mergeRows(merging: Merging): Promise<Merged> {
  const folder = await makeStaging(merging.library);
  try {
    return await withSpillingConnection(folder, { memory: MEMORY }, async (connection) => {
      await connection.run("SET TimeZone = 'UTC'");
      return new Merger(connection, folder, merging).run();
    });
  } catch (error) {
    throw engineError(merging.library, error);
  }
}

class Merger {
  readonly #connection: DuckDBConnection;
  readonly #folder: string;
  readonly #merging: Merging;
  readonly #kind: LibraryKind;
  #tally = { added: 0, updated: 0, amended: 0, files: 0 };
  readonly #amendments: Amendment[] = [];

  constructor(connection: DuckDBConnection, folder: string, merging: Merging) {
    this.#connection = connection;
    this.#folder = folder;
    this.#merging = merging;
    this.#kind = libraryKind(merging.kind);
  }

  async run(): Promise<Merged> {
    const { staged } = this.#merging;
    const day = this.#kind.time === null ? "NULL" : `${quoted(this.#kind.time)}::DATE::VARCHAR`;
    await this.#connection.run(
      `CREATE TEMP VIEW staged AS SELECT *${this.#asText()}, ${day} AS __date FROM read_parquet(${literal(staged)})`,
    );
    const held = heldFiles(this.#merging);
    const days = await this.#rows(`SELECT DISTINCT __date FROM staged ORDER BY 1`);
    for (const [date] of days) {
      if (this.#merging.signal?.aborted === true)
        throw new KalshiError("INTERRUPTED", "stopped while rows were brought into the library", {
          hint: "run the same command again: it goes on where it stopped",
        });
      await this.#mergeDay(date === null ? null : String(date));
    }
    const { kind, reread } = this.#merging;
    if (kind === "settlements" && reread !== undefined && held.length > 0) await this.#supersede(held, reread);
    return {
      ...this.#tally,
      amendments: this.#amendments,
      vanished: await findVanished(this.#connection, this.#merging, held),
    };
  }

  /**
   * A market that was asked for again and is told as settled at another time, and not at the one that was there, was amended: the new one takes
   * the place of the old. Told at both, it was settled twice. What is new is in the library by now, so that whoever stops right here leaves
   * too much and not too little. One that is told without its subaccount takes the place of no other time's that is named: it may be another's.
   */
  async #supersede(files: readonly string[], { from }: Reread): Promise<void> {
    const isAsked = from === null ? "true" : `epoch_us(held.settled_time) >= ${from}`;
    const differs = this.#columns().filter((name) => name !== "ticker" && name !== "subaccount_number");
    await this.#connection.run(
      `CREATE OR REPLACE TEMP TABLE changed AS SELECT fresh.* EXCLUDE (__date), held.__file AS __file, held.file_row_number AS __row, true AS __amended,
       ${this.#changesSql(differs)} AS __changes
       FROM ${heldRows(this.#merging.library, files, ", filename = '__file', file_row_number = true")} held
       JOIN staged fresh ON ${sameRecord(settledFor)} AND fresh.settled_time <> held.settled_time
         AND NOT (fresh.subaccount_number IS NULL AND held.subaccount_number IS NOT NULL)
       WHERE ${isAsked} AND NOT EXISTS (SELECT 1 FROM staged fresh WHERE ${sameRecord(settledOnce)}
         AND (held.subaccount_number IS NOT NULL OR fresh.subaccount_number IS NULL OR ${isSameButSubaccount}))
       QUALIFY row_number() OVER (PARTITION BY held.__file, held.file_row_number ORDER BY fresh.settled_time DESC) = 1`,
    );
    await this.#tellAmendments(this.#kind.key);
    const inFiles = await this.#rows("SELECT __file, count(*)::DOUBLE FROM changed GROUP BY 1 ORDER BY 1");
    for (const [path, count] of inFiles) {
      const file = files.find((one) => String(path).endsWith(one))!;
      const partition = partitionOf(dirname(file))!;
      const manifest = readPartition(this.#merging.library, partition)!;
      const part = presentFiles(this.#merging.library, manifest).find((one) => one.file === basename(file))!;
      await checkSums(this.#merging.library, manifest, [part]);
      const rest = `SELECT * EXCLUDE (file_row_number) FROM ${heldRows(this.#merging.library, [file], ", file_row_number = true")} held
        WHERE file_row_number NOT IN (SELECT __row FROM changed WHERE __file = ${literal(String(path))})`;
      await this.#put(partition, rest, part.file, { updated: Number(count), origin: originOf(manifest) });
      // It was brought in as a row of its own before.
      this.#tally.added = Math.max(0, this.#tally.added - Number(count));
    }
  }

  async #mergeDay(date: string | null): Promise<void> {
    const { library, kind, series } = this.#merging;
    const partition: Partition = { kind, series, date };
    const manifest = readPartition(library, partition);
    const files = manifest === null ? [] : presentFiles(library, manifest);
    const where = date === null ? "" : `WHERE ${this.#dayIs(date)}`;
    await this.#connection.run(
      this.#isMatched
        ? `CREATE OR REPLACE TEMP TABLE fresh AS SELECT * EXCLUDE (__date), row_number() OVER () AS __row FROM staged ${where}`
        : `CREATE OR REPLACE TEMP VIEW fresh AS SELECT * EXCLUDE (__date) FROM staged ${where}`,
    );
    if (files.length === 0) {
      await this.#put(partition, "SELECT * FROM fresh", nextFile(files));
      return;
    }
    const paths = files.map(({ file }) => join(library, partitionPath(partition), file));
    await this.#connection.run(
      `CREATE OR REPLACE TEMP TABLE held AS SELECT * FROM read_parquet([${paths.map(literal).join(", ")}], filename = '__file', union_by_name = true, hive_partitioning = false)`,
    );
    await this.#addColumns();
    if (this.#isMatched) await matchSettlements(this.#connection);
    await this.#replace(partition, files);
    const isNew = `NOT EXISTS (SELECT 1 FROM held WHERE ${this.#sameKey()})`;
    const now = readPartition(library, partition);
    const present = now === null ? files : presentFiles(library, now);
    await this.#put(partition, `SELECT * FROM fresh WHERE ${isNew}`, nextFile(present));
  }

  /** Rewrites the files that hold rows which are not any more what they were. */
  async #replace(partition: Partition, files: readonly PartFile[]): Promise<void> {
    const differs = this.#columns().filter((name) => !this.#key.includes(name));
    // That its subaccount is named now is a change of a settlement, and no amendment.
    const compared = this.#isMatched ? [...differs, "subaccount_number"] : differs;
    const changed = compared.map((name) => `fresh.${quoted(name)} IS DISTINCT FROM held.${quoted(name)}`).join(" OR ");
    await this.#connection.run(
      `CREATE OR REPLACE TEMP TABLE changed AS SELECT fresh.*, held.__file AS __file, ${this.#amendedSql()} AS __amended,
       ${this.#changesSql(differs)} AS __changes FROM fresh JOIN held ON ${this.#sameKey()} WHERE ${changed}`,
    );
    await this.#tellAmendments(this.#key);
    const again = this.#isMatched ? " UNION ALL SELECT __file FROM held WHERE __again" : "";
    const inFiles = await this.#rows(
      `SELECT __file, count(*)::DOUBLE FROM (SELECT __file FROM changed${again}) GROUP BY 1 ORDER BY 1`,
    );
    for (const [path, count] of inFiles) {
      const part = files.find(({ file }) => String(path).endsWith(file))!;
      await checkSums(this.#merging.library, readPartition(this.#merging.library, partition)!, [part]);
      const other = `NOT EXISTS (SELECT 1 FROM changed fresh WHERE ${this.#sameKey()})${this.#isMatched ? " AND NOT __again" : ""}`;
      await this.#put(
        partition,
        `SELECT * EXCLUDE (__file) FROM held WHERE __file = ${literal(String(path))} AND ${other}
         UNION ALL BY NAME SELECT * EXCLUDE (__file, __amended, __changes) FROM changed WHERE __file = ${literal(String(path))}`,
        part.file,
        { updated: Number(count) },
      );
    }
  }

  /** Writes rows as a file of a partition: a new one when there are any, one that takes the place of another also when none are left. */
  async #put(
    partition: Partition,
    query: string,
    file: string,
    { updated = null, origin: own }: { updated?: number | null; origin?: PartOrigin } = {},
  ): Promise<void> {
    const rows = updated !== null ? 1 : Number((await this.#rows(`SELECT count(*)::DOUBLE FROM (${query})`))[0]![0]);
    if (rows === 0) return;
    const { library, origin } = this.#merging;
    const given = own ?? origin(partition.date);
    const path = temporaryBeside(join(this.#folder, "part"));
    await writeRows(this.#connection, query, this.#kind, given.columns, path);
    const held = Number(
      (await this.#rows(`SELECT num_rows::DOUBLE FROM parquet_file_metadata(${literal(path)})`))[0]![0],
    );
    await putFile(library, partition, given, {
      path,
      part: await partFile(path, { file, rows: held, columns: given.columns.length }),
    });
    this.#tally.files += 1;
    if (updated === null) this.#tally.added += held;
    else this.#tally.updated += updated;
  }

  /** Gives what is held the columns that it was written without. */
  async #addColumns(): Promise<void> {
    const names = async (relation: string) =>
      await this.#rows(`SELECT column_name, column_type FROM (DESCRIBE ${relation})`);
    const held = new Set((await names("held")).map(([name]) => String(name)));
    for (const [name, type] of await names("fresh"))
      if (!held.has(String(name)) && name !== "__row")
        await this.#connection.run(`ALTER TABLE held ADD COLUMN ${quoted(String(name))} ${String(type)}`);
  }

  async #tellAmendments(key: readonly string[]): Promise<void> {
    const keys = `[${key.map((name) => `fresh.${quoted(name)}::VARCHAR`).join(", ")}]`;
    const [count] = await this.#rows("SELECT count(*)::DOUBLE FROM changed WHERE __amended");
    this.#tally.amended += Number(count![0]);
    const found = await this.#rows(
      `SELECT list_filter(${keys}, lambda one: one IS NOT NULL)::JSON::VARCHAR, __changes::JSON::VARCHAR FROM changed fresh WHERE __amended ORDER BY 1 LIMIT ${1_000 - this.#amendments.length}`,
    );
    const { kind, series } = this.#merging;
    for (const [of, changes] of found) {
      this.#amendments.push({
        kind,
        series,
        key: (JSON.parse(String(of)) as string[]).join(" "),
        changes: JSON.parse(String(changes)) as string[],
      });
    }
  }

  /** SQL that says whether a changed row was final. */
  #amendedSql(): string {
    const { settled } = this.#kind;
    if (this.#isMatched)
      return `len(${this.#changesSql(this.#columns().filter((name) => !this.#key.includes(name)))}) > 0`;
    if (this.#merging.kind === "candlesticks") return `epoch_us(held.end_time) <= ${this.#merging.finalBefore}`;
    if (settled === null) return "true";
    const differs = settled.map((name) => `fresh.${quoted(name)} IS DISTINCT FROM held.${quoted(name)}`).join(" OR ");
    return `held.result <> '' AND (${differs})`;
  }

  /** SQL of a list that names what differs. */
  #changesSql(names: readonly string[]): string {
    const settled = this.#kind.settled ?? [];
    const told = settled.length > 0 ? settled : names;
    const text = (side: string, name: string) => `coalesce(${side}.${quoted(name)}::VARCHAR, 'null')`;
    const each = told.map(
      (name) =>
        `CASE WHEN fresh.${quoted(name)} IS DISTINCT FROM held.${quoted(name)} THEN ${literal(`${name}: `)} || ${text("held", name)} || ' → ' || ${text("fresh", name)} END`,
    );
    return `list_filter([${each.join(", ")}], lambda one: one IS NOT NULL)`;
  }

  /** Columns that tell two records of the day apart, where a pairing does not. */
  get #key(): readonly string[] {
    return this.#isMatched ? settledOnce : this.#kind.key;
  }

  /** Settlements are paired by more than a key. */
  get #isMatched(): boolean {
    return this.#merging.kind === "settlements";
  }

  #columns(): readonly string[] {
    return Object.keys(this.#kind.frame.fields);
  }

  #sameKey(): string {
    return this.#isMatched ? "fresh.__row = held.__match" : sameRecord(this.#key);
  }

  /** Ids are texts in a library, so that one which is no UUID does not make files of two types. */
  #asText(): string {
    const ids = Object.entries(this.#kind.frame.fields).filter(([, { kind }]) => kind === "uuid");
    const texts = ids.map(([name]) => `${quoted(name)}::VARCHAR AS ${quoted(name)}`);
    return texts.length === 0 ? "" : ` REPLACE (${texts.join(", ")})`;
  }

  #dayIs(date: string): string {
    // By the time itself, so that the file's own statistics tell what need not be read.
    const next = new Date(Date.parse(date) + 86_400_000).toISOString().slice(0, 10);
    const time = quoted(this.#kind.time!);
    return `${time} >= TIMESTAMPTZ '${date} 00:00:00+00' AND ${time} < TIMESTAMPTZ '${next} 00:00:00+00'`;
  }

  async #rows(query: string): Promise<readonly (readonly unknown[])[]> {
    return (await this.#connection.runAndReadAll(query)).getRows();
  }
}

/** Writes the rows of a query as a data file, in the order of their kind. */
export async function writeRows(
  connection: DuckDBConnection,
  query: string,
  { frame }: LibraryKind,
  columns: readonly ColumnEntry[],
  path: string,
): Promise<void> {
  const names = columns.map(({ name }) => quoted(name)).join(", ");
  const order = frame.orderBy.map((name) => `${quoted(name)} ASC NULLS LAST`).join(", ");
  const description = descriptionText({ noun: frame.noun, columns, provenance: null });
  await connection.run(
    `COPY (SELECT ${names} FROM (${query}) ORDER BY ${order}) TO ${literal(path)} (${PARQUET}, KV_METADATA {kalshi_lab: ${literal(description)}})`,
  );
}
