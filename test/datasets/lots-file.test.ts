import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ColumnTable } from "arquero";
import { Decimal } from "decimal.js";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { type Profit, pnl } from "../../src/analysis/profit/pnl.js";
import { literal, withConnection } from "../../src/datasets/duckdb.js";
import { saveTable } from "../../src/datasets/write.js";
import { anyAccount, fill, settlement } from "../analysis/profit/made-fills.js";
import { micros } from "./accounts/made.js";

const dir = mkdtempSync(join(tmpdir(), "kalshi-lab-lots-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const sums = ["cost", "proceeds", "open_fees", "close_fees", "fees", "realized", "net"] as const;
type Sums = Readonly<Record<string, Decimal>>;

/** Sums of a CSV file's columns, read as a spreadsheet would: no field of these has a comma or a quote. */
async function sumsOfCsv(table: ColumnTable): Promise<Sums> {
  const path = join(dir, "lots.csv");
  await saveTable(table, path);
  const [head = "", ...lines] = readFileSync(path, "utf8").trimEnd().split("\n");
  const names = head.split(",");
  const rows = lines.map((line) => line.split(","));
  const sum = (name: string) => rows.reduce((total, row) => total.plus(row[names.indexOf(name)]!), new Decimal(0));
  return Object.fromEntries(sums.filter((name) => names.includes(name)).map((name) => [name, sum(name)]));
}

/** The same of a Parquet file, summed up by an engine of its own. */
async function sumsOfParquet(table: ColumnTable): Promise<Sums> {
  const path = join(dir, "lots.parquet");
  await saveTable(table, path);
  const names = sums.filter((name) => table.columnNames().includes(name));
  return withConnection(async (connection) => {
    const columns = names.map((name) => `coalesce(sum(${name}), 0)::DECIMAL(38,6)::VARCHAR`);
    const result = await connection.runAndReadAll(`SELECT ${columns.join(", ")} FROM read_parquet(${literal(path)})`);
    const [row = []] = result.getRows();
    return Object.fromEntries(names.map((name, at) => [name, new Decimal(String(row[at]))]));
  });
}

/** What must hold between the files of closed and of open lots and the profit. */
function expectAddedUp(closed: Sums, open: Sums, profit: Profit): void {
  expect(micros(closed.realized!)).toBe(micros(profit.realized));
  expect(micros(closed.fees!.plus(open.open_fees!))).toBe(micros(profit.fees));
  expect(micros(closed.open_fees!.plus(closed.close_fees!))).toBe(micros(closed.fees!));
  expect(micros(closed.proceeds!.minus(closed.cost!))).toBe(micros(closed.realized!));
  expect(micros(closed.realized!.minus(closed.fees!))).toBe(micros(closed.net!));
}

describe.each([
  ["CSV", sumsOfCsv, 30],
  ["Parquet", sumsOfParquet, 12],
] as const)("a %s file of lots", (_, sumsOf, numRuns) => {
  it("adds up to the realized profit, and with what is held to the fees and the cost, to the micro-dollar", async () => {
    await fc.assert(
      fc.asyncProperty(anyAccount, async (input) => {
        const profit = pnl(input);
        const open = await sumsOf(profit.openLots);
        expectAddedUp(await sumsOf(profit.lots), open, profit);
        expect(micros(open.cost!)).toBe(micros(profit.exposure));
      }),
      { numRuns },
    );
  });

  it("has every fee and the whole profit once everything is closed", async () => {
    await fc.assert(
      fc.asyncProperty(anyAccount, async ({ fills }) => {
        const settlements = ["M0", "M1", "M2"].map((ticker) => settlement("yes", { ticker }));
        const profit = pnl({ fills, settlements });
        const closed = await sumsOf(profit.lots);
        expect(micros(closed.fees!)).toBe(micros(profit.fees));
        expect(micros(closed.net!)).toBe(micros(profit.net));
      }),
      { numRuns },
    );
  });

  it("adds up also for prices of a millionth of a dollar, of which parts of a contract leave less than a micro-dollar", async () => {
    const price = fc.integer({ min: 1, max: 999_999 }).map((micros) => (micros / 1e6).toFixed(6));
    const one = fc.record({ price, bid: fc.boolean(), count: fc.integer({ min: 1, max: 300 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(one, { maxLength: 30 }), async (list) => {
        const fills = list.map(({ price, bid, count }) => fill(`${bid ? "bid" : "ask"} ${count / 100} @ ${price}`));
        const profit = pnl({ fills });
        expectAddedUp(await sumsOf(profit.lots), await sumsOf(profit.openLots), profit);
      }),
      { numRuns },
    );
  });
});

describe("lots", () => {
  it("name their event where a record tells it, and keep what is still held apart", () => {
    const fills = [fill("bid 3 @ 0.40", { fee_cost: 90_000 }), fill("ask 1 @ 0.60", { fee_cost: 10_000 })];
    const markets = [{ ticker: "KXA-26OCT01-T1", settlement_value: null, event_ticker: "KXA-26OCT01" }];
    const { lots, openLots } = pnl({ fills, markets });
    expect(lots.objects()).toMatchObject([
      {
        event_ticker: "KXA-26OCT01",
        side: "yes",
        count: 1,
        open_fees: 0.03,
        close_fees: 0.01,
        realized: 0.2,
        net: 0.16,
      },
    ]);
    expect(openLots.objects()).toMatchObject([
      { event_ticker: "KXA-26OCT01", side: "yes", count: 2, open_price: 0.4, cost: 0.8, open_fees: 0.06 },
    ]);
  });

  it("give the open lots of a NO position their own price", () => {
    expect(pnl({ fills: [fill("ask 2 @ 0.70")] }).openLots.objects()).toMatchObject([
      { side: "no", count: 2, open_price: 0.3, cost: 0.6 },
    ]);
  });
});
