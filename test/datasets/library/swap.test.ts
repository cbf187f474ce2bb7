import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { compactLibrary } from "../../../src/datasets/library/compact.js";
import { type Partition, partitionPath } from "../../../src/datasets/library/partition.js";
import { manifestPathOf, readPartition } from "../../../src/datasets/library/partition-manifest.js";
import { recover } from "../../../src/datasets/library/staging.js";
import { verifyFolder } from "../../../src/datasets/verify/verify-folder.js";
import { SqlQuery } from "../../../src/lab/sql.js";
import { rawTrade } from "../../frames/records.js";
import { expectRejection } from "../../support/errors.js";
import { SmallLibrary } from "../../support/small-library.js";

/** Renames to be refused: those whose paths a test says. */
const disk = vi.hoisted(() => ({ refuses: (_from: string, _to: string): boolean => false }));
vi.mock("node:fs/promises", async (original) => {
  const fs = await original<typeof import("node:fs/promises")>();
  return {
    ...fs,
    rename: (from: string, to: string) =>
      disk.refuses(from, to) ? Promise.reject(Object.assign(new Error("EIO"), { code: "EIO" })) : fs.rename(from, to),
  };
});

const day: Partition = { kind: "trades", series: "S", date: "2026-11-01" };
let root: string;
let dir: string;
let staging: string;
let library: SmallLibrary;

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "swap-"));
  library = await SmallLibrary.make(join(root, "datasets"));
  dir = join(library.dir, partitionPath(day));
  staging = join(library.dir, "_staging");
  await library.merge("trades", "S", [rawTrade(1), rawTrade(2)]);
  await library.merge("trades", "S", [rawTrade(3)]);
});
afterEach(() => {
  disk.refuses = () => false;
  rmSync(root, { recursive: true, force: true });
});

const counted = async (at = library.dir) =>
  (await new SqlQuery("SELECT count(*) AS n FROM trades", { library: at })).get("n", 0) as number;

/** A compaction that is stopped between its two renames, for good: nothing in the library can be put back either. */
async function stopBetween(): Promise<void> {
  disk.refuses = (_from, to) => to === dir;
  await compactLibrary({ library: library.dir }).catch(() => undefined);
  disk.refuses = () => false;
  expect(existsSync(dir)).toBe(false);
  expect(existsSync(join(staging, "swap.json"))).toBe(true);
}

describe("a folder that takes the place of another", () => {
  it("is put there by whoever comes next, also where the library was moved in between", async () => {
    await stopBetween();
    const moved = join(root, "elsewhere");
    renameSync(library.dir, moved);
    expect((await verifyFolder(moved)).faults).toEqual([]);
    expect(await counted(moved)).toBe(3);
    expect(readdirSync(join(moved, "_staging"))).toEqual([]);
  });

  it("is put there when an earlier version has noted it by its whole path, and the library was moved", async () => {
    await stopBetween();
    const path = join(staging, "swap.json");
    const { made, old, ...rest } = JSON.parse(readFileSync(path, "utf8")) as Record<string, string>;
    writeFileSync(path, JSON.stringify({ ...rest, made: join(staging, made!), old: join(staging, old!) }));
    const moved = join(root, "elsewhere");
    renameSync(library.dir, moved);
    expect((await verifyFolder(moved)).faults).toEqual([]);
    expect(await counted(moved)).toBe(3);
  });

  it("leaves the old one where the new one is gone", async () => {
    await stopBetween();
    for (const name of readdirSync(staging)) if (/\.tmp$/.test(name)) rmSync(join(staging, name), { recursive: true });
    expect((await verifyFolder(library.dir)).faults).toEqual([]);
    expect(await counted()).toBe(3);
  });

  it("leaves the old one in its place when the disk refuses it", async () => {
    const names = readdirSync(dir);
    disk.refuses = (from, to) => to === dir && !from.endsWith("-old");
    await compactLibrary({ library: library.dir }).then(
      () => expect.unreachable(),
      () => undefined,
    );
    expect(readdirSync(dir)).toEqual(names);
    expect(existsSync(join(staging, "swap.json"))).toBe(false);
    disk.refuses = () => false;
    expect((await verifyFolder(library.dir)).faults).toEqual([]);
    await compactLibrary({ library: library.dir });
    expect(readdirSync(dir)).toHaveLength(1);
    expect(await counted()).toBe(3);
  });
});

describe("a library of a stranger", () => {
  const precious = () => join(root, "precious");
  beforeEach(() => {
    mkdirSync(staging, { recursive: true });
    mkdirSync(precious());
    writeFileSync(join(precious(), "letter.txt"), "dear");
  });
  const expectUntouched = () => {
    expect(readFileSync(join(precious(), "letter.txt"), "utf8")).toBe("dear");
    expect(readdirSync(dir)).toHaveLength(2);
  };

  it("has nothing removed that is outside of it, whatever its note says", async () => {
    const good = { ...day, made: "compact.1-00.tmp", old: "compact.1-00.tmp-old" };
    const notes: readonly unknown[] = [
      { ...good, made: precious(), old: precious() },
      { ...good, made: "../../precious", old: "../../precious" },
      { ...good, made: "..", old: ".." },
      { ...good, made: 7 },
      { ...good, kind: "../../precious" },
      { ...good, kind: "toString" },
      { ...good, series: 7 },
      { ...good, date: "../../../../precious" },
      "a text",
    ];
    for (const note of notes) {
      writeFileSync(join(staging, "swap.json"), JSON.stringify(note));
      await expectRejection(recover(library.dir), "FILE_UNREADABLE", /remove the note/);
      expectUntouched();
    }
    writeFileSync(join(staging, "swap.json"), JSON.stringify({ ...good, old: precious() }));
    await recover(library.dir);
    expectUntouched();
  });

  it("has nothing removed where its folders are links to elsewhere", async () => {
    rmSync(staging, { recursive: true });
    symlinkSync(precious(), staging);
    await expectRejection(verifyFolder(library.dir), "FILE_UNREADABLE", /put the folder itself/);
    await expectRejection(compactLibrary({ library: library.dir }), "FILE_UNREADABLE", /put the folder itself/);
    rmSync(staging);
    const kind = join(library.dir, "kind=trades");
    cpSync(kind, join(root, "trades"), { recursive: true });
    rmSync(kind, { recursive: true });
    symlinkSync(join(root, "trades"), kind);
    await expectRejection(compactLibrary({ library: library.dir }), "FILE_UNREADABLE", /put the folder itself/);
    expectUntouched();
  });
});

describe("a damaged file", () => {
  const damage = () => {
    const path = join(dir, "part-00001.parquet");
    const bytes = readFileSync(path);
    // In the description at its end, so that it can be read all the same.
    const at = bytes.lastIndexOf("kalshi_lab");
    bytes[at]! ^= 1;
    writeFileSync(path, bytes);
  };

  it("is refused, not merged into one whose checksum is right", async () => {
    damage();
    const before = readFileSync(manifestPathOf(library.dir, day), "utf8");
    await expectRejection(compactLibrary({ library: library.dir }), "FILE_DAMAGED", /restore it from a copy/);
    expect(readFileSync(manifestPathOf(library.dir, day), "utf8")).toBe(before);
    expect((await verifyFolder(library.dir)).faults).toMatchObject([{ fault: "checksum" }]);
  });

  it("is refused when a record of it is replaced", async () => {
    damage();
    await expectRejection(
      library.merge("trades", "S", [rawTrade(2, { count_fp: "77.00" })]),
      "FILE_DAMAGED",
      /restore it from a copy/,
    );
    expect(readPartition(library.dir, day)!.files).toHaveLength(2);
    expect((await verifyFolder(library.dir)).faults).toMatchObject([{ fault: "checksum" }]);
  });
});
