import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { entryKind, segmentName } from "../../src/store/segment.js";
import { listSegments, readSegments, repairTail } from "../../src/store/segment-reader.js";
import { SegmentWriter } from "../../src/store/segment-writer.js";
import { expectRejection } from "../support/errors.js";

const disk = vi.hoisted(() => ({
  /** Called before a folder is listed. */
  beforeListing: (): void => {},
  /** Bytes that can still be written. */
  room: Number.POSITIVE_INFINITY,
}));

vi.mock("node:fs", async (original) => {
  const real = await original<typeof import("node:fs")>();
  const writeSync = (fd: number, bytes: Buffer, offset: number, length: number, position: number): number => {
    if (disk.room === 0) throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
    const written = real.writeSync(fd, bytes, offset, Math.min(length, disk.room), position);
    disk.room -= written;
    return written;
  };
  return { ...real, writeSync };
});

vi.mock("node:fs/promises", async (original) => {
  const real = await original<typeof import("node:fs/promises")>();
  const readdir = (path: string): Promise<string[]> => {
    disk.beforeListing();
    return real.readdir(path);
  };
  return { ...real, readdir };
});

let dir: string;

beforeEach(() => {
  disk.beforeListing = () => {};
  disk.room = Number.POSITIVE_INFINITY;
  dir = mkdtempSync(join(tmpdir(), "segment-"));
});

afterEach(() => {
  vi.useRealTimers();
  rmSync(dir, { recursive: true, force: true });
});

async function write(texts: readonly string[], options: Partial<Parameters<typeof SegmentWriter.open>[0]> = {}) {
  const writer = await SegmentWriter.open({ dir, ...options });
  texts.forEach((text, index) => {
    writer.append(entryKind.text, 1_795_329_089_957_466 + index, index % 1000, Buffer.from(text));
    if (options.maxBytes !== undefined) writer.flush();
  });
  writer.close();
  return writer;
}

async function read(): Promise<{ texts: string[]; damaged: number }> {
  const texts: string[] = [];
  let damaged = 0;
  for await (const part of readSegments(dir)) {
    if (part.type === "damaged") damaged += 1;
    else for (const entry of part.entries) texts.push(entry.body.toString("utf8"));
  }
  return { texts, damaged };
}

const path = (number: number): string => join(dir, segmentName(number));

describe("segments", () => {
  it("give back every entry byte for byte with its time to the nanosecond", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.uint8Array({ maxLength: 3_000 }), fc.integer({ min: 0, max: 2 ** 52 }), fc.nat(999)), {
          maxLength: 40,
        }),
        async (entries) => {
          rmSync(dir, { recursive: true, force: true });
          const writer = await SegmentWriter.open({ dir });
          for (const [body, time, nanos] of entries) writer.append(entryKind.binary, time, nanos, Buffer.from(body));
          writer.close();
          const back = [];
          for await (const part of readSegments(dir)) {
            if (part.type === "damaged") throw new Error("damaged");
            for (const { kind, time, nanos, body } of part.entries)
              back.push([kind, new Uint8Array(body), time, nanos]);
          }
          expect(back).toEqual(entries.map(([body, time, nanos]) => [entryKind.binary, body, time, nanos]));
        },
      ),
      { numRuns: 30 },
    );
  });

  it("write once per turn of the event loop, and everything by its end", async () => {
    const writer = await SegmentWriter.open({ dir });
    for (let i = 0; i < 100; i += 1) writer.append(entryKind.text, i, 0, Buffer.from(`frame ${i}`));
    expect(writer.writtenFrames).toBe(0);
    await new Promise((resolve) => setImmediate(resolve));
    expect(writer.writtenFrames).toBe(100);
    expect((await read()).texts).toHaveLength(100);
    writer.close();
  });

  it("hold a message larger than any buffer", async () => {
    const large = "x".repeat(5_000_000);
    await write(["before", large, "after"]);
    expect((await read()).texts).toEqual(["before", large, "after"]);
  });

  it("go on in a new file by size, each beginning with its preamble, and tell which one is finished", async () => {
    const closed: string[] = [];
    await write(["aaaaaaaaaa", "bbbbbbbbbb", "cccccccccc"], {
      maxBytes: 30,
      preamble: () => ({ time: 1, body: Buffer.from("preamble") }),
      onClosed: (file) => closed.push(file),
    });
    expect(await listSegments(dir)).toEqual([1, 2, 3]);
    expect(closed).toEqual([path(1), path(2), path(3)]);
    expect((await read()).texts).toEqual([
      "preamble",
      "aaaaaaaaaa",
      "preamble",
      "bbbbbbbbbb",
      "preamble",
      "cccccccccc",
    ]);
  });

  it("are read up to the last whole batch wherever the file is torn, and cut there at the next start", async () => {
    const writer = await SegmentWriter.open({ dir });
    const ends = [statSync(path(1)).size];
    for (const text of ["one", "two", "three"]) {
      writer.append(entryKind.text, 1, 0, Buffer.from(text));
      writer.flush();
      ends.push(statSync(path(1)).size);
    }
    writer.close();
    const whole = readFileSync(path(1));
    for (let size = whole.length - 1; size >= 0; size -= 1) {
      writeFileSync(path(1), whole.subarray(0, size));
      const kept = ["one", "two", "three"].filter((_, index) => ends[index + 1]! <= size);
      expect(await read()).toEqual({ texts: kept, damaged: 0 });
      const cut = await repairTail(dir);
      const left = ends.findLast((end) => end <= size) ?? 0;
      expect(cut?.bytes ?? 0).toBe(size - left);
      if (kept.length > 0) expect(statSync(path(1)).size).toBe(left);
      expect((await read()).texts).toEqual(kept);
    }
  });

  it("take zeros, or a wrong last batch, as the tail of a power cut", async () => {
    await write(["one", "two"]);
    const size = statSync(path(1)).size;
    appendFileSync(path(1), Buffer.alloc(100_000));
    expect(await read()).toEqual({ texts: ["one", "two"], damaged: 0 });
    expect(await repairTail(dir)).toMatchObject({ segment: 1, bytes: 100_000, frames: 0 });
    expect(statSync(path(1)).size).toBe(size);
    flip(path(1), size - 1);
    expect(await read()).toEqual({ texts: [], damaged: 0 });
  });

  it("are read to their end when the writer adds to the last and opens the next between its end and the look for more", async () => {
    const writer = await SegmentWriter.open({ dir, maxBytes: 50 });
    const add = (text: string): void => {
      writer.append(entryKind.text, 1, 0, Buffer.from(text));
      writer.flush();
    };
    add("one");
    let listings = 0;
    disk.beforeListing = () => {
      listings += 1;
      if (listings === 2) for (const text of ["two", "three"]) add(text);
    };
    const back = await read();
    expect(await listSegments(dir)).toEqual([1, 2]);
    expect(back).toEqual({ texts: ["one", "two", "three"], damaged: 0 });
    writer.close();
  });

  it("tell damage in the middle, cut nothing there, and go on with the next segment", async () => {
    await write(["aaaaaaaaaa", "bbbbbbbbbb"], { maxBytes: 1_000 });
    await write(["cccccccccc"]);
    flip(path(1), 30);
    expect(await read()).toEqual({ texts: ["cccccccccc"], damaged: 1 });
    rmSync(path(2));
    expect(await repairTail(dir)).toBeNull();
    expect((await read()).damaged).toBe(1);
  });

  it("start a new file after a restart and never touch what is there", async () => {
    await write(["one"]);
    const before = readFileSync(path(1));
    truncateSync(path(1), before.length - 1);
    const writer = await write(["two"]);
    expect(writer.repaired).toMatchObject({ segment: 1 });
    await write(["three"]);
    expect((await read()).texts).toEqual(["two", "three"]);
  });

  it("refuse a file that is something else, and a folder that is not there", async () => {
    writeFileSync(path(1), "something else entirely");
    await expectRejection(read(), "FILE_FORMAT", /move it out of the folder/);
    rmSync(dir, { recursive: true });
    await expectRejection(read(), "FILE_NOT_FOUND", /folder that the recorder wrote/);
  });
});

describe("a writer on a full disk", () => {
  const retryMs = 3_600_000;
  const hour = 3_600_000_000;

  function add(writer: SegmentWriter, from: number, to: number): void {
    for (let i = from; i < to; i += 1) {
      writer.append(entryKind.text, hour + i, 0, Buffer.from(`frame ${i}`.padEnd(10)));
      writer.flush();
    }
  }

  it("that stays so gives back at its end every frame it took and could not keep, with their times", async () => {
    const writer = await SegmentWriter.open({ dir, retryMs });
    add(writer, 0, 60);
    disk.room = 0;
    add(writer, 60, 200);
    const hole = writer.close();
    expect(hole).toEqual({ from: hour + 60, to: hour + 199, frames: 140, bytes: 1_400, reason: "DISK_FULL" });
    expect(writer.writtenFrames).toBe(60);
    expect((await read()).texts).toHaveLength(60);
  });

  it("that stays so beyond what memory holds folds what waited and what came later into one hole", async () => {
    const writer = await SegmentWriter.open({ dir, retryMs, maxPendingBytes: 1_000 });
    add(writer, 0, 60);
    disk.room = 0;
    add(writer, 60, 200);
    expect(writer.close()).toMatchObject({ from: hour + 60, to: hour + 199, frames: 140, bytes: 1_400 });
  });

  it("that is to begin a segment leaves no stub of it: a reader would take the one before for finished", async () => {
    // Each frame is due a segment of its own.
    const writer = await SegmentWriter.open({ dir, retryMs, maxBytes: 1 });
    add(writer, 0, 20);
    const before = readdirSync(dir).filter((name) => name.endsWith(extname(path(1))));
    disk.room = 0;
    add(writer, 20, 40);
    expect(readdirSync(dir).filter((name) => name.endsWith(extname(path(1))))).toEqual(before);
    disk.room = Number.POSITIVE_INFINITY;
    expect(writer.close()).toBeNull();
    expect((await read()).texts).toEqual(Array.from({ length: 40 }, (_, i) => `frame ${i}`.padEnd(10)));
  });

  it("that has room for a part at the end keeps whole batches and counts the rest, marks not", async () => {
    const writer = await SegmentWriter.open({ dir, retryMs });
    disk.room = 0;
    writer.append(entryKind.text, 1, 0, Buffer.alloc(1024 * 1024));
    add(writer, 0, 3);
    writer.append(entryKind.mark, hour + 3, 0, Buffer.from("mark"));
    disk.room = 1024 * 1024 + 100;
    // A batch is put aside when it is large: the frame behind the large one is in it too.
    expect(writer.close()).toMatchObject({ from: hour + 1, to: hour + 3, frames: 2 });
    expect((await read()).texts).toHaveLength(2);
  });

  it("with room again at the end writes what waited, and what is noted of the hole, before the file is finished", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval"] });
    const holes: unknown[] = [];
    const writer: SegmentWriter = await SegmentWriter.open({
      dir,
      retryMs,
      maxPendingBytes: 1_000,
      onRecovery: (hole) => {
        holes.push(hole);
        writer.append(entryKind.mark, hour + 200, 0, Buffer.from("hole"));
      },
    });
    disk.room = 0;
    add(writer, 0, 200);
    disk.room = Number.POSITIVE_INFINITY;
    expect(writer.close()).toBeNull();
    // Nothing tries to write once more after the end.
    expect(vi.getTimerCount()).toBe(0);
    const { texts } = await read();
    expect(texts.at(-1)).toBe("hole");
    expect(holes).toMatchObject([{ frames: 200 - (texts.length - 1), to: hour + 199 }]);
  });
});

function flip(file: string, at: number): void {
  const bytes = readFileSync(file);
  bytes[at]! ^= 1;
  writeFileSync(file, bytes);
}
