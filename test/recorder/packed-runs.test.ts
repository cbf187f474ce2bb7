import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { BookEvent } from "../../src/book/event.js";
import { bookByScan } from "../../src/recorder/book-at.js";
import type { FoundBook } from "../../src/recorder/found-book.js";
import { Packer } from "../../src/recorder/packer.js";
import { Player } from "../../src/recorder/player.js";
import { openRecording } from "../../src/recorder/replay.js";
import { listSegments } from "../../src/store/segment-reader.js";
import { SegmentWriter } from "../../src/store/segment-writer.js";
import { calmSteps, wildSteps, wildTickers, writeWild } from "../support/wild-recording.js";

let dir: string;
let raw: string;
let packed: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "packed-runs-"));
  raw = join(dir, "raw");
  packed = join(dir, "packed");
});

afterEach(() => {
  vi.restoreAllMocks();
  rmSync(dir, { recursive: true, force: true });
});

/** All of an answer. */
function plain({ book, ...rest }: FoundBook): unknown {
  return { ...rest, book: book === null ? null : { ...book.toJSON(), time: book.time, receivedAt: book.receivedAt } };
}

async function all(events: AsyncIterable<BookEvent>): Promise<readonly BookEvent[]> {
  const list: BookEvent[] = [];
  for await (const event of events) list.push(event);
  return list;
}

/** The same recording twice: as it was written, where every frame is read from its text, and with its closed segments packed. */
async function write(
  steps: Parameters<typeof writeWild>[1],
  grain: { blockBytes: number; spacing: number },
): Promise<readonly [number, number]> {
  for (const folder of [raw, packed]) rmSync(folder, { recursive: true, force: true });
  const span = await writeWild(raw, steps, grain.blockBytes * 3);
  // One more, so that all of it is in closed ones.
  (await SegmentWriter.open({ dir: raw })).close();
  cpSync(raw, packed, { recursive: true });
  const last = (await listSegments(packed)).at(-1)!;
  const packer = new Packer({ dir: packed, compress: true, isStopped: () => false, ...grain });
  for await (const { problem } of packer.pack(last)) expect(problem).toBeNull();
  return span;
}

const recordings = fc.record({
  steps: fc.oneof(calmSteps, wildSteps),
  blockBytes: fc.constantFrom(3_000, 8_000, 30_000),
  spacing: fc.constantFrom(0, 1, 4),
});

/** How many entries were taken out of their columns, and how many might have been. */
function counted(): { taken: number } {
  const seen = { taken: 0 };
  const real = Player.prototype.playRun;
  vi.spyOn(Player.prototype, "playRun").mockImplementation(function (this: Player, ...args) {
    const taken = real.apply(this, args);
    seen.taken += taken;
    return taken;
  });
  return seen;
}

describe("deltas that are taken out of a packed block's columns", () => {
  it("give the events, and the books at the end, that their texts give", async () => {
    const seen = counted();
    await fc.assert(
      fc.asyncProperty(recordings, async ({ steps, ...grain }) => {
        await write(steps, grain);
        const [texts, columns] = [await openRecording(raw), await openRecording(packed)];
        const events = await all(texts);
        expect(await all(columns)).toEqual(events);
        expect(await all(columns.replay())).toEqual(events);
        expect((await columns.final()).map(plain)).toEqual((await texts.final()).map(plain));
      }),
      { numRuns: 20 },
    );

    expect(seen.taken).toBeGreaterThan(0);
  }, 120_000);

  it("give the book at every moment that a scan of their texts gives", async () => {
    const seen = counted();
    const moments = fc.array(
      fc.tuple(fc.double({ min: -0.05, max: 1.05, noNaN: true }), fc.constantFrom(...wildTickers)),
      { minLength: 6, maxLength: 6 },
    );
    await fc.assert(
      fc.asyncProperty(recordings, moments, async ({ steps, ...grain }, asked) => {
        const [first, last] = await write(steps, grain);
        const columns = await openRecording(packed);
        for (const [share, ticker] of asked) {
          const time = Math.round(first + share * (last - first)) * 1000 + (share > 0.5 ? 0 : 4_321);
          for (const clock of ["exchange", "received"] as const) {
            const expected = plain(await bookByScan(raw, ticker, time, { clock }));
            expect(plain(await columns.bookAt(ticker, time, { clock }))).toEqual(expected);
            expect(plain(await bookByScan(packed, ticker, time, { clock }))).toEqual(expected);
          }
        }
      }),
      { numRuns: 20 },
    );
    expect(seen.taken).toBeGreaterThan(0);
  }, 120_000);
});
