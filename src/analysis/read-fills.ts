import type { ColumnTable } from "arquero";
import { KalshiError } from "../errors.js";
import type { Fill } from "../exchange/fill.js";
import { columnFrom } from "../frames/convert.js";
import { rawFloats } from "../frames/exact.js";
import { columnOf, typedColumns } from "../frames/schema.js";
import { TextColumn } from "../frames/text-column.js";
import { agreed, badSides, directions, read, type Sign } from "./direction.js";
import type { FillColumns } from "./fill-columns.js";
import { arranged } from "./fill-order.js";
import { badCount, badPrice, isCount, isPrice } from "./given-amounts.js";
import { isTable, type Needed, recordsGiven, tableGiven } from "./given-rows.js";

/** What profit reads of a fill. */
export type FillLike = Pick<
  Fill,
  "created_time" | "ticker" | "yes_price" | "count" | "fee_cost" | "outcome_side" | "book_side" | "side"
> &
  Partial<Pick<Fill, "ts" | "fill_id" | "order_id" | "subaccount_number" | "is_taker" | "action">> & {
    /** False where the count may have been cut to whole contracts, as account files do. */
    readonly count_exact?: boolean;
  };

/**
 * Reads fills from a table of fills or from records, in order as {@link arranged} says. A fill that came twice (same `fill_id` and `order_id`)
 * counts once; both sides of a trade with oneself are two fills.
 *
 * @throws KalshiError `BAD_ARGUMENT`, `COLUMN_MISSING`, `COLUMN_KIND`, `BAD_PRICE`, `BAD_COUNT`; `BAD_RECORD` for a fill without time or side, and
 * for one that came twice and is not the same
 */
export function readFills(fills: ColumnTable | Iterable<FillLike>): FillColumns {
  const source = isTable(fills)
    ? fromTable(tableGiven("fills", fills, NEEDED))
    : fromRecords(recordsGiven("fills", fills, [], { whole: WHOLE }));
  const { length, quantity, price, sides, fallback, id } = source;
  const idOf = (row: number): string => String(id?.at(row) ?? `in row ${row}`);
  let coarse: Uint8Array | null = null;
  let contradicted: Float64Array | null = null;
  for (let row = 0; row < length; row += 1) {
    if (Number.isNaN(source.time[row])) {
      source.time[row] = fallback?.[row] ?? Number.NaN;
      coarse ??= new Uint8Array(length);
      coarse[row] = 1;
    }
    if (Number.isNaN(source.time[row])) noTime(idOf(row));
    if (Number.isNaN(source.account[row])) source.account[row] = 0;
    if (!isPrice(price[row])) throw badPrice("yes_price", row, price[row]!);
    if (!isCount(quantity[row])) throw badCount("count", row, quantity[row]!);
    const sign = agreed(signAt(sides.outcome_side, row), signAt(sides.book_side, row), signAt(sides.side, row));
    if (sign === 0) badSides(source.sidesOf(row), idOf(row));
    if (signAt(sides.side, row) === -sign) {
      contradicted ??= new Float64Array(length);
      contradicted[row] = 1;
    }
    quantity[row]! *= sign;
  }
  return arranged({ ...source, contradicted }, coarse);
}

const WHOLE = ["created_time", "ts", "yes_price", "count", "fee_cost", "subaccount_number"] as const;

/** Columns of a table of fills. */
const NEEDED: readonly Needed[] = [
  ["created_time", "ts"],
  "ticker",
  ["outcome_side", "book_side", "side"],
  "yes_price",
  "count",
  "fee_cost",
];

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

/** What each field says of each fill; null where there is no such field. */
type Signs = Readonly<Record<keyof typeof directions, Int8Array | null>>;

interface Source extends Omit<FillColumns, "duplicates" | "contradicted"> {
  /** `ts`, where a fill has no finer time. */
  readonly fallback: Float64Array | null;
  readonly sides: Signs;
  sidesOf(row: number): { outcome_side: string | null; book_side: string | null; side: string | null };
}

function signAt(signs: Int8Array | null, row: number): Sign {
  return (signs === null ? 0 : signs[row]!) as Sign;
}

function fromTable(table: ColumnTable): Source {
  const names = new Set(table.columnNames());
  const some = (name: string): Float64Array | null => (names.has(name) ? rawFloats(table, name) : null);
  const length = table.numRows();
  const texts = typedColumns(
    table.select(
      ["ticker", "outcome_side", "book_side", "side", "action", "fill_id", "order_id"].filter((one) => names.has(one)),
    ),
  );
  const fallback = some("ts");
  const signs = (name: keyof typeof directions): Int8Array | null =>
    texts[name] === undefined ? null : signsOf(texts[name], name, length);
  const textAt = (name: string, row: number): string | null => (texts[name]?.at(row) ?? null) as string | null;
  return {
    length,
    time: fallback === null ? rawFloats(table, "created_time") : (some("created_time") ?? floats(length)),
    fallback,
    ...marketsOf(texts.ticker!, length),
    account: some("subaccount_number") ?? new Float64Array(length),
    quantity: whole(table, "count"),
    price: whole(table, "yes_price"),
    fee: whole(table, "fee_cost"),
    taker: names.has("is_taker") ? booleansOf(table, "is_taker") : null,
    exact: names.has("count_exact") ? booleansOf(table, "count_exact") : null,
    sells: sellsOf(texts.action ?? null),
    id: texts.fill_id ?? null,
    order: texts.order_id ?? null,
    sides: { outcome_side: signs("outcome_side"), book_side: signs("book_side"), side: signs("side") },
    sidesOf: (row) => ({
      outcome_side: textAt("outcome_side", row),
      book_side: textAt("book_side", row),
      side: textAt("side", row),
    }),
  };
}

function fromRecords(list: readonly FillLike[]): Source {
  const { length } = list;
  const numbers = (pick: (fill: FillLike) => number | null | undefined): Float64Array => {
    const values = new Float64Array(length);
    for (let row = 0; row < length; row += 1) values[row] = pick(list[row]!) ?? Number.NaN;
    return values;
  };
  const ids = (name: "fill_id" | "order_id", about: string) =>
    columnFrom(
      name,
      "uuid",
      about,
      list.map((fill) => fill[name] ?? null),
    );
  const signs = (name: keyof typeof directions): Int8Array =>
    Int8Array.from({ length }, (_, row) => read(list[row]![name], directions[name]));
  const tickers = list.map((fill) => fill.ticker);
  return {
    length,
    time: numbers((fill) => fill.created_time),
    fallback: numbers((fill) => fill.ts),
    ...marketsOf({ at: (row: number) => tickers[row]! }, length),
    account: numbers((fill) => fill.subaccount_number),
    quantity: complete(
      "count",
      numbers((fill) => fill.count),
    ),
    price: complete(
      "yes_price",
      numbers((fill) => fill.yes_price),
    ),
    fee: complete(
      "fee_cost",
      numbers((fill) => fill.fee_cost),
    ),
    taker: numbers(({ is_taker }) => (is_taker === undefined || is_taker === null ? null : Number(is_taker))),
    exact: list.some(isCut) ? numbers((fill) => (isCut(fill) ? 0 : 1)) : null,
    sells: sellsOf(list.map(({ action }) => action ?? null)),
    id: ids("fill_id", "key of the fill"),
    order: ids("order_id", "the order"),
    sides: { outcome_side: signs("outcome_side"), book_side: signs("book_side"), side: signs("side") },
    sidesOf: (row) => list[row]!,
  };
}

function isCut({ count_exact }: FillLike): boolean {
  return count_exact === false;
}

/** Markets by number. The dictionary of a column of ours is one already. */
function marketsOf(
  column: { at(row: number): unknown },
  length: number,
): { readonly market: Uint32Array; readonly tickers: readonly string[] } {
  if (column instanceof TextColumn) {
    const market = new Uint32Array(column.codes);
    const absent = market.indexOf(0);
    return absent >= 0 ? noValue("ticker", absent) : { market, tickers: column.texts };
  }
  const numbers = new Map<string, number>();
  const market = new Uint32Array(length);
  for (let row = 0; row < length; row += 1) {
    const ticker = String(column.at(row) ?? noValue("ticker", row));
    const number = numbers.get(ticker) ?? numbers.size;
    if (number === numbers.size) numbers.set(ticker, number);
    market[row] = number;
  }
  return { market, tickers: [...numbers.keys()] };
}

/** `sell`, `sell_partial`, `sell_to_close`: the socket has more words for it. */
function sellsOf(actions: { readonly length: number; at(row: number): unknown } | null): Float64Array | null {
  let sells: Float64Array | null = null;
  for (let row = 0; row < (actions?.length ?? 0); row += 1) {
    const action = actions!.at(row);
    if (typeof action !== "string" || !action.startsWith("sell")) continue;
    sells ??= new Float64Array(actions!.length);
    sells[row] = 1;
  }
  return sells;
}

function signsOf(column: { at(row: number): unknown }, name: keyof typeof directions, length: number): Int8Array {
  const signs = new Int8Array(length);
  if (column instanceof TextColumn) {
    const ofCode = column.texts.map((text, code) => (code === 0 ? 0 : read(text, directions[name])));
    for (let row = 0; row < length; row += 1) signs[row] = ofCode[column.codes[row]!]!;
    return signs;
  }
  for (let row = 0; row < length; row += 1) signs[row] = read(column.at(row) as string | null, directions[name]);
  return signs;
}

/** A column that has a value in every row. */
function whole(table: ColumnTable, name: string): Float64Array {
  return complete(name, rawFloats(table, name));
}

/** Refuses a column that lacks a value somewhere. */
function complete(name: string, values: Float64Array): Float64Array {
  for (let row = 0; row < values.length; row += 1) if (Number.isNaN(values[row])) noValue(name, row);
  return values;
}

function booleansOf(table: ColumnTable, name: string): Float64Array {
  const column = columnOf(table, name);
  const values = floats(table.numRows());
  let at = 0;
  table.scan((row) => {
    const value = column.at(row!);
    if (typeof value === "boolean") values[at] = Number(value);
    at += 1;
  }, true);
  return values;
}

function floats(length: number): Float64Array {
  return new Float64Array(length).fill(Number.NaN);
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
