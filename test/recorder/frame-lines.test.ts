import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { exportFrames } from "../../src/recorder/export-frames.js";
import { importFrames } from "../../src/recorder/import-frames.js";
import { readMark, writeMark } from "../../src/recorder/marks.js";
import { openRecording } from "../../src/recorder/replay.js";
import { listStrands, strandFolder } from "../../src/recorder/strands.js";
import { entryKind } from "../../src/store/segment.js";
import { readSegments } from "../../src/store/segment-reader.js";
import { SegmentWriter } from "../../src/store/segment-writer.js";
import { delta, snapshot, subscribed } from "../support/frames.js";
import { wildSteps, writeWild } from "../support/wild-recording.js";

const START_NS = 1_795_329_089_000_000_000n;

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "frame-lines-"));
});

afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

/** Everything a recording keeps, but for what its segments begin with. */
async function entries(folder: string): Promise<string[]> {
  const found: string[] = [];
  for await (const part of readSegments(folder)) {
    if (part.type === "damaged") throw new Error("damaged");
    for (const { kind, time, nanos, body } of part.entries) {
      if (kind === entryKind.mark && readMark(body)?.mark === "continue") continue;
      found.push(`${kind} ${time} ${nanos} ${body.toString("latin1")}`);
    }
  }
  return found;
}

async function events(folder: string): Promise<unknown[]> {
  const found: unknown[] = [];
  for await (const event of await openRecording(folder)) found.push(event);
  return found;
}

function lines(name: string, ...texts: readonly string[]): string {
  const path = join(dir, name);
  const text = texts.map((line) => `${line}\n`).join("");
  writeFileSync(path, name.endsWith(".gz") ? gzipSync(text) : text);
  return path;
}

describe("frames as lines of JSON", () => {
  it("make the same recording again, byte for byte and to the nanosecond, whatever is in it", async () => {
    await fc.assert(
      fc.asyncProperty(
        wildSteps,
        fc.integer({ min: 500, max: 9_000 }),
        fc.boolean(),
        fc.array(fc.tuple(fc.uint8Array({ maxLength: 40 }), fc.integer({ min: 0, max: 999 }), fc.boolean()), {
          maxLength: 8,
        }),
        async (steps, bytes, isPacked, odd) => {
          const [from, to] = [mkdtempSync(join(dir, "from-")), mkdtempSync(join(dir, "to-"))];
          await writeWild(from, steps, bytes);
          const writer = await SegmentWriter.open({ dir: from });
          for (const [body, nanos, isBinary] of odd) {
            const kind = isBinary ? entryKind.binary : entryKind.text;
            writer.append(kind, 1_795_329_090_000_001, nanos, Buffer.from(body));
          }
          writer.append(entryKind.mark, 1_795_329_090_000_002, 7, Buffer.from('{"mark":"of a later version","x":[1]}'));
          writer.close();
          const path = join(dir, isPacked ? "frames.jsonl.gz" : "frames.jsonl");
          const { frames } = await exportFrames(from, path);
          const summary = await importFrames({ path, dir: to, compress: isPacked });
          const before = await entries(from);
          expect(await entries(to)).toEqual(
            before.map((text) => text.replace('{"mark":"of a', '{"mark":"note","ctl":"of a')),
          );
          expect(await events(to)).toEqual(await events(from));
          expect(summary.frames).toBe(frames);
          // Notes come out as they went in.
          const again = join(dir, isPacked ? "again.jsonl.gz" : "again.jsonl");
          await exportFrames(to, again);
          const text = (file: string) => (isPacked ? gunzipSync(readFileSync(file)) : readFileSync(file)).toString();
          expect(text(again)).toBe(text(path));
        },
      ),
      { numRuns: 12 },
    );
  }, 150_000);

  it("of several connections held at the same time make each of them again, and stand by their time", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(wildSteps, { minLength: 2, maxLength: 3 }), async (all) => {
        const [from, to] = [mkdtempSync(join(dir, "from-")), mkdtempSync(join(dir, "to-"))];
        for (const [place, steps] of all.entries()) {
          mkdirSync(strandFolder(from, place), { recursive: true });
          await writeWild(strandFolder(from, place), steps, 4_000);
        }
        const [path, again] = [join(dir, "frames.jsonl"), join(dir, "again.jsonl")];
        await exportFrames(from, path);
        await importFrames({ path, dir: to });
        expect((await listStrands(to)).length).toBe(all.length);
        for (const place of all.keys())
          expect(await entries(strandFolder(to, place))).toEqual(await entries(strandFolder(from, place)));
        await exportFrames(to, again);
        const sorted = (file: string) => readFileSync(file, "utf8").split("\n").sort();
        expect(sorted(again)).toEqual(sorted(path));
        // Those of the second are not all behind those of the first.
        const numbers = readFileSync(path, "utf8").match(/^\{"t":\d+(,"c":\d)?/gm)!;
        const isSecond = numbers.map((text) => text.includes(',"c":2'));
        expect(isSecond.indexOf(true)).toBeLessThan(isSecond.lastIndexOf(false));
      }),
      { numRuns: 8 },
    );
  }, 150_000);

  it("keep a frame's text, or the line's own characters of one that stands there as JSON", async () => {
    const raw = '{ "type":"ticker", "sid": 1.50, "msg":{"a":"\\u00e9 \\"}, {", "b":[1e3,{"f":"x"}]} }';
    const text = delta({ sid: 1, seq: 2 }, "A", "yes", "0.4000", "1.00", 1_000);
    const path = lines(
      "mixed.jsonl",
      '{"t":1795329089123456789,"ctl":"connect","use_yes_price":true}',
      `{"t":1795329089123456790,"f":${JSON.stringify(text)}}`,
      `  {"note":{"f":1},"f":${raw} ,"t": "1795329089999999999"}`,
      "",
    );
    const folder = join(dir, "made");
    expect(await importFrames({ path, dir: folder })).toMatchObject({ frames: 2, connections: 1, notes: 0 });
    const found = [];
    for await (const frame of (await openRecording(folder)).frames()) found.push(frame);
    expect(
      found.map(({ data, receivedAt, nanos, useYesPrice }) => [data.toString(), receivedAt, nanos, useYesPrice]),
    ).toEqual([
      [text, 1_795_329_089_123_456, 790, true],
      [raw, 1_795_329_089_999_999, 999, true],
    ]);
  });

  it("begin a new connection with each ctl connect, from gzip too, and books go by use_yes_price", async () => {
    const path = lines(
      "two.jsonl.gz",
      JSON.stringify({ t: 1_000_000_000, f: subscribed(1) }),
      JSON.stringify({ t: 1_001_000_000, f: snapshot({ sid: 1, seq: 1 }, "A", [], [["0.3000", "1.00"]]) }),
      JSON.stringify({ t: 2_000_000_000, ctl: "connect", use_yes_price: true }),
      JSON.stringify({ t: 2_001_000_000, f: JSON.parse(snapshot({ sid: 1, seq: 1 }, "A", [], [["0.3000", "1.00"]])) }),
      JSON.stringify({ t: 2_002_000_000, ctl: "disconnect", by: "someone else's tool" }),
      JSON.stringify({ t: 2_003_000_000, f: snapshot({ sid: 1, seq: 2 }, "B", [], []) }),
    );
    const folder = join(dir, "made");
    expect(await importFrames({ path, dir: folder })).toMatchObject({ frames: 4, connections: 1, notes: 1 });
    const books = await (await openRecording(folder)).final();
    expect(books.map(({ ticker, connection, book }) => [ticker, connection, book?.toJSON().no_dollars])).toEqual([
      ["A", 1, [["0.3000", "1.00"]]],
      ["A", 2, [["0.7000", "1.00"]]],
      ["B", 2, []],
    ]);
  });

  it("are refused with the number of the line, and nothing is left behind", async () => {
    const begin = `{"t":999999,"c":2,"ctl":"connect","use_yes_price":false}`;
    const good = '{"t":1000000,"c":2,"f":"x"}';
    const refused: readonly (readonly [string, RegExp])[] = [
      ["{", /line 2: it is no JSON object/],
      ["[1]", /line 2: it is no JSON object/],
      ['{"f":"x"}', /line 2: `t` is no time/],
      ['{"t":1.5,"f":"x"}', /line 2: `t` is no time/],
      ['{"t":1,"c":0,"f":"x"}', /line 2: `c` is no number of a connection/],
      ['{"t":1,"c":"2","f":"x"}', /line 2: `c` is no number of a connection/],
      ['{"t":1,"ctl":"connect","use_yes_price":"true"}', /line 2: `use_yes_price` of a connection must be/],
      ['{"t":1}', /line 2: it has neither `f` nor `ctl`/],
    ];
    for (const [line, found] of refused) {
      const folder = join(dir, "refused");
      const path = lines("bad.jsonl", begin, line, good);
      await expect(importFrames({ path, dir: folder })).rejects.toThrow(
        expect.objectContaining({ code: "BAD_LINE", message: expect.stringMatching(found) }),
      );
      await expect(openRecording(folder)).rejects.toThrow(expect.objectContaining({ code: "FILE_NOT_FOUND" }));
      expect(await listStrands(folder)).toHaveLength(1);
    }
  });

  it("in seconds, milliseconds or microseconds are refused at the first line of their connection, and where the unit changes", async () => {
    for (const [cut, unit] of [
      [9, "seconds"],
      [6, "milliseconds"],
      [3, "microseconds"],
    ] as const) {
      const other = (START_NS / 10n ** BigInt(cut)).toString();
      const told = expect.objectContaining({ code: "BAD_LINE", message: expect.stringMatching(`in ${unit}$`) });
      const [first, changed, second] = [
        lines("first.jsonl", `{"t":${other},"f":"x"}`),
        lines("changed.jsonl", `{"t":${START_NS},"f":"x"}`, `{"t":${other},"f":"x"}`),
        lines("second.jsonl", `{"t":${START_NS},"f":"x"}`, `{"t":"${other}","c":2,"f":"x"}`),
      ];
      for (const [path, line] of [
        [first, 1],
        [changed, 2],
        [second, 2],
      ] as const) {
        const folder = join(dir, "new", "unit");
        const made = importFrames({ path, dir: folder });
        await expect(made).rejects.toThrow(told);
        await expect(made).rejects.toThrow(new RegExp(`line ${line}: .t. is in another unit: ${other} is 1970-01`));
        expect(existsSync(join(dir, "new"))).toBe(false);
      }
    }
  });

  it("whose times run backwards are kept in their order, and how many, where and how far is told", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.integer({ min: -3_000_000, max: 5_000_000 }), fc.boolean())),
        async (steps) => {
          const folder = mkdtempSync(join(dir, "backwards-"));
          let now = START_NS;
          const all = [
            [now, 1],
            [now, 2],
            ...steps.map(([ns, isFirst]) => {
              now += BigInt(ns);
              return [now, isFirst ? 1 : 2] as const;
            }),
          ] as const;
          const path = lines("times.jsonl", ...all.map(([t, c]) => `{"t":${t},"c":${c},"f":"${t}"}`));
          const { backwards, frames } = await importFrames({ path, dir: folder });
          expect(frames).toBe(all.length);
          const back = all.flatMap(([t, c], at) => {
            const before = all.slice(0, at).findLast(([, other]) => other === c);
            return before !== undefined && t < before[0] ? [{ line: at + 1, ns: Number(before[0] - t) }] : [];
          });
          if (back.length === 0) expect(backwards).toBeNull();
          else {
            expect(backwards).toMatchObject({ lines: back.length, firstLine: back[0]!.line });
            expect(backwards!.furthestMs).toBeCloseTo(Math.max(...back.map(({ ns }) => ns)) / 1e6, 6);
          }
          for (const place of [0, 1]) {
            const kept = (await entries(strandFolder(folder, place))).map((text) => text.split(" ").at(-1));
            expect(kept).toEqual(all.filter(([, c]) => c === place + 1).map(([t]) => String(t)));
          }
        },
      ),
      { numRuns: 30 },
    );
  });

  it("of which a file has none make no recording, and leave no folder", async () => {
    const folder = join(dir, "made", "of", "nothing");
    for (const path of [lines("empty.jsonl"), lines("empty.jsonl.gz"), lines("blank.jsonl", "", "  ", "")]) {
      await expect(importFrames({ path, dir: folder })).rejects.toMatchObject({ code: "FILE_FORMAT" });
      expect(existsSync(join(dir, "made"))).toBe(false);
    }
    const missing = importFrames({ path: join(dir, "none.jsonl"), dir: folder });
    await expect(missing).rejects.toMatchObject({ code: "FILE_NOT_FOUND" });
    expect(existsSync(join(dir, "made"))).toBe(false);
  });

  it("that cannot be read leave a folder as it was, also where segments of them were packed by then", async () => {
    const folder = join(dir, "theirs");
    mkdirSync(folder);
    writeFileSync(join(folder, "notes.txt"), "mine");
    const good = Array.from({ length: 4_000 }, (_, at) => `{"t":${START_NS + BigInt(at)},"f":"${at}"}`);
    const path = lines("long.jsonl", ...good, "{");
    const made = importFrames({ path, dir: folder, maxSegmentBytes: 10_000 });
    await expect(made).rejects.toMatchObject({ code: "BAD_LINE" });
    expect(readdirSync(folder)).toEqual(["notes.txt"]);
  });

  it("begin another connection where a subscription's number begins again and no line says so", async () => {
    const at = (t: number, text: string) => `{"t":${START_NS + BigInt(t) * 1_000_000n},"f":${JSON.stringify(text)}}`;
    const path = lines(
      "again.jsonl",
      ...[at(0, subscribed(1)), at(1, snapshot({ sid: 1, seq: 1 }, "KX-B", [["0.3000", "1.00"]], []))],
      at(2, delta({ sid: 1, seq: 2 }, "KX-B", "yes", "0.3000", "1.00", Number(START_NS / 1_000_000n) + 2)),
      ...[at(9_000, subscribed(1)), at(9_001, snapshot({ sid: 1, seq: 1 }, "KX-B", [["0.5000", "1.00"]], []))],
    );
    const folder = join(dir, "again");
    expect((await importFrames({ path, dir: folder })).connections).toBe(1);
    const recording = await openRecording(folder);
    const [first, last] = await recording.final();
    expect([first!.connection, last!.trust, last!.book!.toJSON().yes_dollars]).toEqual([1, "ok", [["0.5000", "1.00"]]]);
    const between = await recording.bookAt("KX-B", Number(START_NS / 1_000n) + 5_000_000);
    expect([between.trust, between.reason]).toEqual(["unknown", "disconnect"]);
  });

  it("are not read into a folder that has a recording, nor from a file that is missing or cut short", async () => {
    const folder = join(dir, "made");
    const path = lines("good.jsonl", '{"t":1000000,"f":"x"}');
    await importFrames({ path, dir: folder });
    await expect(importFrames({ path, dir: folder })).rejects.toThrow(
      expect.objectContaining({ code: "BAD_ARGUMENT" }),
    );
    const missing = importFrames({ path: join(dir, "none.jsonl"), dir: join(dir, "b") });
    await expect(missing).rejects.toThrow(expect.objectContaining({ code: "FILE_NOT_FOUND" }));
    const whole = gzipSync(
      Array.from({ length: 5_000 }, (_, at) => `{"t":${at + 1}000,"f":"${Math.sin(at)}"}\n`).join(""),
    );
    const cut = join(dir, "cut.jsonl.gz");
    writeFileSync(cut, whole.subarray(0, whole.length - 100));
    await expect(importFrames({ path: cut, dir: join(dir, "c") })).rejects.toThrow(
      expect.objectContaining({ code: "FILE_UNREADABLE" }),
    );
  });

  it("leave out what is not asked for, but for what tells how the rest is to be read", async () => {
    const folder = join(dir, "part");
    const writer = await SegmentWriter.open({ dir: folder });
    const connect = { mark: "connect", id: "c", use_yes_price: false, tickers: ["A", "B"], channels: [] } as const;
    writer.append(entryKind.mark, 1_000, 0, writeMark(connect));
    for (const [at, ticker] of ["A", "B", "A", "A"].entries())
      writer.append(entryKind.text, at * 1_000_000, 0, Buffer.from(snapshot({ sid: 1, seq: at + 1 }, ticker, [], [])));
    writer.close();
    const path = join(dir, "part.jsonl");
    const told = await exportFrames(folder, path, { from: 1_000_000, to: 3_000_000, tickers: ["A"] });
    expect(told).toMatchObject({ frames: 1, notes: 1, damaged: 0 });
    expect(
      readFileSync(path, "utf8")
        .split("\n")
        .map((line) => line.slice(0, 28)),
    ).toEqual(['{"t":1000000,"ctl":"connect"', '{"t":2000000000,"f":"{\\"type', ""]);
  });
});
