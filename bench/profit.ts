import type { ColumnTable } from "arquero";
import { Decimal } from "decimal.js";
import { pnl } from "../src/analysis/profit/pnl.js";
import { columnFrom } from "../src/frames/convert.js";
import { rawOf } from "../src/frames/exact.js";
import { ScaledColumn } from "../src/frames/scaled-column.js";
import { makeTable } from "../src/frames/table.js";
import { TextColumn } from "../src/frames/text-column.js";
import { Random } from "../src/sandbox/world/random.js";
import type { BenchResult } from "./result.js";

const FILLS = 1_000_000;
const MARKETS = 200;
const MARK = "0.5";

/**
 * Profit of a million random fills in 200 markets, first in first out, with every market marked, beside the same in plain `decimal.js` as a
 * careful user writes it: a list of lots for each market. Equal to it in every micro-dollar. Goal: under two seconds, and 1/15 of the time.
 */
export function profits(): Promise<readonly BenchResult[]> {
  const fills = madeFills(FILLS);
  const table = tableOf(fills);
  const marks = Object.fromEntries(tickers().map((ticker) => [ticker, MARK]));
  // Each on a part first, so that neither is measured cold.
  for (let round = 0; round < 3; round += 1) pnl({ fills: table.slice(0, 50_000).reify(), marks });
  plainProfit(madeFills(20_000));
  const [ours, ownSeconds] = timed(() => pnl({ fills: table, marks }));
  const [plain, plainSeconds] = timed(() => plainProfit(fills));
  const [average, averageSeconds] = timed(() => pnl({ fills: table, marks, method: "average" }));
  const [lots, lotSeconds] = timed(() => ours.lots.numRows());
  compare(ours.markets.array("ticker") as string[], rawOf(ours.markets, "net"), plain);
  return Promise.resolve([
    {
      name: "profit of a million fills",
      ratio: ownSeconds / plainSeconds,
      unit: "× decimal.js",
      details: {
        goal: "0.067, and under 2 s",
        seconds: ownSeconds.toFixed(2),
        decimal_js_seconds: plainSeconds.toFixed(2),
        seconds_at_average_cost: averageSeconds.toFixed(2),
        [`seconds_for_${lots}_closed_lots`]: lotSeconds.toFixed(2),
        net: ours.net.toFixed(6),
        net_at_average_cost: average.net.toFixed(6),
      },
    },
  ]);
}

function tickers(): string[] {
  return Array.from({ length: MARKETS }, (_, at) => `BENCH-26NOV27-T${at}`);
}

/** Fills as plain columns of integers, so that a million of them are nobody's garbage. */
interface Made {
  readonly ticker: readonly string[];
  readonly price: Float64Array;
  readonly count: Float64Array;
  readonly fee: Float64Array;
  readonly isLong: Uint8Array;
}

function madeFills(length: number): Made {
  const random = new Random("profit");
  const names = tickers();
  const column = (make: () => number): Float64Array => Float64Array.from({ length }, make);
  return {
    ticker: Array.from({ length }, () => names[Math.floor(random.next() * MARKETS)]!),
    price: column(() => 1_000 * (1 + Math.floor(random.next() * 999))),
    count: column(() => 1 + Math.floor(random.next() * 20_000)),
    fee: column(() => 100 * Math.floor(random.next() * 20_000)),
    isLong: Uint8Array.from({ length }, () => (random.next() < 0.5 ? 1 : 0)),
  };
}

function tableOf({ ticker, price, count, fee, isLong }: Made): ColumnTable {
  return makeTable({
    created_time: new ScaledColumn(
      "time",
      "",
      Float64Array.from(price, (_, row) => 1.79e15 + row * 1_000),
    ),
    ticker: columnFrom("ticker", "text", "", ticker),
    outcome_side: new TextColumn(
      "text",
      "",
      isLong.map((one) => 2 - one),
      ["", "yes", "no"],
    ),
    yes_price: new ScaledColumn("dollars", "", price),
    count: new ScaledColumn("contracts", "", count),
    fee_cost: new ScaledColumn("dollars", "", fee),
  });
}

interface PlainLot {
  readonly price: Decimal;
  count: Decimal;
  readonly isLong: boolean;
}

/** Net profit by market. */
function plainProfit(fills: Made): Map<string, Decimal> {
  const lots = new Map<string, PlainLot[]>();
  const net = new Map<string, Decimal>();
  for (const [row, ticker] of fills.ticker.entries()) {
    const queue = lots.get(ticker) ?? [];
    lots.set(ticker, queue);
    const price = new Decimal(fills.price[row]!).div(1_000_000);
    const isLong = fills.isLong[row] === 1;
    let left = new Decimal(fills.count[row]!).div(100);
    let realized = new Decimal(fills.fee[row]!).div(1_000_000).neg();
    while (left.gt(0) && queue.length > 0 && queue[0]!.isLong !== isLong) {
      const lot = queue[0]!;
      const taken = Decimal.min(left, lot.count);
      const gain = lot.isLong ? price.minus(lot.price) : lot.price.minus(price);
      realized = realized.plus(gain.times(taken));
      lot.count = lot.count.minus(taken);
      left = left.minus(taken);
      if (lot.count.isZero()) queue.shift();
    }
    if (left.gt(0)) queue.push({ price, count: left, isLong });
    net.set(ticker, (net.get(ticker) ?? new Decimal(0)).plus(realized));
  }
  for (const [ticker, queue] of lots) {
    for (const { price, count, isLong } of queue) {
      const gain = isLong ? new Decimal(MARK).minus(price) : price.minus(MARK);
      net.set(ticker, net.get(ticker)!.plus(gain.times(count)));
    }
  }
  return net;
}

function compare(
  names: readonly string[],
  ours: readonly (number | null)[],
  plain: ReadonlyMap<string, Decimal>,
): void {
  for (const [row, ticker] of names.entries()) {
    const theirs = plain.get(ticker)!.times(1_000_000).toDecimalPlaces(0, Decimal.ROUND_HALF_UP);
    if (!theirs.eq(ours[row]!)) throw new Error(`${ticker}: ${ours[row]} µ$, and ${theirs} by decimal.js`);
  }
  if (names.length !== plain.size) throw new Error(`${names.length} markets, and ${plain.size} by decimal.js`);
}

function timed<T>(work: () => T): [T, number] {
  const started = performance.now();
  const result = work();
  return [result, (performance.now() - started) / 1_000];
}
