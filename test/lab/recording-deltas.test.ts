import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { endsBooks } from "../../src/book/event.js";
import { exportFile } from "../../src/datasets/export-file.js";
import { readTable } from "../../src/datasets/read.js";
import type { BookDelta } from "../../src/flow/book-deltas.js";
import { applyEvent, KeptBooks } from "../../src/flow/kept-books.js";
import { provenance } from "../../src/frames/provenance.js";
import { openRecording } from "../../src/lab/recording.js";
import { expectRejection } from "../support/errors.js";
import { delta, snapshot, subscribed } from "../support/frames.js";
import { wildSteps, wildTickers, writeWild } from "../support/wild-recording.js";
import { type Written, writeRecording } from "../support/write-recording.js";

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "recording-deltas-"));
});

afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

const write = (...entries: readonly Written[]): Promise<void> => writeRecording(dir, entries);

const sizes = fc.constantFrom(600, 4_000, 1_000_000);

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

const shown = ({ message, kind, ticker, time, seq, side, price, yes_price, delta: by, count }: BookDelta) =>
  [message, kind, ticker, time / 1_000, seq, side, price, yes_price, by, count].map((value) => value ?? "-").join(" ");

/** Two markets on one connection: A's book is empty, five contracts are bid for B. */
const two: readonly Written[] = [
  [1_000, { mark: "connect", id: "a", use_yes_price: false, tickers: ["A", "B"], channels: ["orderbook_delta"] }],
  [1_000, subscribed(1)],
  [1_001, snapshot({ sid: 1, seq: 1 }, "A", [], [])],
  [1_002, snapshot({ sid: 1, seq: 2 }, "B", [["0.4000", "5.00"]], [])],
];

describe("recording.deltas", () => {
  it("has whole books level by level, deltas with what then rests there, and from when on messages are missing", async () => {
    await writeHoled();
    const rows: string[] = [];
    for await (const row of (await openRecording(dir)).deltas().rows()) rows.push(shown(row));
    expect(rows).toEqual([
      "1 snapshot A 1001 1 yes 400000 400000 - 100",
      "1 snapshot A 1001 1 no 500000 500000 - 250",
      "2 snapshot B 1002 2 - - - - -",
      "3 delta A 2000 3 no 500000 500000 -50 200",
      "4 delta B 2000 4 yes 123400 123400 300 300",
      "5 gap A 2000 - - - - - -",
      "5 gap B 2000 - - - - - -",
      "6 delta A 5000 7 yes 420000 420000 100 -",
      "7 snapshot A 6000 8 yes 430000 430000 - 100",
    ]);
  });

  it("is a table and files of the same rows in the same order, and says what it lacks", async () => {
    await writeHoled();
    const recording = await openRecording(dir);
    const table = await recording.deltas();
    expect(table.columnNames()).toEqual([
      "message",
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

  it("is not cut by time out of a file, where the books at the start are not known", async () => {
    await writeHoled();
    const path = join(dir, "deltas.parquet");
    await (await openRecording(dir)).deltas().save(path);
    await expectRejection(
      exportFile(path, join(dir, "part.csv"), { from: 2_000_000 }),
      "BAD_ARGUMENT",
      /from the recording/,
    );
    expect((await exportFile(path, join(dir, "part.csv"), { tickers: ["A"] })).rows).toBe(6);
  });

  it("gives of a part first the books that stood at its start", async () => {
    await writeHoled();
    const rows: string[] = [];
    const asked = (await openRecording(dir)).deltas({ ticker: "A", from: 1_500_000, to: 2_500_000 });
    for await (const row of asked.rows()) rows.push(shown(row));
    expect(rows).toEqual([
      "1 snapshot A 1500 - yes 400000 400000 - 100",
      "1 snapshot A 1500 - no 500000 500000 - 250",
      "2 delta A 2000 3 no 500000 500000 -50 200",
      "3 gap A 2000 - - - - - -",
    ]);
  });

  it("loses nothing that comes late between two parts: what follows the books at a start is given, whatever its time", async () => {
    await write(
      ...two,
      [2_005, delta({ sid: 1, seq: 3 }, "A", "yes", "0.5000", "1.00", 2_000)],
      [2_005, delta({ sid: 1, seq: 4 }, "B", "yes", "0.4000", "-5.00", 1_999)],
    );
    const rows: string[] = [];
    for await (const row of (await openRecording(dir)).deltas({ from: 2_000_000 }).rows()) rows.push(shown(row));
    expect(rows.slice(-2)).toEqual([
      "3 delta A 2000 3 yes 500000 500000 100 100",
      "4 delta B 1999 4 yes 400000 400000 -500 0",
    ]);
  });

  it("is not called complete where the part begins within a gap and the book does not come back", async () => {
    await write(
      ...two,
      [1_505, delta({ sid: 1, seq: 5 }, "A", "yes", "0.5000", "1.00", 1_500)],
      [2_005, snapshot({ sid: 1, seq: 6, id: 3 }, "A", [], [])],
      [2_505, delta({ sid: 1, seq: 7 }, "A", "yes", "0.5000", "1.00", 2_500)],
    );
    const { complete, unknown } = provenance(await (await openRecording(dir)).deltas({ from: 1_700_000 }))!;
    expect(complete).toBe(false);
    expect(unknown!.flatMap(({ tickers }) => tickers)).toContain("B");
  });

  it("gives, applied row by row, every book that the recording's events make, and none where messages are missing", async () => {
    await fc.assert(
      fc.asyncProperty(
        wildSteps,
        sizes,
        fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
        async (steps, bytes, share) => {
          const folder = mkdtempSync(join(dir, "wild-"));
          const [first, last] = await writeWild(folder, steps, bytes);
          const from = share === null ? undefined : Math.round(first + (last - first) * share) * 1_000;
          const recording = await openRecording(folder);
          const rebuilt = new Rebuilt();
          for await (const row of recording.deltas({ from }).rows()) rebuilt.apply(row);
          const books = new KeptBooks();
          for await (const event of recording.replay()) {
            if (event.type === "snapshot" || event.type === "delta") applyEvent(books.get(event.ticker), event);
            else if (endsBooks(event)) for (const ticker of event.tickers) books.get(ticker).state = "stale";
          }
          for (const ticker of wildTickers) {
            const book = books.get(ticker);
            const levels = [...sideOf("yes", book.yes.levels()), ...sideOf("no", book.no.levels())];
            const expected = book.state === "ok" ? new Map(levels) : null;
            // Of a part that nothing comes in, there is nothing to know of either.
            if (share === null || rebuilt.has(ticker)) expect(rebuilt.levels(ticker)).toEqual(expected);
          }
        },
      ),
      { numRuns: 40, interruptAfterTimeLimit: 20_000 },
    );
  });
});

const sideOf = (side: string, levels: readonly { price: number; count: number }[]) =>
  levels.map(({ price, count }) => [`${side} ${price}`, count] as const);

interface Kept {
  /** The message of its last whole book. */
  whole: number | null;
  /** Null while messages are missing. */
  levels: Map<string, number> | null;
}

/** Books by nothing but the rows. */
class Rebuilt {
  readonly #books = new Map<string, Kept>();

  apply({ message, kind, ticker, side, price, delta: by, count }: BookDelta): void {
    const book = this.#books.get(ticker) ?? { whole: null, levels: null };
    this.#books.set(ticker, book);
    const level = `${side} ${price}`;
    if (kind === "snapshot" && message !== book.whole) {
      book.levels = new Map();
      book.whole = message;
    }
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

  has(ticker: string): boolean {
    return this.#books.has(ticker);
  }

  /** Null where the book is not known. */
  levels(ticker: string): ReadonlyMap<string, number> | null {
    return this.#books.get(ticker)?.levels ?? null;
  }
}
