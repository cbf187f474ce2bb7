import type { TableColumn } from "./columns.js";

/**
 * The rows of a table in ascending order of the given columns (absent last), rows that compare equal in the order they came;
 * of rows with the same key only the one that came last. Null when that is exactly the rows as they stand.
 */
export function arrange(
  rows: number,
  orderBy: readonly TableColumn[],
  key: readonly TableColumn[],
): { rows: Uint32Array | null; duplicates: number } {
  const kept = key.length === 0 ? null : lastOfEachKey(rows, key);
  const index = kept ?? Uint32Array.from({ length: rows }, (_, row) => row);
  const duplicates = rows - index.length;
  const moved = sortRows(index, orderBy);
  return { rows: moved || duplicates > 0 ? index : null, duplicates };
}

/** Sorts row numbers in place; whether anything moved. */
function sortRows(index: Uint32Array, orderBy: readonly TableColumn[]): boolean {
  if (orderBy.length === 0) return false;
  const compare = (a: number, b: number): number => {
    for (const column of orderBy) {
      const order = column.compare(a, b);
      if (order !== 0) return order;
    }
    return a - b;
  };
  if (isAscending(index, compare)) return false;
  // The exchange sends newest first, so the reverse is often all that is needed.
  index.reverse();
  if (!isAscending(index, compare)) index.sort(compare);
  return true;
}

function isAscending(index: Uint32Array, compare: (a: number, b: number) => number): boolean {
  for (let at = 1; at < index.length; at += 1) {
    if (compare(index[at - 1]!, index[at]!) > 0) return false;
  }
  return true;
}

/** The rows that are the last of their key, ascending; null when every row is. Open addressing over the columns' own hashes. */
function lastOfEachKey(rows: number, key: readonly TableColumn[]): Uint32Array | null {
  let size = 16;
  while (size < rows * 2) size *= 2;
  const slots = new Int32Array(size).fill(-1);
  const hashes = new Int32Array(rows);
  const same = (a: number, b: number): boolean =>
    hashes[a] === hashes[b] && key.every((column) => column.compare(a, b) === 0);
  const dropped = new Uint8Array(rows);
  let drops = 0;
  for (let row = 0; row < rows; row += 1) {
    let hash = 0;
    for (const column of key) hash = Math.imul(hash, 31) + column.hash(row);
    hashes[row] = hash;
    let slot = hash & (size - 1);
    for (;;) {
      const other = slots[slot]!;
      if (other < 0) break;
      if (same(other, row)) {
        dropped[other] = 1;
        drops += 1;
        break;
      }
      slot = (slot + 1) & (size - 1);
    }
    slots[slot] = row;
  }
  if (drops === 0) return null;
  const kept = new Uint32Array(rows - drops);
  let at = 0;
  for (let row = 0; row < rows; row += 1) {
    if (dropped[row] === 1) continue;
    kept[at] = row;
    at += 1;
  }
  return kept;
}
