import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { saveTable } from "../../src/datasets/write.js";
import { exactNotional, exactSum, rawOf } from "../../src/frames/exact.js";
import { trades } from "../../src/frames/trades.js";
import { rawTrade } from "../frames/records.js";
import { python, whyNoPython } from "../support/python.js";

const whyNot = whyNoPython("pyarrow", "pandas", "polars", "duckdb");

interface Seen {
  readonly rows: number;
  readonly count: string;
  readonly notional: string;
  readonly first: number;
  readonly text: string;
  readonly nulls?: number;
  readonly trade_id?: string;
}

type Report = Record<"pyarrow" | "polars" | "pandas" | "duckdb" | "csv", Seen> & {
  readonly types: Record<string, string>;
};

describe.skipIf(whyNot !== null)(
  `Python's readers (${whyNot === null ? "pyarrow, pandas, polars, duckdb" : `skipped: ${whyNot}`})`,
  () => {
    // Amounts that no double sums exactly, and texts that are easily broken.
    const table = trades(
      Array.from({ length: 3000 }, (_, number) =>
        rawTrade(number, {
          yes_price_dollars: `0.${String(123_456 + number * 7).padStart(6, "0")}`,
          count_fp: `${number * 1_000_003}.${String(number % 100).padStart(2, "0")}`,
          ticker: 'KX "ü", 😀\nnext',
          taker_side: number % 3 === 0 ? null : "yes",
        }),
      ),
    );
    let folder: string;
    let report: Report;

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), "kalshi-lab-python-"));
      const files = [join(folder, "trades.parquet"), join(folder, "trades.csv")];
      for (const file of files) await saveTable(table, file);
      const script = fileURLToPath(new URL("python_readers.py", import.meta.url));
      const { stdout } = await promisify(execFile)(python, [script, ...files]);
      report = JSON.parse(stdout) as Report;
    });
    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    it("see decimals, UTC microseconds, booleans and text", () => {
      expect(report.types).toMatchObject({
        created_time: "timestamp[us, tz=UTC]",
        yes_price: "decimal128(18, 6)",
        no_price: "decimal128(18, 6)",
        count: "decimal128(18, 2)",
        is_block_trade: "bool",
        ticker: "string",
      });
    });

    it("read every exact value as it was", () => {
      const expected = {
        rows: 3000,
        count: exactSum(table, "count").toFixed(2),
        notional: exactNotional(table).toFixed(8),
        first: rawOf(table, "created_time")[0],
        text: 'KX "ü", 😀\nnext',
      };
      for (const reader of ["pyarrow", "polars", "pandas", "duckdb"] as const) {
        expect(report[reader], reader).toMatchObject({ ...expected, nulls: 1000 });
      }
      expect(report.csv).toMatchObject(expected);
      expect(report.pyarrow.trade_id).toBe(table.get("trade_id", 0));
    });
  },
);
