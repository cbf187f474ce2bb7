import { KalshiError } from "../../errors.js";
import type { TableColumn } from "../../frames/columns.js";
import { ScaledColumn } from "../../frames/scaled-column.js";
import { TextColumn } from "../../frames/text-column.js";

/** The key of every row as a small number, equal for equal keys of either table; −1 where a part of the key is absent. */
export interface KeyNumbers {
  readonly left: Int32Array;
  readonly right: Int32Array;
  /** Numbers given: 0 up to this. */
  readonly size: number;
}

/** A pair of columns that hold the same part of a key. */
export interface KeyPair {
  readonly name: string;
  readonly left: TableColumn;
  readonly right: TableColumn;
}

/**
 * Numbers the keys of two tables together; without columns every row has the same key.
 *
 * @throws KalshiError `COLUMN_KIND` where the columns of a pair hold values that cannot be equal
 */
export function keyNumbers(pairs: readonly KeyPair[], leftRows: number, rightRows: number): KeyNumbers {
  let numbers: KeyNumbers = { left: new Int32Array(leftRows), right: new Int32Array(rightRows), size: 1 };
  for (const [at, pair] of pairs.entries()) {
    const one = numbersOf(pair);
    numbers = at === 0 ? one : combined(numbers, one);
  }
  return numbers;
}

/** Numbers of the rows of one table alone. */
export function keysOf(columns: readonly TableColumn[], rows: number): { numbers: Int32Array; size: number } {
  const pairs = columns.map((column) => ({ name: "", left: column, right: column.take(new Uint32Array(0)) }));
  const { left, size } = keyNumbers(pairs, rows, 0);
  return { numbers: left, size };
}

function numbersOf({ name, left, right }: KeyPair): KeyNumbers {
  if (comparableAs(left) !== comparableAs(right)) throw unlike(name, left, right);
  const seen = new Map<unknown, number>();
  const numberOf = (value: unknown): number => {
    if (value === null) return -1;
    const known = seen.get(value);
    if (known !== undefined) return known;
    seen.set(value, seen.size);
    return seen.size - 1;
  };
  return { left: numbered(left, numberOf), right: numbered(right, numberOf), size: seen.size };
}

function numbered(column: TableColumn, numberOf: (value: unknown) => number): Int32Array {
  if (column instanceof TextColumn) {
    const { codes, texts } = column;
    // Each text is looked up once, not each row.
    const ofCode = new Int32Array(texts.length).fill(-2);
    ofCode[0] = -1;
    return Int32Array.from(codes, (code) => {
      if (ofCode[code] === -2) ofCode[code] = numberOf(texts[code]!);
      return ofCode[code]!;
    });
  }
  const valueAt = column instanceof ScaledColumn ? column.rawAt.bind(column) : column.at.bind(column);
  return Int32Array.from({ length: column.length }, (_, row) => numberOf(valueAt(row)));
}

function combined(a: KeyNumbers, b: KeyNumbers): KeyNumbers {
  const seen = new Map<number, number>();
  const join = (x: Int32Array, y: Int32Array): Int32Array =>
    x.map((one, row) => {
      const other = y[row]!;
      if (one < 0 || other < 0) return -1;
      const both = one * b.size + other;
      const known = seen.get(both);
      if (known !== undefined) return known;
      seen.set(both, seen.size);
      return seen.size - 1;
    });
  return { left: join(a.left, b.left), right: join(a.right, b.right), size: seen.size };
}

/** What values of a column can be compared with. */
function comparableAs({ kind }: TableColumn): string {
  return kind === "uuid" || kind === "json" ? "text" : kind === "integer" ? "number" : kind;
}

function unlike(name: string, left: TableColumn, right: TableColumn): KalshiError {
  return new KalshiError("COLUMN_KIND", `key \`${name}\`: ${left.kind} on the left and ${right.kind} on the right`, {
    hint: "join by columns of the same kind; `withSchema(table, { … })` gives a column its kind",
    context: { column: name, left: left.kind, right: right.kind },
  });
}
