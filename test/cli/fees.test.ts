import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { runCli } from "../support/cli.js";
import { labAndSandbox } from "../support/lab.js";
import { connectionFlags } from "../support/variables.js";

const dir = mkdtempSync(join(tmpdir(), "kalshi-lab-fees-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const base = {
  ticker: "NORIDX-26OCT01-T5000",
  outcome_side: "yes",
  book_side: "bid",
  is_taker: true,
  trade_id: "00000000-0000-4000-8000-000000000003",
};

/** Fills of one order in one microsecond, whose ids say nothing of the order in which they were charged. */
const fills = [
  { count: "0.30", price: "0.5000", fee: "0.010000", id: 9 },
  { count: "0.30", price: "0.5000", fee: "0.010000", id: 4 },
  { count: "0.30", price: "0.5000", fee: "0.000000", id: 1 },
].map(({ count, price, fee, id }) => ({
  ...base,
  fill_id: `00000000-0000-4000-8000-00000000000${id}`,
  order_id: "00000000-0000-4000-8000-000000000002",
  count_fp: count,
  yes_price_dollars: price,
  no_price_dollars: price,
  fee_cost: fee,
  created_time: "2026-07-01T11:00:00Z",
}));

function written(name: string, records: readonly object[]): string {
  const path = join(dir, name);
  writeFileSync(path, records.map((record) => `${JSON.stringify(record)}\n`).join(""));
  return path;
}

const model = ["--fee-type", "quadratic", "--multiplier", "1"];

describe("kalshi-lab fees", () => {
  it("gives our fee of every fill beside the reported one as JSON, fills of one microsecond tried in every order", async () => {
    const flags = ["fees", "--fills", written("fills.ndjson", fills), ...model, "--precision", "0.01", "--json"];
    const { code, stdout, stderr } = await runCli(flags);
    expect(code, stderr).toBe(0);
    const told = JSON.parse(stdout) as {
      fills: { fill_id: string; order_id: string; fee: string; fee_cost: string }[];
    };
    expect(Object.keys(told)).toEqual(["fills"]);
    expect(told.fills).toHaveLength(3);
    for (const one of told.fills) {
      expect(Object.keys(one)).toEqual(["fill_id", "order_id", "fee", "fee_cost"]);
      expect(one.fee).toMatch(/^\d+\.\d{6}$/);
      expect(one.fee).toBe(one.fee_cost);
    }
    expect(stderr).toMatch(/3 fills, 0 of them charged otherwise/);
  });

  it("prints a table for people, and says how many were charged otherwise", async () => {
    const [first] = fills;
    const path = written("other.ndjson", [{ ...first, count_fp: "100.00", fee_cost: "1.760000" }]);
    const { code, stdout, stderr } = await runCli(["fees", "--fills", path, ...model, "--precision", "0.01"]);
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/fee_cost/);
    expect(stderr).toMatch(/1 fills?, 1 of them charged otherwise; \$1\.75 by the model, \$1\.76 reported/);
  });

  it("gives null for a fee that the records do not tell, and says why and how many", async () => {
    const [first] = fills;
    const combo = { ...first, ticker: "KXMVESPORTS-S2026A-1", created_time: "2026-10-01T11:00:00Z" };
    const path = written("combo.ndjson", [
      { ...combo, order_id: base.trade_id },
      { ...first, fee_cost: "0.010000" },
    ]);
    const flags = ["fees", "--fills", path, ...model, "--precision", "0.01"];
    const { code, stdout, stderr } = await runCli([...flags, "--json"]);
    expect(code, stderr).toBe(0);
    const told = JSON.parse(stdout) as { fills: { fee: string | null; fee_cost: string }[] };
    expect(told.fills.map(({ fee }) => fee)).toEqual(["0.010000", null]);
    expect(stderr).toMatch(/2 fills, 0 of them charged otherwise; \$0\.01 by the model, \$0\.01 reported; 1 of them/);
    expect(stderr).toMatch(/^KXMVESPORTS-S2026A-1: a combo's roles/m);
    expect((await runCli(flags)).stdout).toMatch(/note/);
  });

  it("asks the exchange for the schedule in force at each fill where none is named", async () => {
    const both = await labAndSandbox({ seed: "fees-cli" });
    try {
      const own = join(dir, "own.parquet");
      await both.lab.fills().save(own);
      const to = connectionFlags(both.sandbox.ready);
      const { code, stderr } = await runCli(["fees", "--fills", own, "--rule", "current", ...to]);
      expect(code, stderr).toBe(0);
      expect(stderr).toMatch(/^[1-9]\d+ fills, 0 of them charged otherwise/m);
    } finally {
      await both.close();
    }
  });

  it.each([
    ["a fee type without a published rate", ["--fee-type", "flat"], 2, /flat.*\n.*quadratic/],
    ["a multiplier that is none", ["--multiplier", "half"], 2, /multiplier/],
    ["a precision that there is not", ["--precision", "0.1"], 2, /0\.0001/],
    ["a rule that there is not", ["--rule", "2027"], 2, /2026-08/],
  ])("refuses %s as wrong usage", async (_, flags, expected, says) => {
    const { code, stderr } = await runCli(["fees", "--fills", written("refused.ndjson", fills), ...flags]);
    expect(code).toBe(expected);
    expect(stderr).toMatch(says);
  });
});
