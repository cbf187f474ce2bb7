import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { BookEvent } from "../../src/book/event.js";
import { bookAt, bookByScan } from "../../src/recorder/book-at.js";
import { Catalog } from "../../src/recorder/catalog.js";
import { type Mark, writeMark } from "../../src/recorder/marks.js";
import { Packer } from "../../src/recorder/packer.js";
import { passage } from "../../src/recorder/passage.js";
import { openRecording } from "../../src/recorder/replay.js";
import { BLOCK_HEAD, BlockPacker, readBlockHead } from "../../src/store/packed-block.js";
import { PACKED_MAGIC } from "../../src/store/packed-segment.js";
import { type Entry, entryKind, segmentName } from "../../src/store/segment.js";
import { delta, frame, snapshot, subscribed } from "../support/frames.js";
import { wildSteps, wildTickers, writeWild } from "../support/wild-recording.js";

const FIRST_MS = 1_795_329_089_000;
const TICKER = "KX-A";
const grain = { blockBytes: 700, spacing: 2 };

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "damage-"));
});

afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

async function all(events: AsyncIterable<BookEvent>): Promise<BookEvent[]> {
  const list: BookEvent[] = [];
  for await (const event of events) list.push(event);
  return list;
}

/** What is said of a market for certain: by message, all of it that does not depend on what was counted before. */
function certain(events: readonly BookEvent[]): Map<string, unknown> {
  const told = new Map<string, unknown>();
  for (const event of events) {
    const isSure = event.type === "snapshot" || (event.type === "delta" && event.state === "ok");
    if (!isSure || event.sid === null) continue;
    const { connection: _, ...rest } = event;
    told.set(`${event.type} ${event.ticker} ${event.receivedAt} ${event.sid} ${event.sequence}`, rest);
  }
  return told;
}

/** Where the blocks of a packed segment begin. */
function blocksOf(bytes: Buffer): number[] {
  const places: number[] = [];
  for (let at = PACKED_MAGIC.length; at < bytes.length; ) {
    places.push(at);
    at += BLOCK_HEAD + readBlockHead(bytes.subarray(at))!.packed;
  }
  return places;
}

/** Damages one block of one segment; `share` says which. */
function damage(share: number): void {
  const places = readdirSync(dir)
    .filter((name) => name.endsWith(".seg"))
    .flatMap((name) => blocksOf(readFileSync(join(dir, name))).map((at) => [name, at] as const));
  const [name, at] = places[Math.min(Math.floor(share * places.length), places.length - 1)]!;
  const bytes = readFileSync(join(dir, name));
  bytes[at + BLOCK_HEAD + 3]! ^= 0x55;
  writeFileSync(join(dir, name), bytes);
}

describe("a damaged block", () => {
  it("leaves nothing certain that the whole recording does not say, by replay, by parts and at a moment", async () => {
    let [damaged, kept] = [0, 0];
    await fc.assert(
      fc.asyncProperty(
        wildSteps,
        fc.constantFrom(3_000, 9_000, 1_000_000),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.boolean(),
        async (steps, maxBytes, share, moment, isIndexed) => {
          rmSync(dir, { recursive: true, force: true });
          const [first, last] = await writeWild(dir, steps, maxBytes);
          const packer = new Packer({ dir, compress: true, isStopped: () => false, ...grain });
          for await (const { problem } of packer.pack(1_000)) expect(problem).toBeNull();
          const whole = certain(await all(await openRecording(dir)));
          damage(share);
          // An index that was made while the block was whole, or behind it.
          for (const name of isIndexed ? [] : readdirSync(dir)) if (name.endsWith(".idx")) rmSync(join(dir, name));
          const catalog = new Catalog(dir, grain);
          const time = Math.round(first + moment * (last - first)) * 1000;
          for (const events of [await openRecording(dir), passage(dir, { from: time }, catalog)]) {
            const told = certain(await all(events));
            for (const [message, said] of told) expect(said, message).toEqual(whole.get(message));
            kept += told.size;
          }
          damaged += 1;
          if (isIndexed) return;
          for (const ticker of wildTickers)
            expect(await bookAt(dir, ticker, time, {}, catalog)).toEqual(await bookByScan(dir, ticker, time));
        },
      ),
      { numRuns: 40 },
    );
    // Most of what a recording says is still known.
    expect(kept / damaged).toBeGreaterThan(10);
  }, 150_000);
});

describe("a damaged block that held the note of a connection", () => {
  let ms: number;

  function entry(kind: number, body: string | Buffer): Entry {
    ms += 10;
    return { kind, time: ms * 1000, nanos: 0, body: Buffer.from(body) };
  }

  function note(mark: "connect" | "continue", number: number, useYesPrice: boolean): Entry {
    const names = { tickers: [TICKER], channels: ["orderbook_delta"] };
    return entry(
      entryKind.mark,
      writeMark({ mark, id: `run/${number}`, use_yes_price: useYesPrice, ...names } as Mark),
    );
  }

  /** A book of one level on either side, as a connection with NO levels in YES prices is sent it, and a delta. */
  function books(seq: number): Entry[] {
    return [
      entry(entryKind.text, snapshot({ sid: 1, seq }, TICKER, [["0.4000", "1.00"]], [["0.4500", "2.00"]])),
      entry(entryKind.text, delta({ sid: 1, seq: seq + 1 }, TICKER, "no", "0.4500", "1.00", ms)),
    ];
  }

  /** Writes blocks into segments of their own, the second of the first so that its check sum is wrong. */
  function write(...segments: readonly Entry[][][]): void {
    for (const [index, blocks] of segments.entries()) {
      const packed = blocks.map((block) => new BlockPacker().pack(block));
      if (index === 0) packed[1]![BLOCK_HEAD + 3]! ^= 0x55;
      writeFileSync(join(dir, segmentName(index + 1)), Buffer.concat([PACKED_MAGIC, ...packed]));
    }
  }

  const subscribe = (): Entry => entry(entryKind.text, subscribed(1));
  const noSide = (events: readonly BookEvent[]) =>
    events.flatMap((event) => (event.type === "snapshot" ? [event.no.map(({ price, count }) => [price, count])] : []));

  beforeEach(() => {
    ms = FIRST_MS;
  });

  it("leaves the books behind it unknown, whose prices may be the other side's, up to a note and the next books", async () => {
    write(
      [[note("connect", 1, false), subscribe(), ...books(1)], [note("connect", 2, true), subscribe()], books(11)],
      [[note("continue", 2, true), ...books(21)]],
    );
    const events = await all(await openRecording(dir));
    // Of the first connection as they were sent, of the second turned; those between are kept as text.
    expect(noSide(events)).toEqual([[[450_000, 200]], [[550_000, 200]]]);
    const unread = events.filter((event) => event.type === "unknown");
    expect(unread).toMatchObject([
      { ticker: TICKER, sequence: 11, problem: expect.stringContaining("behind damage") },
      { ticker: TICKER, sequence: 12, problem: expect.stringContaining("behind damage") },
    ]);
    expect(unread[0]!.text).toContain("orderbook_snapshot");
    expect(events.filter(({ type }) => type === "disconnect")).toMatchObject([
      { connection: 1, reason: "interrupted" },
    ]);
    const trusts: string[] = [];
    for (let at = FIRST_MS; at <= ms; at += 10) {
      const found = await bookByScan(dir, TICKER, at * 1000, { clock: "received" });
      trusts.push(found.trust);
      if (found.trust === "ok") expect(found.book!.no.levels()[0]!.price).toBe(at < FIRST_MS + 80 ? 450_000 : 550_000);
    }
    // The first books stand at 30 ms; what came at 40 ms is not known to be all, for what follows is damaged. The last stand from 100 ms on.
    expect(trusts.map((trust) => (trust === "ok" ? "k" : "-")).join("")).toBe("---k------kk");
  });

  it("keeps what else came on the new connection, whose numbers begin again, and says of its frames that their prices are not known", async () => {
    const ticker = (seq: number): Entry =>
      entry(
        entryKind.text,
        frame("order_group_updates", { sid: 2, seq }, { event_type: "created", order_group_id: `${seq}` }),
      );
    write(
      [
        [note("connect", 1, false), subscribe(), ...books(1), ticker(900)],
        [note("connect", 2, true), subscribe()],
        [...books(11), ticker(3), ticker(4)],
      ],
      [[note("continue", 2, true), ...books(21)]],
    );
    const recording = await openRecording(dir);
    const others = (await all(recording)).flatMap((event) =>
      (event.type === "unknown" || event.type === "order_group") && event.sid === 2 ? [event.sequence] : [],
    );
    expect(others).toEqual([900, 3, 4]);
    for (const ask of [{}, { from: 1 }]) {
      const frames: (readonly [number, boolean | null])[] = [];
      for await (const { connection, useYesPrice } of recording.frames(ask)) frames.push([connection, useYesPrice]);
      const times = <T>(count: number, one: T): T[] => Array.from({ length: count }, () => one);
      expect(frames).toEqual([...times(4, [1, false]), ...times(4, [1, null]), ...times(2, [2, true])]);
    }
  });

  it("is of the same connection where the next note says so: what comes then is read with its numbers", async () => {
    write(
      [[note("connect", 1, true), subscribe(), ...books(1)], books(3), books(5)],
      [[note("continue", 1, true), ...books(7)]],
    );
    const events = await all(await openRecording(dir));
    expect(noSide(events)).toEqual([[[550_000, 200]], [[550_000, 200]]]);
    expect(events.filter(({ type }) => type === "disconnect")).toEqual([]);
    expect(events.filter(({ type }) => type === "gap")).toMatchObject([
      { reason: "not_recorded", to: null },
      { reason: "sequence", fromSequence: 3, toSequence: 4 },
      { reason: "not_recorded", recoveredBy: "snapshot" },
      { reason: "sequence", recoveredBy: "snapshot" },
    ]);
  });
});
