import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { endsBooks } from "../../src/book/event.js";
import { readTable } from "../../src/datasets/read.js";
import type { BookDelta } from "../../src/flow/book-deltas.js";
import { applyEvent, KeptBooks } from "../../src/flow/kept-books.js";
import { provenance } from "../../src/frames/provenance.js";
import { openRecording } from "../../src/lab/recording.js";
import { type Mark, writeMark } from "../../src/recorder/marks.js";
import { entryKind } from "../../src/store/segment.js";
import { SegmentWriter } from "../../src/store/segment-writer.js";
import { delta, snapshot, subscribed } from "../support/frames.js";
import { wildSteps, wildTickers, writeWild } from "../support/wild-recording.js";

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "recording-deltas-"));
});

afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

/** Writes marks and frames with their receive times in milliseconds. */
async function write(...entries: (readonly [number, Mark | string])[]): Promise<void> {
  const writer = await SegmentWriter.open({ dir });
  for (const [ms, what] of entries) {
    if (typeof what === "string") writer.append(entryKind.text, ms * 1000, 0, Buffer.from(what));
    else writer.append(entryKind.mark, ms * 1000, 0, writeMark(what));
  }
  writer.close();
}

const writeHoled = (): Promise<void> =>
  write(
    [1_000, { mark: "connect", id: "a", use_yes_price: false, tickers: ["A", "B"], channels: ["orderbook_delta"] }],
    [1_000, subscribed(1)],
    [1_001, snapshot({ sid: 1, seq: 1 }, "A", [["0.4000", "1.00"]], [["0.5000", "2.50"]])],
    [1_002, snapshot({ sid: 1, seq: 2 }, "B", [], [])],
    [2_005, delta({ sid: 1, seq: 3 }, "A", "no", "0.5000", "-0.50", 2_000)],
    [2_006, delta({ sid: 1, seq: 4 }, "B", "yes", "0.1234", "3.00", 2_000)],
    [5_005, delta({ sid: 1, seq: 7 }, "A", "yes", "0.4200", "1.00", 5_000)],
    [6_005, snapshot({ sid: 1, seq: 8, id: 3 }, "A", [["0.4300", "1.00"]], [])],
  );

const shown = ({ kind, ticker, time, seq, side, price, yes_price, delta: by, count }: BookDelta) =>
  [kind, ticker, time / 1_000, seq, side, price, yes_price, by, count].map((value) => value ?? "-").join(" ");

describe("recording.deltas", () => {
  it("has whole books level by level, deltas with what then rests there, and from when on messages are missing", async () => {
    await writeHoled();
    const rows: string[] = [];
    for await (const row of (await openRecording(dir)).deltas().rows()) rows.push(shown(row));
    expect(rows).toEqual([
      "snapshot A 1001 1 yes 400000 400000 - 100",
      "snapshot A 1001 1 no 500000 500000 - 250",
      "snapshot B 1002 2 - - - - -",
      "delta A 2000 3 no 500000 500000 -50 200",
      "delta B 2000 4 yes 123400 123400 300 300",
      "gap A 2000 - - - - - -",
      "gap B 2000 - - - - - -",
      "delta A 5000 7 yes 420000 420000 100 -",
      "snapshot A 6000 8 yes 430000 430000 - 100",
    ]);
  });

  it("is a table and files of the same rows in the same order, and says what it lacks", async () => {
    await writeHoled();
    const recording = await openRecording(dir);
    const table = await recording.deltas();
    expect(table.columnNames()).toEqual([
      "time",
      "received_time",
      "ticker",
      "kind",
      "connection",
      "seq",
      "side",
      "price",
      "yes_price",
      "delta",
      "count",
    ]);
    expect(table.array("delta")).toEqual([null, null, null, -0.5, 3, null, null, 1, null]);
    expect(provenance(table)).toMatchObject({ complete: false, rows: 9 });
    for (const name of ["deltas.csv", "deltas.parquet", "deltas.arrow"]) {
      const path = join(dir, name);
      expect((await recording.deltas().save(path)).rows).toBe(9);
      expect((await readTable(path)).objects(), name).toEqual(table.objects());
    }
  });

  it("gives of a part first the books that stood at its start", async () => {
    await writeHoled();
    const rows: string[] = [];
    const asked = (await openRecording(dir)).deltas({ ticker: "A", from: 1_500_000, to: 2_500_000 });
    for await (const row of asked.rows()) rows.push(shown(row));
    expect(rows).toEqual([
      "snapshot A 1500 - yes 400000 400000 - 100",
      "snapshot A 1500 - no 500000 500000 - 250",
      "delta A 2000 3 no 500000 500000 -50 200",
      "gap A 2000 - - - - - -",
    ]);
  });

  it("gives, applied row by row, every book that the recording's events make, and none where messages are missing", async () => {
    await fc.assert(
      fc.asyncProperty(wildSteps, fc.constantFrom(600, 4_000, 1_000_000), async (steps, bytes) => {
        const folder = mkdtempSync(join(dir, "wild-"));
        await writeWild(folder, steps, bytes);
        const recording = await openRecording(folder);
        const rebuilt = new Rebuilt();
        for await (const row of recording.deltas().rows()) rebuilt.apply(row);
        const books = new KeptBooks();
        for await (const event of recording.replay()) {
          if (event.type === "snapshot" || event.type === "delta") applyEvent(books.get(event.ticker), event);
          else if (endsBooks(event)) for (const ticker of event.tickers) books.get(ticker).state = "stale";
        }
        for (const ticker of wildTickers) {
          const book = books.get(ticker);
          const levels = [...sideOf("yes", book.yes.levels()), ...sideOf("no", book.no.levels())];
          const expected = book.state === "ok" ? new Map(levels) : null;
          expect(rebuilt.levels(ticker)).toEqual(expected);
        }
      }),
      { numRuns: 40, interruptAfterTimeLimit: 20_000 },
    );
  });
});

const sideOf = (side: string, levels: readonly { price: number; count: number }[]) =>
  levels.map(({ price, count }) => [`${side} ${price}`, count] as const);

interface Kept {
  /** The whole book that is being read, by its place in the count. */
  whole: string | null;
  /** Null while messages are missing. */
  levels: Map<string, number> | null;
}

/** Books by nothing but the rows. */
class Rebuilt {
  readonly #books = new Map<string, Kept>();

  apply({ kind, ticker, connection, seq, side, price, delta: by, count }: BookDelta): void {
    const book = this.#books.get(ticker) ?? { whole: null, levels: null };
    this.#books.set(ticker, book);
    const level = `${side} ${price}`;
    const whole = kind === "snapshot" ? `${connection} ${seq}` : null;
    if (whole !== null && whole !== book.whole) book.levels = new Map();
    book.whole = whole;
    if (kind === "gap") book.levels = null;
    else if (kind === "snapshot" && side !== null) book.levels!.set(level, count!);
    else if (kind === "delta") {
      expect(count === null).toBe(book.levels === null);
      if (book.levels === null) return;
      expect(count).toBe((book.levels.get(level) ?? 0) + by!);
      if (count === 0) book.levels.delete(level);
      else book.levels.set(level, count!);
    }
  }

  /** Null where the book is not known. */
  levels(ticker: string): ReadonlyMap<string, number> | null {
    return this.#books.get(ticker)?.levels ?? null;
  }
}
