import { describe, expect, it } from "vitest";
import { bars } from "../../src/flow/bars.js";
import { bookSnapshots } from "../../src/flow/book-snapshots.js";
import { nearDepth } from "../../src/flow/near-depth.js";
import { topOfBook } from "../../src/flow/top-of-book.js";
import { filter, map, merge, pipe } from "../../src/flow/transform.js";
import { rawOf } from "../../src/frames/exact.js";
import { flowFrames } from "../../src/frames/flows.js";
import { schemaOf } from "../../src/frames/schema.js";
import { tableOf } from "../../src/frames/table-of.js";
import { asFeed, deltaOf, gapOf, snapshotOf, tradeOf } from "../support/events.js";

const MS = 1_000;
const events = [
  snapshotOf(1 * MS, [[400_000, 200]], [[500_000, 100]]),
  tradeOf(1_500, 450_000, 100),
  tradeOf(1_600, 460_000, 200, "no"),
  deltaOf(2 * MS, "no", 550_000, 100),
  gapOf(2 * MS, ["A"]),
];

describe("tableOf", () => {
  it("gives exact columns of their kinds, nulls where nothing is known", () => {
    const table = tableOf(pipe(events, topOfBook()));
    expect(rawOf(table, "time")).toEqual([1_000, 2_000, 2_000]);
    expect(table.array("trust")).toEqual(["ok", "ok", "unknown"]);
    expect(rawOf(table, "yes_ask")).toEqual([500_000, 450_000, null]);
    // (0.40 × 1 + 0.45 × 2) / 3
    expect(rawOf(table, "microprice")).toEqual([466_667, 433_333, null]);
    expect(table.array("imbalance")).toEqual([1 / 3, 1 / 3, null]);
    expect(schemaOf(table).microprice).toMatchObject({ kind: "dollars", from: "column" });
  });

  it("has a row per bar, and a row per level of a book, one without a level for a book that is not known", () => {
    const minute = tableOf(bars({ every: "1m" })(events));
    expect(minute.objects()).toMatchObject([
      {
        start_time: 0,
        end_time: 60_000,
        price_open: 0.45,
        price_close: 0.46,
        volume: 3,
        taker_no_volume: 2,
        trades: 2,
      },
    ]);
    expect(rawOf(minute, "vwap")).toEqual([456_667]);
    const books = tableOf(bookSnapshots("1ms")([...events, deltaOf(4 * MS, "yes", 10_000, 1, { ticker: "B" })]));
    const rows = books.objects() as { time: number; ticker: string; level: number | null; yes_price: number | null }[];
    expect(
      rows.filter(({ ticker }) => ticker === "A").map(({ time, level, yes_price }) => [time, level, yes_price]),
    ).toEqual([
      [1, 1, 0.5],
      [1, 1, 0.4],
      [2, null, null],
      [3, null, null],
      [4, null, null],
    ]);
  });

  it("takes a feed as well, and has the columns also of nothing", async () => {
    const table = await tableOf(pipe(asFeed(events), nearDepth(5)));
    expect(rawOf(table, "ask_depth")).toEqual([100, 200, null]);
    const none = tableOf(
      pipe(
        [],
        nearDepth(5),
        filter((depth) => depth.trust === "ok"),
      ),
    );
    expect(none.numRows()).toBe(0);
    expect(none.columnNames()).toEqual(Object.keys(flowFrames.near_depth.fields));
  });

  it("refuses records of several types, and nothing of no type", () => {
    const both = pipe(events, merge(topOfBook(), nearDepth(5)));
    expect(() => tableOf(both)).toThrow(expect.objectContaining({ code: "BAD_ARGUMENT" }));
    expect(tableOf([...both].filter(({ type }) => type === "quote")).numRows()).toBe(3);
    expect(() => tableOf([])).toThrow(expect.objectContaining({ code: "BAD_ARGUMENT" }));
    expect(() =>
      tableOf(
        pipe(
          events,
          map((event) => event as never),
        ),
      ),
    ).toThrow(expect.objectContaining({ code: "BAD_ARGUMENT" }));
  });
});
