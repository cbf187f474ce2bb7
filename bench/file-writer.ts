import { readFileSync, writeFileSync } from "node:fs";
import { zstdCompressSync } from "node:zlib";
import type { ColumnTable } from "arquero";
import { literal, withConnection } from "../src/datasets/duckdb.js";
import { readTable } from "../src/datasets/read.js";
import { saveTable } from "../src/datasets/write.js";
import { rawOf } from "../src/frames/exact.js";
import { schemaOf } from "../src/frames/schema.js";
import { argument, serve } from "./child.js";

/** Who writes the trades, and where to. */
export interface Writing {
  readonly who: "ours" | "DuckDB's COPY" | "hyparquet-writer";
  readonly path: string;
  /** Where they are read from, before anything is measured. */
  readonly from: string;
}

/** What it took, all in memory before. */
export interface Written {
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** Megabytes of the process with the trades in it, and the most while they were written. */
  readonly before: number;
  readonly peak: number;
}

/** Run in a process of its own: has the trades in memory, and writes them when it is asked to. */
const writing = argument<Writing>();
serve(null, async () => {
  switch (writing.who) {
    case "ours": {
      const table = await readTable(writing.from);
      // The engine is loaded by the first file.
      await saveTable(table.slice(0, 10).reify(), `${writing.path}.first.parquet`);
      return measured(() => saveTable(table, writing.path));
    }
    case "DuckDB's COPY":
      return copied(writing);
    case "hyparquet-writer":
      return hyparquet(await readTable(writing.from), writing.path);
  }
});

function copied({ from, path }: Writing): Promise<Written> {
  return withConnection(async (connection) => {
    await connection.run(`CREATE TEMP TABLE held AS SELECT * FROM read_parquet(${literal(from)})`);
    const options = path.endsWith(".csv") ? "FORMAT csv, HEADER" : "FORMAT parquet, COMPRESSION zstd";
    return measured(() => connection.run(`COPY held TO ${literal(path)} (${options})`));
  });
}

interface Peer {
  parquetWriteFile(options: object): void | Promise<void>;
}

/** Amounts and times as the integers they are, so that nothing is to be converted. */
async function hyparquet(table: ColumnTable, filename: string): Promise<Written> {
  const { parquetWriteFile } = (await import("hyparquet-writer" as string)) as Peer;
  const columnData = Object.entries(schemaOf(table)).map(([name, { kind }]) =>
    kind === "text" || kind === "uuid"
      ? { name, data: table.array(name), type: "STRING" }
      : kind === "boolean"
        ? { name, data: table.array(name), type: "BOOLEAN" }
        : {
            name,
            data: BigInt64Array.from(rawOf(table, name), (value) => BigInt(value!)),
            type: "INT64",
            nullable: false,
          },
  );
  const compressors = { ZSTD: (input: Uint8Array): Uint8Array => zstdCompressSync(input) };
  return measured(() => parquetWriteFile({ filename, columnData, codec: "ZSTD", compressors }));
}

async function measured(work: () => unknown): Promise<Written> {
  globalThis.gc?.();
  // From here on the most is counted anew.
  writeFileSync("/proc/self/clear_refs", "5");
  const before = megabytes("VmRSS");
  const [started, cpu] = [performance.now(), process.cpuUsage()];
  await work();
  const { user, system } = process.cpuUsage(cpu);
  const seconds = (performance.now() - started) / 1000;
  return { seconds, cpuSeconds: (user + system) / 1e6, before, peak: megabytes("VmHWM") };
}

function megabytes(name: "VmRSS" | "VmHWM"): number {
  const [, kilobytes] = new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(readFileSync("/proc/self/status", "utf8"))!;
  return Number(kilobytes) / 1024;
}
