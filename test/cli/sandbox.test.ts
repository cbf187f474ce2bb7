import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { afterAll, describe, expect, it } from "vitest";
import type { ReadyInfo } from "../../src/sandbox/sandbox.js";
import { expectFailure, runCli, startCli } from "../support/cli.js";
import { sandboxProcess } from "../support/sandbox-process.js";

const TICKER = "SANDBOX-LIVE-T50";
const folder = mkdtempSync(join(tmpdir(), "kalshi-sandbox-cli-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("kalshi-lab sandbox", () => {
  it("serves bulk markets, and what a fault plan says, from a process of its own", async () => {
    const plan = join(folder, "faults.json");
    writeFileSync(plan, '{"rules": [{"path": "/historical/cutoff", "fault": "status", "status": 502, "count": 1}]}');
    const { child, ended } = startCli(["sandbox", "--bulk-trades", "1234", "--faults", plan]);
    try {
      const ready = await new Promise<ReadyInfo>((resolve, reject) => {
        createInterface(child.stdout as Readable).once("line", (line) => resolve(JSON.parse(line)));
        ended.then(({ stderr }) => reject(new Error(stderr)), reject);
      });
      const trades = await fetch(`${ready.control_url}/trades?ticker=BULK-ARCHIVED-T50`);
      expect(await trades.json()).toMatchObject({ count: 1_234 });
      const statuses = [];
      for (let i = 0; i < 2; i += 1) statuses.push((await fetch(`${ready.rest_url}/historical/cutoff`)).status);
      expect(statuses).toEqual([502, 200]);
    } finally {
      child.kill("SIGTERM");
      await ended;
    }
  });

  it("takes the step of balances, the weekly pause and the sockets' limits from its flags", async () => {
    const thursday = ["--clock", "2026-10-15T07:30:00Z"];
    const limits = ["--precision", "0.01", "--max-connections", "1", "--max-markets", "2"];
    const one = await sandboxProcess([...thursday, ...limits, "--no-weekly-pause"]);
    const other = await sandboxProcess(thursday);
    try {
      const taken = { price: "0.9900", count: "0.10" };
      await expect
        .poll(async () => (await one.member.bid(TICKER, taken)).body.fill_count, { timeout: 20_000 })
        .toBe("0.10");
      const cents = /^\d+\.\d\d0*$/;
      expect((await one.member.call("GET", "/portfolio/balance")).body.balance_dollars).toMatch(cents);
      const paused = await other.member.bid(TICKER, taken);
      expect([paused.status, paused.text]).toEqual([expect.any(Number), expect.stringMatching(/pause/)]);
      const client = await one.member.connect();
      await expect(one.member.connect()).rejects.toThrow(/429/);
      client.send({ id: 1, cmd: "subscribe", params: { channels: ["ticker"], market_tickers: ["A", "B", "C"] } });
      expect(await client.find(({ id }) => id === 1)).toMatchObject({ type: "error", msg: { code: 26 } });
      client.socket.terminate();
    } finally {
      await one.end();
      await other.end();
    }
  });

  it.each([
    ["--precision", "0.001", /0\.001/, /0\.0001, 0\.01/],
    ["--max-connections", "0", /maxConnections/, /from 1 on/],
    ["--max-connections", "many", /many/, /whole number/],
    ["--max-markets", "0", /maxMarkets/, /from 1 on/],
  ])("refuses %s %s with what it takes", async (flag, value, found, hint) => {
    await expectFailure(runCli(["sandbox", flag, value]), "BAD_ARGUMENT", { found, hint, exit: 2 });
  });

  it("shows its flags with examples in its help", async () => {
    const { code, stdout } = await runCli(["sandbox", "--help"]);
    expect(code).toBe(0);
    for (const flag of ["--precision <dollars>", "--no-weekly-pause", "--max-connections <n>", "--max-markets <n>"]) {
      expect(stdout).toContain(flag);
    }
    expect(stdout).toMatch(/Examples:\n(?: {2}kalshi-lab sandbox --.*\n?)+/);
  });

  it("says which fault plan it cannot read, or which field of it is wrong", async () => {
    const none = join(folder, "none.json");
    await expectFailure(runCli(["sandbox", "--faults", none]), "FILE_NOT_FOUND", {
      found: /none\.json/,
      hint: /JSON file/,
    });
    const wrong = join(folder, "wrong.json");
    writeFileSync(wrong, '{"rules": [{"path": "*", "fault": "status"}]}');
    const found = /rules\[0\]\.status is missing/;
    await expectFailure(runCli(["sandbox", "--faults", wrong]), "BAD_ARGUMENT", { found, hint: /429, 500/, exit: 2 });
  });
});
