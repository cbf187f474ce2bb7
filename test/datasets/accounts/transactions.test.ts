import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Decimal } from "decimal.js";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { pnl } from "../../../src/analysis/profit/pnl.js";
import { importAccountFile } from "../../../src/datasets/accounts/account-file.js";
import { readTable } from "../../../src/datasets/read.js";
import { saveTable } from "../../../src/datasets/write.js";
import { rawOf } from "../../../src/frames/exact.js";
import { SECOND } from "../../../src/units/time.js";
import {
  cents,
  cutCount,
  isSummer,
  newYork,
  type Style,
  type TrueLot,
  transactionsFile,
  trueLots,
} from "../../support/account-files.js";
import { anyStyle, anyTruth, asFills, asSettlements, exactStyle, micros } from "./made.js";

const dir = mkdtempSync(join(tmpdir(), "kalshi-lab-transactions-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const path = join(dir, "transactions.csv");

async function imported(text: string) {
  writeFileSync(path, text);
  return importAccountFile(path);
}

/** Money as a file of a style keeps it. */
function kept(dollars: Decimal, { money, rounded }: Style): number {
  return micros(money === "cents" || rounded ? cents(dollars).div(100) : dollars);
}

/** A moment as a file without offsets keeps it: of the hour that comes twice, the first. */
function keptTime(second: number, { offsets }: Style): number {
  const isAgain = !isSummer(second) && newYork(second - 3600, false) === newYork(second, false);
  return (offsets || !isAgain ? second : second - 3600) * SECOND;
}

/** What each lot of a file of a style says, by the time it was closed, in the file's order within a moment. */
function expectedRows(lots: readonly TrueLot[], style: Style) {
  const rows = lots.flatMap((lot, at) => {
    const realized = lot.exit.minus(lot.entry).times(lot.count);
    const closed = keptTime(lot.closed, style);
    const count = style.cut ? cutCount(lot.count) : lot.count;
    const row = {
      closed_time: closed,
      opened_time: keptTime(lot.opened, style),
      type: "trade",
      ticker: lot.ticker,
      side: lot.side,
      count: count.times(100).toNumber(),
      open_fees: kept(lot.openFee, style),
      close_fees: kept(lot.closeFee, style),
      realized: kept(realized, style),
      net: kept(realized.minus(lot.openFee).minus(lot.closeFee), style),
    };
    const credit = {
      ...Object.fromEntries(Object.keys(row).map((name) => [name, null])),
      closed_time: closed,
      type: "credit",
      realized: 1_000_000,
      net: 1_000_000,
    };
    return at % 10 === 9 ? [row, credit] : [row];
  });
  return rows
    .map((row, at) => ({ row, at }))
    .sort((a, b) => a.row.closed_time! - b.row.closed_time! || a.at - b.at)
    .map(({ row }) => row);
}

/** Rows of a table by name of column, exact. */
function rowsOf(table: Awaited<ReturnType<typeof imported>>["table"], names: readonly string[]) {
  const columns = names.map((name) => {
    const isText = name === "type" || name === "ticker" || name === "side";
    return [name, isText ? (table.array(name) as unknown[]) : rawOf(table, name)] as const;
  });
  return Array.from({ length: table.numRows() }, (_, row) =>
    Object.fromEntries(columns.map(([name, values]) => [name, values[row] ?? null])),
  );
}

describe("a Transactions file", () => {
  it("gives back every row as it was cut and rounded, whatever its shape", async () => {
    await fc.assert(
      fc.asyncProperty(anyTruth, anyStyle, async ({ fills, settlements }, style) => {
        const lots = trueLots(fills, settlements);
        const { kind, table } = await imported(transactionsFile(lots, style));
        expect(kind).toBe("transactions");
        const expected = expectedRows(lots, style);
        expect(rowsOf(table, Object.keys(expected[0] ?? { type: "" }))).toEqual(expected);
        if (style.unknown && lots.length > 0)
          expect(table.get("extra", 0)).toMatch(/^{"(Brand New|BRAND NEW)":"\d+"}$/);
        else expect(table.columnNames()).not.toContain("extra");
      }),
      { numRuns: 150 },
    );
  });

  it("gives prices of the side held, though the file has YES prices, wherever the profit tells", async () => {
    await fc.assert(
      fc.asyncProperty(anyTruth, fc.constantFrom("own", "yes" as const), async ({ fills, settlements }, prices) => {
        const lots = trueLots(fills, settlements);
        const { table, notes } = await imported(transactionsFile(lots, { ...exactStyle, prices }));
        const lines = rawOf(table, "line");
        const [open, close] = [rawOf(table, "open_price"), rawOf(table, "close_price")];
        const tells = (lot: TrueLot) => lot.side === "no" && !lot.exit.eq(lot.entry);
        for (const [at, lot] of lots.entries()) {
          const row = lines.indexOf(2 + at + Math.floor(at / 10));
          // Where nothing at all tells, the prices stand as they are.
          if (lot.side === "no" && !lots.some(tells)) continue;
          expect([open[row], close[row]]).toEqual([micros(lot.entry), micros(lot.exit)]);
        }
        expect(notes.some((note) => note.startsWith("prices of NO are YES prices"))).toBe(
          prices === "yes" && lots.some(tells),
        );
      }),
      { numRuns: 60 },
    );
  });

  it("makes fills whose profit and fees are those of the true fills, where nothing was cut or rounded", async () => {
    await fc.assert(
      fc.asyncProperty(anyTruth, async ({ fills, settlements }) => {
        const lots = trueLots(fills, settlements);
        const file = await imported(transactionsFile(lots, exactStyle));
        const profit = pnl({ fills: file.fills, settlements: file.settlements });
        const truth = pnl({ fills: asFills(fills), settlements: asSettlements(settlements) });
        expect(profit.realized.toFixed(8)).toBe(truth.realized.toFixed(8));
        const fees = lots.reduce((sum, lot) => sum.plus(lot.openFee).plus(lot.closeFee), new Decimal(0));
        expect(profit.fees.toFixed(6)).toBe(fees.toFixed(6));
        expect(profit.notes).toEqual([]);
        expect((profit.markets.array("position") as number[]).every((position) => position === 0)).toBe(true);
        expect(file.notes.filter((note) => !/credit|whole cents/.test(note))).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it("never calls a count exact that was cut, and says so in the profit made of it", async () => {
    await fc.assert(
      fc.asyncProperty(anyTruth, anyStyle, async ({ fills, settlements }, style) => {
        const lots = trueLots(fills, settlements).filter((lot) => lot.closed >= Date.UTC(2026, 2, 9) / 1000);
        const file = await imported(transactionsFile(lots, style));
        const exact = file.table.array("count_exact") as (boolean | null)[];
        const types = file.table.array("type") as string[];
        for (const [row, type] of types.entries()) expect(exact[row]).toBe(type === "credit" ? null : !style.cut);
        const isCut = lots.length > 0 && style.cut;
        expect(file.notes.some((note) => note.includes("may be cut to whole contracts"))).toBe(isCut);
        const { notes } = pnl({ fills: file.fills });
        expect(
          notes.some(
            (note) =>
              note ===
              `counts of ${2 * lots.length} fills may be cut to whole contracts: what follows from them is not exact`,
          ),
        ).toBe(isCut);
      }),
      { numRuns: 60 },
    );
  });

  const head =
    "type,quantity,market_ticker,side,entry_price_cents,exit_price_cents,open_fees_cents,close_fees_cents,realized_pnl_without_fees_cents,realized_pnl_with_fees_cents,close_timestamp,open_timestamp";
  const row = (more: Readonly<Record<string, string>> = {}): string => {
    const fields: Record<string, string> = {
      type: "trade",
      quantity: "10",
      market_ticker: "KXA-1",
      side: "yes",
      entry_price_cents: "65",
      exit_price_cents: "100",
      open_fees_cents: "30",
      close_fees_cents: "0",
      realized_pnl_without_fees_cents: "350",
      realized_pnl_with_fees_cents: "320",
      close_timestamp: "2026-01-24T14:53:59-05:00",
      open_timestamp: "2026-01-24T06:31:32-05:00",
      ...more,
    };
    return head
      .split(",")
      .map((name) => fields[name])
      .join(",");
  };

  it.each([
    ["their own prices", [30, 45], [30, 0]],
    ["YES prices", [70, 55], [70, 100]],
  ] as const)("has lots of NO gain and lose as they did, where the file gives %s", async (_, gained, lost) => {
    const lot = ([entry, exit]: readonly [number, number], profit: string): string =>
      row({
        side: "no",
        entry_price_cents: String(entry),
        exit_price_cents: String(exit),
        realized_pnl_without_fees_cents: profit,
        market_ticker: `KXA-${profit}`,
      });
    const { table, fills } = await imported([head, lot(gained, "150"), lot(lost, "-300")].join("\n"));
    expect(rawOf(table, "open_price")).toEqual([300_000, 300_000]);
    expect(rawOf(table, "close_price")).toEqual([450_000, 0]);
    // Opened by a fill that made NO longer, closed by one that made YES longer, at YES prices.
    const made = fills.objects() as { ticker: string; outcome_side: string; yes_price: number; count: number }[];
    expect(made.map(({ ticker, outcome_side, yes_price, count }) => [ticker, outcome_side, yes_price, count])).toEqual([
      ["KXA-150", "no", 0.7, 10],
      ["KXA--300", "no", 0.7, 10],
      ["KXA-150", "yes", 0.55, 10],
      ["KXA--300", "yes", 1, 10],
    ]);
    const { lots } = pnl({ fills });
    expect(lots.array("side")).toEqual(["no", "no"]);
    expect(rawOf(lots, "realized")).toEqual([1_500_000, -3_000_000]);
  });

  it("tells which prices NO has by the profit with fees where the one without is missing", async () => {
    const without = {
      side: "no",
      realized_pnl_without_fees_cents: "",
      entry_price_cents: "70",
      exit_price_cents: "69",
    };
    // 10 cents gained, 30 paid in fees.
    const { table } = await imported([head, row({ ...without, realized_pnl_with_fees_cents: "-20" })].join("\n"));
    expect([rawOf(table, "open_price"), rawOf(table, "close_price")]).toEqual([[300_000], [310_000]]);
  });

  it("keeps rows that are alike, each as a lot of its own", async () => {
    const file = await imported([head, row(), row(), row()].join("\n"));
    expect(file.table.numRows()).toBe(3);
    expect(rawOf(file.table, "line")).toEqual([2, 3, 4]);
    const profit = pnl({ fills: file.fills });
    expect(profit.realized.toString()).toBe("10.5");
    expect(profit.fees.toString()).toBe("0.9");
  });

  it("takes whole counts for true ones before fractions could be traded, and for cut ones after", async () => {
    const later = { close_timestamp: "2026-04-05T14:00:00-04:00", open_timestamp: "2026-04-05T13:00:00-04:00" };
    const file = await imported([head, row(), row({ ...later, quantity: "0" }), row(later)].join("\n"));
    expect(file.table.array("count_exact")).toEqual([true, false, false]);
    expect(file.notes).toContain(
      "counts of 2 of 3 rows may be cut to whole contracts, in 1 of them down to 0: `count_exact` is false there",
    );
    expect(file.notes).toContain("the lots realized $10.50 as the file has it, $7.00 by their counts and prices");
  });

  it("marks cut counts in a saved file of fills too, so that profit made of it says so", async () => {
    const later = { close_timestamp: "2026-04-05T14:00:00-04:00", open_timestamp: "2026-04-05T13:00:00-04:00" };
    const { fills } = await imported([head, row(later)].join("\n"));
    const saved = join(dir, "fills.csv");
    await saveTable(fills, saved);
    const profit = pnl({ fills: await readTable(saved) });
    expect(profit.notes).toEqual([
      "counts of 2 fills may be cut to whole contracts: what follows from them is not exact",
    ]);
    expect(profit.realized.toString()).toBe("3.5");
  });

  it("keeps credits, which have no market and make no fill, and says which lines they are", async () => {
    const credit = row({ type: "credit", market_ticker: "", side: "", quantity: "", open_timestamp: "" });
    const file = await imported([head, credit, row()].join("\n"));
    expect(file.table.array("type")).toEqual(["credit", "trade"]);
    expect(file.table.array("ticker")).toEqual([null, "KXA-1"]);
    expect(file.fills.numRows()).toBe(2);
    expect(file.notes).toContain("`credit` is no lot and makes no fill (line 2)");
  });

  it("reads times without offset as New York's, and says what it did in the hours that come twice or never", async () => {
    const times = ["2026-07-01 12:00:00", "2026-11-01 01:30:00", "2026-03-08 02:30:00", "2026-11-01 01:30:00 EST"];
    const file = await imported([head, ...times.map((time) => row({ close_timestamp: time }))].join("\n"));
    const byLine = new Map(
      rawOf(file.table, "line").map((line, at) => [line, file.table.get("closed_time", at) as number]),
    );
    expect([2, 3, 4, 5].map((line) => new Date(byLine.get(line)!).toISOString().slice(0, 19))).toEqual([
      "2026-07-01T16:00:00",
      "2026-11-01T05:30:00",
      "2026-03-08T07:30:00",
      "2026-11-01T06:30:00",
    ]);
    expect(file.notes).toEqual(
      expect.arrayContaining([
        "`close_timestamp` has no offset and is read as New York's time (line 2)",
        "`close_timestamp` is in the hour that New York goes through twice; read as the first time (line 3)",
        "`close_timestamp` is in the hour that New York leaves out; read as an hour later (line 4)",
      ]),
    );
  });

  it("takes the finer column where a file has both, and keeps the other", async () => {
    const both = `${head},quantity_fp,entry_price_dollars`;
    const file = await imported([both, `${row()},10.25,0.6510`].join("\n"));
    expect(rawOf(file.table, "count")).toEqual([1025]);
    expect(rawOf(file.table, "open_price")).toEqual([651_000]);
    expect(file.table.get("extra", 0)).toBe('{"quantity":"10","entry_price_cents":"65"}');
  });

  it.each([
    ["quantity", "ten", /line 3, column `quantity`: "ten" is not a number of contracts/],
    ["quantity", "-1", /line 3, column `quantity`/],
    ["quantity", "0.005", /line 3, column `quantity`/],
    ["entry_price_cents", "65c", /line 3, column `entry_price_cents`: "65c" is not an amount of money/],
    ["close_timestamp", "24.01.2026", /line 3, column `close_timestamp`: "24.01.2026" is not a time/],
    ["close_timestamp", "2026-02-30T00:00:00Z", /line 3, column `close_timestamp`/],
  ])("refuses a %s of %s, naming file, line and column", async (name, value, message) => {
    await expect(imported([head, row(), row({ [name]: value })].join("\n"))).rejects.toMatchObject({
      code: "BAD_LINE",
      message: expect.stringMatching(message) as string,
    });
  });

  it("refuses a line that is too short, and a name that stands twice", async () => {
    await expect(imported([head, "trade,1"].join("\n"))).rejects.toMatchObject({ code: "BAD_LINE" });
    await expect(imported(`${head},Market Ticker\n`)).rejects.toMatchObject({
      code: "BAD_LINE",
      message: expect.stringContaining("stands twice") as string,
    });
  });
});
