import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readTable } from "../../src/datasets/read.js";
import { saveTable } from "../../src/datasets/write.js";
import { rawOf } from "../../src/frames/exact.js";
import { runCli } from "../support/cli.js";
import { type LabAndSandbox, labAndSandbox } from "../support/lab.js";
import { connectionFlags } from "../support/variables.js";

const folder = mkdtempSync(join(tmpdir(), "kalshi-lab-reconcile-"));
const [held, paid] = ["SANDBOX-LIVE-T50", "SANDBOX-LIVE-T55"];

describe("reconciling an account of the sandbox", () => {
  let open: LabAndSandbox;

  beforeAll(async () => {
    open = await labAndSandbox({ seed: "reconcile", speed: 0 });
    const { trading } = open.lab;
    for (const ticker of [held, paid]) {
      const bought = await trading.place({
        ticker,
        side: "bid",
        count: "3.00",
        price: "0.99",
        timeInForce: "immediate_or_cancel",
      });
      expect(bought.fill_count).toBeGreaterThan(0);
    }
    await trading.place({
      ticker: held,
      side: "ask",
      count: "1.00",
      price: "0.01",
      timeInForce: "immediate_or_cancel",
    });
    const post = (path: string, body?: object) =>
      fetch(`${open.sandbox.ready.control_url}${path}`, {
        method: "POST",
        ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
      });
    await post(`/markets/${paid}/close-early`);
    await post(`/markets/${paid}/determine`, { result: "yes" });
    for (let hours = 0; hours < 300; hours += 1) {
      if ((await open.lab.api.getMarket({ ticker: paid })).market.status === "finalized") break;
      await post("/clock?by=600");
    }
    expect((await open.lab.settlements()).numRows()).toBeGreaterThan(0);
    await trading.cancelAll();
  }, 120_000);

  afterAll(async () => {
    await open.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const connection = (): string[] => ["--env", "sandbox", ...connectionFlags(open.sandbox.ready)];

  it("agrees in every figure, and money paid in comes to the actual balance line by line", async () => {
    const found = await open.lab.reconcile();
    expect(found.differences.objects()).toEqual([]);
    expect([found.agrees, found.notes]).toEqual([true, []]);
    const lines = found.cash!.array("line") as string[];
    const money = rawOf(found.cash!, "dollars") as number[];
    const end = lines.indexOf("balance worked out");
    const actual = (await open.lab.api.getSubaccountBalances({})).subaccount_balances;
    const balance = actual.reduce((sum, one) => sum + one.balance, 0);
    expect(money.slice(0, end).reduce((sum, one) => sum + one, 0)).toBe(balance);
    expect([money[lines.indexOf("balance of the exchange")], money[lines.indexOf("difference")]]).toEqual([balance, 0]);
  });

  it("shows a balance that differs, by how much, and still compares everything else", async () => {
    const { cash, differences, agrees } = await open.lab.reconcile({ moved: "1" });
    expect(agrees).toBe(false);
    expect(differences.array("figure")).toEqual(["balance"]);
    expect(rawOf(differences, "difference")[0]).toBe((rawOf(cash!, "dollars") as number[])[10]);
  });

  it("finds the orders that rest, and what is missing from the balance for them, without comparing it", async () => {
    const resting = { ticker: held, side: "bid", count: "10.00", price: "0.01" } as const;
    await open.lab.trading.place(resting);
    const found = await open.lab.reconcile();
    const given = await open.lab.reconcile({ resting: "0.1" });
    await open.lab.trading.cancelAll();
    expect(found.agrees).toBe(true);
    expect(found.notes).toEqual([expect.stringMatching(/^1 orders rest, worth 0\.1000 \$ .* was not compared/)]);
    expect(found.figures.array("figure")).not.toContain("balance");
    const lines = found.cash!.array("line") as string[];
    const money = rawOf(found.cash!, "dollars") as number[];
    const missing = -money[lines.indexOf("behind resting orders, by what is missing")]!;
    // The orders' worth, and what the sandbox sets aside for fees.
    expect(missing).toBeGreaterThanOrEqual(100_000);
    expect(missing).toBeLessThan(150_000);
    expect(money[lines.indexOf("difference")]).toBe(0);
    // Told how much is behind them, the balance is compared, and differs by the fees.
    expect(given.differences.array("figure")).toEqual(["balance"]);
    expect(rawOf(given.differences, "difference")).toEqual([missing - 100_000]);
    expect(given.notes).toEqual([]);
  });

  it("compares a balance that is higher than ours also while orders rest: nothing behind them explains it", async () => {
    await open.lab.trading.place({ ticker: held, side: "bid", count: "10.00", price: "0.01" });
    const { agrees, differences } = await open.lab.reconcile({ moved: "1" });
    await open.lab.trading.cancelAll();
    expect(agrees).toBe(false);
    expect(differences.array("figure")).toEqual(["balance"]);
  });

  it("is a command that says that nothing differs, with the balance on stdout", async () => {
    const { code, stdout, stderr } = await runCli(["reconcile", ...connection()]);
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(/nothing differs: \d+ figures compared/);
    expect(stdout).toMatch(/balance of the exchange/);
  });

  it("saves everything it found: figures with the fills behind differences, and the balance line by line", async () => {
    const [figures, balance] = [join(folder, "all.csv"), join(folder, "balance.parquet")];
    const flags = ["--moved", "1", "--out", figures, "--balance", balance, "--json"];
    const { code, stdout, stderr } = await runCli(["reconcile", ...connection(), ...flags]);
    expect(code, stderr).toBe(0);
    const told = JSON.parse(stdout);
    const [all, lines] = [await readTable(figures), await readTable(balance)];
    expect(all.numRows()).toBe(told.compared);
    expect(told.figures).toHaveLength(told.compared);
    const differing = (all.array("fills") as (string | null)[]).filter((fills) => fills !== null);
    expect(differing).toEqual(["[]"]);
    expect(lines.array("line")).toEqual(told.balance.map(({ line }: { line: string }) => line));
    expect(rawOf(lines, "dollars").map((micros) => (micros! / 1e6).toFixed(6))).toEqual(
      told.balance.map(({ dollars }: { dollars: string }) => dollars),
    );
    expect(told).toMatchObject({ returned_collateral: "0.000000", notes: [] });
    const files = ["--fills", "f.json", "--positions", "p.json", "--balance", balance];
    const refused = await runCli(["reconcile", ...files]);
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringMatching(/BAD_ARGUMENT/)]);
  });

  it("compares files too, and names the fills behind each difference", async () => {
    const { lab } = open;
    const all = await lab.fills();
    const tables = { fills: all, positions: await lab.positions(), settlements: await lab.settlements() };
    const files: string[] = [];
    for (const [name, table] of Object.entries(tables)) {
      const file = join(folder, `${name}.${name === "positions" ? "csv" : "parquet"}`);
      await saveTable(table, file);
      files.push(`--${name}`, file);
    }
    const same = await runCli(["reconcile", ...files, "--json"]);
    expect(same.code, same.stderr).toBe(0);
    expect(JSON.parse(same.stdout)).toMatchObject({ agrees: true, differences: [], balance: null });
    const fewer = join(folder, "fewer.csv");
    await saveTable(all.slice(0, all.numRows() - 1).reify(), fewer);
    const out = join(folder, "figures.parquet");
    const other = await runCli(["reconcile", "--fills", fewer, ...files.slice(2), "--out", out, "--json"]);
    expect(other.code, other.stderr).toBe(0);
    const { agrees, differences } = JSON.parse(other.stdout);
    expect(agrees).toBe(false);
    expect(differences[0]).toMatchObject({ ticker: all.array("ticker").at(-1), fills: expect.anything() });
    expect(other.stderr).toMatch(/\d+ of \d+ figures differ/);
  });
});
