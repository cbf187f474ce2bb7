import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Catalog } from "../../src/recorder/catalog.js";
import { Packer, removeUnfinished } from "../../src/recorder/packer.js";
import { entryKind, segmentName } from "../../src/store/segment.js";
import { listSegments, readSegments } from "../../src/store/segment-reader.js";
import { SegmentWriter } from "../../src/store/segment-writer.js";
import { delta, snapshot } from "../support/frames.js";
import { seeded } from "../support/seeded.js";
import { SmallDisk, whyNoSmallDisk } from "../support/small-disk.js";

/** Called before each change that packing makes to the disk. */
const changes = vi.hoisted(() => ({ before: (): void => {} }));

vi.mock("node:fs/promises", async (original) => {
  const real = await original<typeof import("node:fs/promises")>();
  const told =
    <A extends unknown[], R>(change: (...args: A) => R) =>
    (...args: A): R => {
      changes.before();
      return change(...args);
    };
  return {
    ...real,
    rename: told(real.rename),
    rm: told(real.rm),
    writeFile: told(real.writeFile),
    open: told(real.open),
  };
});

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "packer-"));
});

afterEach(() => {
  changes.before = () => {};
  rmSync(dir, { recursive: true, force: true });
});

/** Writes some segments, of which the last counts as open. */
async function write(own: string, frames: number, maxBytes: number): Promise<string[]> {
  const writer = await SegmentWriter.open({ dir: own, maxBytes });
  const texts: string[] = [snapshot({ sid: 1, seq: 1 }, "A", [["0.4000", "1.00"]], [])];
  const random = seeded(3);
  for (let seq = 2; seq <= frames; seq += 1) {
    const price = (Math.floor(random() * 99) / 100).toFixed(4);
    texts.push(delta({ sid: 1, seq }, "A", random() < 0.5 ? "yes" : "no", price, "12.30", 1_795_329_089_000 + seq));
  }
  texts.forEach((text, index) => {
    writer.append(entryKind.text, 1_795_329_089_000_000 + index * 1000, 0, Buffer.from(text));
    if (index % 10 === 0) writer.flush();
  });
  writer.close();
  return texts;
}

async function read(own: string): Promise<string[]> {
  const texts: string[] = [];
  for await (const part of readSegments(own)) {
    if (part.type === "damaged") throw new Error(`damaged: ${JSON.stringify(part)}`);
    for (const { body } of part.entries) texts.push(body.toString("utf8"));
  }
  return texts;
}

const magicOf = (own: string, number: number): string =>
  readFileSync(join(own, segmentName(number)))
    .subarray(0, 8)
    .toString("latin1");
const temporary = (own: string): string[] => readdirSync(own).filter((name) => name.endsWith(".tmp"));

async function pack(own: string, isStopped = () => false) {
  const done = [];
  const below = (await listSegments(own)).at(-1)!;
  for await (const one of new Packer({ dir: own, compress: true, isStopped, blockBytes: 20_000 }).pack(below))
    done.push(one);
  return done;
}

async function expectPacked(own: string): Promise<void> {
  const numbers = await listSegments(own);
  expect(numbers.map((number) => magicOf(own, number))).toEqual([
    ...numbers.slice(1).map(() => "KLABZST1"),
    "KLABSEG1",
  ]);
  const catalog = new Catalog(own);
  for (const number of numbers.slice(0, -1)) expect(await catalog.isGood(number)).toBe(true);
}

describe("a packer", () => {
  it("puts packed segments in the place of raw ones, a tenth as large, with every entry and an index", async () => {
    const texts = await write(dir, 5_000, 200_000);
    const done = await pack(dir);
    expect(done.length).toBeGreaterThan(3);
    for (const { before, after, problem } of done) {
      expect(problem).toBeNull();
      expect(after).toBeLessThan(before / 10);
    }
    await expectPacked(dir);
    expect(await read(dir)).toEqual(texts);
    expect(temporary(dir)).toEqual([]);
    // Once is enough.
    expect(await pack(dir)).toEqual([]);
  });

  it("leaves, whenever it is interrupted, a folder that reads the same and can be packed to the end", async () => {
    const own = join(dir, "recording");
    const texts = await write(own, 300, 15_000);
    let states = 0;
    changes.before = () => {
      cpSync(own, join(dir, `state-${states}`), { recursive: true });
      states += 1;
    };
    await pack(own);
    changes.before = () => {};
    expect(states).toBeGreaterThan(15);
    for (let state = 0; state < states; state += 1) {
      const at = join(dir, `state-${state}`);
      expect(await read(at)).toEqual(texts);
      await removeUnfinished(at);
      expect(temporary(at)).toEqual([]);
      for (const { problem } of await pack(at)) expect(problem).toBeNull();
      await expectPacked(at);
      expect(await read(at)).toEqual(texts);
    }
  });

  it("loses and doubles nothing when it is killed again and again", async () => {
    const texts = await write(dir, 12_000, 300_000);
    const below = (await listSegments(dir)).at(-1)!;
    const random = seeded(9);
    let kills = 0;
    for (let isDone = false; !isDone; ) {
      const child = spawn(process.execPath, ["--import", "tsx", "test/support/packing-child.ts", dir, String(below)], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      const exited = once(child, "exit");
      const lines = createInterface({ input: child.stdout });
      // So many segments, and then at some place of the next.
      let left = 1 + Math.floor(random() * 3);
      lines.on("line", () => {
        left -= 1;
        if (left === 0) setTimeout(() => child.kill("SIGKILL"), random() * 60);
      });
      const [code, signal] = (await exited) as [number | null, string | null];
      isDone = code === 0;
      if (signal === "SIGKILL") kills += 1;
      expect(await read(dir)).toEqual(texts);
      await removeUnfinished(dir);
    }
    expect(kills).toBeGreaterThan(2);
    await expectPacked(dir);
    expect(temporary(dir)).toEqual([]);
  }, 120_000);

  it("leaves a damaged segment as it is, with an index of what can be read", async () => {
    await write(dir, 2_000, 200_000);
    const path = join(dir, segmentName(1));
    const bytes = readFileSync(path);
    bytes[bytes.length >> 1]! ^= 1;
    writeFileSync(path, bytes);
    const [first, ...others] = await pack(dir);
    expect(first).toMatchObject({ segment: 1, before: bytes.length, after: bytes.length, problem: null });
    for (const { after, before } of others) expect(after).toBeLessThan(before);
    expect(readFileSync(path)).toEqual(bytes);
    const catalog = new Catalog(dir);
    const segment = await catalog.open(1, await catalog.closed());
    expect(segment.index.blocks.at(-1)).toMatchObject({ damaged: true, turns: true });
    await segment.close();
  });

  it("leaves off when it is told to, and takes away what it had written", async () => {
    const texts = await write(dir, 2_000, 200_000);
    let asked = 0;
    const stopped = await pack(dir, () => {
      asked += 1;
      return asked > 5;
    });
    expect(stopped.length).toBeLessThan(2);
    expect(temporary(dir)).toEqual([]);
    expect(await read(dir)).toEqual(texts);
    await pack(dir);
    await expectPacked(dir);
  });

  it.skipIf(whyNoSmallDisk !== null)(
    "keeps the raw segment when the disk is full, and packs it when there is room",
    async () => {
      const disk = await SmallDisk.make("2m");
      try {
        const own = join(disk.folder, "recording");
        const texts = await write(own, 3_000, 400_000);
        const filler = disk.fill(8_000);
        const [first] = await pack(own);
        expect(first!.problem).toMatchObject({ code: "DISK_FULL" });
        expect(magicOf(own, 1)).toBe("KLABSEG1");
        expect(temporary(own)).toEqual([]);
        expect(await read(own)).toEqual(texts);
        filler.release();
        for (const { problem } of await pack(own)) expect(problem).toBeNull();
        await expectPacked(own);
        expect(await read(own)).toEqual(texts);
      } finally {
        await disk.close();
      }
    },
  );
});
