import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openRecording } from "../../src/recorder/replay.js";
import { type Sandbox, startSandbox } from "../../src/sandbox/sandbox.js";
import { type CliRun, expectFailure, jsonLines, runCli, startCli } from "../support/cli.js";
import { readPrometheus } from "../support/prometheus.js";
import { variablesOf } from "../support/variables.js";
import { until } from "../support/wait.js";

let sandbox: Sandbox;
let env: Record<string, string>;
const root = mkdtempSync(join(tmpdir(), "kalshi-lab-record-"));

beforeAll(async () => {
  sandbox = await startSandbox({ seed: "record", speed: 10 });
  env = variablesOf(sandbox);
});
afterAll(async () => {
  await sandbox.close();
  rmSync(root, { recursive: true, force: true });
});

/** What a run has said on a stream so far. */
function hearing(run: CliRun, stream: "stdout" | "stderr"): () => string {
  let text = "";
  run.child[stream]!.on("data", (more: string) => {
    text += more;
  });
  return () => text;
}

async function stopped(run: CliRun, signal: NodeJS.Signals = "SIGINT"): CliRun["ended"] {
  run.child.kill(signal);
  return run.ended;
}

describe("kalshi-lab record", () => {
  it("of a series takes in the markets that come, tells its status as JSON lines, and ends with what it has recorded", async () => {
    const out = join(root, "series");
    const run = startCli(["record", "--series", "SANDBOX", "--out", out, "--json", "--status", "100ms"], env);
    const said = hearing(run, "stdout");
    await until(() => /"joined":[2-9]/.test(said()), "markets that came", 60_000);
    const { code, stdout, stderr } = await stopped(run, "SIGTERM");
    expect(code, stderr).toBe(130);
    const lines = jsonLines(stdout);
    const [summary, ...statuses] = lines.toReversed();
    expect(summary).toMatchObject({ type: "summary", gaps: 0, lostFrames: 0 });
    expect(statuses.length).toBeGreaterThan(3);
    for (const status of statuses) {
      expect(status).toMatchObject({ type: "status", at: expect.stringMatching(/^\d{4}-.*\.\d{6}Z$/), gaps: 0 });
      expect(status).toHaveProperty("disk.freeBytes", expect.any(Number));
      expect(status).toHaveProperty("messagesPerSecond", expect.any(Number));
    }
    const frames = statuses.map((status) => status.frames as number).reverse();
    expect(frames).toEqual(frames.toSorted((a, b) => a - b));
    let read = 0;
    for await (const _ of (await openRecording(out)).frames()) read += 1;
    expect(read).toBe(summary!.frames);
  }, 90_000);

  it("of several series, events and markets records all of them", async () => {
    const out = join(root, "several");
    const named = "SANDBOX-LIVE-T50";
    const flags = ["--series", "ORBIT15M,ORBITH", "--event", "SANDBOX-LIVE", "--tickers", named, "--for", "2s"];
    const { code, stdout, stderr } = await runCli(["record", ...flags, "--out", out, "--json"], env);
    expect(code, stderr).toBe(0);
    expect(jsonLines(stdout).at(-1)).toMatchObject({ type: "summary", gaps: 0 });
    const series = new Set<string>();
    const tickers = new Set<string>();
    for await (const event of await openRecording(out)) {
      if (event.type !== "snapshot") continue;
      tickers.add(event.ticker);
      series.add(event.ticker.split("-")[0]!);
    }
    expect(series).toEqual(new Set(["ORBIT15M", "ORBITH", "SANDBOX"]));
    expect(tickers).toContain(named);
    expect([...tickers].filter((ticker) => ticker.startsWith("SANDBOX-LIVE-"))).toHaveLength(5);
  }, 60_000);

  it("serves its figures to Prometheus on loopback alone when it is asked to, and ends with a scraper connected", async () => {
    const out = join(root, "metrics");
    const flags = ["--event", "SANDBOX-LIVE", "--metrics-port", "0", "--compare", "100ms"];
    const run = startCli(["record", ...flags, "--out", out], env);
    const said = hearing(run, "stderr");
    await until(() => said().includes("metrics at "), "the address");
    const url = /metrics at (http:\/\/127\.0\.0\.1:\d+\/metrics)\n/.exec(said())![1]!;
    const scrape = async () => readPrometheus(await (await fetch(url)).text());
    await until(async () => (await scrape()).size > 0, "figures");
    const value = (metrics: Awaited<ReturnType<typeof scrape>>, name: string) =>
      metrics.get(`kalshi_recorder_${name}`)?.samples[0]?.value ?? Number.NaN;
    const first = await scrape();
    await until(
      async () => {
        const now = await scrape();
        return (
          value(now, "frames_total") > value(first, "frames_total") && value(now, "rest_books_compared_total") >= 5
        );
      },
      "figures that grow",
      60_000,
    );
    const answer = await fetch(url);
    expect(answer.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
    expect(readPrometheus(await answer.text()).get("kalshi_recorder_markets")?.samples).toMatchObject([{ value: 5 }]);
    expect((await fetch(new URL("/", url))).status).toBe(404);
    expect((await fetch(url, { method: "POST" })).status).toBe(405);
    const { code, stderr } = await stopped(run);
    expect(code, stderr).toBe(130);
    await expect(fetch(url)).rejects.toThrow();
  }, 90_000);

  it("refuses a second recorder on its folder, which leaves the first at work", async () => {
    const out = join(root, "twice");
    const run = startCli(["record", "--event", "SANDBOX-LIVE", "--out", out, "--json", "--status", "50ms"], env);
    const said = hearing(run, "stdout");
    await until(() => said().includes('"status"'), "the first");
    const second = ["record", "--series", "SANDBOX", "--out", out];
    await expectFailure(runCli(second, env), "FOLDER_LOCKED", { found: /process \d+/, hint: /another folder/ });
    const before = said().length;
    await until(() => said().length > before, "more of the first");
    const { code, stdout } = await stopped(run, "SIGTERM");
    expect(code).toBe(130);
    expect(jsonLines(stdout).at(-1)).toMatchObject({ type: "summary", gaps: 0 });
    expect(readdirSync(out).filter((name) => name.includes("lock"))).toEqual([]);
  }, 60_000);

  it("refuses a port that another program has before it records anything", async () => {
    const out = join(root, "port");
    const { port } = new URL(sandbox.ready.rest_url);
    const run = runCli(["record", "--event", "SANDBOX-LIVE", "--out", out, "--metrics-port", port], env);
    await expectFailure(run, "PORT_IN_USE", { found: new RegExp(port), hint: /another port/ });
    expect(readdirSync(root)).not.toContain("port");
  });
});
