import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Decimal } from "decimal.js";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { pnl } from "../../../src/analysis/profit/pnl.js";
import { importAccountFile } from "../../../src/datasets/accounts/account-file.js";
import { rawOf } from "../../../src/frames/exact.js";
import { SECOND } from "../../../src/units/time.js";
import { activityFile, cutCount, priceOf, type TrueFill } from "../../support/account-files.js";
import { anyStyle, anyTruth, asFills, asSettlements, micros } from "./made.js";

const dir = mkdtempSync(join(tmpdir(), "kalshi-lab-activity-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const path = join(dir, "activity.csv");

async function imported(text: string) {
  writeFileSync(path, text);
  return importAccountFile(path);
}

const averages = fc.constantFrom("dollars", "cents" as const);

describe("an Activity file", () => {
  it("gives back every trade as it was cut, oldest first, in the file's order within a second", async () => {
    await fc.assert(
      fc.asyncProperty(anyTruth, anyStyle, averages, async ({ fills, settlements }, style, average) => {
        const file = await imported(activityFile(fills, settlements, { ...style, averages: average }));
        expect(file.kind).toBe("activity");
        expect(file.table.numRows()).toBe(fills.length + settlements.length + 1);
        const { fills: made } = file;
        const count = (fill: TrueFill) => (style.cut ? cutCount(fill.count) : fill.count).times(100).toNumber();
        expect(rawOf(made, "created_time")).toEqual(fills.map((fill) => fill.second * SECOND));
        expect(made.array("ticker")).toEqual(fills.map((fill) => fill.ticker));
        expect(made.array("outcome_side")).toEqual(fills.map((fill) => fill.long));
        // Whichever side was traded, the file has the price of YES.
        expect(rawOf(made, "yes_price")).toEqual(fills.map((fill) => micros(fill.price)));
        expect(rawOf(made, "count")).toEqual(fills.map(count));
        expect(rawOf(made, "fee_cost")).toEqual(fills.map((fill) => micros(fill.fee)));
        const mayBeCut = (fill: TrueFill) => style.cut && fill.second >= Date.UTC(2026, 2, 9) / 1000;
        expect(made.array("count_exact")).toEqual(fills.map((fill) => !mayBeCut(fill)));
      }),
      { numRuns: 150 },
    );
  });

  it("makes the profit of the true fills and settlements, where nothing was cut", async () => {
    await fc.assert(
      fc.asyncProperty(anyTruth, anyStyle, async ({ fills, settlements }, style) => {
        const file = await imported(activityFile(fills, settlements, { ...style, cut: false, averages: "dollars" }));
        const profit = pnl({ fills: file.fills, settlements: file.settlements });
        const held = (ticker: string, side: string) =>
          fills
            .filter((fill) => fill.ticker === ticker && fill.long === side)
            .reduce((sum, fill) => sum.plus(fill.count), new Decimal(0));
        // Of a market held evenly a payout tells no value, and nothing is left that it would be needed for.
        const told = settlements.filter(
          ({ ticker, value }) => value.isInteger() || !held(ticker, "yes").eq(held(ticker, "no")),
        );
        const truth = pnl({ fills: asFills(fills), settlements: asSettlements(told) });
        expect(profit.toJSON()).toEqual(truth.toJSON());
      }),
      { numRuns: 100 },
    );
  });

  it("reads averages as dollars whatever they are called, unless some are above a dollar", async () => {
    await fc.assert(
      fc.asyncProperty(anyTruth, anyStyle, averages, async ({ fills, settlements }, style, average) => {
        const file = await imported(activityFile(fills, settlements, { ...style, averages: average }));
        const written = settlements.flatMap(({ ticker }) =>
          (["yes", "no"] as const).map((side) => {
            const of = fills.filter((fill) => fill.ticker === ticker && fill.long === side);
            const count = of.reduce((sum, fill) => sum.plus(fill.count), new Decimal(0));
            const cost = of.reduce(
              (sum, fill) => sum.plus(priceOf(side, fill.price).times(fill.count)),
              new Decimal(0),
            );
            const each = count.eq(0) ? count : cost.div(count);
            return (average === "cents" ? each.times(100) : each).toDecimalPlaces(2);
          }),
        );
        const unit = written.some((one) => one.gt(1)) ? 100 : 1;
        const settled = rawOf(file.table, "yes_average").flatMap((yes, row) =>
          yes === null ? [] : [[file.table.get("ticker", row) as string, yes, rawOf(file.table, "no_average")[row]]],
        );
        const expected = settlements.map(({ ticker }, at) => [
          ticker,
          micros(written[at * 2]!.div(unit)),
          micros(written[at * 2 + 1]!.div(unit)),
        ]);
        const byTicker = (a: readonly unknown[], b: readonly unknown[]) => (String(a[0]) < String(b[0]) ? -1 : 1);
        expect(settled.sort(byTicker)).toEqual(expected.sort(byTicker));
      }),
      { numRuns: 60 },
    );
  });

  const head =
    "type,Status,Amount_In_Dollars,Original_Date,Fee_In_Dollars,Market_Ticker,Direction,Price_In_Cents,Yes_Contracts_Owned,No_Contracts_Owned,Result,Profit_In_Dollars,Credit_Reason";

  it("keeps dollars of deposits and credits apart from contracts of trades and orders, and a payout from a profit", async () => {
    const file = await imported(
      [
        head,
        "Credit,,5,2026-02-09T22:26:32.622Z,0,,,,,,,,Delay",
        "Order,Canceled,12,2026-02-09T22:26:31Z,,KXA-1,No,64,,,,,",
        "Trade,Completed,7,2026-02-09T22:26:30Z,0.10,KXA-1,No,64,,,,1.5,",
        "Settlement,,,2026-02-10T22:26:30Z,,KXA-1,,,0,7,no,7,",
        "Something new,,3.25,2026-02-09T22:26:29Z,,,,,,,,,",
      ].join("\r\n"),
    );
    expect(file.table.array("type")).toEqual(["Something new", "Trade", "Order", "Credit", "Settlement"]);
    expect(rawOf(file.table, "count")).toEqual([null, 700, 1200, null, null]);
    expect(rawOf(file.table, "amount")).toEqual([3_250_000, null, null, 5_000_000, null]);
    expect(rawOf(file.table, "revenue")).toEqual([null, null, null, null, 7_000_000]);
    expect(rawOf(file.table, "profit")).toEqual([null, 1_500_000, null, null, null]);
    const profit = pnl({ fills: file.fills, settlements: file.settlements });
    expect(profit.realized.toString()).toBe("4.48");
    expect(profit.notes).toEqual([]);
  });

  it("keeps trades that are alike, and says which make no fill", async () => {
    const trade = "Trade,,1,2026-02-09T22:26:30Z,0.01,KXA-1,Yes,40,,,,,";
    const odd = "Trade,,1,2026-02-09T22:26:30Z,0.01,KXA-1,Sideways,40,,,,,";
    const file = await imported([head, trade, trade, odd].join("\n"));
    expect(file.table.numRows()).toBe(3);
    const profit = pnl({ fills: file.fills });
    expect(profit.markets.get("position", 0)).toBe(2);
    expect(file.notes).toContain("a trade without a usable `outcome_side` makes no fill (line 4)");
  });

  it("takes the time of the trade where it is told, and keeps one that cannot be read as it stands", async () => {
    const file = await imported(
      [
        `${head},Traded_Time,Last_Updated`,
        "Trade,,1,2026-02-09T22:26:30Z,0.01,KXA-1,Yes,40,,,,,,2026-02-09T22:26:31.5Z,yesterday",
        "Trade,,1,2026-02-09T22:26:32Z,0.01,KXA-1,Yes,40,,,,,,at noon,",
      ].join("\n"),
    );
    expect(file.fills.array("created_time")).toEqual(
      ["2026-02-09T22:26:31.500Z", "2026-02-09T22:26:32Z"].map((time) => Date.parse(time)),
    );
    expect(file.table.array("extra")).toEqual(['{"Last_Updated":"yesterday"}', '{"Traded_Time":"at noon"}']);
    expect(file.notes).toContain("`Traded_Time` is no time that can be read; kept in `extra` (line 3)");
  });

  it("takes what a payout makes of each contract for the value of a scalar settlement, and says so", async () => {
    const file = await imported(
      [
        head,
        "Settlement,,,2026-02-10T22:26:30Z,,KXA-1,,,10.00,0.00,scalar,5.65,",
        "Trade,,10.00,2026-02-09T22:26:30Z,0,KXA-1,Yes,40,,,,,",
      ].join("\n"),
    );
    expect(rawOf(file.settlements, "value")).toEqual([565_000]);
    expect(file.notes).toContain("the value of a contract is what the payout makes for each (line 2)");
    expect(pnl({ fills: file.fills, settlements: file.settlements }).realized.toString()).toBe("1.65");
  });
});

describe("a file that is none of the exchange's", () => {
  it("is refused with the columns found and those expected", async () => {
    const error = await imported("date,symbol,qty\n").then(
      () => null,
      (caught: unknown) => caught,
    );
    expect(error).toMatchObject({
      code: "COLUMN_MISSING",
      message: expect.stringContaining(
        "is none of the exchange's account files; its columns are date, symbol, qty",
      ) as string,
      hint: expect.stringMatching(
        /Transactions: type, quantity_fp or quantity, .*Activity: type, Original_Date/,
      ) as string,
    });
  });

  it("is told what it lacks when it is nearly one", async () => {
    await expect(
      imported("type,quantity,market_ticker,side,entry_price_cents,exit_price_cents,close_timestamp,open_timestamp\n"),
    ).rejects.toMatchObject({
      code: "COLUMN_MISSING",
      message: expect.stringMatching(
        /looks like the exchange's Transactions file but lacks open_fees_dollars or open_fees_cents, /,
      ) as string,
    });
  });

  it("is refused when it is missing or empty", async () => {
    await expect(importAccountFile(join(dir, "missing.csv"))).rejects.toMatchObject({ code: "FILE_NOT_FOUND" });
    await expect(imported("")).rejects.toMatchObject({ code: "FILE_UNREADABLE" });
  });
});
