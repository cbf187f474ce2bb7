import { KalshiError } from "../errors.js";
import type { TableColumn } from "../frames/columns.js";
import { TextColumn } from "../frames/text-column.js";
import { UuidColumn } from "../frames/uuid-column.js";
import { formatTime, MILLISECOND, SECOND } from "../units/time.js";
import { type FillColumns, tickerOf } from "./fill-columns.js";

/** Fills as they were read, in any order. */
type Read = Omit<FillColumns, "duplicates">;

/**
 * Rows of fills of which each is there once, ascending; null where none came again. Fills are the same by `fill_id` and `order_id`, for both
 * sides of a trade with oneself are two; without orders they are told apart by what they made longer. One file has a fill's time finer than
 * another: of copies the one that has it finest counts, of a count that was cut and a whole one the whole.
 *
 * @throws KalshiError `BAD_RECORD` for two of the same ids that say something else
 */
export function withoutCopies(fills: Read, coarse: Uint8Array | null): Uint32Array | null {
  const { length, id } = fills;
  if (id === null) return null;
  const seen = new Seen(fills);
  let again: Uint8Array | null = null;
  for (let row = 0; row < length; row += 1) {
    if (isAbsent(id, row)) continue;
    const before = seen.add(row);
    if (before < 0) continue;
    refuseOther(fills, before, row);
    const isFiner = fineness(fills, row, coarse) > fineness(fills, before, coarse);
    again ??= new Uint8Array(length);
    again[isFiner ? before : row] = 1;
    if (isFiner) seen.replace(before, row);
  }
  return again === null ? null : Uint32Array.from(again.keys()).filter((row) => again[row] === 0);
}

/** Rows of fills by their ids: a table of open places, for there may be millions. */
class Seen {
  readonly #fills: Read;
  readonly #hashes: Int32Array;
  /** One more than a row, 0 for none. */
  readonly #places: Uint32Array;

  constructor(fills: Read) {
    this.#fills = fills;
    this.#hashes = new Int32Array(fills.length);
    this.#places = new Uint32Array(2 ** Math.ceil(Math.log2(2 * fills.length + 1)));
  }

  /** The row that is there already with the same ids; −1 where there is none, which the row then is. */
  add(row: number): number {
    const [hashes, places] = [this.#hashes, this.#places];
    const hash = this.#fills.id!.hash(row);
    hashes[row] = hash;
    const last = places.length - 1;
    for (let place = hash & last; ; place = (place + 1) & last) {
      const other = places[place]! - 1;
      if (other < 0) {
        places[place] = row + 1;
        return -1;
      }
      if (hashes[other] === hash && this.#isSame(other, row)) return other;
    }
  }

  replace(before: number, row: number): void {
    const last = this.#places.length - 1;
    let place = this.#hashes[before]! & last;
    while (this.#places[place] !== before + 1) place = (place + 1) & last;
    this.#places[place] = row + 1;
  }

  #isSame(a: number, b: number): boolean {
    const { id, order, quantity } = this.#fills;
    if (!isEqual(id!, a, b)) return false;
    if (order !== null && !isAbsent(order, b)) return isEqual(order, a, b);
    return (order === null || isAbsent(order, a)) && quantity[a]! > 0 === quantity[b]! > 0;
  }
}

/** Without writing out the id, of which there are millions. */
function isAbsent(ids: TableColumn, row: number): boolean {
  if (ids instanceof UuidColumn) return ids.nulls !== null && ids.nulls[row] === 1;
  return ids instanceof TextColumn ? ids.codes[row] === 0 : ids.at(row) === null;
}

/** Without the order of texts, which is found for all of them at once. */
function isEqual(ids: TableColumn, a: number, b: number): boolean {
  return ids instanceof TextColumn ? ids.codes[a] === ids.codes[b] : ids.compare(a, b) === 0;
}

/** A whole count says more than any time. */
function fineness({ time, exact }: Read, row: number, coarse: Uint8Array | null): number {
  const ofCount = exact?.[row] === 0 ? 0 : 4;
  if (coarse?.[row] === 1) return ofCount;
  return ofCount + (time[row]! % SECOND === 0 ? 1 : time[row]! % MILLISECOND === 0 ? 2 : 3);
}

/** Counts that files cut to whole contracts, and the fees beside them, may differ. */
function refuseOther(fills: Read, before: number, row: number): void {
  const { market, price, quantity, fee, time, exact } = fills;
  const isCut = exact !== null && (exact[before] === 0 || exact[row] === 0);
  const isSame =
    market[before] === market[row] &&
    price[before] === price[row] &&
    (isCut || (quantity[before] === quantity[row] && fee[before] === fee[row])) &&
    Math.abs(time[before]! - time[row]!) < SECOND;
  if (isSame) return;
  const told = (at: number): string =>
    `${tickerOf(fills as FillColumns, at)} ${quantity[at]! / 100} at $${price[at]! / 1e6}, fee $${fee[at]! / 1e6}, ${formatTime(time[at]!)}`;
  const name = String(fills.id!.at(row));
  throw new KalshiError("BAD_RECORD", `fill ${name} came twice and is not the same: ${told(before)}; ${told(row)}`, {
    hint: "leave out the one that is wrong; a fill is one by its `fill_id` and `order_id`",
    context: { id: name },
  });
}
