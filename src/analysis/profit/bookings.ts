import type { Price } from "../../units/price.js";
import type { Timestamp } from "../../units/time.js";
import type { FillColumns } from "../read-fills.js";
import type { Settled } from "./settlement-value.js";

/** A settlement to be booked: what one YES contract of a market paid, and when. */
export interface Due {
  readonly time: Timestamp;
  readonly ticker: string;
  readonly value: Price;
}

/** Calls back for each fill, by its row, and each settlement of a traded market, in the order in which they count. */
export function inOrder(
  fills: FillColumns,
  settled: ReadonlyMap<string, Settled>,
  onFill: (row: number) => void,
  onSettlement: (due: Due) => void,
): void {
  const due = dueSettlements(fills, settled);
  let next = 0;
  for (let row = 0; row < fills.length; row += 1) {
    const time = fills.time[row]!;
    while (next < due.length && due[next]!.time < time) onSettlement(due[next++]!);
    onFill(row);
  }
  while (next < due.length) onSettlement(due[next++]!);
}

/** Settlements of known value, by time; never before a market's last fill, whatever the clocks say. */
function dueSettlements(fills: FillColumns, settled: ReadonlyMap<string, Settled>): Due[] {
  const lastFill = new Map<string, Timestamp>();
  for (let row = 0; row < fills.length; row += 1) {
    const ticker = fills.ticker[row]!;
    if (settled.has(ticker)) lastFill.set(ticker, fills.time[row]!);
  }
  const due: Due[] = [];
  for (const [ticker, last] of lastFill) {
    const { time, value } = settled.get(ticker)!;
    if (value !== null) due.push({ time: Math.max(time, last), ticker, value });
  }
  return due.sort((a, b) => a.time - b.time || (a.ticker < b.ticker ? -1 : 1));
}
