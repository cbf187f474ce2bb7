import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { type Column, type DataType, type Table, Type, tableFromIPC } from "@uwdata/flechette";
import type { ColumnTable } from "arquero";
import { KalshiError, messageOf } from "../errors.js";
import type { Kind } from "../exchange/field.js";
import { maybe } from "../exchange/field.js";
import type { TableColumn } from "../frames/columns.js";
import { entryOf } from "../frames/dictionary.js";
import { withProvenance } from "../frames/provenance.js";
import { sourceOf } from "../frames/source.js";
import { makeTable } from "../frames/table.js";
import { TextWriter } from "../frames/text-writer.js";
import { writerOf } from "../frames/writers.js";
import { type ColumnEntry, type Description, parseDescription } from "./manifest.js";

/**
 * An Arrow file as a table: what this library wrote comes back exactly, with its schema and provenance; of others' files columns of
 * decimals, times, numbers, booleans and text.
 *
 * @throws KalshiError `FILE_NOT_FOUND`, `FILE_UNREADABLE`
 */
export async function readArrow(path: string): Promise<ColumnTable> {
  if (!existsSync(path)) {
    throw new KalshiError("FILE_NOT_FOUND", `no such file: ${path}`, {
      hint: "check the path; relative ones start at the working folder",
      context: { path },
    });
  }
  try {
    const found = tableFromIPC(await readFile(path), { useDecimalInt: true, useBigInt: true });
    const text = found.schema.metadata?.get("kalshi_lab");
    const described = text === undefined ? null : parseDescription(text);
    const table = makeTable(columnsOf(found, described));
    return described?.provenance ? withProvenance(table, described.provenance) : table;
  } catch (error) {
    if (error instanceof KalshiError) throw error;
    throw new KalshiError("FILE_UNREADABLE", `cannot read ${path}: ${messageOf(error)}`, {
      hint: "check that it is a whole Arrow file (IPC, uncompressed), no stream; if it was cut short, write it again",
      context: { path },
      cause: error,
    });
  }
}

function columnsOf(found: Table, described: Description | null): Record<string, TableColumn> {
  return Object.fromEntries(
    found.schema.fields.map(({ name, type }, at) => {
      const entry = described?.columns.find((one) => one.name === name) ?? foreign(name, type);
      return [name, columnOf(entry, found.children[at] as Column<unknown>, type)];
    }),
  );
}

/** What a column of another's file is: by its type, and by its name where the type allows it. */
function foreign(name: string, type: DataType): ColumnEntry {
  const kind = kindOf(name, type);
  const entry = entryOf(name);
  const fits = entry !== null && (entry.kind === kind || (kind === "text" && ["uuid", "json"].includes(entry.kind)));
  return fits ? { name, ...entry } : { name, kind, about: "" };
}

function kindOf(name: string, type: DataType): Kind {
  switch (type.typeId) {
    case Type.Decimal:
      return type.scale === 0
        ? "integer"
        : type.scale === 2
          ? "contracts"
          : type.scale <= 6
            ? "dollars"
            : unreadable(name);
    case Type.Timestamp:
      return "time";
    case Type.Int:
      return "integer";
    case Type.Float:
      return "number";
    case Type.Bool:
      return "boolean";
    case Type.Utf8:
    case Type.LargeUtf8:
    case Type.Utf8View:
    case Type.Dictionary:
      return "text";
    default:
      return unreadable(name);
  }
}

function columnOf({ name, kind, about }: ColumnEntry, column: Column<unknown>, type: DataType): TableColumn {
  const writer = writerOf(sourceOf("table", name, maybe(kind, name, about)));
  const read = recordValue(kind, type);
  let row = 0;
  for (const value of column) {
    if (value === null || value === undefined) writer.write(row, null);
    else if (writer instanceof TextWriter) writer.writeText(row, String(value));
    else writer.write(row, read(value));
    row += 1;
  }
  return writer.column(row);
}

/** A value as a record has it. */
function recordValue(kind: Kind, type: DataType): (value: unknown) => unknown {
  const decimals = kind === "dollars" ? 6 : kind === "contracts" ? 2 : 0;
  switch (type.typeId) {
    case Type.Decimal: {
      const factor = 10n ** BigInt(Math.max(0, decimals - type.scale));
      return (value) => Number(BigInt(value as bigint) * factor);
    }
    case Type.Timestamp:
      // It comes as milliseconds with a fraction, which is near enough to tell the microsecond.
      return (value) => Math.round(Number(value) * 1_000);
    case Type.Int:
      return Number;
    default:
      return (value) => value;
  }
}

function unreadable(name: string): never {
  throw new KalshiError("FILE_UNREADABLE", `column \`${name}\` is of a type that is not read`, {
    hint: "read are decimals of up to six places, times, numbers, booleans and text",
    context: { column: name },
  });
}
