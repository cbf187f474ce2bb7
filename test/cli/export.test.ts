import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readTable } from "../../src/datasets/read.js";
import { openRecording } from "../../src/lab/recording.js";
import { expectFailure, runCli } from "../support/cli.js";
import { writeDeltas } from "../support/many-deltas.js";

const root = mkdtempSync(join(tmpdir(), "kalshi-lab-export-"));
const recording = join(root, "recording");
const at = (name: string) => join(root, name);

beforeAll(() => writeDeltas(recording, 300, 2));
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe("kalshi-lab export", () => {
  it("writes a recording's quotes, and files into one another, with the same exact rows and origin", async () => {
    const quotes = await (await openRecording(recording)).quotes();
    const chain = [recording, at("a.parquet"), at("b.csv"), at("c.arrow"), at("d.parquet")];
    for (const [step, to] of chain.slice(1).entries()) {
      const { code, stderr } = await runCli(["export", chain[step]!, "--to", to]);
      expect({ code, stderr }).toEqual({ code: 0, stderr: `${to}: ${quotes.numRows()} rows\n` });
      expect((await readTable(to)).objects(), to).toEqual(quotes.objects());
    }
  }, 60_000);

  it("takes a part by time and market, of recordings and of files alike", async () => {
    const part = ["--from", "2026-11-22T06:31:29.1Z", "--until", "2026-11-22T06:31:29.2Z", "--tickers", "KXMANY-1"];
    await runCli(["export", recording, "--to", at("all.parquet"), "--as", "depth", "--levels", "3"]);
    await runCli(["export", at("all.parquet"), "--to", at("part.csv"), ...part]);
    const rows = (await readTable(at("part.csv"))).objects() as { time: number; ticker: string }[];
    expect(rows.length).toBeGreaterThan(20);
    expect(new Set(rows.map(({ ticker }) => ticker))).toEqual(new Set(["KXMANY-1"]));
    expect(rows.every(({ time }) => time >= 1_795_329_089_100 && time < 1_795_329_089_200)).toBe(true);
    const { code } = await runCli([
      "export",
      recording,
      "--to",
      at("own.csv"),
      "--as",
      "depth",
      "--levels",
      "3",
      ...part,
    ]);
    expect(code).toBe(0);
    // Of the recording the first rows tell what stood at the start of the part.
    const own = (await readTable(at("own.csv"))).objects() as { time: number }[];
    expect(own.filter(({ time }) => time > 1_795_329_089_100)).toEqual(
      rows.filter(({ time }) => time > 1_795_329_089_100),
    );
  }, 60_000);

  it("writes frames that record --from-frames makes the same recording of", async () => {
    await runCli(["export", recording, "--to", at("frames.jsonl.gz")]);
    const made = await runCli(["record", "--from-frames", at("frames.jsonl.gz"), "--out", at("again"), "--json"]);
    expect(made.code, made.stderr).toBe(0);
    expect(JSON.parse(made.stdout)).toMatchObject({ frames: 303, connections: 1 });
    const [before, after] = await Promise.all(
      [recording, at("again")].map((dir) => runCli(["replay", dir, "--events"])),
    );
    expect(after!.stdout).toBe(before!.stdout);
    expect(before!.stdout.trim().split("\n")).toHaveLength(302);
  }, 60_000);

  it("replays a part, as many times as fast as it was received", async () => {
    const part = ["--from", "2026-11-22T06:31:29.1Z", "--to", "2026-11-22T06:31:29.2Z", "--ticker", "KXMANY-0"];
    const { code, stdout } = await runCli(["replay", recording, ...part, "--speed", "1000"]);
    expect(code).toBe(0);
    const events = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(events[0]).toMatchObject({ type: "snapshot", ticker: "KXMANY-0", sid: null });
    expect(events[1]).toMatchObject({ type: "delta", trust: "ok", time: expect.stringMatching(/29\.1\d{5}Z$/) });
    expect(new Set(events.map(({ ticker }) => ticker))).toEqual(new Set(["KXMANY-0"]));
  });

  it("refuses what it cannot write or is not there", async () => {
    await expectFailure(runCli(["export", at("none"), "--to", at("x.csv")]), "FILE_NOT_FOUND");
    await expectFailure(runCli(["export", recording, "--to", at("x.txt")]), "FILE_FORMAT", { hint: /\.arrow/ });
    await expectFailure(runCli(["export", recording, "--to", at("x.csv"), "--as", "frames"]), "FILE_FORMAT");
    await expectFailure(runCli(["record", "--from-frames", "x", "--series", "S", "--out", at("y")]), "BAD_ARGUMENT", {
      exit: 2,
    });
  }, 60_000);
});
