import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { afterAll, describe, expect, it } from "vitest";
import type { ReadyInfo } from "../../src/sandbox/sandbox.js";
import { expectFailure, runCli, startCli } from "../support/cli.js";

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
