import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { bookAt, bookByScan } from "../../src/recorder/book-at.js";
import { Catalog } from "../../src/recorder/catalog.js";
import type { FoundBook } from "../../src/recorder/found-book.js";
import { Packer } from "../../src/recorder/packer.js";
import { indexName } from "../../src/recorder/segment-index.js";
import { lockFolder } from "../../src/store/lock.js";
import { segmentName } from "../../src/store/segment.js";
import { listSegments } from "../../src/store/segment-reader.js";
import { writeDeltas } from "../support/many-deltas.js";
import { wildSteps, wildTickers, writeWild } from "../support/wild-recording.js";

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "book-at-"));
});

afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

/** All of an answer. */
function plain({ book, ...rest }: FoundBook): unknown {
  return { ...rest, book: book === null ? null : { ...book.toJSON(), time: book.time, receivedAt: book.receivedAt } };
}

async function pack(grain: { blockBytes: number; spacing: number }, below: number, compress: boolean): Promise<void> {
  const packer = new Packer({ dir, compress, isStopped: () => false, ...grain });
  for await (const { problem } of packer.pack(below)) expect(problem).toBeNull();
}

const grains = fc.record({
  blockBytes: fc.constantFrom(200, 700, 2_500),
  spacing: fc.constantFrom(0, 1, 4),
  maxBytes: fc.constantFrom(2_000, 6_000, 20_000),
  /** How many of the segments are packed, and how many more have an index: tenths. */
  packed: fc.nat(10),
  indexed: fc.nat(10),
});

describe("bookAt", () => {
  it("gives through keyframes at every moment what a scan from the start gives, whatever was recorded", async () => {
    await fc.assert(
      fc.asyncProperty(
        wildSteps,
        grains,
        fc.array(
          fc.tuple(fc.double({ min: -0.05, max: 1.05, noNaN: true }), fc.constantFrom(...wildTickers, "KX-NO")),
          {
            minLength: 5,
            maxLength: 5,
          },
        ),
        async (steps, { maxBytes, packed, indexed, ...grain }, moments) => {
          rmSync(dir, { recursive: true, force: true });
          const [first, last] = await writeWild(dir, steps, maxBytes);
          const segments = readdirSync(dir).length;
          await pack(grain, Math.ceil((segments * packed) / 10), true);
          await pack(grain, Math.ceil((segments * Math.max(packed, indexed)) / 10), false);
          const catalog = new Catalog(dir, grain);
          for (const [share, ticker] of moments) {
            const time = Math.round(first + share * (last - first)) * 1000 + (share > 0.5 ? 0 : 4_321);
            for (const clock of ["exchange", "received"] as const) {
              const found = plain(await bookAt(dir, ticker, time, { clock }, catalog));
              expect(found).toEqual(plain(await bookByScan(dir, ticker, time, { clock })));
            }
          }
        },
      ),
      { numRuns: 12 },
    );
  }, 150_000);

  it("makes an index anew that is missing, damaged, of another segment or of the segment before it was packed", async () => {
    const steps = fc.sample(wildSteps, { seed: 11, numRuns: 4 }).flat();
    const [first, last] = await writeWild(dir, steps, 4_000);
    const grain = { blockBytes: 700, spacing: 1 };
    const numbers = await listSegments(dir);
    await pack(grain, numbers.length, true);
    const index = (number: number): string => join(dir, indexName(number));
    const good = numbers.slice(0, -1).map((number) => readFileSync(index(number)));
    const middle = numbers[numbers.length >> 1]!;
    const harms: readonly (() => void)[] = [
      () => rmSync(index(middle)),
      () => writeFileSync(index(middle), ""),
      () => writeFileSync(index(middle), readFileSync(index(middle)).subarray(0, 200)),
      // Anywhere in the file: head, or keyframes.
      ...[0.02, 0.2, 0.5, 0.8, 0.99].map((share) => () => flip(index(middle), share)),
      () => writeFileSync(index(middle), readFileSync(index(middle - 1))),
      () => {
        for (const number of numbers) rmSync(index(number), { force: true });
      },
    ];
    const times = [0.1, 0.45, 0.5, 0.55, 0.9].map((share) => Math.round(first + (last - first) * share) * 1000);
    const expected = new Map<number, unknown>();
    for (const time of times) expected.set(time, plain(await bookByScan(dir, "KX-B", time)));
    for (const harm of harms) {
      numbers.slice(0, -1).forEach((number, at) => {
        writeFileSync(index(number), good[at]!);
      });
      harm();
      for (const time of times) {
        const found = plain(await bookAt(dir, "KX-B", time, {}, new Catalog(dir, grain)));
        expect(found).toEqual(expected.get(time));
      }
    }
    // It is kept, as it was.
    expect(readFileSync(index(middle))).toEqual(good[numbers.indexOf(middle)]);
  });

  it("finds its place where the exchange's clock is weeks behind ours, and its first answers carry no time", async () => {
    await writeDeltas(dir, 4_000, 2, { aheadMs: 43 * 86_400_000, segmentBytes: 100_000, flushEvery: 100 });
    const numbers = await listSegments(dir);
    await pack({ blockBytes: 5_000, spacing: 0 }, numbers.length, true);
    const catalog = new Catalog(dir);
    const closed = await catalog.closed();
    const time = (1_795_329_089_000 + 3_000) * 1_000;
    const place = (await catalog.placeBefore(time, "exchange", closed))!;
    expect(place.segment).toBeGreaterThan(numbers.length / 2);
    expect(plain(await bookAt(dir, "KXMANY-1", time))).toEqual(plain(await bookByScan(dir, "KXMANY-1", time)));
  });

  it("reads few of the blocks, and leaves the folder alone where a recorder is at work or nothing may be written", async () => {
    const steps = fc.sample(wildSteps, { seed: 5, numRuns: 6 }).flat();
    const [first, last] = await writeWild(dir, steps, 20_000);
    const grain = { blockBytes: 700, spacing: 0 };
    const numbers = await listSegments(dir);
    const lock = lockFolder(dir);
    await bookAt(dir, "KX-B", last * 1000, {}, new Catalog(dir, grain));
    expect(readdirSync(dir).filter((name) => name.endsWith(".idx"))).toEqual([]);
    lock.release();
    await pack(grain, numbers.length, true);
    // Whatever is not needed may as well be destroyed.
    const catalog = new Catalog(dir, grain);
    const time = Math.round(first + (last - first) * 0.6) * 1000;
    const closed = await catalog.closed();
    const place = (await catalog.placeBefore(time, "exchange", closed))!;
    expect(place.segment).toBeGreaterThan(1);
    const expected = plain(await bookByScan(dir, "KX-B", time));
    for (const number of closed.filter((one) => one < place.segment - 1))
      writeFileSync(join(dir, segmentName(number)), "x");
    expect(plain(await bookAt(dir, "KX-B", time, {}, catalog))).toEqual(expected);
  });
});

function flip(file: string, share: number): void {
  const bytes = readFileSync(file);
  bytes[Math.floor(bytes.length * share)]! ^= 1;
  writeFileSync(file, bytes);
}
