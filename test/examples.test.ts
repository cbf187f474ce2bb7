import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runNotebook } from "../src/kernel/notebook.js";
import { type Sandbox, startSandbox } from "../src/sandbox/sandbox.js";
import { readExecuted } from "./support/notebooks.js";
import { variablesOf } from "./support/variables.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const examples = readdirSync(join(root, "examples"));
const folder = mkdtempSync(join(tmpdir(), "kalshi-examples-"));
let sandbox: Sandbox;

beforeAll(async () => {
  sandbox = await startSandbox();
});

afterAll(async () => {
  await sandbox.close();
  rmSync(folder, { recursive: true, force: true });
});

describe("the examples", () => {
  it("are under 40 lines each, and each is run below", () => {
    const lengths = examples.map(
      (name) =>
        readFileSync(join(root, "examples", name), "utf8")
          .trimEnd()
          .split("\n").length,
    );
    expect(Math.max(...lengths)).toBeLessThan(40);
    const test = readFileSync(fileURLToPath(import.meta.url), "utf8");
    expect(examples.filter((name) => !test.includes(`example("${name.replace(".ts", "")}"`))).toEqual([]);
  });

  it("trades prints the same table as the cell `trades` of the second notebook", async () => {
    const file = join(root, "notebooks", "02-prices-across-the-cutoff.ipynb");
    const outFile = join(folder, "02-prices-across-the-cutoff.ipynb");
    const summary = await runNotebook({ file, outFile, env: variablesOf(sandbox) });
    expect(summary.error).toBeUndefined();
    const { notebook, outputs, text } = await readExecuted(outFile);
    const at = notebook.cells.findIndex(({ source }) => /(^|\n)trades$/.test([source].flat().join("").trimEnd()));
    expect(outputs(at).map(({ output_type }) => output_type)).toEqual(["execute_result"]);
    const printed = await example("trades");
    expect(printed.split("\n").length).toBeGreaterThan(10);
    expect(printed).toBe(text(at));
  });

  it("backfill makes a library, and the second time has next to nothing to do", async () => {
    const library = join(folder, "library");
    const printed = await example("backfill", "NORLEAD", library);
    expect(printed).toMatch(/^trades: [1-9]\d* new, 0 updated, all before 20\S+Z$/m);
    expect(printed).toMatch(/^[1-9]\d* rows in the library, 0 faults$/m);
    const requests = (text: string) => Number(/^(\d+) requests/m.exec(text)?.[1]);
    const again = await example("backfill", "NORLEAD", library);
    // Somebody may have traded in between.
    expect(Number(/^trades: (\d+) new/m.exec(again)?.[1])).toBeLessThan(20);
    expect(requests(again)).toBeLessThan(requests(printed));
  }, 120_000);

  it("record-and-replay prints quotes and a book that can be trusted", async () => {
    const printed = await example("record-and-replay", "1", join(folder, "recording"));
    expect(printed).toMatch(/^\d+ frames of SANDBOX-LIVE-T55 in .*, 0 gaps$/m);
    expect(printed).toMatch(/^book at the end: ok$/m);
  });

  it("microprice draws what a recording says of it", async () => {
    const printed = await example("microprice", "2", join(folder, "recorded"));
    expect(printed).toMatch(/^out\/spread\.png: [1-9]\d* quotes of SANDBOX-LIVE-T55$/m);
    expect(printed).toMatch(/^out\/microprice\.png: [1-9]\d* points$/m);
    for (const name of ["spread.png", "microprice.png"]) {
      expect(
        readFileSync(join(folder, "out", name))
          .subarray(1, 4)
          .toString(),
      ).toBe("PNG");
    }
  });

  it("fills-pnl prints three figures that add up to the fourth", async () => {
    const printed = await example("fills-pnl");
    const [realized, unrealized, fees, net] = [...(printed.split("\n").at(-1) ?? "").matchAll(/-?\d+\.(\d{6})/g)].map(
      ([text]) => Number(text.replace(".", "")),
    );
    expect(fees).toBeGreaterThan(0);
    expect(realized! + unrealized! - fees!).toBe(net);
  });

  it("daily-profit's days add up to the profit of the account, and are those of the zone", async () => {
    const days = async (zone: string) => {
      const printed = await example("daily-profit", "2026-08-16", "2026-10-14T12:00:00Z", zone);
      const lines = [...printed.matchAll(/^(\d{4}-\d\d-\d\d) +(\d+) +(-?\d+\.\d{6}) +(\d+\.\d{6}) +(-?\d+\.\d{6})$/gm)];
      const micro = (text: string) => Number(text.replace(".", ""));
      const total = /^\d+ days: realized (-?\d+\.\d{6}), fees/m.exec(printed)?.[1];
      expect(lines.reduce((sum, [, , , realized]) => sum + micro(realized!), 0)).toBe(micro(total!));
      for (const [, , , realized, fees, net] of lines) expect(micro(realized!) - micro(fees!)).toBe(micro(net!));
      expect(printed).toMatch(/^adds up: true$/m);
      return lines.map(([, day]) => day!);
    };
    const [york, tokyo] = [await days("America/New_York"), await days("Asia/Tokyo")];
    expect(york.length).toBeGreaterThan(20);
    expect(york).not.toEqual(tokyo);
    expect(existsSync(join(folder, "out", "daily-lots.csv.manifest.json"))).toBe(true);
    expect(
      readFileSync(join(folder, "out", "profit.png"))
        .subarray(1, 4)
        .toString(),
    ).toBe("PNG");
  });

  it("calibration-study scores every market at every time, but for those without a trade by then", async () => {
    const file = join(folder, "forecasts.parquet");
    const printed = await example("calibration-study", "SANDBOX", file);
    const forecasts = Number(/: (\d+) forecasts, complete: true$/m.exec(printed)?.[1]);
    const scores = [...printed.split("rows ×")[0]!.matchAll(/^(?:1h|3h|6h) +(\d+) +(\d+) +0\.\d+/gm)];
    expect(scores).toHaveLength(3);
    expect(scores.reduce((sum, [, scored, without]) => sum + Number(scored) + Number(without), 0)).toBe(forecasts);
    expect(existsSync(`${file}.manifest.json`)).toBe(true);
  });

  it("chart-to-file writes a picture", async () => {
    const file = join(folder, "event.png");
    expect(await example("chart-to-file", file)).toContain("448 trades of 6 markets");
    expect(readFileSync(file).subarray(1, 4).toString()).toBe("PNG");
  });

  it("download-to-file writes a file with its manifest, and reads it back", async () => {
    const file = join(folder, "trades.parquet");
    const printed = await example("download-to-file", file);
    expect(printed).toMatch(/trades\.parquet: 2577 trades$/m);
    expect(printed).toContain("complete: true");
    expect(existsSync(`${file}.manifest.json`)).toBe(true);
    expect(existsSync(`${file}.partial`)).toBe(false);
  });
});

/** Runs an example by tsx in a folder of its own against the sandbox, and gives what it printed. */
function example(name: string, ...args: readonly string[]): Promise<string> {
  const command = ["--import", import.meta.resolve("tsx"), join(root, "examples", `${name}.ts`), ...args];
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      command,
      { cwd: folder, env: { ...process.env, ...variablesOf(sandbox) } },
      (error, stdout) => (error === null ? resolve(stdout.trimEnd()) : reject(error)),
    );
  });
}
