import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Dataset, datasetsIn } from "../../../src/datasets/library/datasets-in.js";
import { dropFromLibrary } from "../../../src/datasets/library/drop.js";
import { readLibrary, writeLibrary } from "../../../src/datasets/library/library-file.js";
import { verifyFolder } from "../../../src/datasets/verify/verify-folder.js";
import { SqlQuery } from "../../../src/lab/sql.js";
import { rawTrade } from "../../frames/records.js";
import { startCli } from "../../support/cli.js";
import { expectRejection } from "../../support/errors.js";
import { SmallLibrary } from "../../support/small-library.js";

let root: string;
let library: SmallLibrary;
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "drop-"));
  library = await SmallLibrary.make(join(root, "datasets"));
  for (const series of ["A", "B"])
    await library.merge("trades", series, [
      rawTrade(1, { created_time: "2026-11-01T10:00:00Z" }),
      rawTrade(2, { created_time: "2026-11-02T10:00:00Z" }),
    ]);
  // Something of the account, whose owner the library notes.
  await library.merge("settlements", null, []);
  const file = readLibrary(library.dir)!;
  await writeLibrary(library.dir, { ...file, account: "mine" });
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const names = (found: readonly Dataset[]) =>
  found.map(({ kind, series }) => (series === null ? kind : `${series} ${kind}`)).sort();
const held = async (dir = library.dir) => names(await datasetsIn(dir));
const counted = async (dir: string) =>
  (
    await new SqlQuery("SELECT series, count(*) AS n FROM trades GROUP BY series ORDER BY series", { library: dir })
  ).objects();

describe("what is dropped from a library", () => {
  it("is gone from the disk and from what is kept up to date, and the rest is as it was", async () => {
    const { dropped } = await dropFromLibrary({ library: library.dir, series: "A" });
    expect(dropped).toMatchObject([{ kind: "trades", series: "A", rows: 2, files: 2 }]);
    expect(await held()).toEqual(["B trades", "settlements"]);
    expect(readLibrary(library.dir)).toMatchObject({ account: "mine" });
    expect(await counted(library.dir)).toEqual([{ series: "B", n: 2 }]);
    const { faults, files } = await verifyFolder(library.dir);
    expect([faults, files]).toEqual([[], 2]);
    expect(readdirSync(join(library.dir, "_state"))).toHaveLength(2);
    expect(readdirSync(join(library.dir, "_staging"))).toEqual([]);
    // Of the last series nothing is to be seen either, and a library that has nothing of an account may be another's.
    await dropFromLibrary({ library: library.dir, series: "B", kinds: ["trades"] });
    await dropFromLibrary({ library: library.dir, kinds: ["settlements"] });
    expect(existsSync(join(library.dir, "kind=trades"))).toBe(false);
    expect(readLibrary(library.dir)).toMatchObject({ account: null, subjects: [] });
    expect(await held()).toEqual([]);
  });

  it("must be named, and there, and nothing that the rest needs", async () => {
    const drop = (ask: object) => dropFromLibrary({ library: library.dir, ...ask });
    await expectRejection(drop({}), "BAD_ARGUMENT", /--series/);
    await expectRejection(drop({ kinds: ["trades"] }), "BAD_ARGUMENT", /--series/);
    await expectRejection(drop({ series: "C" }), "BAD_ARGUMENT", /it has .*A.*B/);
    await expectRejection(drop({ series: "A", kinds: ["candlesticks"] }), "BAD_ARGUMENT", /it has/);
    await expectRejection(drop({ kinds: ["frogs"] }), "BAD_ARGUMENT", /trades/);
    await library.keep({ kind: "markets", series: "A", period: null, from: null }, { through: null, odd: {} });
    await expectRejection(drop({ series: "A", kinds: ["markets"] }), "BAD_ARGUMENT", /leave --kinds out/);
    await expectRejection(dropFromLibrary({ library: join(root, "none"), series: "A" }), "FILE_NOT_FOUND", /sync/);
    expect(await held()).toEqual(["A markets", "A trades", "B trades", "settlements"]);
  });

  it("is nothing outside of the library, whatever a note or a link in it says", async () => {
    const outside = join(root, "outside");
    mkdirSync(outside);
    writeFileSync(join(outside, "mine.txt"), "mine");
    rmSync(join(library.dir, "kind=trades", "series=A"), { recursive: true });
    symlinkSync(outside, join(library.dir, "kind=trades", "series=A"));
    await expectRejection(dropFromLibrary({ library: library.dir, series: "A" }), "FILE_UNREADABLE", /link|itself/);
    expect(readdirSync(outside)).toEqual(["mine.txt"]);
    for (const group of [
      { kind: "..", series: null },
      { kind: "trades", series: null },
      { kind: "fills", series: "x" },
    ]) {
      writeFileSync(join(library.dir, "_staging", "drop.json"), JSON.stringify({ groups: [group] }));
      await expectRejection(verifyFolder(library.dir), "FILE_UNREADABLE", /remove the note/);
    }
  });

  it("is all there or all gone for whoever comes after a kill at any moment, and the rest verifies", async () => {
    let [whole, gone] = [0, 0];
    for (let at = 1; ; at += 1) {
      const dir = join(root, `killed-${at}`);
      cpSync(library.dir, dir, { recursive: true });
      const run = startCli(["library", "drop", "--series", "A", "--library", dir], {
        NODE_OPTIONS: `--import ${new URL("../../support/kill-at.mjs", import.meta.url).href}`,
        KILL_AT: String(at),
        KILL_UNDER: dir,
      });
      const { signal, code, stderr } = await run.ended;
      if (signal === null) expect(code, stderr).toBe(0);
      const { faults } = await verifyFolder(dir);
      expect({ at, faults }).toEqual({ at, faults: [] });
      const left = await held(dir);
      const rows = await counted(dir);
      expect([
        [["A trades", "B trades", "settlements"], 2],
        [["B trades", "settlements"], 1],
      ]).toContainEqual([left, rows.length]);
      if (rows.length === 2) whole += 1;
      else gone += 1;
      if (signal === null) break;
    }
    expect(whole).toBeGreaterThan(2);
    expect(gone).toBeGreaterThan(5);
  }, 240_000);
});
