import {
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { compactLibrary } from "../../../src/datasets/library/compact.js";
import { type Partition, partitionPath } from "../../../src/datasets/library/partition.js";
import {
  manifestPathOf,
  type PartitionManifest,
  readPartition,
} from "../../../src/datasets/library/partition-manifest.js";
import { verifyFolder } from "../../../src/datasets/verify/verify-folder.js";
import { SqlQuery } from "../../../src/lab/sql.js";
import { rawTrade } from "../../frames/records.js";
import { SmallLibrary } from "../../support/small-library.js";

const day: Partition = { kind: "trades", series: "S", date: "2026-11-01" };
let root: string;
let dir: string;
let library: SmallLibrary;

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "half-way-"));
  library = await SmallLibrary.make(join(root, "datasets"));
  dir = join(library.dir, partitionPath(day));
  await library.merge("trades", "S", [rawTrade(1), rawTrade(2)]);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const manifest = () => readPartition(library.dir, day)!;
const write = (changed: PartitionManifest) => writeFileSync(manifestPathOf(library.dir, day), JSON.stringify(changed));
const counted = async () =>
  (await new SqlQuery("SELECT count(*) AS n FROM trades", { library: library.dir })).get("n", 0) as number;
const faults = async () => (await verifyFolder(library.dir)).faults;

/** The manifest and the files of a day, before and after something is done. */
async function around(
  work: () => Promise<unknown>,
): Promise<{ before: PartitionManifest; after: PartitionManifest; old: string }> {
  const before = manifest();
  const old = join(root, "old");
  cpSync(dir, old, { recursive: true });
  await work();
  return { before, after: manifest(), old };
}

/** Brings the files of a day back to a copy. */
function restore(from: string): void {
  rmSync(dir, { recursive: true });
  cpSync(from, dir, { recursive: true });
}

describe("a process that is killed", () => {
  it("before or after its new file is there, leaves a library that verifies, and that the same merge brings to the same end", async () => {
    const rows = [rawTrade(2), rawTrade(3)];
    const { before, after, old } = await around(() => library.merge("trades", "S", rows));
    const between = { ...after, before: before.files };
    write(between);
    expect(await faults()).toEqual([]);
    restore(old);
    expect(await faults()).toEqual([]);
    expect(await counted()).toBe(2);
    await library.merge("trades", "S", rows);
    expect(await counted()).toBe(3);
    expect(manifest().before).toBeUndefined();
    expect(await faults()).toEqual([]);
  });

  it("before or after a file is replaced, likewise", async () => {
    const rows = [rawTrade(2, { count_fp: "77.00" })];
    const { before, after, old } = await around(() => library.merge("trades", "S", rows));
    write({ ...after, before: before.files });
    expect(await faults()).toEqual([]);
    restore(old);
    expect(await faults()).toEqual([]);
    await library.merge("trades", "S", rows);
    expect(manifest().files).toEqual(after.files);
    expect(await faults()).toEqual([]);
    // What is neither of both is a fault all the same.
    write({ ...after, before: before.files });
    writeFileSync(join(dir, "part-00001.parquet"), "x");
    expect(await faults()).toMatchObject([{ fault: "size" }]);
  });

  it("at the very first file of a partition leaves nothing that is wrong", async () => {
    const next: Partition = { ...day, date: "2026-11-02" };
    const raw = [rawTrade(9, { created_time: "2026-11-02T00:00:00Z" })];
    await library.merge("trades", "S", raw);
    const made = readPartition(library.dir, next)!;
    rmSync(join(library.dir, partitionPath(next)), { recursive: true });
    writeFileSync(manifestPathOf(library.dir, next), JSON.stringify({ ...made, before: [] }));
    expect(await faults()).toEqual([]);
    await library.merge("trades", "S", raw);
    expect(await counted()).toBe(3);
    expect(await faults()).toEqual([]);
  });

  it("at any step of merging small files leaves a library that verifies and has every record once", async () => {
    await library.merge("trades", "S", [rawTrade(3)]);
    const { before, after, old } = await around(() => compactLibrary({ library: library.dir }));
    expect([before.files.length, after.files.length]).toEqual([2, 1]);
    const merged = join(root, "merged");
    cpSync(dir, merged, { recursive: true });
    const staging = join(library.dir, "_staging");
    const [made, gone] = [join(staging, "compact.1-00000000.tmp"), join(staging, "compact.1-00000000.tmp-old")];
    const swap = JSON.stringify({ ...day, made, old: gone });
    const steps: Readonly<Record<string, () => void>> = {
      "the merged file is there, its manifest is not": () => cpSync(merged, made, { recursive: true }),
      "the manifest knows both": () => write({ ...after, before: before.files }),
      "the swap is noted": () => writeFileSync(join(staging, "swap.json"), swap),
      "the old folder is away": () => renameSync(dir, gone),
      "the new folder is in its place": () => cpSync(merged, dir, { recursive: true }),
      "the old folder is gone": () => rmSync(gone, { recursive: true }),
      "the note is gone": () => rmSync(join(staging, "swap.json")),
      "the manifest knows the new alone": () => write(after),
    };
    const names = Object.keys(steps);
    for (const last of names) {
      restore(old);
      write(before);
      rmSync(staging, { recursive: true, force: true });
      mkdirSync(staging);
      for (const name of names.slice(0, names.indexOf(last) + 1)) {
        if (name === "the new folder is in its place") rmSync(made, { recursive: true });
        steps[name]!();
      }
      expect(await faults(), last).toEqual([]);
      expect(await counted(), last).toBe(3);
      await compactLibrary({ library: library.dir });
      expect(manifest().files.length, last).toBe(1);
      expect(await faults(), last).toEqual([]);
      expect(await counted(), last).toBe(3);
      expect(readdirSync(staging), last).toEqual([]);
    }
  });
});

describe("a check of a library", () => {
  const spoil: readonly (readonly [fault: string, what: () => void])[] = [
    ["missing", () => rmSync(join(dir, "part-00001.parquet"))],
    ["size", () => writeFileSync(join(dir, "part-00001.parquet"), "cut")],
    [
      "checksum",
      () => {
        const path = join(dir, "part-00001.parquet");
        const bytes = readFileSync(path);
        bytes[bytes.length >> 1]! ^= 1;
        writeFileSync(path, bytes);
      },
    ],
    ["unlisted", () => copyFileSync(join(dir, "part-00001.parquet"), join(dir, "more.parquet"))],
    ["unlisted", () => rmSync(manifestPathOf(library.dir, day))],
    ["unreadable", () => writeFileSync(manifestPathOf(library.dir, day), "{")],
    ["rows", () => write({ ...manifest(), files: manifest().files.map((one) => ({ ...one, rows: 7 })) })],
    ["columns", () => write({ ...manifest(), columns: manifest().columns.slice(1) })],
  ];
  it.each(spoil)("names a file that is wrong: %s", async (fault, what) => {
    what();
    const found = await faults();
    expect(found.map((one) => one.fault)).toContain(fault);
    for (const { path, message } of found) {
      expect(path).toContain("date=2026-11-01");
      expect(message.length).toBeGreaterThan(10);
    }
  });

  it("finds records that stand twice, and those in the folder of another day", async () => {
    const next = join(library.dir, partitionPath({ ...day, date: "2026-11-02" }));
    cpSync(dir, next, { recursive: true });
    writeFileSync(
      manifestPathOf(library.dir, { ...day, date: "2026-11-02" }),
      JSON.stringify({ ...manifest(), date: "2026-11-02" }),
    );
    expect((await faults()).map(({ fault, path, message }) => [fault, path.includes("11-02"), message])).toEqual([
      ["twice", false, "2 records of it stand more than once"],
      ["misplaced", true, "2 of its records are of another day"],
    ]);
  });

  it("names each file of records that stand twice with those of its own", async () => {
    await library.merge("trades", "S", [rawTrade(9, { created_time: "2026-11-02T00:00:00Z" })]);
    for (const date of ["2026-11-01", "2026-11-02"]) {
      const partition = { ...day, date };
      const folder = join(library.dir, partitionPath(partition));
      copyFileSync(join(folder, "part-00001.parquet"), join(folder, "part-00002.parquet"));
      const known = readPartition(library.dir, partition)!;
      const files = [...known.files, { ...known.files[0]!, file: "part-00002.parquet" }];
      writeFileSync(manifestPathOf(library.dir, partition), JSON.stringify({ ...known, files }));
    }
    expect((await faults()).map(({ path, fault, message }) => [path, fault, message])).toEqual([
      [join(partitionPath(day), "part-00001.parquet"), "twice", "2 records of it stand more than once"],
      [
        join(partitionPath({ ...day, date: "2026-11-02" }), "part-00001.parquet"),
        "twice",
        "1 records of it stand more than once",
      ],
    ]);
  });
});
