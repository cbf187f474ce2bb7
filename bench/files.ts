import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { literal, withConnection } from "../src/datasets/duckdb.js";
import { startChild } from "./child.js";
import type { Writing, Written } from "./file-writer.js";
import { madeTrades } from "./made-trades.js";
import { peerFolder } from "./peers.js";
import type { BenchResult } from "./result.js";

const TRADES = 5_000_000;

/**
 * Five million trades in memory to Parquet and to CSV, beside what the engine's own `COPY` takes that has them in its memory, and
 * `hyparquet-writer` with them as arrays of integers and texts. Each in a process of its own; processor time, since they use all cores.
 */
export async function files(rows = TRADES): Promise<readonly BenchResult[]> {
  const folder = mkdtempSync(join(tmpdir(), "kalshi-lab-bench-files-"));
  try {
    peerFolder("hyparquet-writer");
    const from = join(folder, "made.parquet");
    await make(rows, from);
    const write = async (who: Writing["who"], name: string): Promise<Written & { bytes: number }> => {
      const path = join(folder, name);
      const { child } = await startChild("file-writer.ts", { who, path, from } satisfies Writing);
      try {
        const written = await child.ask<Written>("write");
        return { ...written, bytes: statSync(path).size };
      } finally {
        await child.close();
      }
    };
    const ours = await write("ours", "ours.parquet");
    const engine = await write("DuckDB's COPY", "engine.parquet");
    const peer = await write("hyparquet-writer", "peer.parquet");
    const oursCsv = await write("ours", "ours.csv");
    const engineCsv = await write("DuckDB's COPY", "engine.csv");
    return [
      result("Parquet", rows, { ours, duckdb: engine, hyparquet_writer: peer }),
      result("CSV", rows, { ours: oursCsv, duckdb: engineCsv }),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function make(rows: number, path: string): Promise<unknown> {
  return withConnection(async (connection) => {
    await connection.run("SET TimeZone = 'UTC'");
    const made = { series: "BENCH-26NOV27", date: "2026-01-01", rows, markets: 200, every: 200_000 };
    await connection.run(`COPY (${madeTrades(made)}) TO ${literal(path)} (FORMAT parquet)`);
  });
}

function result(
  format: string,
  rows: number,
  writers: Readonly<Record<string, Written & { bytes: number }>> &
    Readonly<Record<"ours" | "duckdb", Written & { bytes: number }>>,
): BenchResult {
  const details: Record<string, number | string> = {};
  for (const [name, { seconds, cpuSeconds, before, peak, bytes }] of Object.entries(writers)) {
    details[`${name}_rows_per_second`] = Math.round(rows / seconds);
    details[`${name}_cpu_seconds`] = cpuSeconds.toFixed(2);
    details[`${name}_megabytes_with_the_trades`] = Math.round(before);
    details[`${name}_peak_megabytes`] = Math.round(peak);
    details[`${name}_file_megabytes`] = (bytes / 1e6).toFixed(1);
  }
  return {
    name: `${rows.toLocaleString("en-US")} trades to ${format}`,
    ratio: writers.ours.cpuSeconds / writers.duckdb.cpuSeconds,
    unit: "× processor time of DuckDB's own COPY",
    details,
  };
}
