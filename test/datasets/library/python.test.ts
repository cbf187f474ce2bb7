import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { rawTrade } from "../../frames/records.js";
import { python, whyNoPython } from "../../support/python.js";
import { SmallLibrary } from "../../support/small-library.js";

const whyNot = whyNoPython("pyarrow", "pandas", "polars", "duckdb");

describe.skipIf(whyNot !== null)(
  `Python's readers of a library (${whyNot === null ? "pyarrow, pandas, polars, duckdb" : `skipped: ${whyNot}`})`,
  () => {
    it("read the folder of a kind as it is, by its partitions, also of several files each, every count exact", async () => {
      const root = mkdtempSync(join(tmpdir(), "library-python-"));
      try {
        const library = await SmallLibrary.make(join(root, "datasets"));
        const expected: Record<string, [number, number]> = {};
        for (let batch = 0; batch < 3; batch += 1) {
          for (const series of ["KXA", "KXB"]) {
            const rows = Array.from({ length: 40 }, (_, at) => {
              const number = 100 * batch + at + (series === "KXA" ? 0 : 1000);
              const day = 1 + (number % 2);
              const key = `${series} 2026-11-0${day}`;
              const [seen, cents] = expected[key] ?? [0, 0];
              expected[key] = [seen + 1, cents + number * 100 + 7];
              const time = `2026-11-0${day}T10:00:00.${String(number).padStart(6, "0")}Z`;
              return rawTrade(number, { created_time: time, count_fp: `${number}.07` });
            });
            await library.merge("trades", series, rows);
          }
        }
        const script = fileURLToPath(new URL("python_library.py", import.meta.url));
        const { stdout } = await promisify(execFile)(python, [script, join(library.dir, "kind=trades")]);
        const report = JSON.parse(stdout) as Record<string, Record<string, [number, string]> | number>;
        const told = Object.fromEntries(
          Object.entries(expected).map(([key, [seen, cents]]) => [key, [seen, (cents / 100).toFixed(2)]]),
        );
        for (const reader of ["pyarrow", "pandas", "polars", "duckdb"]) expect(report[reader], reader).toEqual(told);
        expect(report.pyarrow_filtered).toBe(120);
      } finally {
        rmSync(root, { recursive: true, force: true });
      }
    }, 60_000);
  },
);
