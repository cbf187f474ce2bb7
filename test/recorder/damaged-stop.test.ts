import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Gap } from "../../src/book/event.js";
import { bookAt, bookByScan } from "../../src/recorder/book-at.js";
import { writeMark } from "../../src/recorder/marks.js";
import { openRecording } from "../../src/recorder/replay.js";
import { BLOCK_HEAD, BlockPacker } from "../../src/store/packed-block.js";
import { PACKED_MAGIC } from "../../src/store/packed-segment.js";
import { type Entry, entryKind, segmentName } from "../../src/store/segment.js";
import { delta, snapshot, subscribed } from "../support/frames.js";

const FIRST_MS = 1_795_329_089_000;
const TICKER = "KX-A";

let dir: string;
let ms: number;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "damaged-stop-"));
  ms = FIRST_MS;
});

afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

function entry(kind: number, body: string | Buffer): Entry {
  ms += 10;
  return { kind, time: ms * 1000, nanos: 0, body: Buffer.from(body) };
}

function connect(number: number): Entry[] {
  const id = `run/${number}`;
  const mark = writeMark({ mark: "connect", id, use_yes_price: false, tickers: [TICKER], channels: [] });
  return [entry(entryKind.mark, mark), entry(entryKind.text, subscribed(1))];
}

function books(): Entry[] {
  return [
    entry(entryKind.text, snapshot({ sid: 1, seq: 1 }, TICKER, [["0.4000", "1.00"]], [["0.3000", "2.00"]])),
    entry(entryKind.text, delta({ sid: 1, seq: 2 }, TICKER, "yes", "0.4000", "1.00", ms)),
  ];
}

/** Stopped in order, and the exchange's time up to which all is known. */
function stop(): Entry[] {
  const end = { id: "run/1", reason: "closed", code: null, last_heard: ms * 1000 };
  return [entry(entryKind.mark, writeMark({ mark: "disconnect", ...end }))];
}

/** Writes blocks into one packed segment, the second so that its check sum is wrong. */
function write(blocks: readonly Entry[][]): void {
  const packed = blocks.map((block) => new BlockPacker().pack(block));
  packed[1]![BLOCK_HEAD + 3]! ^= 0x55;
  writeFileSync(join(dir, segmentName(1)), Buffer.concat([PACKED_MAGIC, ...packed]));
}

async function gaps(): Promise<Gap[]> {
  const told: Gap[] = [];
  for await (const event of await openRecording(dir)) if (event.type === "gap") told.push(event);
  return told;
}

describe("damage behind a recorder that was stopped", () => {
  it("is a gap from the stop on where nothing can be read behind it", async () => {
    write([
      [...connect(1), ...books(), ...stop()],
      [...connect(2), ...books()],
    ]);
    expect(await gaps()).toMatchObject([{ reason: "disconnect", tickers: [TICKER], to: null }]);
    const { gaps: weighed } = await (await openRecording(dir)).quality();
    expect(weighed).toHaveLength(1);
  });

  it("is a gap, and goes on behind books whose connection was noted in it, up to the next books whose connection is known", async () => {
    write([[...connect(1), ...books(), ...stop()], connect(2), books()]);
    expect(await gaps()).toMatchObject([{ reason: "disconnect", tickers: [TICKER], to: null }]);
    ms = FIRST_MS;
    write([[...connect(1), ...books(), ...stop()], connect(2), books(), [...connect(2), ...books()]]);
    const told = await gaps();
    expect(told).toMatchObject([
      { reason: "disconnect", tickers: [TICKER], to: null },
      { reason: "disconnect", tickers: [TICKER], recoveredBy: "resubscribe" },
    ]);
    expect(told[1]!.to).toBeGreaterThan(told[0]!.from);
  });

  it("is one gap and no second where the next connection can be read", async () => {
    const hole = { from: FIRST_MS * 1000, to: FIRST_MS * 1000, frames: 0, bytes: 9, reason: "DAMAGED_TAIL" };
    for (const note of [[], [entry(entryKind.mark, writeMark({ mark: "hole", ...hole }))]]) {
      ms = FIRST_MS;
      write([
        [...connect(1), ...books(), ...stop()],
        [...connect(2), ...books()],
        [...note, ...connect(3), ...books()],
      ]);
      rmSync(join(dir, "00000001.idx"), { force: true });
      expect(await gaps()).toMatchObject([
        { reason: "disconnect", tickers: [TICKER], to: null },
        { reason: "disconnect", tickers: [TICKER], recoveredBy: "resubscribe" },
      ]);
      for (let at = FIRST_MS; at < ms + 20; at += 3) {
        const found = await bookAt(dir, TICKER, at * 1000);
        expect(found).toEqual(await bookByScan(dir, TICKER, at * 1000));
      }
    }
  });
});
