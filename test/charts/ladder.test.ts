import { describe, expect, it } from "vitest";
import { depth } from "../../src/charts/depth.js";
import { ladder } from "../../src/charts/ladder.js";
import { books } from "./books.js";
import { drawn, rowsOf } from "./drawing.js";
import { levels } from "./samples.js";

const at = (second: number) => new Date(Date.UTC(2026, 9, 1, 14, 0, second));

describe("chart.ladder", () => {
  it("draws a bar and a count for every level, asks above bids, the best ones in the middle", async () => {
    const chart = ladder(levels());
    expect(rowsOf(chart.spec).map(({ side, price, count, depth: sum }) => [side, price, count, sum])).toEqual([
      ["asks", 0.7, 400, 520],
      ["asks", 0.51, 50, 120],
      ["asks", 0.5, 70, 70],
      ["bids", 0.47, 100.5, 100.5],
      ["bids", 0.45, 200, 300.5],
    ]);
    const bars = (await drawn(chart.spec, "rect")) as unknown as { y: number; datum: { price: number } }[];
    expect(bars.map(({ datum }) => datum.price)).toEqual([0.7, 0.51, 0.5, 0.47, 0.45]);
    expect(bars.map(({ y }) => y)).toEqual([...bars.map(({ y }) => y)].sort((a, b) => a - b));
    const counts = (await drawn(chart.spec, "text")) as unknown as { text: string }[];
    expect(counts.map(({ text }) => text).sort()).toEqual(["100.5", "200", "400", "50", "70"]);
  });

  it("shows the levels nearest to the middle and says how many are further out", () => {
    const chart = ladder(levels(), { levels: 1 });
    expect(rowsOf(chart.spec).map(({ price }) => price)).toEqual([0.5, 0.47]);
    expect(JSON.stringify(chart.spec.title)).toContain("3 further out not shown");
  });

  it("draws the book that stood at the moment asked for, as depth does", () => {
    const made = books(10);
    const rows = made.objects() as { time: number; side: string; yes_price: number }[];
    const pricesAt = (second: number) =>
      rows
        .filter(({ time }) => time === at(second).getTime())
        .map((row) => row.yes_price)
        .sort();
    for (const moment of [at(4), "2026-10-01T14:00:04.900Z", at(4).getTime() + 1, "-5s"]) {
      const shown = rowsOf(ladder(made, { at: moment }).spec).map(({ price }) => price as number);
      expect(shown.sort(), String(moment)).toEqual(pricesAt(4));
      const stairs = rowsOf(depth(made, { at: moment }).spec).filter(({ count }) => count !== null);
      expect(stairs.map(({ price }) => price as number).sort()).toEqual(pricesAt(4));
    }
    expect(
      rowsOf(ladder(made).spec)
        .map(({ price }) => price as number)
        .sort(),
    ).toEqual(pricesAt(9));
  });

  it("refuses a moment of which nothing is known, with the reason", () => {
    const made = books(10, { unknown: [5] });
    expect(() => ladder(made, { at: at(5) })).toThrow(
      expect.objectContaining({ code: "CHART_EMPTY", hint: expect.stringContaining("missing") }),
    );
    expect(() => ladder(made, { at: "2026-10-01T13:00:00Z" })).toThrow(
      expect.objectContaining({ code: "CHART_EMPTY", hint: expect.stringContaining("2026-10-01T14:00:00Z") }),
    );
    expect(() => ladder(made, { at: "noon" })).toThrow(expect.objectContaining({ code: "BAD_TIME" }));
  });
});
