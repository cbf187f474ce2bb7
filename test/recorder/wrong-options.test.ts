import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openRecording as openTables } from "../../src/lab/recording.js";
import { type LiveOptions, openLive } from "../../src/recorder/live.js";
import { type RecordOptions, startRecorder } from "../../src/recorder/record.js";
import { openRecording, type Recording, type ReplayAsk } from "../../src/recorder/replay.js";
import { aSigner } from "../support/signer.js";
import { writeWild } from "../support/wild-recording.js";

let dir: string;
let recording: Recording;
let last: number;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), "wrong-options-"));
  [, last] = await writeWild(dir, [], 3_000);
  recording = await openRecording(dir);
});

afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

/** What a caller without a compiler may write. */
const as = <T>(value: unknown): T => value as T;

const like = (code: string, message: RegExp) =>
  expect.objectContaining({ code, message: expect.stringMatching(message), hint: expect.stringMatching(/./) });

async function drained(items: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of items);
}

describe("a recording refuses what cannot be meant, with what was found:", () => {
  it("a clock, an option or markets of a replay that there are not", async () => {
    const bad: readonly [unknown, RegExp][] = [
      [{ clock: "x" }, /clock: "x"/],
      [{ clock: null }, /clock: null/],
      [{ ticker: "KX-A" }, /"ticker"/],
      [{ tickers: [] }, /tickers/],
      [{ tickers: "KX-A" }, /tickers/],
      [{ stallMs: -1 }, /stallMs: -1/],
      [{ stallMs: Number.NaN }, /stallMs: NaN/],
      [{ speed: 0 }, /speed: 0/],
    ];
    for (const [ask, message] of bad) {
      await expect(drained(recording.replay(as<ReplayAsk>(ask)))).rejects.toThrow(like("BAD_ARGUMENT", message));
    }
    await expect(drained(recording.frames(as({ tickers: ["KX-A"] })))).rejects.toThrow(
      like("BAD_ARGUMENT", /"tickers"/),
    );
  });

  it("a book of no market, on no clock, or with a word that nobody reads", async () => {
    for (const ticker of [undefined, null, "", 5, ["KX-A"]]) {
      await expect(recording.bookAt(as<string>(ticker), 0)).rejects.toThrow(like("BAD_ARGUMENT", /no ticker/));
    }
    await expect(recording.bookAt("KX-A", 0, as({ clock: "local" }))).rejects.toThrow(like("BAD_ARGUMENT", /"local"/));
    await expect(recording.bookAt("KX-A", 0, as({ clok: "received" }))).rejects.toThrow(like("BAD_ARGUMENT", /"clok"/));
    await expect(recording.bookAt("KX-A", 0, as("received"))).rejects.toThrow(like("BAD_ARGUMENT", /as an object/));
  });

  it("a book at no time", async () => {
    const bad = [undefined, null, Number.NaN, Number.POSITIVE_INFINITY, 1.5, "", "noon", new Date(Number.NaN), {}];
    for (const time of bad) {
      await expect(recording.bookAt("KX-A", as<number>(time))).rejects.toThrow(like("BAD_TIME", /time/));
    }
  });

  it("a number of milliseconds, seconds or nanoseconds where times are microseconds, naming the unit it seems to be in", async () => {
    const micros = Math.round(last) * 1000;
    expect((await recording.bookAt("KX-A", micros)).at).toBe(micros);
    for (const [per, unit] of [
      [1e3, "milliseconds"],
      [1e6, "seconds"],
      [1e-3, "nanoseconds"],
    ] as const) {
      const told = like("BAD_TIME", new RegExp(`1970-01|past the year 9999.*in ${unit}$`));
      await expect(recording.bookAt("KX-A", micros / per)).rejects.toThrow(told);
      await expect(drained(recording.replay({ from: micros / per }))).rejects.toThrow(told);
      await expect(drained(recording.frames({ to: micros / per }))).rejects.toThrow(told);
      const tables = await openTables(dir);
      expect(() => tables.quotes({ from: micros / per })).toThrow(told);
    }
  });

  it("tables of an option that there is not, and depth by two measures or none", async () => {
    const tables = await openTables(dir);
    const wrong = (make: () => unknown, message: RegExp) => expect(make).toThrow(like("BAD_ARGUMENT", message));
    wrong(() => tables.quotes(as({ form: 0 })), /quotes .*"form"/);
    wrong(() => tables.trades(as({ levels: 5 })), /trades .*"levels"/);
    wrong(() => tables.depth(as({ levels: 5, within: 0.05 })), /at once/);
    wrong(() => tables.depth(as({})), /how many levels/);
    for (const levels of [1.5, 0, -1, Number.NaN]) wrong(() => tables.depth({ levels }), /levels: /);
    for (const within of [-0.01, 1.01, 5, Number.NaN]) wrong(() => tables.depth({ within }), /within: /);
    wrong(() => tables.bookSnapshots({ every: "1s", levels: 2.5 }), /levels: /);
    wrong(() => tables.bookSnapshots(as({})), /not an interval/);
    wrong(() => tables.bars(as({ every: "1m", trades: 3 })), /every and trades/);
    wrong(() => tables.bars(as({ ticker: "KX-A" })), /by nothing/);
  });
});

describe("what listens refuses numbers that it cannot go by, before it connects:", () => {
  const timers = ["silenceMs", "timeoutMs", "firstMessageMs", "repairMs"] as const;
  const never = { url: "ws://127.0.0.1:1/", signer: aSigner(), tickers: ["KX-A"] };

  it("times that are none, or longer than a timer can be, and parts of a connection", async () => {
    const bad: readonly (readonly [string, unknown])[] = [
      ...timers.flatMap((name) => [0, -1, Number.NaN, 2 ** 31, "5s"].map((value) => [name, value] as const)),
      ...[0, -1, Number.NaN, Number.POSITIVE_INFINITY].map((value) => ["stallMs", value] as const),
      ...["maxSubscriptions", "maxConnections"].flatMap((name) =>
        [0, -1, 1.5, Number.NaN].map((value) => [name, value] as const),
      ),
    ];
    for (const [name, value] of bad) {
      const opened = openLive(as<LiveOptions>({ ...never, [name]: value }));
      await expect(opened, `${name}: ${String(value)}`).rejects.toThrow(like("BAD_ARGUMENT", new RegExp(`^${name}: `)));
    }
    for (const backoffMs of [
      { first: 0, longest: 5 },
      { first: 10, longest: 5 },
      { first: Number.NaN, longest: 5 },
    ]) {
      await expect(openLive({ ...never, backoffMs })).rejects.toThrow(like("BAD_ARGUMENT", /^backoffMs\./));
    }
  });

  it("a recorder leaves no folder behind", async () => {
    const out = join(dir, "none");
    const bad: readonly (readonly [string, unknown])[] = [
      ...["lookMs", "statusMs", "maxSegmentBytes", "maxSegmentMs", "maxPendingBytes"].flatMap((name) =>
        [0, -1, Number.NaN].map((value) => [name, value] as const),
      ),
      ...["syncMs", "compareMs"].flatMap((name) => [-1, Number.NaN].map((value) => [name, value] as const)),
      ...["compareMs", "lookMs", "statusMs"].map((name) => [name, 2 ** 31] as const),
      ["stallMs", -1],
    ];
    for (const [name, value] of bad) {
      const started = startRecorder(as<RecordOptions>({ ...never, dir: out, [name]: value }));
      await expect(started, `${name}: ${String(value)}`).rejects.toThrow(
        like("BAD_ARGUMENT", new RegExp(`^${name}: `)),
      );
    }
    const patience = { settled: -1, closed: 0 };
    await expect(startRecorder({ ...never, dir: out, patience })).rejects.toThrow(like("BAD_ARGUMENT", /patience/));
    const compareWindow = { leadMs: 5, graceMs: Number.NaN };
    await expect(startRecorder({ ...never, dir: out, compareWindow })).rejects.toThrow(
      like("BAD_ARGUMENT", /compareWindow\.graceMs/),
    );
    expect(existsSync(out)).toBe(false);
  });
});
