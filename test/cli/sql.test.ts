import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readTable } from "../../src/datasets/read.js";
import { saveTable } from "../../src/datasets/write.js";
import { trades } from "../../src/frames/trades.js";
import { rawTrade } from "../frames/records.js";
import { expectFailure, runCli } from "../support/cli.js";
import { writeDeltas } from "../support/many-deltas.js";

const root = mkdtempSync(join(tmpdir(), "kalshi-lab-sql-cli-"));
const library = join(root, "datasets");
const env = { KALSHI_LIBRARY_DIR: library };

beforeAll(async () => {
  const dir = join(library, "kind=trades", "series=KXTEST", "date=2026-11-01");
  mkdirSync(dir, { recursive: true });
  await saveTable(trades(Array.from({ length: 120 }, (_, number) => rawTrade(number))), join(dir, "trades.parquet"));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe("kalshi-lab sql", () => {
  it("prints rows of the library neatly, and all of them exact with --json", async () => {
    const text =
      "SELECT ticker, count(*) AS n, sum(yes_price * count) AS paid, min(created_time) AS first FROM trades GROUP BY ALL ORDER BY 1";
    const neat = await runCli(["sql", text], env);
    expect(neat).toMatchObject({ code: 0, stderr: "" });
    expect(neat.stdout).toMatch(/^ticker +n +paid +first\nKXTEST-26NOV01-B1 +40 /);
    const { code, stdout } = await runCli(["sql", text, "--json"], env);
    expect(code).toBe(0);
    const rows = JSON.parse(stdout) as Record<string, unknown>[];
    expect(rows[0]).toEqual({
      ticker: "KXTEST-26NOV01-B1",
      n: 40,
      paid: expect.stringMatching(/^\d+\.\d{6}$/) as string,
      first: "2026-11-01T09:00:00.000500Z",
    });
  });

  it("shows so many rows and says how many there are", async () => {
    const { stdout, stderr } = await runCli(["sql", "FROM trades", "--limit", "5"], env);
    expect(stdout.split("\n").filter((line) => line.includes("KXTEST"))).toHaveLength(5);
    expect(stderr).toBe("5 of 120 rows shown; --limit gives more\n");
  });

  it("writes a file, and reads files and recordings by their names", async () => {
    const out = join(root, "out.parquet");
    const { code, stdout, stderr } = await runCli(["sql", "FROM trades", "--out", out, "--library", library]);
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: "", stderr: `${out}: 120 rows\n` });
    expect((await readTable(out)).numRows()).toBe(120);
    await writeDeltas(join(root, "today"), 300, 2);
    const asked = `SELECT (SELECT count(*) FROM '${out}') AS file, count(*) > 20 AS many FROM today.quotes`;
    const both = await runCli(["sql", asked, "--recording", join(root, "today"), "--json"], env);
    expect(JSON.parse(both.stdout)).toEqual([{ file: 120, many: true }]);
  });

  it("reads its query from a pipe", async () => {
    const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
    const child = spawn(process.execPath, ["--import", "tsx", main, "sql", "-", "--json"], {
      stdio: ["pipe", "pipe", "inherit"],
      env: { ...process.env, ...env },
    });
    let said = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
    child.stdin.end("SELECT count(*) AS n\nFROM trades; -- all\n");
    await new Promise((resolve) => child.once("close", resolve));
    expect(JSON.parse(said)).toEqual([{ n: 120 }]);
  });

  it("fails with the engine's words and the place, exit 1; what is no query is wrong usage, exit 2, and writes nothing", async () => {
    const wrong = runCli(["sql", "SELECT pric FROM trades"], env);
    await expectFailure(wrong, "BAD_SQL", { found: /line 1, column 8: .*"pric" not found/ });
    const writing = `COPY trades TO '${join(root, "copied.csv")}'`;
    await expectFailure(runCli(["sql", writing], env), "BAD_ARGUMENT", { exit: 2, hint: /--out/ });
    expect(existsSync(join(root, "copied.csv"))).toBe(false);
    await expectFailure(runCli(["sql", "FROM trades", "--limit", "few"], env), "BAD_ARGUMENT", { exit: 2 });
    await expectFailure(runCli(["sql", "FROM trades", "--out", "x.txt"], env), "FILE_FORMAT");
  });

  it("tells how to use it, with examples", async () => {
    const { stdout, code } = await runCli(["sql", "--help"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/Examples:\n {2}kalshi-lab sql "SELECT /);
  });
});
