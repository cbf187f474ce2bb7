import type { ColumnTable } from "arquero";
import { asofJoin } from "../src/analysis/joins/asof-join.js";
import { columnFrom } from "../src/frames/convert.js";
import { rawOf } from "../src/frames/exact.js";
import { ScaledColumn } from "../src/frames/scaled-column.js";
import { makeTable } from "../src/frames/table.js";
import { Random } from "../src/sandbox/world/random.js";
import type { BenchResult } from "./result.js";

const ROWS = 1_000_000;
const MARKETS = 500;
const ROUNDS = 3;

/**
 * The quote at each of a million trades, out of a million quotes of 500 markets, neither table in order of markets; beside what one writes without
 * this library: the quotes of each market by time, and a search by halves for each trade. Equal in every row. Goal: a second.
 */
export function asofJoins(): Promise<readonly BenchResult[]> {
  const random = new Random("asof");
  const [trades, quotes] = [madeTable(random, "yes_price"), madeTable(random, "yes_bid")];
  let [ours, plain] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  // The best of some rounds: the first are not compiled yet.
  for (let round = 0; round < ROUNDS; round += 1) {
    const [joined, seconds] = timed(() => asofJoin(trades, quotes));
    const [found, plainSeconds] = timed(() => plainJoin(trades, quotes));
    compare(rawOf(joined, "yes_bid"), found);
    ours = Math.min(ours, seconds);
    plain = Math.min(plain, plainSeconds);
  }
  return Promise.resolve([
    {
      name: "as-of join of a million rows with a million",
      ratio: ours / plain,
      unit: "× a search by halves",
      details: { goal: "1 s", seconds: ours.toFixed(2), search_by_halves_seconds: plain.toFixed(2) },
    },
  ]);
}

function madeTable(random: Random, price: string): ColumnTable {
  let time = 1.79e15;
  const times = Float64Array.from({ length: ROWS }, () => {
    time += Math.floor(random.next() * 2_000);
    return time;
  });
  const tickers = Array.from({ length: ROWS }, () => `BENCH-26NOV27-T${Math.floor(random.next() * MARKETS)}`);
  const prices = Float64Array.from({ length: ROWS }, () => 10_000 * (1 + Math.floor(random.next() * 99)));
  return makeTable({
    time: new ScaledColumn("time", "", times),
    ticker: columnFrom("ticker", "text", "", tickers),
    [price]: new ScaledColumn("dollars", "", prices),
  });
}

/** The last bid at or before each trade, in micro-dollars; null for none. */
function plainJoin(trades: ColumnTable, quotes: ColumnTable): (number | null)[] {
  const byMarket = new Map<string, number[]>();
  const [times, bids] = [rawOf(quotes, "time"), rawOf(quotes, "yes_bid")];
  for (const [row, ticker] of (quotes.array("ticker") as string[]).entries()) {
    const rows = byMarket.get(ticker);
    if (rows === undefined) byMarket.set(ticker, [row]);
    else rows.push(row);
  }
  const at = rawOf(trades, "time");
  return (trades.array("ticker") as string[]).map((ticker, trade) => {
    const rows = byMarket.get(ticker) ?? [];
    let [low, high] = [0, rows.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (times[rows[middle]!]! <= at[trade]!) low = middle + 1;
      else high = middle;
    }
    return low === 0 ? null : bids[rows[low - 1]!]!;
  });
}

function compare(ours: readonly (number | null)[], plain: readonly (number | null)[]): void {
  for (const [row, bid] of plain.entries())
    if (ours[row] !== bid) throw new Error(`row ${row}: ${ours[row]}, and ${bid} by a search by halves`);
}

/** A result, and the seconds of the processor that this thread took for it. */
function timed<T>(work: () => T): [T, number] {
  const before = process.threadCpuUsage();
  const result = work();
  const { user, system } = process.threadCpuUsage(before);
  return [result, (user + system) / 1e6];
}
