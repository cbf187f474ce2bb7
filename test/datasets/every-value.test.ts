import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { saveTable } from "../../src/datasets/write.js";
import { marketFields } from "../../src/exchange/market.js";
import { tradeFields } from "../../src/exchange/trade.js";
import { python, whyNoPython } from "../support/python.js";
import { whyNot as whyNoRecords } from "../support/real-data.js";
import { realMarketRecords, realTradeRecords } from "../support/real-tables.js";
import { type Expected, everyKind, expectedOf, extremes } from "../support/wire-cells.js";

const whyNot = whyNoPython("pyarrow", "pandas", "polars", "duckdb");
const script = fileURLToPath(new URL("every_value.py", import.meta.url));
const READERS = ["duckdb", "pandas", "polars", "pyarrow"];

type Report = Record<string, Record<string, { readonly compared: number; readonly wrong: readonly string[] }>>;

describe.skipIf(whyNot !== null)(
  `Python's readers, value by value (${whyNot === null ? "pyarrow, pandas, polars, duckdb" : `skipped: ${whyNot}`})`,
  () => {
    let root: string;
    beforeAll(() => {
      root = mkdtempSync(join(tmpdir(), "every-value-"));
    });
    afterAll(() => rmSync(root, { recursive: true, force: true }));

    /** Saves a table in every format, and has every reader read every value of it. */
    async function expectRead({ name, table, columns, rows }: Expected): Promise<void> {
      const expectation = join(root, `${name}.json`);
      writeFileSync(expectation, JSON.stringify({ columns, rows }));
      const files = ["parquet", "csv", "arrow"].map((ending) => join(root, `${name}.${ending}`));
      for (const file of files) await saveTable(table, file);
      const { stdout } = await promisify(execFile)(python, [script, expectation, ...files], { maxBuffer: 1e8 });
      const report = JSON.parse(stdout) as Report;
      const each = Object.fromEntries(
        READERS.map((reader) => [reader, { compared: rows.length * columns.length, wrong: [] }]),
      );
      expect(report).toEqual({ parquet: each, csv: each, arrow: each });
    }

    const seed = Math.floor(Math.random() * 1e9);
    it(`read extremes in every format as the exchange's texts have them: seed ${seed}`, async () => {
      await expectRead(expectedOf("extremes", everyKind, extremes(seed, 800)));
    }, 120_000);

    it.skipIf(whyNoRecords !== null)(
      `read real trades and markets in every format as the exchange's texts have them (${whyNoRecords ?? "kxhighny"})`,
      async () => {
        await expectRead(expectedOf("trades", tradeFields, realTradeRecords().slice(0, 4_000)));
        await expectRead(expectedOf("markets", marketFields, realMarketRecords()));
      },
      240_000,
    );
  },
);
