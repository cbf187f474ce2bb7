import { asObject } from "../exchange/field.js";
import type { OrderKey, RowOrder } from "../store/block.js";
import { compareText } from "./columns.js";
import type { Frame } from "./frame.js";
import { valueReader } from "./value-reader.js";

type Value = OrderKey[number];

/**
 * The order of a frame's rows for wire objects, as its tables and files ascend; null where rows of one key need not stand together in it,
 * so that duplicates are not found by looking at neighbours: a frame without key, or whose order leaves a part of the key out.
 */
export function rowOrder(frame: Frame): RowOrder | null {
  const { noun, fields, key, orderBy } = frame;
  if (key.length === 0 || !key.every((name) => orderBy.includes(name))) return null;
  const readers = orderBy.map((name) => valueReader(noun, name, fields[name]!));
  return {
    name: `${noun}: ${orderBy.join(", ")}`,
    keyOf: (row) => {
      const object = asObject(noun, row);
      return readers.map((read) => read(object));
    },
    compare: compareKeys,
  };
}

/**
 * The key of a row as one text, to be told apart by; null where the order is made of the key alone, so that rows of one key cannot stand
 * apart in it. (A trade's time is no part of its key: should it come with two times, {@link rowOrder} does not bring the two together.)
 */
export function keyText(frame: Frame): ((row: unknown) => string) | null {
  const { noun, fields, key, orderBy } = frame;
  if (orderBy.every((name) => key.includes(name))) return null;
  const readers = key.map((name) => valueReader(noun, name, fields[name]!));
  const [only] = readers;
  if (readers.length === 1) return (row) => String(only!(asObject(noun, row)));
  return (row) => {
    const object = asObject(noun, row);
    return JSON.stringify(readers.map((read) => read(object)));
  };
}

function compareKeys(a: OrderKey, b: OrderKey): number {
  for (let at = 0; at < a.length; at += 1) {
    const order = compareValues(a[at]!, b[at]!);
    if (order !== 0) return order;
  }
  return 0;
}

/** Absent values last. */
function compareValues(a: Value, b: Value): number {
  if (a === b) return 0;
  if (a === null || b === null) return a === null ? 1 : -1;
  if (typeof a === "string" && typeof b === "string") return compareText(a, b);
  return Number(a) - Number(b);
}
