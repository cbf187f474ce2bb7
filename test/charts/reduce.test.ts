import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { reduce } from "../../src/charts/reduce.js";

const line = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 20 }), fc.option(fc.integer({ min: 0, max: 100 }), { freq: 8 })), {
    minLength: 1,
  })
  .map((steps) => {
    let x = 0;
    return { x: steps.map(([step]) => (x += step)), y: steps.map(([, value]) => value) };
  });

describe("reduce", () => {
  it("leaves a short line as it is", () => {
    expect(reduce([0, 1, 2], [[5, 6, 7]], 1, 4)).toEqual([0, 1, 2]);
  });

  it("keeps at most four rows of a pixel column, and one more where it shows a gap", () => {
    fc.assert(
      fc.property(line, fc.integer({ min: 1, max: 50 }), ({ x, y }, perPixel) => {
        const kept = reduce(x, [y], perPixel, 0);
        const columns = new Map<number, number[]>();
        for (const row of kept) {
          const column = Math.floor((x[row]! - x[0]!) / perPixel);
          columns.set(column, [...(columns.get(column) ?? []), row]);
        }
        for (const rows of columns.values()) {
          expect(rows.length).toBeLessThanOrEqual(4 + (rows.some((row) => y[row] === null) ? 1 : 0));
        }
        expect(kept).toEqual([...new Set(kept)].sort((a, b) => a - b));
      }),
    );
  });

  it("never drops the first, last, lowest or highest of a pixel column, nor its gap", () => {
    fc.assert(
      fc.property(line, fc.integer({ min: 1, max: 50 }), ({ x, y }, perPixel) => {
        const kept = new Set(reduce(x, [y], perPixel, 0));
        const columns = new Map<number, number[]>();
        for (let row = 0; row < x.length; row += 1) {
          const column = Math.floor((x[row]! - x[0]!) / perPixel);
          columns.set(column, [...(columns.get(column) ?? []), row]);
        }
        for (const rows of columns.values()) {
          const left = rows.filter((row) => kept.has(row));
          const values = (of: number[]) => of.map((row) => y[row]).filter((value) => value !== null) as number[];
          expect(left[0]).toBe(rows[0]);
          expect(left.at(-1)).toBe(rows.at(-1));
          expect(Math.max(...values(left))).toBe(Math.max(...values(rows)));
          expect(Math.min(...values(left))).toBe(Math.min(...values(rows)));
          expect(left.some((row) => y[row] === null)).toBe(rows.some((row) => y[row] === null));
        }
      }),
    );
  });

  it("keeps the extremes of every line that shares the rows", () => {
    const x = Array.from({ length: 1_000 }, (_, at) => at);
    const [a, b] = [x.map((at) => Math.sin(at)), x.map((at) => Math.cos(at * 3))];
    const kept = reduce(x, [a, b], 100, 0);
    for (const values of [a, b]) {
      expect(Math.max(...kept.map((row) => values[row]!))).toBe(Math.max(...values));
      expect(Math.min(...kept.map((row) => values[row]!))).toBe(Math.min(...values));
    }
    expect(kept.length).toBeLessThanOrEqual(6 * 10);
  });
});
