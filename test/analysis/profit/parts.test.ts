import { table } from "arquero";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { pnl } from "../../../src/analysis/profit/pnl.js";
import { exactSum, rawOf } from "../../../src/frames/exact.js";
import { expectError } from "../../support/errors.js";
import { anyAccount, fill, settlement } from "./made-fills.js";

const market = (ticker: string, more: object = {}) => ({ ticker, settlement_value: null, ...more });

describe("profit in parts", () => {
  it("tells what each subaccount holds and made, apart", () => {
    const fills = [fill("bid 10 @ 0.40"), fill("bid 4 @ 0.50", { subaccount_number: 3 }), fill("ask 10 @ 0.45")];
    const { positions } = pnl({ fills, marks: { "KXA-26OCT01-T1": "0.60" } });
    expect(positions.array("subaccount_number")).toEqual([0, 3]);
    expect(rawOf(positions, "position")).toEqual([0, 400]);
    expect(rawOf(positions, "realized")).toEqual([500_000, 0]);
    expect(rawOf(positions, "unrealized")).toEqual([0, 400_000]);
  });

  it("adds markets up by event, from the records that name it and never from a ticker", () => {
    const fills = ["A-1", "A-2", "B-1"].map((ticker) => fill("bid 1 @ 0.40", { ticker }));
    const markets = [market("A-1", { event_ticker: "A" }), market("A-2", { event_ticker: "A" })];
    const { events } = pnl({ fills, markets, marks: { "A-1": "0.50", "A-2": "0.30", "B-1": "0.40" } });
    expect(events.array("event_ticker")).toEqual([null, "A"]);
    expect(events.array("markets")).toEqual([1, 2]);
    expect(rawOf(events, "peak_exposure")).toEqual([400_000, 800_000]);
    const settled = pnl({ fills, settlements: [settlement("yes", { ticker: "B-1", event_ticker: "B" })] });
    expect(settled.events.array("event_ticker")).toContain("B");
  });

  it("values by the midpoint or the last trade of markets, and leaves one-sided and untraded ones unmarked", () => {
    const fills = ["A", "B"].map((ticker) => fill("bid 1 @ 0.40", { ticker }));
    const markets = [
      market("A", { yes_bid: 500_000, yes_ask: 520_000, last_price: 0 }),
      market("B", { yes_bid: 0, yes_ask: 450_000, last_price: 440_000 }),
    ];
    const byMidpoint = pnl({ fills, markets, marks: "midpoint" });
    expect([rawOf(byMidpoint.markets, "mark"), byMidpoint.unmarked]).toEqual([[510_000, null], ["B"]]);
    const byLast = pnl({ fills, markets, marks: "last" });
    expect([rawOf(byLast.markets, "mark"), byLast.unmarked]).toEqual([[null, 440_000], ["A"]]);
    const asTable = table({ ticker: ["A"], settlement_value: [null], yes_bid: [0.5], yes_ask: [0.52] });
    expect(rawOf(pnl({ fills, markets: asTable, marks: "midpoint" }).markets, "mark")).toEqual([510_000, null]);
    expectError(() => pnl({ fills, marks: "last" }), "BAD_ARGUMENT", /markets/);
  });

  it("knows the most that was at risk at any time, each side at its own price, and what that returned", () => {
    // 4.00 for YES, 3.00 for NO beside it, then YES sold for 5.00.
    const fills = [
      fill("bid 10 @ 0.40", { ticker: "A" }),
      fill("ask 10 @ 0.70", { ticker: "B" }),
      fill("ask 10 @ 0.50", { ticker: "A" }),
      fill("bid 2 @ 0.10", { ticker: "C" }),
    ];
    const profit = pnl({ fills });
    expect(profit.peakExposure.toString()).toBe("7");
    expect(profit.exposure.toString()).toBe("3.2");
    expect(profit.returnOnCapital!.toFixed(6)).toBe((1 / 7).toFixed(6));
    expect(rawOf(profit.overTime, "exposure")).toEqual([4_000_000, 7_000_000, 3_000_000, 3_200_000]);
    expect(pnl({ fills: [] }).returnOnCapital).toBeNull();
  });

  it("shows line by line how the money becomes the net profit", () => {
    const fills = [
      fill("bid 10 @ 0.40", { fee_cost: 170_000 }),
      fill("ask 4 @ 0.55", { fee_cost: 30_000 }),
      fill("ask 1 @ 0.80", { ticker: "B" }),
    ];
    const settlements = [settlement("yes", { yes_count: 600 })];
    const { cash } = pnl({ fills, settlements, marks: { B: "0.75" } });
    const lines = Object.fromEntries(
      cash.objects().map((row) => [(row as { line: string }).line, (row as { dollars: number }).dollars]),
    );
    expect(lines).toEqual({
      "paid to open": -4.2,
      "received for closing": 2.2,
      "received at settlement": 6,
      fees: -0.2,
      "change of balance": 3.8,
      "value of what is held": 0.25,
      "net profit": 4.05,
    });
  });

  it.each(["fifo", "average"] as const)(
    "makes the same sums by subaccount, market, event and line, by %s",
    (method) => {
      fc.assert(
        fc.property(anyAccount, (input) => {
          const markets = ["M0", "M1"].map((ticker) => market(ticker, { event_ticker: "M" }));
          const profit = pnl({ ...input, markets, method });
          for (const name of ["cash", "value", "fees", "exposure"]) {
            const sums = [profit.positions, profit.markets, profit.events].map((one) => exactSum(one, name).toFixed(6));
            expect(new Set(sums).size, name).toBe(1);
          }
          const [change, value, net] = rawOf(profit.cash, "dollars").slice(-3) as [number, number, number];
          expect(change + value).toBe(net);
          // The same net profit as from realized and unrealized, which know nothing of what was paid.
          expect(net).toBe(profit.net.times(1e6).round().toNumber());
          expect(profit.peakExposure.gte(profit.exposure)).toBe(true);
        }),
      );
    },
  );
});
