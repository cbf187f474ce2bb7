import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { readManifest } from "../../src/datasets/manifest.js";
import { saveTable } from "../../src/datasets/write.js";
import { trades } from "../../src/frames/trades.js";
import { connect } from "../../src/lab/connect.js";
import type { RecorderStatus, RecordingSummary } from "../../src/recorder/record.js";
import { openRecording } from "../../src/recorder/replay.js";
import { type Sandbox, startSandbox } from "../../src/sandbox/sandbox.js";
import { rawTrade } from "../frames/records.js";
import { type CliRun, expectFailure, jsonLines, runCli, startCli } from "../support/cli.js";
import { expectRejection } from "../support/errors.js";
import { connectionTo } from "../support/lab.js";
import { expectSameRows } from "../support/library-rows.js";
import { SmallDisk, whyNoSmallDisk } from "../support/small-disk.js";
import { variablesOf } from "../support/variables.js";

describe.skipIf(whyNoSmallDisk !== null)(
  `a disk that is full${whyNoSmallDisk === null ? "" : ` (skipped: ${whyNoSmallDisk})`}`,
  () => {
    const elsewhere = mkdtempSync(join(tmpdir(), "kalshi-lab-room-"));
    let sandbox: Sandbox;
    let env: Record<string, string>;
    let disk: SmallDisk;

    beforeAll(async () => {
      sandbox = await startSandbox({ seed: "full disk", tier: "prestige" });
      env = variablesOf(sandbox);
    });
    afterAll(async () => {
      await sandbox.close();
      rmSync(elsewhere, { recursive: true, force: true });
    });
    beforeEach(async () => {
      disk = await SmallDisk.make("1m");
    });
    afterEach(() => disk.close());

    it("ends a download with DISK_FULL, which goes on when there is room and ends with the undisturbed file, byte for byte", async () => {
      // Open markets go on trading; what lies before the start of the world is the same at any time.
      const download = (out: string): ReturnType<typeof runCli> =>
        runCli(
          ["download", "trades", "--series", "AVONHIGH", "--to", "2026-10-15T15:00:00Z", "--out", out, "--json"],
          env,
        );
      const undisturbed = join(elsewhere, "trades.csv");
      const { rows } = JSON.parse((await download(undisturbed)).stdout) as { rows: number };
      const disturbed = join(disk.folder, "trades.csv");
      // Ever larger, so that it fails on the way, at the end of the way, and while the file itself is written.
      let failures = 0;
      for (let megabytes = 1; ; megabytes = Math.ceil(megabytes * 1.6)) {
        await disk.resize(`${megabytes}m`);
        const run = download(disturbed);
        const { code, stdout, stderr } = await run;
        if (code === 0) {
          expect(JSON.parse(stdout), stderr).toMatchObject({ rows, resumed: true });
          break;
        }
        await expectFailure(run, "DISK_FULL", { found: /trades\.csv/, hint: /free some space/ });
        failures += 1;
        expect(readdirSync(disk.folder)).toEqual(["trades.csv.partial"]);
      }
      expect(failures).toBeGreaterThan(2);
      expect(readFileSync(disturbed).equals(readFileSync(undisturbed))).toBe(true);
      expect(readdirSync(disk.folder).sort()).toEqual(["trades.csv", "trades.csv.manifest.json"]);
    }, 180_000);

    it("ends a sync with DISK_FULL at any place, leaves a library that verifies, and goes on when there is room", async () => {
      const library = join(disk.folder, "datasets");
      const sync = () =>
        runCli(["sync", "--series", "NORLEAD", "--library", library, "--json"], { ...env, KALSHI_CACHE: "off" });
      let failures = 0;
      for (let kilobytes = 24; ; kilobytes = Math.ceil(kilobytes * 1.3)) {
        await disk.resize(`${kilobytes}k`);
        const run = sync();
        const { code, stdout, stderr } = await run;
        // What is there is whole also while nothing more fits.
        const verified = await runCli(["verify", library, "--json"]);
        if (code === 0) {
          expect(JSON.parse(stdout), stderr).toMatchObject({
            subjects: [{ complete: true }, { complete: true }, { complete: true }],
          });
          expect(JSON.parse(verified.stdout)).toMatchObject({ faults: [] });
          break;
        }
        await expectFailure(run, "DISK_FULL", { hint: /free some/ });
        failures += 1;
        if (existsSync(library)) expect(JSON.parse(verified.stdout), verified.stderr).toMatchObject({ faults: [] });
      }
      expect(failures).toBeGreaterThan(4);
      const lab = await connect({ ...connectionTo(sandbox), cache: false });
      // Time goes on meanwhile.
      await lab.sync({ library });
      expect(readdirSync(join(library, "_staging"))).toEqual([]);
      const fresh = await lab.trades({ series: "NORLEAD", to: "2026-10-15T15:00:00Z" });
      await expectSameRows(library, "trades", fresh, "created_time < TIMESTAMPTZ '2026-10-15 15:00:00+00'");
      await lab.close();
    }, 240_000);

    it("is told at once by the recorder, which keeps what comes in memory and writes it when there is room", async () => {
      const dir = join(disk.folder, "recording");
      const { release } = disk.fill(48 * 1024);
      const run = startCli(["record", "--series", "SANDBOX", "--out", dir], env);
      await said(run, /^DISK_FULL: .*\n {2}→ .*free some space/m);
      release();
      await said(run, /^all is well again$/m);
      run.child.kill("SIGINT");
      const { code, stderr } = await run.ended;
      expect(code, stderr).toBe(130);
      expect(stderr).not.toMatch(/lost/);
      let events = 0;
      const types = new Set<string>();
      for await (const event of await openRecording(dir)) {
        events += 1;
        types.add(event.type);
      }
      expect(events).toBeGreaterThan(0);
      expect([...types]).not.toContain("gap");
    });

    it("that stays so ends the recorder with exit 1, what was written readable and what was lost told", async () => {
      const dir = join(disk.folder, "recording");
      disk.fill(48 * 1024);
      const run = startCli(["record", "--series", "SANDBOX", "--out", dir, "--json", "--status", "20ms"], env);
      const isTold = new Promise<void>((resolve) => {
        run.child.stdout!.on("data", (text: string) => {
          if (text.includes("DISK_FULL")) resolve();
        });
      });
      await said(run, /^DISK_FULL: /m);
      await isTold;
      run.child.kill("SIGTERM");
      const { code, stdout, stderr } = await run.ended;
      expect(code, stderr).toBe(1);
      expect(stderr).toMatch(/ segments?, \d+ frames lost\nDISK_FULL: .*\n {2}→ .*\n$/);
      const lines = jsonLines(stdout);
      const { frames, lostFrames } = lines.at(-1) as unknown as RecordingSummary;
      const full = lines.find((line) => (line.problem as { code: string } | null)?.code === "DISK_FULL");
      expect(full).toMatchObject({ type: "status", disk: { problem: { code: "DISK_FULL" } } });
      expect((full!.disk as RecorderStatus["disk"]).waitingBytes).toBeGreaterThan(0);
      expect(lostFrames).toBeGreaterThan(0);
      let kept = 0;
      for await (const _ of (await openRecording(dir)).frames()) kept += 1;
      expect(kept).toBeGreaterThan(0);
      expect(kept).toBe(frames);
    });

    it("from the start on lets no recording begin", async () => {
      disk.fill(0);
      const run = runCli(["record", "--series", "SANDBOX", "--out", join(disk.folder, "recording")], env);
      await expectFailure(run, "DISK_FULL", { hint: /free some space/ });
    });

    it("keeps the older file and its manifest when there is room for the new file but not for its manifest", async () => {
      const path = join(disk.folder, "trades.csv");
      const small = trades([rawTrade(1)]);
      const larger = trades(Array.from({ length: 400 }, (_, number) => rawTrade(number)));
      const { manifest } = await saveTable(larger, join(elsewhere, "size.csv"));
      await saveTable(small, path);
      const before = readFileSync(path);
      const { release } = disk.fill(Math.ceil(manifest.size / 4096) * 4096);
      await expectRejection(saveTable(larger, path), "DISK_FULL", /older file/);
      release();
      expect(readFileSync(path).equals(before)).toBe(true);
      expect(readManifest(path)).toMatchObject({ rows: 1, size: before.length });
      expect(readdirSync(disk.folder).sort()).toEqual(["trades.csv", "trades.csv.manifest.json"]);
      await saveTable(larger, path);
      expect(readManifest(path)).toMatchObject({ rows: 400, size: manifest.size, sha256: manifest.sha256 });
    });

    it("ends `start` with DISK_FULL and no stack", async () => {
      await disk.resize("2m");
      const { code, stderr } = await runCli(["start", "--out", join(disk.folder, "out")]);
      expect(code, stderr).toBe(1);
      expect(stderr).toMatch(/^DISK_FULL: .*\n {2}→ .*\n$/m);
      expect(stderr).not.toMatch(/^ {4}at /m);
    });
  },
);

/** Waits until a command has said something on stderr. */
function said(run: CliRun, what: RegExp): Promise<void> {
  return new Promise((resolve, reject) => {
    let text = "";
    run.child.stderr!.on("data", (more: string) => {
      text += more;
      if (what.test(text)) resolve();
    });
    void run.ended.then(({ stderr }) => reject(new Error(`ended without ${String(what)}: ${stderr}`)));
  });
}
