import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { KeyFilter } from "../../src/datasets/key-filter.js";
import { readTable } from "../../src/datasets/read.js";
import { saveRows, saveTable } from "../../src/datasets/write.js";
import { type SortedRows, saveSorted } from "../../src/datasets/write-sorted.js";
import { candlesticksFrame } from "../../src/frames/candlesticks.js";
import { fillsFrame } from "../../src/frames/fills.js";
import type { Frame } from "../../src/frames/frame.js";
import { rowOrder } from "../../src/frames/row-order.js";
import { trades, tradesFrame } from "../../src/frames/trades.js";
import { rawTrade } from "../frames/records.js";
import { expectRejection } from "../support/errors.js";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "kalshi-lab-sorted-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const order = rowOrder(tradesFrame)!;

/** Trades ascending, of neighbours with one key the last: what a merged download gives. */
function merged(raw: readonly unknown[]): unknown[] {
  const place = (row: unknown): string => JSON.stringify(order.keyOf(row));
  const last = new Map(raw.map((row) => [place(row), row]));
  return [...last.values()].sort((a, b) => order.compare(order.keyOf(a), order.keyOf(b)));
}

function given(rows: readonly unknown[], size: number): SortedRows {
  return {
    count: rows.length,
    *rows() {
      for (let at = 0; at < rows.length; at += size) yield rows.slice(at, at + size);
    },
  };
}

const bytes = (path: string): string => readFileSync(path).toString("base64");

describe("saving rows that are in order", () => {
  it.each(["csv", "parquet"])("makes the same %s as sorting them does, byte for byte", async (ending) => {
    const [streamed, sorted] = [join(folder, `streamed.${ending}`), join(folder, `sorted.${ending}`)];
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            number: fc.integer({ min: 0, max: 200 }),
            side: fc.constantFrom("yes", "no", "", null, "ü\n"),
            block: fc.constantFrom(true, false, null),
          }),
          { maxLength: 60 },
        ),
        fc.integer({ min: 1, max: 70 }),
        fc.boolean(),
        async (list, size, extra) => {
          const raw = list.map(({ number, side, block }, at) => {
            const trade = rawTrade(number, { taker_side: side, is_block_trade: block, new_field: at });
            // Some ids are no canonical UUIDs: the whole column is text then.
            return number > 195 ? { ...trade, trade_id: String(trade.trade_id).toUpperCase() } : trade;
          });
          const saved = await saveSorted(tradesFrame, given(merged(raw), size), streamed, { extra });
          const other = await saveRows(tradesFrame, [raw], sorted, { extra });
          expect(saved).toMatchObject({ rows: other.rows, path: streamed });
          expect(bytes(streamed)).toBe(bytes(sorted));
        },
      ),
      { numRuns: 25 },
    );
  });

  it("makes the same row groups, however the rows are handed over", async () => {
    const [streamed, sorted] = [join(folder, "streamed.parquet"), join(folder, "sorted.parquet")];
    const rows = merged(Array.from({ length: 150_000 }, (_, number) => rawTrade(number)));
    await saveRows(tradesFrame, given(rows, 5_000).rows(), sorted);
    await saveSorted(tradesFrame, given(rows, 999), streamed);
    expect(bytes(streamed)).toBe(bytes(sorted));
  });

  it("writes nothing when a record stands in two places of the order, for sorting to decide which one stays", async () => {
    const path = join(folder, "apart.csv");
    await saveTable(trades([rawTrade(0)]), path);
    const before = bytes(path);
    const early = rawTrade(5);
    const late = { ...early, created_time: "2026-11-01T10:00:00Z", count_fp: "77.00" };
    const rows = [early, rawTrade(7), rawTrade(9), late];
    expect(await saveSorted(tradesFrame, given(rows, 2), path)).toBeNull();
    expect(bytes(path)).toBe(before);
    await saveRows(tradesFrame, [rows], path);
    expect((await readTable(path)).objects()).toEqual(trades(rows).objects());
    expect((await readTable(path)).numRows()).toBe(3);
  });

  it("leaves an older file as it was, and nothing temporary, when rows end with an error on the way", async () => {
    const path = join(folder, "kept.csv");
    await saveSorted(tradesFrame, given([rawTrade(0)], 1), path);
    const before = bytes(path);
    const bad = [rawTrade(1), { ...rawTrade(2), count_fp: "x" }];
    await expectRejection(saveSorted(tradesFrame, given(bad, 1), path), "BAD_RECORD", /refused/);
    let passes = 0;
    const failing: SortedRows = {
      count: 5_000,
      *rows() {
        passes += 1;
        for (let number = 0; number < 5_000; number += 1) {
          // The first pass only counts.
          if (passes > 1 && number === 4_000) throw new Error("the disk went away");
          yield [rawTrade(number)];
        }
      },
    };
    await expectRejection(saveSorted(tradesFrame, failing, path), "WRITE_FAILED", /folder/);
    expect(passes).toBe(2);
    expect(bytes(path)).toBe(before);
    expect(readdirSync(folder).filter((name) => name.includes(".tmp"))).toEqual([]);
  });

  it("makes a file with all columns when there are no rows", async () => {
    const path = join(folder, "none.parquet");
    expect((await saveSorted(fillsFrame, given([], 1), path))?.rows).toBe(0);
    expect((await readTable(path)).columnNames()).toEqual(Object.keys(fillsFrame.fields));
  });
});

describe("the order of rows", () => {
  it("is there for every frame whose order holds its key, and only for those", () => {
    expect(rowOrder(candlesticksFrame)?.name).toBe("candlestick: end_time, ticker, period_interval");
    const keyless: Frame = { ...tradesFrame, key: [] };
    const apart: Frame = { ...tradesFrame, orderBy: ["created_time"] };
    expect([rowOrder(keyless), rowOrder(apart)]).toEqual([null, null]);
  });

  it("is that of tables: times by value, texts by code points, absent values last", () => {
    const raw = [
      rawTrade(1, { trade_id: "\u{1f600}", created_time: "2026-11-01T09:00:00.5Z" }),
      rawTrade(2, { trade_id: "\uff5e", created_time: "2026-11-01T09:00:00.500Z" }),
      rawTrade(3, { created_time: "2026-11-01T10:00:00+02:00" }),
      rawTrade(4, { created_time: "2026-11-01T09:00:00Z" }),
    ];
    expect(merged(raw).map((row) => (row as { trade_id: string }).trade_id)).toEqual(trades(raw).array("trade_id"));
    const fills = rowOrder(fillsFrame)!;
    const fill = (created_time: string | null) => fills.keyOf({ created_time, fill_id: "f", order_id: "o" });
    expect(fills.compare(fill(null), fill("2026-11-01T09:00:00Z"))).toBeGreaterThan(0);
  });
});

describe("a filter of keys", () => {
  it("knows every key that came, and takes next to none that did not for known", () => {
    const keys = Array.from({ length: 200_000 }, (_, number) => String(rawTrade(number).trade_id));
    const filter = new KeyFilter(keys.length);
    expect(keys.filter((key) => filter.add(key)).length).toBeLessThan(10);
    expect(keys.every((key) => filter.add(key))).toBe(true);
  });
});
