import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Mark, writeMark } from "../../src/recorder/marks.js";
import { openRecording } from "../../src/recorder/replay.js";
import type { FrameLogLine } from "../../src/sandbox/socket/frame-log.js";
import { entryKind } from "../../src/store/segment.js";
import { SegmentWriter } from "../../src/store/segment-writer.js";
import { delta, snapshot, subscribed } from "../support/frames.js";
import { compareEvents, compareGaps, compareMoments } from "./compare-books.js";
import { FrameLedger } from "./frame-ledger.js";
import { compareFrames } from "./recorded-connections.js";

// What the fault walk trusts in: that whatever is false in a recording is found.

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "compare-"));
});

afterEach(() => rmSync(dir, { recursive: true, force: true }));

const connect: Mark = {
  mark: "connect",
  id: "run/1",
  use_yes_price: false,
  tickers: ["A"],
  channels: ["orderbook_delta"],
};
const SENT = [
  subscribed(1),
  snapshot({ sid: 1, seq: 1 }, "A", [["0.4000", "5.00"]], []),
  ...Array.from({ length: 6 }, (_, i) => delta({ sid: 1, seq: 2 + i }, "A", "yes", "0.4000", "1.50", 1_010 + i)),
].map((text, i) => text.replace('{"type"', `{"sending_ts_ms":${1_005 + i},"type"`));

/** Writes what a sandbox sent, and its own book with it. */
function logged(): FrameLedger {
  const path = join(dir, "frames.ndjson");
  const write = (line: FrameLogLine) => appendFileSync(path, `${JSON.stringify(line)}\n`);
  for (const [i, frame] of SENT.entries()) {
    const time = (i < 2 ? 1_000 : 1_008 + i) * 1_000;
    if (i >= 2) write({ ticker: "A", time, side: "yes", price: "0.4000", delta: "1.50" });
    write({ connection: 1, fate: "sent", time, frame });
  }
  const ledger = new FrameLedger();
  ledger.follow(path);
  ledger.read();
  return ledger;
}

async function recorded(what: readonly (string | Mark)[]): Promise<string> {
  const out = join(dir, "recording");
  const writer = await SegmentWriter.open({ dir: out });
  for (const [i, one] of [connect, ...what].entries()) {
    const [kind, body] =
      typeof one === "string" ? [entryKind.text, Buffer.from(one)] : [entryKind.mark, writeMark(one)];
    writer.append(kind, (1_020 + i) * 1_000, 0, body);
  }
  writer.close();
  return out;
}

async function check(what: readonly (string | Mark)[], isOpen = true): Promise<string | null> {
  const ledger = logged();
  try {
    const out = await recorded(what);
    const connections = await compareFrames(out, ledger, isOpen);
    const recording = await openRecording(out);
    const spans = await compareEvents(recording, connections);
    compareGaps(spans, connections);
    const moments = [1_009, 1_010, 1_011, 1_012, 1_013, 1_014, 1_015].map((ms) => ["A", ms * 1_000] as const);
    await compareMoments(recording, spans, ledger, moments);
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

const without = (...numbers: number[]) => SENT.filter((_, i) => !numbers.includes(i));
const holeAt = (at: number, frames: number, list: readonly string[]): (string | Mark)[] => [
  ...list.slice(0, at),
  { mark: "hole", from: 1_020_000, to: 1_021_000, frames, bytes: 1, reason: "DISK_FULL" },
  ...list.slice(at),
];

describe("the comparison of a recording with what was sent", () => {
  it("finds nothing in one that is what was sent", async () => {
    expect(await check(SENT)).toBeNull();
  });

  it.each([
    ["a frame that is missing", without(4), /frame 4 was/],
    ["the last frame missing", SENT.slice(0, -1), /last 1 frames are not recorded/],
    ["a frame twice", [...SENT.slice(0, 4), ...SENT.slice(3)], /frame 4 was/],
    ["frames in another order", [...SENT.slice(0, 4), SENT[5]!, SENT[4]!, ...SENT.slice(6)], /frame 4 was/],
    ["one other byte", SENT.map((text, i) => (i === 4 ? text.replace("1.50", "1.51") : text)), /frame 4 was/],
    ["a hole of too few", holeAt(4, 1, without(4, 5)), /frame 5 was/],
    ["a hole of too many", holeAt(4, 3, without(4, 5)), /frame 7 was/],
  ])("finds %s", async (_, what, message) => {
    expect(await check(what)).toMatch(message);
  });

  it("lets those be missing that the recording says it has lost", async () => {
    expect(await check(holeAt(4, 2, without(4, 5)))).toBeNull();
  });

  it("finds a book called ok that is not what the sandbox had", async () => {
    const ledger = logged();
    const other = SENT.map((text, i) => (i === 1 ? text.replace('"5.00"', '"6.00"') : text));
    const recording = await openRecording(await recorded(other));
    await expect(compareMoments(recording, [], ledger, [["A", 1_012_000]])).rejects.toThrow(/not what the sandbox had/);
    const connections = [{ number: 1, items: other, sent: ledger.connections[0]!, missing: [] }];
    await expect(compareEvents(recording, connections)).rejects.toThrow(/on the level, but the sandbox had/);
  });

  it("finds what is missing without a gap, and a book called ok within one", async () => {
    const ledger = logged();
    const recording = await openRecording(await recorded(SENT));
    const [sent] = ledger.connections;
    expect(() => compareGaps([], [{ number: 1, items: [], sent: sent!, missing: [SENT[4]!] }])).toThrow(
      /no gap says so/,
    );
    const span = { ticker: "A", from: 1_011_000, to: 1_014_000, reason: "sequence" };
    await expect(compareMoments(recording, [span], ledger, [["A", 1_012_000]])).rejects.toThrow(/ok within the gap/);
  });
});
