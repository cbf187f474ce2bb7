import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { liveTrades } from "../../src/exchange/trade.js";
import { type Download, download } from "../../src/history/download.js";
import type { Plan } from "../../src/history/plan.js";
import { expectRejection } from "../support/errors.js";
import { type ScriptedClient, scriptedClient } from "../support/scripted-client.js";

const row = { trade_id: "t1", ticker: "T", created_time: "2026-01-01T00:00:00Z" };

const plan: Plan = {
  noun: "trades",
  legs: [{ kind: "list", tier: "live", endpoint: liveTrades, query: {}, keep: null }],
  cutoffs: null,
  from: null,
  to: null,
  inOrder: false,
};

describe("the folder of a download that was done and removed only in part", () => {
  const folder = mkdtempSync(join(tmpdir(), "kalshi-lab-leftovers-"));
  const dir = join(folder, "trades.csv.partial");
  let exchange: ScriptedClient;

  beforeAll(async () => {
    exchange = await scriptedClient(() => [200, { cursor: "", trades: [row] }]);
    exchange.client.read.resize({ capacity: 1e9, refillRate: 1e9 });
  });

  beforeEach(() => rmSync(dir, { recursive: true, force: true }));

  afterAll(async () => {
    await exchange.close();
    rmSync(folder, { recursive: true });
  });

  const begin = (question: string): Promise<Download> =>
    download(exchange.client, dir, question, () => Promise.resolve(plan));

  /** What a killed run can leave behind of each file. */
  const leftovers: Readonly<Record<string, string>> = {
    "in-use.lock": JSON.stringify({ pid: process.pid, host: hostname(), started: "1" }),
    "plan.json": '{"noun":"fil',
    "rows.ndjson": "what once were rows",
    "checkpoint.json.12-ab.tmp": "{",
  };

  const names = Object.keys(leftovers);
  const sets = Array.from({ length: 2 ** names.length }, (_, bits) => names.filter((__, at) => (bits >> at) % 2 === 1));

  it.each(sets.map((left) => [left.join(", ") || "nothing", left] as const))(
    "is begun anew, also for another question, with left in it: %s",
    async (_, left) => {
      mkdirSync(dir);
      for (const name of left) writeFileSync(join(dir, name), leftovers[name]!);
      const done = await begin("another question");
      expect([...done.rows()].flat()).toEqual([row]);
      expect(done.resumed).toBe(false);
      await done.discard();
      expect(existsSync(dir)).toBe(false);
    },
  );

  it("is refused while its checkpoint stands there without its rows or its plan", async () => {
    for (const gone of ["rows.ndjson", "plan.json"]) {
      rmSync(dir, { recursive: true, force: true });
      await (await begin("q")).close();
      rmSync(join(dir, gone));
      await expectRejection(begin("q"), "CHECKPOINT_DAMAGED", /remove that folder/);
    }
  });

  it("is refused while its checkpoint stands there with a plan that cannot be read", async () => {
    await (await begin("q")).close();
    writeFileSync(join(dir, "plan.json"), '{"noun":"tra');
    const error = await expectRejection(begin("q"), "CHECKPOINT_DAMAGED", /remove that folder to start .* anew/);
    expect(error.message).toContain("cannot read the plan");
  });
});
