import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { BookAt } from "../../src/charts/books-data.js";
import { depthOverTime } from "../../src/charts/depth-over-time.js";
import { heatCells } from "../../src/charts/heat-cells.js";
import { books } from "./books.js";
import { drawn, everywhere, rowsOf } from "./drawing.js";
import { levels } from "./samples.js";

interface Level {
  readonly time: number;
  readonly side: string;
  readonly yes_price: number;
  readonly count: number;
}

describe("chart.depthOverTime", () => {
  it("draws a cell for every level of every book, with its contracts, until the next book", async () => {
    const made = books(40);
    const chart = depthOverTime(made);
    const cells = (await drawn(chart.spec, "rect")) as unknown as { datum: Record<string, number | string> }[];
    const rows = made.objects() as Level[];
    const key = (time: unknown, side: unknown, price: unknown, count: unknown) => [time, side, price, count].join(" ");
    expect(cells.map(({ datum }) => key(datum.from, datum.side, datum.price, datum.count)).sort()).toEqual(
      rows.map((row) => key(row.time, row.side === "yes" ? "bids" : "asks", row.yes_price, row.count)).sort(),
    );
    for (const { datum } of cells) expect((datum.to as number) - (datum.from as number)).toBe(1_000);
  });

  it("keeps the most that rested at a price when books are put together, and says so", () => {
    const made = books(900);
    const chart = depthOverTime(made);
    const cells = rowsOf(chart.spec);
    expect(cells.length).toBeLessThanOrEqual(8_000);
    expect(JSON.stringify(chart.spec.title)).toMatch(/900 books.*columns, the most of each kept/);
    const mostBy = (list: readonly (readonly [string, number])[]) => {
      const most = new Map<string, number>();
      for (const [key, count] of list) most.set(key, Math.max(most.get(key) ?? 0, count));
      return Object.fromEntries([...most].sort());
    };
    const rows = made.objects() as Level[];
    expect(mostBy(cells.map((cell) => [`${cell.side} ${cell.price}`, cell.count as number]))).toEqual(
      mostBy(rows.map((row) => [`${row.side === "yes" ? "bids" : "asks"} ${row.yes_price}`, row.count])),
    );
  });

  it("leaves the time grey in which messages were missing, and draws no level there", async () => {
    const made = books(20, { unknown: [7, 8, 9] });
    const chart = depthOverTime(made);
    const unknown = (everywhere(chart.spec, "values") as { from: number; to: number }[][])[1]!;
    const start = rowsOf(chart.spec)[0]!.from as number;
    expect(unknown.map(({ from, to }) => [(from - start) / 1_000, (to - start) / 1_000])).toEqual([
      [7, 8],
      [8, 9],
      [9, 10],
    ]);
    expect(await drawn(chart.spec, "rect")).toHaveLength(17 * 10 + 3);
    expect(JSON.stringify(chart.spec.title)).toContain("grey where messages are missing");
  });

  it("lets a book stand for no longer than `gap`", () => {
    const rows = rowsOf(
      depthOverTime(
        books(5).filter((row: { level: number }) => row.level === 1),
        { gap: 300 },
      ).spec,
    );
    for (const { from, to } of rows) expect((to as number) - (from as number)).toBe(300);
  });

  it("shows only what is near the best prices when told how near", () => {
    const rows = rowsOf(depthOverTime(books(1), { within: 0.01 }).spec);
    const prices = books(1).objects() as Level[];
    const best = Math.max(...prices.filter(({ side }) => side === "yes").map(({ yes_price }) => yes_price));
    expect(rows.filter(({ side }) => side === "bids").map(({ price }) => price)).toEqual(
      prices
        .filter(({ side, yes_price }) => side === "yes" && yes_price > best - 0.015)
        .map((row) => row.yes_price)
        .sort()
        .reverse(),
    );
  });

  it("refuses levels without times, and books that were always empty", () => {
    expect(() => depthOverTime(levels())).toThrow(expect.objectContaining({ code: "COLUMN_MISSING" }));
    expect(() => depthOverTime(books(3, { unknown: [0, 1, 2] }))).toThrow(
      expect.objectContaining({ code: "CHART_EMPTY" }),
    );
  });
});

describe("heatCells", () => {
  const anyBooks = fc
    .array(
      fc.tuple(
        fc.integer({ min: 1, max: 50 }),
        fc.array(fc.tuple(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 99 })), { maxLength: 4 }),
      ),
      {
        minLength: 1,
        maxLength: 60,
      },
    )
    .map((steps) => {
      let time = 0;
      return steps.map(([step, bids]): BookAt => {
        time += step;
        const byPrice = new Map(bids);
        return {
          time,
          bids: [...byPrice].map(([cents, count]) => ({ price: cents / 100, count })),
          asks: [],
          unknown: false,
        };
      });
    });

  it("has in each cell the most and the least of the books that stood in its time, found one by one", () => {
    fc.assert(
      fc.property(anyBooks, fc.integer({ min: 2, max: 40 }), (list, width) => {
        const end = list.at(-1)!.time! + 10;
        const look = { width, height: 400, end, gap: Number.POSITIVE_INFINITY };
        const { cells, columns, reduced } = heatCells(list, [0, 1], look);
        expect(reduced).toBe(list.length > width);
        for (const { from, to, price, count, least } of cells as readonly Record<string, number>[]) {
          const standing = list.filter(
            (book, at) => book.time! < to! - 1e-6 && (list[at + 1]?.time ?? end) > from! + 1e-6,
          );
          const counts = standing.map(
            ({ bids }) => bids.find((one) => Math.abs(one.price - price!) < 1e-9)?.count ?? 0,
          );
          expect(Math.max(...counts)).toBe(count);
          expect(Math.min(...counts)).toBe(least);
        }
        if (reduced) expect(columns).toBeLessThanOrEqual(Math.max(1, width / 2));
        const highest = (of: readonly number[]) => Math.max(0, ...of);
        expect(highest(cells.map((cell) => cell.count as number))).toBe(
          highest(list.flatMap(({ bids }) => bids.map(({ count }) => count))),
        );
      }),
    );
  });
});
