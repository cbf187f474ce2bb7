import type { TradeKey, TradeRecord } from "../../types.js";

/** Ascending by time, then by id, as the exchange orders trades of one microsecond. */
export function compareTrades(a: TradeKey, b: TradeKey): number {
  if (a.time !== b.time) return a.time - b.time;
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}

/** Keeps an ascending list ascending; nearly always at its end. */
export function insert(list: TradeRecord[], trade: TradeRecord): void {
  const last = list.at(-1);
  if (last === undefined || compareTrades(last, trade) <= 0) list.push(trade);
  else list.splice(firstNotBefore(list, trade), 0, trade);
}

/** Index of the first of an ascending list that does not come before a key; its length where there is none. */
export function firstNotBefore(list: readonly TradeKey[], key: TradeKey): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareTrades(list[middle] as TradeKey, key) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
