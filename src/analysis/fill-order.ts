import type { FillColumns } from "./fill-columns.js";
import { withoutCopies } from "./fill-copies.js";

/**
 * Fills in order: ascending by time, those of one moment by order, those of one order as it walked through the book, best price first, and
 * else by id. No record tells which of two orders came first in one moment: theirs is the order of their ids, the same at each reading but not
 * the exchange's, and what first in, first out realizes may depend on it. Each counts once, as {@link withoutCopies} says.
 */
export function arranged(given: Omit<FillColumns, "duplicates">, coarse: Uint8Array | null = null): FillColumns {
  const kept = withoutCopies(given, coarse);
  const fills = kept === null ? given : taken(given, kept);
  const { length, time, quantity, price, id, order } = fills;
  const compare = (a: number, b: number): number =>
    time[a]! - time[b]! ||
    (order?.compare(a, b) ?? 0) ||
    ((order?.at(a) ?? null) === null ? 0 : (price[a]! - price[b]!) * Math.sign(quantity[a]!)) ||
    (id?.compare(a, b) ?? 0);
  let isRising = true;
  for (let row = 1; row < length && isRising; row += 1)
    isRising = time[row - 1]! < time[row]! || (time[row - 1] === time[row] && compare(row - 1, row) < 0);
  if (isRising) return { ...fills, duplicates: given.length - length };
  const rows = Uint32Array.from({ length }, (_, row) => row).sort((a, b) => compare(a, b) || a - b);
  return { ...taken(fills, rows), duplicates: given.length - length };
}

function taken(fills: Omit<FillColumns, "duplicates">, rows: Uint32Array): FillColumns {
  const floats = (values: Float64Array): Float64Array => {
    const result = new Float64Array(rows.length);
    for (let at = 0; at < rows.length; at += 1) result[at] = values[rows[at]!]!;
    return result;
  };
  return {
    length: rows.length,
    time: floats(fills.time),
    market: rows.map((row) => fills.market[row]!),
    tickers: fills.tickers,
    account: floats(fills.account),
    quantity: floats(fills.quantity),
    price: floats(fills.price),
    fee: floats(fills.fee),
    taker: fills.taker === null ? null : floats(fills.taker),
    exact: fills.exact === null ? null : floats(fills.exact),
    contradicted: fills.contradicted === null ? null : floats(fills.contradicted),
    sells: fills.sells === null ? null : floats(fills.sells),
    id: fills.id?.take(rows) ?? null,
    order: fills.order?.take(rows) ?? null,
    duplicates: fills.length - rows.length,
  };
}
