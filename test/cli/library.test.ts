import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dataFilesIn, partitionPath, partitionsIn } from "../../src/datasets/library/partition.js";
import { saveTable } from "../../src/datasets/write.js";
import { withProvenance } from "../../src/frames/provenance.js";
import { trades } from "../../src/frames/trades.js";
import { type Sandbox, startSandbox } from "../../src/sandbox/sandbox.js";
import { lockFolder } from "../../src/store/lock.js";
import { rawTrade } from "../frames/records.js";
import { expectFailure, runCli, startCli } from "../support/cli.js";
import { SmallLibrary } from "../support/small-library.js";
import { variablesOf } from "../support/variables.js";
import { until } from "../support/wait.js";

const root = mkdtempSync(join(tmpdir(), "kalshi-lab-library-cli-"));
let sandbox: Sandbox;
let env: Record<string, string>;
beforeAll(async () => {
  sandbox = await startSandbox({ seed: "library", speed: 0 });
  env = { ...variablesOf(sandbox), KALSHI_CACHE: "off" };
});
afterAll(async () => {
  await sandbox.close();
  rmSync(root, { recursive: true, force: true });
});

describe("kalshi-lab sync", () => {
  const library = join(root, "synced");
  const flags = ["--library", library];

  it("fills a library, tells what it has done for each, and keeps it up to date with no more than its name", async () => {
    const first = await runCli(["sync", "--series", "NORLEAD", ...flags], env);
    expect(first.code, first.stderr).toBe(0);
    expect(first.stdout).toMatch(
      /^NORLEAD markets: \d+ new, all before 20\S+Z\nNORLEAD trades: [\d,]+ new, .*\nNORLEAD candlesticks of 60 min: [\d,]+ new, .*\n$/,
    );
    expect(first.stderr).toMatch(/: \d+ requests, \d+ files written\n$/);
    const again = await runCli(["sync", "--json"], { ...env, KALSHI_LIBRARY_DIR: library });
    expect(again.code, again.stderr).toBe(0);
    const report = JSON.parse(again.stdout) as { requests: number; files: number; subjects: { added: number }[] };
    expect(report.files).toBe(0);
    expect(report.requests).toBeLessThanOrEqual(10);
    expect(report.subjects.map(({ added }) => added)).toEqual([0, 0, 0]);
    expect(await runCli(["verify", library])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^incomplete: kind=|^$/) as string,
    });
  }, 120_000);

  it("stopped by Ctrl-C ends with exit 130, and goes on where it was", async () => {
    const own = join(root, "stopped");
    const run = startCli(["sync", "--series", "NORCPI", "--library", own], env);
    await until(() => existsSync(join(own, "_staging", "rows.parquet.partial", "checkpoint.json")), "a download");
    run.child.kill("SIGINT");
    const { code, stderr } = await run.ended;
    expect(code, stderr).toBe(130);
    expect(stderr).toMatch(/^INTERRUPTED: .+\n {2}→ .+\n$/m);
    expect(readdirSync(own).filter((name) => name.endsWith(".lock"))).toEqual([]);
    const next = await runCli(["sync", "--library", own, "--json"], env);
    expect(next.code, next.stderr).toBe(0);
    expect(JSON.parse(next.stdout)).toMatchObject({ resumed: true });
    expect((await runCli(["verify", own])).code).toBe(0);
  }, 120_000);

  it("says what is missing and what cannot be, exit 2", async () => {
    const empty = ["--library", join(root, "empty")];
    await expectFailure(runCli(["sync", ...empty], env), "BAD_ARGUMENT", { exit: 2, hint: /--series/ });
    await expectFailure(runCli(["sync", "--kinds", "frogs", ...empty], env), "BAD_ARGUMENT", {
      exit: 2,
      hint: /trades/,
    });
    await expectFailure(runCli(["sync", "--period", "7", ...empty], env), "BAD_ARGUMENT", { exit: 2, found: /7/ });
    await expectFailure(runCli(["sync", "--series", "X", "--from", "soon", ...empty], env), "BAD_TIME");
  }, 60_000);
});

describe("kalshi-lab verify and compact", () => {
  it("merges what many syncs have left, and finds nothing wrong before, after, and while another process waits", async () => {
    const library = await SmallLibrary.make(join(root, "many", "datasets"));
    for (let number = 0; number < 4; number += 1) await library.merge("trades", "S", [rawTrade(number)]);
    expect(dataFilesIn(library.dir, partitionsIn(library.dir)[0]!)).toHaveLength(4);
    const [verified, compacted] = await Promise.all([
      runCli(["verify", library.dir, "--json"]),
      runCli(["compact", "--library", library.dir]),
    ]);
    expect(verified.code, verified.stderr).toBe(0);
    expect(JSON.parse(verified.stdout)).toMatchObject({ rows: 4, faults: [] });
    expect(compacted).toMatchObject({ code: 0, stdout: "" });
    expect(compacted.stderr).toContain("4 files of 1 partition are 1 now");
    expect(dataFilesIn(library.dir, partitionsIn(library.dir)[0]!)).toHaveLength(1);
    const again = await runCli(["compact", "--library", library.dir, "--json"]);
    expect(JSON.parse(again.stdout)).toMatchObject({ partitions: 0 });
  }, 60_000);

  it("names each fault on a line of its own, exit 1, in a library and in a folder of files", async () => {
    const library = await SmallLibrary.make(join(root, "spoilt", "datasets"));
    await library.merge("trades", "S", [rawTrade(1)]);
    const partition = partitionsIn(library.dir)[0]!;
    const file = join(partitionPath(partition), "part-00001.parquet");
    writeFileSync(join(library.dir, file), "cut");
    const table = trades([rawTrade(1)]);
    const origin = {
      noun: "trade",
      sources: [],
      cutoffs: null,
      from: null,
      to: null,
      covered: null,
      rows: 1,
      at: "2026-11-01T00:00:00Z",
    };
    const whole = join(root, "spoilt", "files");
    for (const name of ["a.csv", "b.parquet", "c.arrow"])
      await saveTable(
        withProvenance(table, { ...origin, complete: name !== "a.csv", why: name === "a.csv" ? "a hole" : null }),
        join(whole, name),
      );
    const good = await runCli(["verify", whole]);
    expect(good.stdout).toBe("incomplete: a.csv: a hole\n");
    expect(good.stderr).toMatch(/3 files, 3 rows, [\d,]+ bytes checked, 0 faults\n$/);
    expect(good.code).toBe(0);
    expect((await runCli(["verify", whole, "--complete"])).code).toBe(1);
    writeFileSync(join(whole, "a.csv"), "created_time\n");
    rmSync(join(whole, "b.parquet"));
    rmSync(join(whole, "c.arrow.manifest.json"));
    const { code, stdout, stderr } = await runCli(["verify", join(root, "spoilt")]);
    expect(code).toBe(1);
    expect(stdout.split("\n").map((line) => line.split(": ").slice(0, 2).join(": "))).toEqual([
      `size: ${join("datasets", file)}`,
      "size: files/a.csv",
      "missing: files/b.parquet",
      "incomplete: files/a.csv",
      "unchecked: files/c.arrow",
      "",
    ]);
    expect(stderr).toMatch(/FILE_DAMAGED: 3 faults in .*\n {2}→ .+\n$/);
    await expectFailure(runCli(["verify", join(root, "nowhere")]), "FILE_NOT_FOUND");
    await expectFailure(runCli(["verify", "--library", join(root, "nowhere")]), "FILE_NOT_FOUND", { found: /nowhere/ });
    await expectFailure(runCli(["compact", "--library", whole]), "FILE_NOT_FOUND", { hint: /sync/ });
  }, 60_000);

  it("say whom they wait for, and what to do when nobody is there", async () => {
    const library = await SmallLibrary.make(join(root, "locked", "datasets"));
    await library.merge("trades", "S", [rawTrade(1)]);
    const lock = lockFolder(library.dir);
    const run = startCli(["verify", library.dir]);
    let told = "";
    run.child.stderr!.on("data", (piece: Buffer) => {
      told += piece.toString();
    });
    await until(() => /→ .*\n/.test(told), "word of the wait");
    lock.release();
    const { code, stderr } = await run.ended;
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(/^waiting: process \d+ on .* writes into .*\n {2}→ wait for it to end .*remove .* in it\n/);
  }, 60_000);

  it("tell how to use them, with examples", async () => {
    for (const command of ["sync", "verify", "compact"]) {
      const { code, stdout } = await runCli([command, "--help"]);
      expect(code).toBe(0);
      expect(stdout).toMatch(new RegExp(`Examples:\\n {2}kalshi-lab ${command}`));
    }
  }, 60_000);
});
