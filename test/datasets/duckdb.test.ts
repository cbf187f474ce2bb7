import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { literal, withConnection, withSpillingConnection } from "../../src/datasets/duckdb.js";

it("the engine keeps nothing of files, so that one that is written anew under its name is read anew", async () => {
  const folder = mkdtempSync(join(tmpdir(), "duckdb-"));
  const path = join(folder, "same.parquet");
  const setting = "SELECT value FROM duckdb_settings() WHERE name = 'enable_external_file_cache'";
  try {
    for (const within of [
      withConnection,
      <T>(work: Parameters<typeof withConnection<T>>[0]) => withSpillingConnection(folder, {}, work),
    ]) {
      await within(async (connection) => {
        expect((await connection.runAndReadAll(setting)).getRows()).toEqual([["false"]]);
        for (let round = 0; round < 50; round += 1) {
          const rows = `SELECT '${1000 + round}' || range AS a FROM range(${1 + (round % 3)})`;
          await connection.run(`COPY (${rows}) TO ${literal(path)} (FORMAT parquet, COMPRESSION zstd)`);
          const read = await connection.runAndReadAll(`SELECT min(a) FROM read_parquet(${literal(path)})`);
          expect(read.getRows()).toEqual([[`${1000 + round}0`]]);
        }
      });
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
