import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Decimal } from "decimal.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openRecording } from "../../src/lab/recording.js";
import { formatCount } from "../../src/units/count.js";
import { formatPrice } from "../../src/units/price.js";
import { writeDeltas } from "../support/many-deltas.js";
import { python, whyNoPython } from "../support/python.js";

const whyNot = whyNoPython("pyarrow", "pandas", "polars", "duckdb");

interface Report {
  readonly types: Record<"parquet" | "arrow", Record<string, string>>;
  readonly readers: Record<string, unknown>;
}

describe.skipIf(whyNot !== null)(
  `Python's readers of a recording's quotes (${whyNot === null ? "pyarrow, pandas, polars, duckdb" : `skipped: ${whyNot}`})`,
  () => {
    let folder: string;
    let report: Report;
    const expected = { rows: 0, bids: "", sizes: "", unknown: 0, nulls: 0, times: 0 };

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), "kalshi-lab-readers-"));
      await writeDeltas(join(folder, "recording"), 20_000, 4, { lost: 16_000 });
      const recording = await openRecording(join(folder, "recording"));
      const files = [join(folder, "quotes.parquet"), join(folder, "quotes.arrow")];
      for (const file of files) await recording.quotes().save(file);
      let [bids, sizes] = [new Decimal(0), new Decimal(0)];
      for await (const { time, yes_bid, yes_bid_size, trust } of recording.quotes().rows()) {
        expected.rows += 1;
        expected.times += time % 1e9;
        if (trust === "unknown") expected.unknown += 1;
        if (yes_bid === null) expected.nulls += 1;
        else bids = bids.add(formatPrice(yes_bid));
        if (yes_bid_size !== null) sizes = sizes.add(formatCount(yes_bid_size));
      }
      Object.assign(expected, { bids: bids.toFixed(6), sizes: sizes.toFixed(2) });
      const script = fileURLToPath(new URL("recording_readers.py", import.meta.url));
      const { stdout } = await promisify(execFile)(python, [script, ...files]);
      report = JSON.parse(stdout) as Report;
    });
    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    it("see decimals and UTC microseconds in Parquet and in Arrow", () => {
      for (const types of Object.values(report.types)) {
        expect(types).toMatchObject({
          time: "timestamp[us, tz=UTC]",
          yes_bid: "decimal128(18, 6)",
          yes_ask: "decimal128(18, 6)",
          yes_bid_size: "decimal128(18, 2)",
        });
      }
    });

    it("read every price, size and moment exactly, and nothing where the book is unknown", () => {
      expect(expected.rows).toBeGreaterThan(500);
      expect(expected.unknown).toBe(4);
      expect(Object.keys(report.readers)).toHaveLength(7);
      for (const [reader, seen] of Object.entries(report.readers))
        expect({ reader, seen }).toEqual({ reader, seen: expected });
    });
  },
);
