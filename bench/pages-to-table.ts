import { createHash } from "node:crypto";
import { tableBuilder } from "../src/frames/builder.js";
import { tradesFrame } from "../src/frames/trades.js";
import type { BenchResult } from "./result.js";

const PAGES = 400;
const ROWS = 1000;

/**
 * Pages of trades into typed columns, as a multiple of bare `JSON.parse` of the same pages; and the whole way to a table, ordered and each
 * row once. Page by page, in an order that alternates, by the processor time of this process; the first pages warm up and do not count.
 */
export async function pagesToTable(): Promise<readonly BenchResult[]> {
  const pages = Array.from({ length: PAGES }, (_, page) => tradePage(page));
  const warm = tableBuilder(tradesFrame.noun, tradesFrame.fields);
  for (let round = 0; round < 60; round += 1) warm.add(tradesOf(pages[round]!));
  const arrangement = { orderBy: tradesFrame.orderBy, dedupeBy: tradesFrame.key };
  warm.finish(arrangement);
  const before = memory();
  const builder = tableBuilder(tradesFrame.noun, tradesFrame.fields);
  const ratios: number[] = [];
  const total = { bare: 0, columns: 0 };
  for (const [number, page] of pages.entries()) {
    const bare = () => cpu(() => tradesOf(page));
    const columns = () => cpu(() => builder.add(tradesOf(page)));
    const [first, second] = number % 2 === 0 ? [bare, columns] : [columns, bare];
    const a = first();
    const b = second();
    const [bareTime, columnsTime] = number % 2 === 0 ? [a, b] : [b, a];
    total.bare += bareTime;
    total.columns += columnsTime;
    ratios.push(columnsTime / bareTime);
  }
  const table = builder.finish(arrangement);
  const kept = Math.max(0, memory() - before);
  const rows = table.numRows();
  const finish = [1, 2, 3].map(() => cpu(() => builder.finish(arrangement))).sort((a, b) => a - b)[1]!;
  ratios.sort((a, b) => a - b);
  const unit = "× bare JSON.parse";
  return [
    {
      name: "pages to columns",
      ratio: round(total.columns / total.bare),
      unit,
      details: {
        goal: 1.5,
        rows,
        median_page_ratio: round(ratios[ratios.length >> 1]!),
        json_parse_ms: round(total.bare / 1000),
        columns_ms: round(total.columns / 1000),
      },
    },
    {
      name: "pages to table, ordered, each row once",
      ratio: round((total.columns + finish) / total.bare),
      unit,
      details: {
        rows,
        order_and_dedupe_ms: round(finish / 1000),
        // The builder's own columns have room to grow; the table's are what stays.
        bytes_per_row: round(tableBytes(table) / rows),
        process_bytes_per_row: round(kept / rows),
      },
    },
  ];
}

function tradesOf(page: string): unknown[] {
  return (JSON.parse(page) as { trades: unknown[] }).trades;
}

/** A page as the exchange sends it: a thousand trades, newest first, ten fields. */
function tradePage(page: number): string {
  const trades = Array.from({ length: ROWS }, (_, row) => {
    const number = page * ROWS + row;
    const noise = createHash("sha256").update(String(number)).digest();
    const hex = noise.toString("hex");
    const yes = 100 + (noise.readUInt16LE(0) % 9800);
    const side = noise[2]! % 2 === 0 ? "yes" : "no";
    const time = 1_793_000_000_000_000 - number * 1_234_567;
    const micros = String(time % 1_000_000).padStart(6, "0");
    return {
      trade_id: `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`,
      ticker: `KXRAIN-26NOV${String(1 + (noise[3]! % 28)).padStart(2, "0")}-T${50 + (noise[4]! % 12)}`,
      yes_price_dollars: (yes / 10_000).toFixed(4),
      no_price_dollars: ((10_000 - yes) / 10_000).toFixed(4),
      count_fp: (1 + (noise.readUInt16LE(5) % 50_000) / 100).toFixed(2),
      taker_side: side,
      taker_outcome_side: side,
      taker_book_side: side === "yes" ? "bid" : "ask",
      created_time: `${new Date(Math.floor(time / 1000)).toISOString().slice(0, 19)}.${micros}Z`,
      is_block_trade: false,
    };
  });
  return JSON.stringify({ trades, cursor: "next" });
}

/** Processor time of a piece of work, µs. */
function cpu(work: () => unknown): number {
  const from = process.cpuUsage();
  work();
  const spent = process.cpuUsage(from);
  return spent.user + spent.system;
}

function memory(): number {
  globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** Bytes of the typed arrays that a table's columns hold. */
function tableBytes(table: { columnNames(): string[]; column(name: string): unknown }): number {
  let bytes = 0;
  for (const name of table.columnNames()) {
    for (const held of Object.values(table.column(name) as object)) {
      if (ArrayBuffer.isView(held)) bytes += held.byteLength;
    }
  }
  return bytes;
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
