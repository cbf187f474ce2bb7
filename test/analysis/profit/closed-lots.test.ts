import type { ColumnTable } from "arquero";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { pnl } from "../../../src/analysis/profit/pnl.js";
import type { FillLike } from "../../../src/analysis/read-fills.js";
import { exactSum, rawOf } from "../../../src/frames/exact.js";
import { add, type Fraction, fraction, isRounded, over, times } from "./fractions.js";
import { anyAccount, fill, settlement } from "./made-fills.js";

describe("closed lots", () => {
  it("pair each part of what is closed with the fill that opened it, oldest first", () => {
    const fills = [fill("bid 10 @ 0.40"), fill("bid 5 @ 0.50"), fill("ask 12 @ 0.60")];
    const { lots } = pnl({ fills });
    expect(rawOf(lots, "count")).toEqual([1_000, 200]);
    expect(rawOf(lots, "cost")).toEqual([4_000_000, 1_000_000]);
    expect(rawOf(lots, "proceeds")).toEqual([6_000_000, 1_200_000]);
    expect(lots.array("side")).toEqual(["yes", "yes"]);
    expect(lots.array("open_fill_id")).toEqual([fills[0]!.fill_id, fills[1]!.fill_id]);
    expect(lots.array("close_fill_id")).toEqual([fills[2]!.fill_id, fills[2]!.fill_id]);
  });

  it("give NO its own prices: bought at 0.30 and sold at 0.45, it made 0.15", () => {
    const { lots } = pnl({ fills: [fill("ask 1 @ 0.70"), fill("bid 1 @ 0.55")] });
    expect(lots.array("side")).toEqual(["no"]);
    const [open, close, realized] = ["open_price", "close_price", "realized"].map((name) => rawOf(lots, name)[0]);
    expect([open, close, realized]).toEqual([300_000, 450_000, 150_000]);
  });

  it("are closed by the settlement of their market where no fill did it, with no fill to name", () => {
    const fills = [fill("bid 2 @ 0.25", { fee_cost: 40_000 })];
    const { lots } = pnl({ fills, settlements: [settlement("yes", { yes_count: 200 })] });
    expect(lots.array("closed_by")).toEqual(["settlement"]);
    expect(lots.array("close_fill_id")).toEqual([null]);
    expect(rawOf(lots, "net")).toEqual([1_460_000]);
    expect(lots.get("return", 0)).toBeCloseTo(1.46 / 0.5, 12);
    expect(lots.get("held", 0)).toBeGreaterThan(23 * 3600);
  });

  it("do not mix subaccounts", () => {
    const { lots } = pnl({ fills: [fill("bid 1 @ 0.40"), fill("ask 1 @ 0.60", { subaccount_number: 7 })] });
    expect(lots.numRows()).toBe(0);
  });

  it("deal a fill's fee out over its parts so that they add up to it", () => {
    const fills = [
      fill("bid 3 @ 0.40", { fee_cost: 100_000 }),
      ...["0.41", "0.42", "0.43"].map((price) => fill(`ask 1 @ ${price}`, { fee_cost: 1 })),
    ];
    const { lots } = pnl({ fills });
    expect(rawOf(lots, "fees")).toEqual([33_334, 33_334, 33_335]);
  });

  it("by average cost: the oldest are closed first, and cost what all that was held had cost on average", () => {
    const fills = [fill("bid 10 @ 0.40"), fill("bid 10 @ 0.60"), fill("ask 12 @ 0.70"), fill("bid 4 @ 0.30")];
    const { lots, openLots } = pnl({ fills, method: "average" });
    expect(rawOf(lots, "count")).toEqual([1_000, 200]);
    expect(rawOf(lots, "open_price")).toEqual([400_000, 600_000]);
    expect(rawOf(lots, "cost")).toEqual([5_000_000, 1_000_000]);
    expect(rawOf(lots, "realized")).toEqual([2_000_000, 400_000]);
    // 8 at 0.50 and 4 at 0.30 are 12 for 5.20.
    expect(rawOf(openLots, "count")).toEqual([800, 400]);
    expect(rawOf(openLots, "cost")).toEqual([3_466_667, 1_733_333]);
  });

  it.each(["fifo", "average"] as const)(
    "add up in every market to its realized profit, and open ones to its exposure, by %s",
    (method) => {
      fc.assert(
        fc.property(anyAccount, (input) => {
          const { lots, openLots, markets } = pnl({ ...input, method });
          const [realized, exposure] = ["realized", "exposure"].map((name) => rawOf(markets, name));
          for (const [row, ticker] of (markets.array("ticker") as string[]).entries()) {
            expect(sumIn(lots, "realized", ticker)).toBe(realized![row]);
            expect(sumIn(openLots, "cost", ticker)).toBe(exposure![row]);
          }
        }),
        { numRuns: 150 },
      );
    },
  );

  it.each(["fifo", "average"] as const)("have the cost of a slow reference in fractions, by %s", (method) => {
    fc.assert(
      fc.property(anyAccount, (input) => {
        const { lots } = pnl({ fills: input.fills, method });
        const [tickers, counts, costs] = [lots.array("ticker") as string[], rawOf(lots, "count"), rawOf(lots, "cost")];
        const slow = slowLots(input.fills, method);
        expect(tickers).toEqual(slow.map((lot) => lot.ticker));
        expect(counts.map((count) => BigInt(count!))).toEqual(slow.map((lot) => lot.count));
        // Rounded, they add up in each market to the exact sum, rounded.
        const sums = new Map<string, { ours: number; exact: Fraction }>();
        for (const [row, { ticker, cost }] of slow.entries()) {
          const before = sums.get(ticker) ?? { ours: 0, exact: fraction(0n) };
          const after = { ours: before.ours + costs[row]!, exact: add(before.exact, cost) };
          sums.set(ticker, after);
          expect(isRounded((after.ours / 1e6).toFixed(6), after.exact), `lot ${row}`).toBe(true);
        }
      }),
      { numRuns: 150 },
    );
  });

  it("add up to the realized profit, and once everything is closed to all fees, of any account", () => {
    fc.assert(
      fc.property(anyAccount, (input) => {
        const profit = pnl(input);
        expect(exactSum(profit.lots, "realized").toFixed(6)).toBe(profit.realized.toFixed(6));
        const all = ["M0", "M1", "M2"].map((ticker) => settlement("no", { ticker }));
        const ended = pnl({ fills: input.fills, settlements: all });
        expect(exactSum(ended.lots, "fees").toFixed(6)).toBe(ended.fees.toFixed(6));
        expect(exactSum(ended.lots, "net").toFixed(6)).toBe(ended.net.toFixed(6));
        expect(exactSum(ended.lots, "count").toFixed(2)).toBe(openedBy(input.fills));
      }),
    );
  });
});

function sumIn(table: ColumnTable, column: string, ticker: string): number {
  const tickers = table.array("ticker") as string[];
  return rawOf(table, column).reduce<number>((sum, value, row) => sum + (tickers[row] === ticker ? value! : 0), 0);
}

/** Closed lots as a person at a desk writes them: what each contract of a fill cost, or what one of all held did on average. */
function slowLots(fills: readonly FillLike[], method: "fifo" | "average") {
  const closed: { ticker: string; count: bigint; cost: Fraction }[] = [];
  const desks = new Map<string, { long: boolean; price: Fraction; count: bigint }[]>();
  for (const { ticker, subaccount_number, outcome_side, yes_price, count } of fills) {
    const key = `${ticker} ${subaccount_number}`;
    const lots = desks.get(key) ?? [];
    desks.set(key, lots);
    const long = outcome_side === "yes";
    const price = fraction(BigInt(long ? yes_price : 1_000_000 - yes_price), 1_000_000n);
    let left = BigInt(count);
    while (left > 0n && lots.length > 0 && lots[0]!.long !== long) {
      const lot = lots[0]!;
      const taken = lot.count < left ? lot.count : left;
      closed.push({ ticker, count: taken, cost: times(lot.price, fraction(taken, 100n)) });
      lot.count -= taken;
      left -= taken;
      if (lot.count === 0n) lots.shift();
    }
    if (left === 0n) continue;
    lots.push({ long, price, count: left });
    if (method === "fifo") continue;
    const held = lots.reduce((sum, lot) => sum + lot.count, 0n);
    const paid = lots.reduce((sum, lot) => add(sum, times(lot.price, fraction(lot.count))), fraction(0n));
    for (const lot of lots) lot.price = over(paid, fraction(held));
  }
  return closed;
}

/** Contracts that fills opened, counted hundredth by hundredth. */
function openedBy(
  fills: readonly { ticker: string; subaccount_number?: number | null; count: number; book_side: string | null }[],
): string {
  const held = new Map<string, number>();
  let opened = 0;
  for (const { ticker, subaccount_number, count, book_side } of fills) {
    const key = `${ticker} ${subaccount_number}`;
    const step = book_side === "bid" ? 1 : -1;
    let position = held.get(key) ?? 0;
    for (let part = 0; part < count; part += 1) {
      if (position * step >= 0) opened += 1;
      position += step;
    }
    held.set(key, position);
  }
  return (opened / 100).toFixed(2);
}
