import { readFileSync } from "node:fs";
import { zstdDecompressSync } from "node:zlib";
import { type AsyncBuffer, parquetMetadata, parquetReadObjects, type SchemaElement } from "hyparquet";
import { DEFAULT_PARSERS } from "hyparquet/src/convert.js";
import { type Cell, doubleText } from "./wire-cells.js";

/** A Parquet file as hyparquet reads it: a reader in JavaScript that shares nothing with the engine that writes ours. */
export interface HyparquetFile {
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  readonly schema: ReadonlyMap<string, SchemaElement>;
}

/** Reads a whole file. Its own timestamps are `Date`s and lose the microseconds, so they come as the integers they are. */
export async function readHyparquet(path: string): Promise<HyparquetFile> {
  const bytes = readFileSync(path);
  const all = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
  const file: AsyncBuffer = { byteLength: all.byteLength, slice: (from, to) => all.slice(from, to) };
  const parsers = { ...DEFAULT_PARSERS, timestampFromMicroseconds: (micros: bigint) => micros as unknown as Date };
  const compressors = { ZSTD: (input: Uint8Array): Uint8Array => zstdDecompressSync(input) };
  const rows = await parquetReadObjects({ file, parsers, compressors });
  const schema = new Map(parquetMetadata(all).schema.map((element) => [element.name, element]));
  return { rows, schema };
}

/** A value of such a file in one written form: decimals formatted to their column's scale. */
export function hyparquetCell({ schema }: HyparquetFile, column: string, value: unknown): Cell {
  if (value === null || value === undefined) return null;
  const { converted_type: type, scale } = schema.get(column)!;
  if (type === "DECIMAL") return unsigned((value as number).toFixed(scale));
  return typeof value === "number" ? doubleText(value) : String(value);
}

function unsigned(text: string): string {
  return /^-[0.]+$/.test(text) ? text.slice(1) : text;
}
