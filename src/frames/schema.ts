import type { ColumnTable } from "arquero";
import { Decimal } from "decimal.js";
import { KalshiError } from "../errors.js";
import type { Kind } from "../exchange/field.js";
import { TableColumn } from "./columns.js";
import { columnFrom } from "./convert.js";
import { entryOf } from "./dictionary.js";

/** What is known of a column, and from where: the column itself, its name in the dictionary, or a look at its values. */
export interface ColumnSchema {
  readonly kind: Kind;
  readonly about: string;
  readonly from: "column" | "name" | "values";
}

/** Kinds by column name, in table order. */
export type Schema = Readonly<Record<string, ColumnSchema>>;

/** What arquero keeps as a column: one of ours, an array, a typed array. */
export interface AnyColumn {
  readonly length: number;
  at(row: number): unknown;
  [Symbol.iterator](): Iterator<unknown>;
}

/**
 * The kind of every column of a table. Columns made by this library know theirs through `filter`, `orderby`, `select`, `rename`
 * and `groupby`; plain columns, as `join`, `concat`, `reify` and `derive` make them, are found again by name in the dictionary,
 * and where that fails by their values. {@link withSchema} says it better.
 */
export function schemaOf(table: ColumnTable): Schema {
  const schema: Record<string, ColumnSchema> = {};
  for (const name of table.columnNames()) schema[name] = schemaOfColumn(table, name);
  return schema;
}

/**
 * The kind of one column; see {@link schemaOf}.
 *
 * @throws KalshiError `COLUMN_MISSING`
 */
export function schemaOfColumn(table: ColumnTable, name: string): ColumnSchema {
  const column = columnOf(table, name);
  if (column instanceof TableColumn) return { kind: column.kind, about: column.about, from: "column" };
  const guess = kindOfValues(column);
  const entry = entryOf(name);
  if (entry === null || !couldBe(entry.kind, guess)) return { kind: guess ?? "text", about: "", from: "values" };
  // arquero's own `count()` counts rows; contracts never stand without a price or a volume beside them.
  if (name === "count" && !hasAmounts(table)) return { kind: guess ?? "integer", about: "rows", from: "values" };
  return { ...entry, from: "name" };
}

/**
 * The same table with the given columns being of the given kinds: a column of dollars, contracts or times then holds exact
 * integers (its values rounded to the nearest micro-dollar, hundredth or microsecond). Missing values and NaN become null.
 *
 * @throws KalshiError `COLUMN_MISSING`, `COLUMN_KIND`
 */
export function withSchema(
  table: ColumnTable,
  kinds: Readonly<Record<string, Kind | { readonly kind: Kind; readonly about: string }>>,
): ColumnTable {
  const data: Record<string, AnyColumn> = { ...table.data() };
  for (const [name, given] of Object.entries(kinds)) {
    const column = columnOf(table, name);
    const kind = typeof given === "string" ? given : given.kind;
    const about = typeof given === "string" ? (entryOf(name)?.about ?? "") : given.about;
    data[name] = columnFrom(name, kind, about, column);
  }
  return withData(table, data);
}

/** The same table (rows, filter, order, groups) over other column objects of the same values. */
export function withData(table: ColumnTable, data: Readonly<Record<string, AnyColumn>>): ColumnTable {
  return table.create({ data: { ...data }, names: table.columnNames() });
}

/**
 * A column by its name.
 *
 * @throws KalshiError `COLUMN_MISSING`
 */
export function columnOf(table: ColumnTable, name: string): AnyColumn {
  const column: AnyColumn | undefined = table.column(name);
  if (column !== undefined) return column;
  throw new KalshiError("COLUMN_MISSING", `the table has no column \`${name}\``, {
    hint: `its columns are ${table.columnNames().join(", ")}`,
    context: { column: name, columns: table.columnNames() },
  });
}

/** The columns of a table in its own row order (filter and order applied), every one typed. @throws KalshiError `COLUMN_KIND` */
export function typedColumns(table: ColumnTable): Record<string, TableColumn> {
  const rows = table.isFiltered() || table.isOrdered() ? Uint32Array.from(table.indices()) : null;
  const columns: Record<string, TableColumn> = {};
  for (const name of table.columnNames()) {
    const column = columnOf(table, name);
    const { kind, about } = schemaOfColumn(table, name);
    const typed = column instanceof TableColumn ? column : columnFrom(name, kind, about, column);
    columns[name] = rows === null ? typed : typed.take(rows);
  }
  return columns;
}

/** The kind that the values of a plain column suggest; null when all of them are absent. */
function kindOfValues(column: AnyColumn): Kind | null {
  let kind: Kind | null = null;
  for (let row = 0; row < column.length; row += 1) {
    const value = column.at(row);
    if (value === null || value === undefined) continue;
    if (typeof value === "string") return "text";
    if (typeof value === "boolean") return "boolean";
    if (typeof value === "bigint") return "integer";
    if (value instanceof Date) return "time";
    if (typeof value !== "number") return Decimal.isDecimal(value) ? "number" : "json";
    if (!Number.isSafeInteger(value)) return "number";
    kind = "integer";
  }
  return kind;
}

/** Whether values that look like `guess` can be of a kind. */
function couldBe(kind: Kind, guess: Kind | null): boolean {
  if (guess === null || guess === kind) return true;
  if (guess === "integer") return kind === "dollars" || kind === "contracts" || kind === "time" || kind === "number";
  if (guess === "number") return kind === "dollars" || kind === "contracts" || kind === "time";
  return guess === "text" ? kind === "uuid" || kind === "json" : kind === "json" && guess === "json";
}

function hasAmounts(table: ColumnTable): boolean {
  return table.columnNames().some((name) => {
    if (name === "count") return false;
    const column: unknown = table.column(name);
    const kind = column instanceof TableColumn ? column.kind : entryOf(name)?.kind;
    return kind === "dollars";
  });
}
