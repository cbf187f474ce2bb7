import type { DuckDBConnection } from "@duckdb/node-api";
import type { Kind } from "../../exchange/field.js";
import { entryOf } from "../../frames/dictionary.js";
import { castTo, storedAs } from "../casts.js";
import { quoted } from "../duckdb.js";
import type { ColumnEntry } from "../manifest.js";

/** A column of a result: what it is, and how it is got out of the engine. */
export interface ResultColumn extends ColumnEntry {
  /** SQL in one of the types that a table's columns are read from. */
  readonly read: string;
  /** SQL in the type that files have it in. */
  readonly stored: string;
}

/** A column as the engine names and types it; in the table of the result it is called `c0`, `c1`, … */
export interface EngineColumn {
  readonly name: string;
  readonly type: string;
}

/**
 * What the columns of a result are: kind by SQL type, meaning by name where the dictionary has the name with that kind. Amounts of more than
 * six decimals are dollars when six tell each of them exactly, else doubles; integers beyond 2^53 are text.
 */
export async function resultColumns(
  connection: DuckDBConnection,
  table: string,
  columns: readonly EngineColumn[],
): Promise<readonly ResultColumn[]> {
  const fits = await fitting(connection, table, columns);
  const names = distinct(columns.map(({ name }) => name));
  return columns.map(({ type }, at) => {
    const name = names[at]!;
    const kind = kindOf(type, name, fits.has(at));
    const entry = entryOf(name);
    const column = `c${at}`;
    return {
      name,
      kind,
      about: entry?.kind === kind ? entry.about : "",
      read: `${castTo(kind, column, type)} AS ${quoted(name)}`,
      stored: `${storedAs(kind, column, type)} AS ${quoted(name)}`,
    };
  });
}

/** Decimals of a SQL type; null when it is none of decimals. */
function scaleOf(type: string): number | null {
  const scale = /^DECIMAL\(\d+,(\d+)\)$/.exec(type)?.[1];
  return scale === undefined ? null : Number(scale);
}

const WIDE = /^(BIGINT|UBIGINT|HUGEINT|UHUGEINT|BIGNUM|DECIMAL\(\d+,0\))$/;

function kindOf(type: string, name: string, fits: boolean): Kind {
  const scale = scaleOf(type);
  if (WIDE.test(type)) return fits ? "integer" : "text";
  if (scale !== null) return decimalKind(scale, name, fits);
  if (/^U?(TINYINT|SMALLINT|INTEGER)$/.test(type)) return "integer";
  if (/^(TIMESTAMP|DATE)/.test(type)) return "time";
  if (/^(FLOAT|DOUBLE)$/.test(type)) return "number";
  if (type === "BOOLEAN") return "boolean";
  if (type === "UUID") return "uuid";
  if (/^(STRUCT|MAP|UNION|JSON)|\]$/.test(type)) return "json";
  return entryOf(name)?.kind === "uuid" || entryOf(name)?.kind === "json" ? entryOf(name)!.kind : "text";
}

/** Money has six decimals here, counts have two, and the product of both has eight. A literal such as 0.5 is neither. */
function decimalKind(scale: number, name: string, fits: boolean): Kind {
  if (scale > 6) return fits ? "dollars" : "number";
  if (scale === 6) return "dollars";
  const named = entryOf(name)?.kind;
  if (named === "dollars" || (named === "contracts" && scale <= 2)) return named;
  return scale === 2 ? "contracts" : "number";
}

/** Columns, by number, all of whose values a table can hold exactly, of those of which their type does not tell. */
async function fitting(
  connection: DuckDBConnection,
  table: string,
  columns: readonly EngineColumn[],
): Promise<ReadonlySet<number>> {
  const checks = columns.flatMap(({ type }, at) => {
    const column = `c${at}`;
    if (WIDE.test(type)) return [{ at, sql: `${column} BETWEEN -9007199254740991 AND 9007199254740991` }];
    const isFine = (scaleOf(type) ?? 0) > 6;
    return isFine ? [{ at, sql: `TRY_CAST(${column} AS DECIMAL(18,6)) IS NOT DISTINCT FROM ${column}` }] : [];
  });
  if (checks.length === 0) return new Set();
  const all = checks.map(({ at, sql }) => `coalesce(bool_and(c${at} IS NULL OR ${sql}), true)`);
  const found = await connection.runAndReadAll(`SELECT ${all.join(", ")} FROM ${table}`);
  const row = found.getRows()[0]!;
  return new Set(checks.filter((_, nth) => row[nth] === true).map(({ at }) => at));
}

/** Names as they are, numbered where one stands again. */
function distinct(names: readonly string[]): string[] {
  const given = new Set<string>();
  return names.map((name) => {
    let own = name;
    for (let nth = 1; given.has(own); nth += 1) own = `${name}_${nth}`;
    given.add(own);
    return own;
  });
}
