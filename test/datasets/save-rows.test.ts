import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readTable } from "../../src/datasets/read.js";
import { saveRows, saveTable } from "../../src/datasets/write.js";
import { parseTrade } from "../../src/exchange/trade.js";
import { fillsFrame } from "../../src/frames/fills.js";
import { topOfBookFrame } from "../../src/frames/flows.js";
import { trades, tradesFrame } from "../../src/frames/trades.js";
import { rawTrade } from "../frames/records.js";
import { expectRejection } from "../support/errors.js";
import { quoteRecord, quotesTable } from "../support/quotes-table.js";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "kalshi-lab-rows-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function* pagesOf<T>(rows: readonly T[], size: number): AsyncGenerator<readonly T[]> {
  for (let at = 0; at < rows.length; at += size) yield rows.slice(at, at + size);
}

describe("saving rows as they come", () => {
  it("makes the file that the table of the same records makes, byte for byte in CSV", async () => {
    const [streamed, whole] = [join(folder, "streamed.csv"), join(folder, "whole.csv")];
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            number: fc.integer({ min: 0, max: 30 }),
            count: fc.integer({ min: 1, max: 9 }),
            side: fc.constantFrom("yes", "no", "", null, "ü\n"),
            odd: fc.boolean(),
          }),
          { maxLength: 80 },
        ),
        fc.integer({ min: 1, max: 30 }),
        async (list, size) => {
          const raw = list.map(({ number, count, side, odd }) => {
            const trade = rawTrade(number, { count_fp: `${count}.50`, taker_side: side });
            // Now and then an id that is no canonical UUID.
            return odd && number > 25 ? { ...trade, trade_id: String(trade.trade_id).toUpperCase() } : trade;
          });
          const saved = await saveRows(tradesFrame, pagesOf(raw, size), streamed);
          const table = trades(raw);
          await saveTable(table, whole);
          expect(saved).toMatchObject({
            rows: table.numRows(),
            duplicates: raw.length - table.numRows(),
            path: streamed,
          });
          expect(readFileSync(streamed, "utf8")).toBe(readFileSync(whole, "utf8"));
        },
      ),
      { numRuns: 40 },
    );
  });

  it("makes the same Parquet rows over many batches, also when an id ceases to be a UUID on the way", async () => {
    const path = join(folder, "many.parquet");
    for (const odd of [-1, 10, 45_000]) {
      const raw = Array.from({ length: 50_000 }, (_, number) =>
        rawTrade((number * 7919) % 49_000, number === odd ? { trade_id: "odd" } : {}),
      );
      const saved = await saveRows(tradesFrame, pagesOf(raw, 1000), path, { memory: "64MB" });
      const table = trades(raw);
      expect(saved.rows).toBe(table.numRows());
      const back = await readTable(path);
      expect(back.numRows()).toBe(table.numRows());
      for (const name of table.columnNames()) expect(back.array(name), name).toEqual(table.array(name));
    }
  });

  it("keeps unknown fields in `extra` when asked to, and the manifest knows the rows", async () => {
    const path = join(folder, "extra.csv");
    const provenance = {
      noun: "trade",
      sources: [],
      cutoffs: null,
      from: null,
      to: null,
      covered: null,
      complete: true,
      why: null,
      rows: 0,
      at: "2026-11-01T10:00:00Z",
    };
    const saved = await saveRows(
      tradesFrame,
      pagesOf([rawTrade(0, { new_field: 1 }), rawTrade(0), rawTrade(1, { new_field: [2] })], 2),
      path,
      {
        extra: true,
        provenance: () => provenance,
      },
    );
    expect((await readTable(path)).array("extra")).toEqual([null, '{"new_field":[2]}']);
    expect(saved.manifest).toMatchObject({ rows: 2, noun: "trade", provenance: { rows: 2, complete: true } });
  });

  it("takes typed records where they are not from the wire", async () => {
    const path = join(folder, "typed.parquet");
    const list = [2, 1, 1].map((time) => ({
      time,
      ticker: "KX",
      yes_bid: 390_000,
      yes_bid_size: 100,
      yes_ask: null,
      yes_ask_size: null,
    }));
    await saveRows(topOfBookFrame, pagesOf(list.map(quoteRecord), 2), path, { typed: true });
    expect((await readTable(path)).objects()).toEqual(quotesTable(list).objects());
    await saveRows(tradesFrame, pagesOf([parseTrade(rawTrade(1))], 1), path, { typed: true });
    expect((await readTable(path)).objects()).toEqual(trades([rawTrade(1)]).objects());
  });

  it("makes a file with all columns when no rows came", async () => {
    const path = join(folder, "none.parquet");
    expect((await saveRows(fillsFrame, pagesOf([], 1), path)).rows).toBe(0);
    expect((await readTable(path)).columnNames()).toEqual(Object.keys(fillsFrame.fields));
  });

  it("clears away what a killed process left of the same file, and nothing else", async () => {
    const path = join(folder, "crashed.csv");
    const dead = spawnSync(process.execPath, ["-e", ""]).pid;
    const left = [
      `crashed.csv.${dead}-0123abcd.tmp`,
      `crashed.csv.${process.pid}-0123abcd.tmp`,
      `other.csv.${dead}-0123abcd.tmp`,
    ];
    for (const name of left) mkdirSync(join(folder, name));
    await saveRows(tradesFrame, pagesOf([rawTrade(0)], 1), path);
    expect(left.map((name) => existsSync(join(folder, name)))).toEqual([false, true, true]);
    for (const name of left) rmSync(join(folder, name), { recursive: true, force: true });
  });

  it("leaves an older file as it was when a record is refused, and nothing temporary", async () => {
    const path = join(folder, "kept.csv");
    await saveRows(tradesFrame, pagesOf([rawTrade(0)], 1), path);
    const before = readFileSync(path, "utf8");
    await expectRejection(
      saveRows(tradesFrame, pagesOf([rawTrade(1), { ...rawTrade(2), count_fp: "x" }], 1), path),
      "BAD_RECORD",
      /refused/,
    );
    expect(readFileSync(path, "utf8")).toBe(before);
    expect(readdirSync(folder).filter((name) => name.includes(".tmp"))).toEqual([]);
  });
});
