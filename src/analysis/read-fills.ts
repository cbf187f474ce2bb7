import type { ColumnTable } from "arquero";
import { KalshiError } from "../errors.js";
import type { Fill } from "../exchange/fill.js";
import type { TableColumn } from "../frames/columns.js";
import { columnFrom } from "../frames/convert.js";
import { rawOf } from "../frames/exact.js";
import { columnOf, typedColumns } from "../frames/schema.js";
import { badSides, directionOf } from "./direction.js";

/** What profit reads of a fill. */
export type FillLike = Pick<
  Fill,
  "created_time" | "ticker" | "yes_price" | "count" | "fee_cost" | "outcome_side" | "book_side" | "side"
> &
  Partial<Pick<Fill, "ts" | "fill_id" | "order_id" | "subaccount_number" | "is_taker">>;

/** Fills as columns in the order of time, each counted once. */
export interface FillColumns {
  readonly length: number;
  /** µs since 1970 */
  readonly time: Float64Array;
  readonly ticker: readonly string[];
  /** The account within the member's, 0 for the primary one. */
  readonly account: Float64Array;
  /** Signed hundredths of a contract: YES positive. */
  readonly quantity: Float64Array;
  /** YES price in micro-dollars. */
  readonly price: Float64Array;
  /** micro-dollars, as the exchange reports it */
  readonly fee: Float64Array;
  /** `fill_id`; null where the fills have none. */
  readonly id: TableColumn | null;
  /** `order_id`; null where the fills have none. */
  readonly order: TableColumn | null;
  /** Whether the order crossed the spread; null where the fills do not say. */
  readonly isTaker: readonly (boolean | null)[] | null;
  /** Fills that came again and were not counted again. */
  readonly duplicates: number;
}

/**
 * Reads fills from a table of fills or from records: ascending by time, ties by `fill_id`. A fill that came twice (same `fill_id` and
 * `order_id`) counts once; both sides of a trade with oneself are two fills.
 *
 * @throws KalshiError `COLUMN_MISSING`, `COLUMN_KIND`; `BAD_RECORD` for a fill without time or side
 */
export function readFills(fills: ColumnTable | Iterable<FillLike>): FillColumns {
  const source = isTable(fills) ? fromTable(fills) : fromRecords(fills);
  const { rows, id } = source;
  const time = new Float64Array(rows);
  const direction = new Int8Array(rows);
  const idOf = (row: number): string => String(id?.at(row) ?? `in row ${row}`);
  for (let row = 0; row < rows; row += 1) {
    time[row] = source.time(row) ?? noTime(idOf(row));
    const sides = source.sides(row);
    direction[row] = directionOf(sides) ?? badSides(sides, idOf(row));
  }
  const { order, duplicates } = arrange(time, id, source.order);
  const take = (value: (row: number) => number) => Float64Array.from(order, value);
  return {
    length: order.length,
    time: take((row) => time[row]!),
    ticker: Array.from(order, (row) => source.ticker[row]!),
    account: take((row) => source.account(row) ?? 0),
    quantity: take((row) => direction[row]! * source.count[row]!),
    price: take((row) => source.price[row]!),
    fee: take((row) => source.fee[row]!),
    id: id?.take(order) ?? null,
    order: source.order?.take(order) ?? null,
    isTaker: source.isTaker === null ? null : Array.from(order, (row) => source.isTaker![row] ?? null),
    duplicates,
  };
}

/** True for an arquero table, also one of another copy of arquero. */
export function isTable(value: unknown): value is ColumnTable {
  return typeof value === "object" && value !== null && "columnNames" in value && "numRows" in value;
}

/** Texts of a column in the table's row order. @throws KalshiError `COLUMN_MISSING` */
export function textsOf(table: ColumnTable, name: string): (string | null)[] {
  const column = columnOf(table, name);
  const values: (string | null)[] = [];
  table.scan((row) => {
    const value = column.at(row!);
    values.push(value === null || value === undefined ? null : String(value));
  }, true);
  return values;
}

function booleansOf(table: ColumnTable, name: string): (boolean | null)[] {
  const column = columnOf(table, name);
  const values: (boolean | null)[] = [];
  table.scan((row) => {
    const value = column.at(row!);
    values.push(typeof value === "boolean" ? value : null);
  }, true);
  return values;
}

interface Source {
  readonly rows: number;
  readonly ticker: readonly string[];
  readonly price: readonly number[];
  readonly count: readonly number[];
  readonly fee: readonly number[];
  readonly id: TableColumn | null;
  readonly order: TableColumn | null;
  readonly isTaker: readonly (boolean | null | undefined)[] | null;
  time(row: number): number | null;
  account(row: number): number | null;
  sides(row: number): { outcome_side: string | null; book_side: string | null; side: string | null };
}

function fromTable(table: ColumnTable): Source {
  const names = table.columnNames();
  const rows = table.numRows();
  const none: readonly null[] = new Array<null>(rows).fill(null);
  const texts = (name: string) => (names.includes(name) ? textsOf(table, name) : none);
  const integers = (name: string) => (names.includes(name) ? rawOf(table, name) : none);
  const ids = typedColumns(table.select(["fill_id", "order_id"].filter((name) => names.includes(name))));
  const whole = (name: string) => rawOf(table, name).map((value, row) => value ?? noValue(name, row));
  const created = names.includes("ts") ? integers("created_time") : rawOf(table, "created_time");
  const [ts, account] = [integers("ts"), integers("subaccount_number")];
  const [outcome, book, side] = [texts("outcome_side"), texts("book_side"), texts("side")];
  return {
    rows,
    ticker: textsOf(table, "ticker").map((value, row) => value ?? noValue("ticker", row)),
    price: whole("yes_price"),
    count: whole("count"),
    fee: whole("fee_cost"),
    id: ids.fill_id ?? null,
    order: ids.order_id ?? null,
    isTaker: names.includes("is_taker") ? booleansOf(table, "is_taker") : null,
    time: (row) => created[row] ?? ts[row] ?? null,
    account: (row) => account[row] ?? null,
    sides: (row) => ({
      outcome_side: outcome[row] ?? null,
      book_side: book[row] ?? null,
      side: side[row] ?? null,
    }),
  };
}

function fromRecords(records: Iterable<FillLike>): Source {
  const list = [...records];
  return {
    rows: list.length,
    ticker: list.map((fill) => fill.ticker),
    price: list.map((fill) => fill.yes_price),
    count: list.map((fill) => fill.count),
    fee: list.map((fill) => fill.fee_cost),
    id: columnFrom(
      "fill_id",
      "uuid",
      "key of the fill",
      list.map((fill) => fill.fill_id ?? null),
    ),
    order: columnFrom(
      "order_id",
      "uuid",
      "the order",
      list.map((fill) => fill.order_id ?? null),
    ),
    isTaker: list.map((fill) => fill.is_taker),
    time: (row) => list[row]!.created_time ?? list[row]!.ts ?? null,
    account: (row) => list[row]!.subaccount_number ?? null,
    sides: (row) => list[row]!,
  };
}

function arrange(
  time: Float64Array,
  id: TableColumn | null,
  orderId: TableColumn | null,
): { order: Uint32Array; duplicates: number } {
  const rows = time.length;
  const order = Uint32Array.from({ length: rows }, (_, row) => row);
  const compare = (a: number, b: number): number =>
    time[a]! - time[b]! || (id?.compare(a, b) ?? 0) || (orderId?.compare(a, b) ?? 0);
  let sorted = true;
  for (let row = 1; row < rows && sorted; row += 1) sorted = compare(row - 1, row) <= 0;
  if (!sorted) order.sort((a, b) => compare(a, b) || a - b);
  let kept = 0;
  for (const row of order) {
    const again = kept > 0 && compare(order[kept - 1]!, row) === 0 && id !== null && id.at(row) !== null;
    if (again) continue;
    order[kept] = row;
    kept += 1;
  }
  return { order: order.slice(0, kept), duplicates: rows - kept };
}

function noTime(id: string): never {
  throw new KalshiError("BAD_RECORD", `fill ${id} has no time`, {
    hint: "profit needs the order of fills: give `created_time` (or `ts`)",
    context: { id },
  });
}

function noValue(column: string, row: number): never {
  throw new KalshiError("BAD_RECORD", `fills: column \`${column}\` has no value in row ${row}`, {
    hint: "profit needs it in every row; leave incomplete rows out before, on purpose",
    context: { column, row },
  });
}
