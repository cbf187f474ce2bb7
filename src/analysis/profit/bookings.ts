import type { Price } from "../../units/price.js";
import type { Timestamp } from "../../units/time.js";
import type { FillColumns } from "../fill-columns.js";
import type { Settled } from "./settlement-value.js";

/** A settlement to be booked: what one YES contract of a market paid, and when. */
export interface Due {
  readonly time: Timestamp;
  readonly ticker: string;
  /** Number of the market among the fills'. */
  readonly market: number;
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
function dueSettlements({ length, time, market, tickers }: FillColumns, settled: ReadonlyMap<string, Settled>): Due[] {
  const lastFill = new Float64Array(tickers.length).fill(Number.NaN);
  for (let row = 0; row < length; row += 1) lastFill[market[row]!] = time[row]!;
  const due: Due[] = [];
  for (const [number, ticker] of tickers.entries()) {
    const found = settled.get(ticker);
    const last = lastFill[number]!;
    if (found === undefined || found.value === null || Number.isNaN(last)) continue;
    due.push({ time: Math.max(found.time, last), ticker, market: number, value: found.value });
  }
  return due.sort((a, b) => a.time - b.time || (a.ticker < b.ticker ? -1 : 1));
}
