import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { readTable } from "../../src/datasets/read.js";
import { rawOf } from "../../src/frames/exact.js";
import { expectFailure, runCli } from "../support/cli.js";

const dir = mkdtempSync(join(tmpdir(), "kalshi-lab-import-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const transactions = join(dir, "Kalshi-Transactions-2026.csv");
writeFileSync(
  transactions,
  `\uFEFFtype,quantity,market_ticker,side,entry_price_cents,exit_price_cents,open_fees_cents,close_fees_cents,realized_pnl_without_fees_cents,realized_pnl_with_fees_cents,close_timestamp,open_timestamp
trade,10,KXA-1,yes,65,100,30,0,350,320,2026-01-24T14:53:59-05:00,2026-01-24T06:31:32-05:00
trade,0,KXB-1,no,40,70,1,1,15,13,2026-04-05T10:41:45-04:00,2026-04-05T10:39:02-04:00
credit,,,,,,,,500,500,2026-02-05T10:41:45-05:00,
`,
);
const activity = join(dir, "Kalshi-Recent-Activity-All.csv");
writeFileSync(
  activity,
  `type,Amount_In_Dollars,Original_Date,Fee_In_Dollars,Market_Ticker,Direction,Price_In_Cents,Yes_Contracts_Owned,No_Contracts_Owned,Result,Profit_In_Dollars
Settlement,,2026-01-10T22:26:30Z,,KXA-1,,,7,0,yes,7
Trade,7,2026-01-09T22:26:30Z,0.10,KXA-1,Yes,40,,,,
`,
);

describe("kalshi-lab import", () => {
  it("prints what the file holds, and what of it is not exact, as JSON", async () => {
    const { code, stdout, stderr } = await runCli(["import", transactions, "--json"]);
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      kind: "transactions",
      rows: 3,
      types: { trade: 2, credit: 1 },
      from: "2026-01-24T19:53:59Z",
      to: "2026-04-05T14:41:45Z",
      sums: { realized: "8.650000", open_fees: "0.310000", close_fees: "0.010000", net: "8.330000" },
      fills: 4,
      settlements: 0,
    });
    expect(stderr).toMatch(/^note: counts of 1 of 3 rows may be cut to whole contracts, in 1 of them down to 0/m);
  });

  it("prints the rows and the summary for people", async () => {
    const { code, stdout, stderr } = await runCli(["import", transactions]);
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/KXA-1 .*10\.00 +true/);
    expect(stderr).toContain("transactions: 3 rows (2 trade, 1 credit), 2026-01-24T19:53:59Z to 2026-04-05T14:41:45Z");
  });

  it("saves every row with its types, and fills and settlements that pnl takes", async () => {
    const [out, fills, settlements] = ["rows.parquet", "fills.csv", "settlements.arrow"].map((name) =>
      join(dir, name),
    ) as [string, string, string];
    const run = await runCli(["import", activity, "--out", out, "--fills", fills, "--settlements", settlements]);
    expect(run.code, run.stderr).toBe(0);
    const rows = await readTable(out);
    expect(rawOf(rows, "count")).toEqual([700, null]);
    expect(rawOf(rows, "revenue")).toEqual([null, 7_000_000]);
    const profit = await runCli(["pnl", "--fills", fills, "--settlements", settlements, "--json"]);
    expect(profit.code, profit.stderr).toBe(0);
    expect(JSON.parse(profit.stdout)).toEqual({
      markets: [
        {
          ticker: "KXA-1",
          position: "0.00",
          realized: "4.200000",
          unrealized: "0.000000",
          fees: "0.100000",
          net: "4.100000",
        },
      ],
      total: { realized: "4.200000", unrealized: "0.000000", fees: "0.100000", net: "4.100000" },
    });
  });

  it("refuses a file that is none of the exchange's, a missing one, and an ending it cannot write, before it reads", async () => {
    const other = join(dir, "other.csv");
    writeFileSync(other, "date,symbol\n");
    await expectFailure(runCli(["import", other]), "COLUMN_MISSING", { found: /date, symbol/, hint: /Original_Date/ });
    await expectFailure(runCli(["import", join(dir, "missing.csv")]), "FILE_NOT_FOUND");
    const [out, unknown] = [join(dir, "first.csv"), join(dir, "second.xlsx")];
    await expectFailure(runCli(["import", activity, "--out", out, "--fills", unknown]), "FILE_FORMAT");
    expect(existsSync(out)).toBe(false);
  });
});

describe("kalshi-lab pnl", () => {
  it("takes the exchange's own files as they are, and tells what in them is not exact", async () => {
    const { code, stdout, stderr } = await runCli(["pnl", "--fills", transactions, "--json"]);
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ total: { realized: "3.500000", fees: "0.320000" } });
    expect(stderr).toMatch(/^note: .*Kalshi-Transactions-2026.csv: counts of 1 of 3 rows may be cut/m);
    expect(stderr).toMatch(/^note: counts of 2 fills may be cut to whole contracts/m);
  });

  it("takes the settlements of an Activity file with its fills", async () => {
    const { code, stdout, stderr } = await runCli(["pnl", "--fills", activity, "--json"]);
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ total: { realized: "4.200000", unrealized: "0.000000" } });
  });
});
