import { generateKeyPairSync, randomInt } from "node:crypto";
import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { DuckDBInstance } from "@duckdb/node-api";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readTable } from "../../src/datasets/read.js";
import { provenance } from "../../src/frames/provenance.js";
import { connect } from "../../src/lab/connect.js";
import { type Sandbox, startSandbox } from "../../src/sandbox/sandbox.js";
import { type CliRun, runCli, startCli } from "../support/cli.js";
import { expectRejection } from "../support/errors.js";
import { connectionTo, labAndSandbox } from "../support/lab.js";
import { folder, whyNot } from "../support/real-data.js";
import { connectionFlags } from "../support/variables.js";
import { until } from "../support/wait.js";

const out = mkdtempSync(join(tmpdir(), "kalshi-lab-download-"));
afterAll(() => rmSync(out, { recursive: true, force: true }));

describe.skipIf(whyNot !== null)(
  `a download of the real trades that is killed${whyNot === null ? "" : ` (skipped: ${whyNot})`}`,
  () => {
    let sandbox: Sandbox;
    const download = (path: string): string[] => {
      const connection = connectionFlags(sandbox.ready);
      return ["download", "trades", "--series", "KXHIGHNY", "--out", path, "--json", ...connection];
    };

    beforeAll(async () => {
      sandbox = await startSandbox({ data: folder, tier: "prestige" });
    });

    afterAll(async () => {
      await sandbox.close();
    });

    it("three times with SIGKILL at random places, goes on each time and ends with the undisturbed file, row for row", async () => {
      const disturbed = join(out, "disturbed.parquet");
      const undisturbed = join(out, "undisturbed.parquet");
      expect((await runCli(download(undisturbed))).code).toBe(0);
      const places = Array.from({ length: 3 }, () => randomInt(200_000, 8_000_000)).sort((a, b) => a - b);
      for (const bytes of places)
        await killAt(startCli(download(disturbed)), join(`${disturbed}.partial`, "rows.ndjson"), bytes);
      const last = await runCli(download(disturbed));
      expect(last.code, `${last.stderr} (killed at ${places.join(", ")} bytes)`).toBe(0);
      expect(JSON.parse(last.stdout)).toMatchObject({ rows: 126_977, resumed: true });
      expect(existsSync(`${disturbed}.partial`)).toBe(false);
      expect(await differences(disturbed, undisturbed), `killed at ${places.join(", ")} bytes`).toBe(0);
    });

    it("with Ctrl-C, ends with exit 130 and its state saved, and goes on from there", async () => {
      const path = join(out, "stopped.parquet");
      const run = startCli(download(path));
      await grownTo(run, join(`${path}.partial`, "rows.ndjson"), 1_000_000);
      run.child.kill("SIGINT");
      const stopped = await run.ended;
      expect(stopped.code, stopped.stderr).toBe(130);
      expect(stopped.stderr).toMatch(/INTERRUPTED/);
      expect(statSync(join(`${path}.partial`, "rows.ndjson")).size).toBeGreaterThanOrEqual(1_000_000);
      const last = await runCli(download(path));
      expect(JSON.parse(last.stdout)).toMatchObject({ rows: 126_977, resumed: true });
    });
  },
);

describe("a download", () => {
  it("refuses to go on with the start of another question, and says what to do", async () => {
    const { lab, close } = await labAndSandbox({ seed: "mismatch" });
    try {
      const path = join(out, "mismatch.csv");
      const stop = new AbortController();
      const events = (await lab.events({ series: "AVONHIGH" })).array("event_ticker") as string[];
      const first = lab.trades({ event: events[0]!, signal: stop.signal, onProgress: () => stop.abort() }).save(path);
      await expectRejection(first, "INTERRUPTED", /go on/);
      await expectRejection(lab.trades({ event: events[1]! }).save(path), "CHECKPOINT_MISMATCH", /another file/);
    } finally {
      await close();
    }
  });

  it("is not gone on with against another world, nor for another account of the same one", async () => {
    const first = await labAndSandbox({ seed: "one" });
    const path = join(out, "worlds.csv");
    const stop = new AbortController();
    const stopped = first.lab.fills({ signal: stop.signal, onProgress: () => stop.abort() }).save(path);
    await expectRejection(stopped, "INTERRUPTED", /go on/);
    const second = await labAndSandbox({ seed: "two" });
    await expectRejection(second.lab.fills().save(path), "CHECKPOINT_MISMATCH", /another file/);
    await second.close();
    const pair = generateKeyPairSync("ed25519");
    const { keyId } = first.sandbox.addKey(pair.publicKey.export({ type: "spki", format: "pem" }).toString());
    const privateKey = pair.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    const { restUrl, wsUrl } = connectionTo(first.sandbox);
    const other = await connect({ env: "sandbox", restUrl, wsUrl, keyId, privateKey });
    await expectRejection(other.fills().save(path), "CHECKPOINT_MISMATCH", /another file/);
    await other.close();
    expect((await first.lab.fills().save(path)).resumed).toBe(true);
    await first.close();
  });

  it("says that it is as of when it was begun, where time went on before it was gone on with", async () => {
    const { lab, close } = await labAndSandbox({ seed: "late", speed: 20_000 });
    try {
      for (const ask of [{ series: "AVONHIGH" }, { series: "AVONHIGH", from: "-20d", to: "-1d" }]) {
        const path = join(out, `late${Object.keys(ask).length}.csv`);
        const stop = new AbortController();
        const first = lab.trades({ ...ask, signal: stop.signal, onProgress: () => stop.abort() }).save(path);
        await expectRejection(first, "INTERRUPTED", /go on/);
        const begun = await lab.now();
        await until(async () => (await lab.now()).getTime() > begun.getTime() + 120_000, "two minutes there");
        const { resumed, provenance } = await lab.trades(ask).save(path);
        expect(resumed).toBe(true);
        expect(provenance).toMatchObject({
          complete: false,
          why: expect.stringMatching(/begun at 2026-1.* as of then/),
        });
      }
      const undisturbed = await lab.trades({ series: "AVONHIGH" }).save(join(out, "prompt.csv"));
      expect(undisturbed.provenance).toMatchObject({ complete: true, why: null });
    } finally {
      await close();
    }
  });

  it("has its folder for itself: a second one into the same file is refused while the first runs", async () => {
    const { lab, close } = await labAndSandbox({ seed: "twice" });
    const path = join(out, "twice.csv");
    let second: Promise<unknown> | null = null;
    const onProgress = (): void => {
      second ??= expectRejection(lab.trades({ series: "NORCPI" }).save(path), "FOLDER_LOCKED", /wait for it to end/);
    };
    const first = await lab.trades({ series: "NORCPI", onProgress }).save(path);
    expect(second).not.toBeNull();
    await second;
    expect(first.rows).toBe((await readTable(path)).numRows());
    await close();
  });

  it.each(["table", "file"])(
    "reads what left the live tier meanwhile from the historical one when the cutoff moves under it: %s",
    async (way) => {
      const { lab, sandbox, close } = await labAndSandbox({ seed: "moving", tier: "prestige" });
      try {
        // Open markets go on trading; what lies before the start of the world is the same at any time.
        const ask = { series: "AVONHIGH", to: "2026-10-15T15:00:00Z" };
        const before = await lab.trades(ask);
        let moving: Promise<Response> | null = null;
        const question = lab.trades({
          ...ask,
          onProgress: ({ pages }) => {
            if (pages < 40) return;
            moving ??= fetch(`${sandbox.ready.control_url}/cutoff?date=2026-09-20T00:00:00Z`, { method: "POST" });
          },
        });
        const path = join(out, "moving.parquet");
        const during = way === "table" ? await question : await question.save(path).then(() => readTable(path));
        expect((await moving!).status).toBe(200);
        expect(provenance(during)?.cutoffs?.trades_created).toBe("2026-09-20T00:00:00Z");
        expect(new Set(during.array("trade_id"))).toEqual(new Set(before.array("trade_id")));
        expect(during.numRows()).toBe(before.numRows());
      } finally {
        await close();
      }
    },
  );
});

/** Kills a run with SIGKILL once a file has grown to a size. */
async function killAt(run: CliRun, file: string, bytes: number): Promise<void> {
  await grownTo(run, file, bytes);
  run.child.kill("SIGKILL");
  const { signal, stderr } = await run.ended;
  expect(signal, stderr).toBe("SIGKILL");
}

async function grownTo(run: CliRun, file: string, bytes: number): Promise<void> {
  for (let ended = false; !ended; await setImmediate()) {
    if (existsSync(file) && statSync(file).size >= bytes) return;
    ended = run.child.exitCode !== null || run.child.signalCode !== null;
  }
  throw new Error(`ended before ${file} had ${bytes} bytes: ${(await run.ended).stderr}`);
}

/** Rows that differ between two Parquet files, their order included. */
async function differences(a: string, b: string): Promise<number> {
  const connection = await (await DuckDBInstance.create(":memory:")).connect();
  const rows = (path: string): string =>
    `SELECT *, file_row_number FROM read_parquet('${path}', file_row_number = true)`;
  const reader = await connection.runAndReadAll(
    `SELECT (SELECT count(*) FROM (${rows(a)} EXCEPT ALL ${rows(b)})) + (SELECT count(*) FROM (${rows(b)} EXCEPT ALL ${rows(a)}))`,
  );
  connection.closeSync();
  return Number(reader.getRows()[0]![0]);
}
