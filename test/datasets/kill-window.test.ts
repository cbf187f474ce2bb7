import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readManifest } from "../../src/datasets/manifest.js";
import { readTable } from "../../src/datasets/read.js";
import { verifyFolder } from "../../src/datasets/verify/verify-folder.js";
import { saveTable } from "../../src/datasets/write.js";
import { type Provenance, provenance, withProvenance } from "../../src/frames/provenance.js";
import { trades } from "../../src/frames/trades.js";
import { rawTrade } from "../frames/records.js";
import { startCli } from "../support/cli.js";

const killer = new URL("../support/kill-at.mjs", import.meta.url).href;
/** More changes of files than a command makes. */
const FAR = 60;

const origin = (why: string): Provenance => ({
  ...{ noun: "trade", sources: [], cutoffs: null, from: null, to: null, covered: null },
  ...{ complete: false, why, rows: 0, at: "2026-11-01T00:00:00Z" },
});

let root: string;
/** What is written anew, and what is there already. */
let [fresh, older] = ["", ""];
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "kill-window-"));
  fresh = join(root, "fresh.csv");
  older = join(root, "older");
  const table = (count: number, why: string) =>
    withProvenance(trades(Array.from({ length: count }, (_, number) => rawTrade(number))), origin(why));
  await saveTable(table(20, "the fresh one"), fresh);
  await saveTable(table(3, "the older one"), join(older, "out.csv"));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** A command that writes `out.csv` in a folder, killed right before its n-th change there; false when it was over before. */
async function killed(folder: string, at: number): Promise<boolean> {
  const run = startCli(["export", fresh, "--to", join(folder, "out.csv")], {
    NODE_OPTIONS: `--import ${killer}`,
    KILL_AT: String(at),
    KILL_UNDER: folder,
  });
  const { code, signal, stderr } = await run.ended;
  if (signal === null) expect(code, stderr).toBe(0);
  return signal === "SIGKILL";
}

describe("a process that is killed while it writes a file", () => {
  it.each([
    ["over an older one", true],
    ["where there was none", false],
  ])(
    "%s leaves at every moment a file and a manifest that belong together",
    async (_, isOver) => {
      let [sawOld, sawNew] = [0, 0];
      for (let at = 1; at < FAR; at += 1) {
        const folder = join(root, `${isOver}-${at}`);
        if (isOver) cpSync(older, folder, { recursive: true });
        else mkdirSync(folder);
        const path = join(folder, "out.csv");
        const wasKilled = await killed(folder, at);
        const { faults, unchecked } = await verifyFolder(folder);
        expect({ at, faults, unchecked }).toEqual({ at, faults: [], unchecked: [] });
        if (existsSync(path)) {
          const table = await readTable(path);
          const told = provenance(table);
          // Rows and what is said of them are of one and the same file.
          expect([
            [3, "the older one"],
            [20, "the fresh one"],
          ]).toContainEqual([table.numRows(), told?.why]);
          if (table.numRows() === 3) sawOld += 1;
          else sawNew += 1;
        } else expect(readManifest(path)).toBeNull();
        if (!wasKilled) {
          expect(readdirSync(folder).sort()).toEqual(["out.csv", "out.csv.manifest.json"]);
          expect(at).toBeGreaterThan(4);
          if (isOver) expect(sawOld).toBeGreaterThan(2);
          // Killed behind the change that puts the file in its place too.
          expect(sawNew).toBeGreaterThan(1);
          return;
        }
        // What a killed one has left over, whoever writes there next removes.
        if (at % 4 !== 0) continue;
        await killed(folder, FAR);
        expect(readdirSync(folder).sort(), `${at}`).toEqual(["out.csv", "out.csv.manifest.json"]);
      }
      throw new Error("it never ended by itself");
    },
    240_000,
  );

  it("over one that had no manifest leaves none for that", async () => {
    for (let at = 1; at < FAR; at += 1) {
      const folder = join(root, `bare-${at}`);
      mkdirSync(folder);
      const path = join(folder, "out.csv");
      writeFileSync(path, "ticker\nA\n");
      const wasKilled = await killed(folder, at);
      const { faults } = await verifyFolder(folder);
      expect({ at, faults }).toEqual({ at, faults: [] });
      const rows = (await readTable(path)).numRows();
      expect(readManifest(path)?.rows).toBe(rows === 1 ? undefined : 20);
      if (!wasKilled) return;
    }
    throw new Error("it never ended by itself");
  }, 240_000);
});
