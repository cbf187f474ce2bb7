import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { literal, withConnection } from "../src/datasets/duckdb.js";
import { partFile, putFile } from "../src/datasets/library/change-files.js";
import { libraryKind } from "../src/datasets/library/kinds.js";
import { writeLibrary, writeState } from "../src/datasets/library/library-file.js";
import { writeRows } from "../src/datasets/library/merge-rows.js";
import { partitionPath } from "../src/datasets/library/partition.js";
import { entriesOfFrame } from "../src/datasets/write.js";
import { provenance } from "../src/frames/provenance.js";
import { SqlQuery } from "../src/lab/sql.js";
import { madeTrades } from "./made-trades.js";
import type { BenchResult } from "./result.js";

const TRADES = 20_000_000;
const SERIES = 10;
const DAYS = 100;
const MARKETS = 20;
const ROUNDS = 5;

/**
 * Opening one market's day of a library of twenty million generated trades, of ten series over a hundred days: `lab.sql` as a table with its
 * provenance, beside the engine reading the one file that the day is in. Both in this process, turn by turn.
 */
export async function libraryDay(trades = TRADES): Promise<readonly BenchResult[]> {
  const root = mkdtempSync(join(tmpdir(), "kalshi-lab-bench-library-"));
  const library = join(root, "datasets");
  try {
    const made = await makeLibrary(root, library, trades);
    const [series, date, ticker] = ["BENCH3", dateOf(57), "BENCH3-T7"];
    const file = join(library, partitionPath({ kind: "trades", series, date }), "part-00001.parquet");
    const open = async () => {
      const statement = `SELECT * FROM trades WHERE series = '${series}' AND date = '${date}' AND ticker = '${ticker}' ORDER BY created_time`;
      const table = await new SqlQuery(statement, { library });
      if (provenance(table)?.complete !== true) throw new Error(provenance(table)?.why ?? "no provenance");
      return table.numRows();
    };
    const plain = () =>
      withConnection(async (connection) => {
        const found = await connection.runAndReadAll(
          `SELECT * FROM read_parquet(${literal(file)}) WHERE ticker = '${ticker}' ORDER BY created_time`,
        );
        return found.currentRowCount;
      });
    const first = await timed(open);
    const [ours, theirs, walls]: [number[], number[], number[]] = [[], [], []];
    for (let round = 0; round < ROUNDS; round += 1) {
      const own = await timed(open);
      const other = await timed(plain);
      if (own.rows !== other.rows || own.rows === 0) throw new Error(`${own.rows} rows, and ${other.rows}`);
      ours.push(own.ms);
      theirs.push(other.ms);
      walls.push(own.wall);
    }
    return [
      {
        name: `one market's day of ${trades.toLocaleString("en-US")} trades`,
        ratio: median(ours) / median(theirs),
        unit: "× processor time of the engine on the one file",
        details: {
          rows: first.rows,
          cpu_ms: median(ours).toFixed(0),
          ms: median(walls).toFixed(0),
          engine_cpu_ms: median(theirs).toFixed(0),
          partitions: SERIES * DAYS,
          library_megabytes: (made / 1e6).toFixed(0),
        },
      },
    ];
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** Makes it of rows that the engine generates; gives its bytes. */
async function makeLibrary(root: string, library: string, trades: number): Promise<number> {
  const kind = libraryKind("trades");
  const columns = entriesOfFrame(kind.frame, false);
  const rows = Math.round(trades / SERIES / DAYS);
  const through = `${dateOf(DAYS + 1)}T00:00:00Z`;
  const origin = { columns, query: null, sources: [], cutoffs: null, through, complete: true, why: null };
  const subjects = Array.from({ length: SERIES }, (_, at) => ({
    kind: "trades",
    series: `BENCH${at}`,
    period: null,
    from: null,
  }));
  await writeLibrary(library, { exchange: "bench", account: null, subjects });
  for (const subject of subjects) await writeState(library, subject, { through, odd: {} });
  let bytes = 0;
  await withConnection(async (connection) => {
    await connection.run("SET TimeZone = 'UTC'");
    for (const { series } of subjects) {
      for (let day = 0; day < DAYS; day += 1) {
        const date = dateOf(day);
        const path = join(root, "made.parquet");
        const every = Math.floor(86_400_000_000 / rows);
        const query = `SELECT * REPLACE (trade_id::VARCHAR AS trade_id) FROM (${madeTrades({ series, date, rows, markets: MARKETS, every })})`;
        await writeRows(connection, query, kind, columns, path);
        const part = await partFile(path, { file: "part-00001.parquet", rows, columns: columns.length });
        bytes += part.size;
        await putFile(library, { kind: "trades", series, date }, origin, { path, part });
      }
    }
  });
  return bytes;
}

function dateOf(day: number): string {
  return new Date(Date.UTC(2026, 0, 1 + day)).toISOString().slice(0, 10);
}

/** Milliseconds of processor time, and of the clock. */
async function timed(work: () => Promise<number>): Promise<{ rows: number; ms: number; wall: number }> {
  const [started, cpu] = [performance.now(), process.cpuUsage()];
  const rows = await work();
  const { user, system } = process.cpuUsage(cpu);
  return { rows, ms: (user + system) / 1000, wall: performance.now() - started };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
