import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { saveTable } from "../../src/datasets/write.js";
import type { Kind } from "../../src/exchange/field.js";
import { marketFields } from "../../src/exchange/market.js";
import { tradeFields } from "../../src/exchange/trade.js";
import { type HyparquetFile, hyparquetCell, readHyparquet } from "../support/hyparquet.js";
import { labAndSandbox } from "../support/lab.js";
import { folder, whyNot } from "../support/real-data.js";
import { realMarketRecords, realTradeRecords } from "../support/real-tables.js";
import { SmallLibrary } from "../support/small-library.js";
import { type Cell, type Expected, everyKind, expectedOf, extremes } from "../support/wire-cells.js";

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "hyparquet-"));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Every value of a file as hyparquet tells it, by column. */
function cellsOf(file: HyparquetFile, columns: Expected["columns"]): readonly (readonly Cell[])[] {
  return file.rows.map((row) => columns.map(({ name }) => hyparquetCell(file, name, row[name])));
}

/** Asserts that a file has the values expected, each (or where one is told); the first that are not are named. */
async function expectRead(path: string, { columns, rows }: Expected, where: "told" | "all" = "all"): Promise<void> {
  const file = await readHyparquet(path);
  expect(file.rows).toHaveLength(rows.length);
  const found = cellsOf(file, columns);
  const wrong: string[] = [];
  for (const [row, cells] of rows.entries())
    for (const [at, { name, kind }] of columns.entries())
      if (!(where === "told" && cells[at] === null) && !isSame(kind, found[row]![at]!, cells[at]!))
        wrong.push(`${name} of row ${row}: ${found[row]![at]} instead of ${cells[at]}`);
  expect(wrong.slice(0, 5)).toEqual([]);
}

/** JSON by what it says, since numbers in it may be written otherwise. */
function isSame(kind: Kind, found: Cell, wanted: Cell): boolean {
  if (kind !== "json" || found === null || wanted === null) return found === wanted;
  return isDeepStrictEqual(JSON.parse(found), JSON.parse(wanted));
}

describe("hyparquet, which shares nothing with what writes our Parquet", () => {
  it("reads every value as the exchange's text has it, every time to the microsecond, whatever stands there", async () => {
    const path = join(root, "extremes.parquet");
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 1_000_000 }), async (seed) => {
        // Its decimals are doubles: of twelve digits before the point not all behind it are told.
        const raw = extremes(seed, 40).filter((one) =>
          ["a_contracts", "m_contracts"].every((name) => String(one[name] ?? "").replace(/\..*/, "").length <= 11),
        );
        const expected = expectedOf("thing", everyKind, raw);
        await saveTable(expected.table, path);
        await expectRead(path, expected);
      }),
      { numRuns: 25 },
    );
  }, 120_000);

  it("sees decimals of our scales, UTC microseconds, booleans and texts", async () => {
    const path = join(root, "types.parquet");
    await saveTable(expectedOf("thing", everyKind, extremes(1, 20)).table, path);
    const { schema } = await readHyparquet(path);
    const told = Object.fromEntries(
      [...schema].filter(([name]) => name.startsWith("maybe")).map(([name, one]) => [name, one]),
    );
    expect(told).toMatchObject({
      maybe_dollars: { type: "INT64", converted_type: "DECIMAL", precision: 18, scale: 6 },
      maybe_contracts: { type: "INT64", converted_type: "DECIMAL", precision: 18, scale: 2 },
      maybe_time: { type: "INT64", logical_type: { type: "TIMESTAMP", isAdjustedToUTC: true, unit: "MICROS" } },
      maybe_text: { type: "BYTE_ARRAY", converted_type: "UTF8" },
      maybe_boolean: { type: "BOOLEAN" },
      maybe_number: { type: "DOUBLE" },
      maybe_integer: { type: "INT64" },
    });
  });
});

describe.skipIf(whyNot !== null)(`hyparquet, of real records (${whyNot ?? "kxhighny"})`, () => {
  it("reads every trade and every market of a saved table as the exchange's texts have them", async () => {
    for (const [name, fields, raw] of [
      ["trade", tradeFields, realTradeRecords()],
      ["market", marketFields, realMarketRecords()],
    ] as const) {
      const path = join(root, `${name}.parquet`);
      const expected = expectedOf(name, fields, raw);
      expect(expected.rows.length).toBeGreaterThan(100);
      await saveTable(expected.table, path);
      await expectRead(path, expected);
    }
  }, 120_000);

  it("reads the trades of a download, and those of a library, as the exchange's texts have them", async () => {
    const raw = realTradeRecords();
    const byId = new Map(raw.map((one) => [String(one.trade_id), one]));
    const check = async (paths: readonly string[], where: "told" | "all"): Promise<void> => {
      let seen = 0;
      for (const path of paths) {
        const { rows } = await readHyparquet(path);
        const own = rows.map((row) => byId.get(String(row.trade_id))!);
        await expectRead(path, expectedOf("trade", tradeFields, own), where);
        seen += own.length;
      }
      expect(seen).toBe(byId.size);
    };
    const { lab, close } = await labAndSandbox({ data: folder, speed: 0 });
    try {
      const { path } = await lab.trades({ series: "KXHIGHNY" }).save(join(root, "download.parquet"));
      // The sandbox sends fields besides that these records are older than.
      await check([path], "told");
    } finally {
      await close();
    }
    const library = await SmallLibrary.make(join(root, "datasets"));
    await library.merge("trades", "KXHIGHNY", raw);
    const kind = join(library.dir, "kind=trades");
    await check(
      readdirSync(kind, { recursive: true, encoding: "utf8" })
        .filter((name) => name.endsWith(".parquet"))
        .map((name) => join(kind, name)),
      "all",
    );
  }, 180_000);
});
