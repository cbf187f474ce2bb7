import { createReadStream, existsSync } from "node:fs";
import type { ColumnTable } from "arquero";
import { KalshiError, messageOf } from "../errors.js";
import { type Kind, maybe } from "../exchange/field.js";
import type { TableColumn } from "../frames/columns.js";
import { entryOf } from "../frames/dictionary.js";
import { withProvenance } from "../frames/provenance.js";
import { sourceOf } from "../frames/source.js";
import { makeTable } from "../frames/table.js";
import { TextWriter } from "../frames/text-writer.js";
import { type ColumnWriter, writerOf } from "../frames/writers.js";
import { quickCount, quickPrice } from "../units/digits.js";
import { parseTime } from "../units/time.js";
import { type CsvRow, readCsvRows } from "./csv-rows.js";
import { type Manifest, readManifest } from "./manifest.js";

/**
 * A CSV file as a table. Kinds come from the manifest beside it where that names the same columns, else from the dictionary by
 * column name, else from the values. An empty field is null, a quoted empty one is empty text.
 *
 * @throws KalshiError `FILE_NOT_FOUND`, `FILE_UNREADABLE`, `BAD_LINE` naming file, line and column
 */
export async function readCsv(path: string): Promise<ColumnTable> {
  const manifest = readManifest(path);
  const rows = readCsvRows(path, piecesOf(path))[Symbol.asyncIterator]();
  const first = await rows.next();
  if (first.done === true) throw unreadable(path, "it is empty: a header line is missing");
  const columns = headOf(path, first.value, manifest);
  let count = 0;
  for (let row = await rows.next(); row.done !== true; row = await rows.next()) {
    if (row.value.fields.length !== columns.length) {
      throw badLine(path, row.value.line, null, `${row.value.fields.length} fields instead of ${columns.length}`);
    }
    for (const [at, column] of columns.entries()) column.write(count, row.value.fields[at]!, row.value.line);
    count += 1;
  }
  const table = makeTable(Object.fromEntries(columns.map((column) => [column.name, column.finish(count)])));
  return manifest?.provenance ? withProvenance(table, manifest.provenance) : table;
}

interface CsvColumn {
  readonly name: string;
  write(row: number, field: string | null, line: number): void;
  finish(rows: number): TableColumn;
}

function headOf(path: string, head: CsvRow, manifest: Manifest | null): CsvColumn[] {
  const names = head.fields.map((name) => name ?? "");
  if (new Set(names).size !== names.length) throw badLine(path, head.line, null, "a column name stands twice");
  const known = manifest !== null && names.every((name, at) => manifest.columns[at]?.name === name) ? manifest : null;
  return names.map((name, at) => {
    const entry = known?.columns[at] ?? entryOf(name);
    return entry === null ? new GuessedColumn(name) : new KnownColumn(path, name, entry.kind, entry.about);
  });
}

/** A column whose kind is known: every field has to be of it. */
class KnownColumn implements CsvColumn {
  readonly name: string;
  readonly #path: string;
  readonly #kind: Kind;
  readonly #writer: ColumnWriter;

  constructor(path: string, name: string, kind: Kind, about: string) {
    this.name = name;
    this.#path = path;
    this.#kind = kind;
    this.#writer = writerOf(sourceOf("table", name, maybe(kind, name, about)));
  }

  write(row: number, field: string | null, line: number): void {
    if (field === null) {
      this.#writer.write(row, null);
      return;
    }
    const value = parsers[this.#kind](field);
    if (value === undefined) {
      throw badLine(this.#path, line, this.name, `${JSON.stringify(field.slice(0, 60))} is not of kind ${this.#kind}`);
    }
    if (this.#writer instanceof TextWriter) this.#writer.writeText(row, field);
    else this.#writer.write(row, value);
  }

  finish(rows: number): TableColumn {
    return this.#writer.column(rows);
  }
}

/** A column of unknown name: kept as text until all of it is seen. */
class GuessedColumn implements CsvColumn {
  readonly name: string;
  readonly #fields: (string | null)[] = [];

  constructor(name: string) {
    this.name = name;
  }

  write(_row: number, field: string | null): void {
    this.#fields.push(field);
  }

  finish(rows: number): TableColumn {
    const kind = guesses.find((guess) =>
      this.#fields.every((field) => field === null || parsers[guess](field) !== undefined),
    );
    const column = new KnownColumn("", this.name, kind ?? "text", "");
    for (const [row, field] of this.#fields.entries()) column.write(row, field, 0);
    return column.finish(rows);
  }
}

/** Kinds a column of unknown name may be, the narrowest first. Text is left. */
const guesses: readonly Kind[] = ["boolean", "integer", "number", "time"];

/** From a field to the value in record form; undefined when it is not of the kind. */
const parsers: Readonly<Record<Kind, (field: string) => unknown>> = {
  dollars: (field) => definite(quickPrice(field)),
  contracts: (field) => definite(quickCount(field)),
  time: (field) => {
    try {
      return parseTime(field);
    } catch {
      // The caller names file, line and column, which the unit's own error cannot.
      return undefined;
    }
  },
  integer: (field) => (/^-?\d+$/.test(field) && Number.isSafeInteger(Number(field)) ? Number(field) : undefined),
  number: (field) => (field.trim() === "" ? undefined : definite(Number(field.replace(/^(-?)inf$/, "$1Infinity")))),
  text: (field) => field,
  uuid: (field) => field,
  json: (field) => field,
  boolean: (field) => (field === "true" ? true : field === "false" ? false : undefined),
};

function definite(value: number): number | undefined {
  return Number.isNaN(value) ? undefined : value;
}

/**
 * The text of a file piece by piece, without the byte order mark that some programs put in front.
 *
 * @throws KalshiError `FILE_NOT_FOUND`, `FILE_UNREADABLE`
 */
export async function* piecesOf(path: string): AsyncGenerator<string> {
  if (!existsSync(path)) {
    throw new KalshiError("FILE_NOT_FOUND", `no such file: ${path}`, {
      hint: "check the path; relative ones start at the working folder",
      context: { path },
    });
  }
  try {
    let isFirst = true;
    for await (const piece of createReadStream(path, { encoding: "utf8" })) {
      yield isFirst ? (piece as string).replace(/^\uFEFF/, "") : (piece as string);
      isFirst = false;
    }
  } catch (error) {
    throw unreadable(path, messageOf(error));
  }
}

/** What is wrong with a whole file. */
export function unreadable(path: string, why: string): KalshiError {
  return new KalshiError("FILE_UNREADABLE", `cannot read ${path}: ${why}`, {
    hint: "check that it is a CSV file with a header line that this process may read",
    context: { path },
  });
}

/** What is wrong with a line, or with a field of it. */
export function badLine(path: string, line: number, column: string | null, why: string): KalshiError {
  const where = column === null ? "" : `, column \`${column}\``;
  return new KalshiError("BAD_LINE", `${path}, line ${line}${where}: ${why}`, {
    hint: "mend the line or write the file again; nothing of it was read",
    context: { path, line, column },
  });
}
