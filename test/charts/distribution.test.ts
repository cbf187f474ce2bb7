import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { distribution } from "../../src/charts/distribution.js";
import { levelled } from "../../src/charts/stacked-labels.js";
import { drawn, rowsOf } from "./drawing.js";
import { implied, ranges } from "./forecast-samples.js";

interface Mark {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly text: string;
  readonly datum: Readonly<Record<string, number>>;
}

describe("chart.distribution", () => {
  it("draws a bar for every range, between its edges and as high as it is probable", async () => {
    const { spec } = distribution({ table: ranges() });
    const bars = (await drawn(spec, "rect")) as unknown as Mark[];
    expect(bars.map(({ datum }) => datum.probability)).toEqual(ranges().array("probability"));
    const unit = bars[0]!.height / bars[0]!.datum.probability!;
    for (const [at, { x, width, height, datum }] of bars.entries()) {
      expect(x).toBeCloseTo((at * 640) / 6, 6);
      expect(width).toBeCloseTo(640 / 6, 6);
      expect(height).toBeCloseTo(datum.probability! * unit, 6);
    }
    const shares = (await drawn(spec, "text")) as unknown as Mark[];
    expect(shares.map(({ text }) => text)).toEqual(["2.0%", "11.0%", "36.0%", "34.0%", "12.5%", "4.5%"]);
  });

  it("says what was done to the prices where a bar is not its market's", () => {
    const title = (more: object) => JSON.stringify(distribution({ table: ranges(), ...more }).spec.title);
    expect(title({ sum: 1, repaired: 0, unpriced: 0, exhaustive: true })).not.toMatch(/add up|without a price|covers/);
    expect(title({ sum: 1.97, repaired: 0.44 })).toContain("prices add up to 197 %, and are divided by that");
    expect(title({ sum: null, repaired: 0.02 })).toContain("are levelled, by 2 % at most");
    expect(title({ sum: 1, unpriced: 1 })).toContain("1 market without a price, taken for impossible");
    expect(title({ exhaustive: false })).toContain("no market covers");
  });

  it("names open ranges by their one edge, draws them as wide as others, and says that they are open", () => {
    const chart = distribution({ table: ranges().select("value_from", "value_to", "probability") });
    expect(rowsOf(chart.spec).map(({ label }) => label)).toEqual([
      "below 37",
      "37 to 39",
      "39 to 41",
      "41 to 43",
      "43 to 45",
      "45 and above",
    ]);
    expect(rowsOf(chart.spec).map(({ left, right }) => (right as number) - (left as number))).toEqual(Array(6).fill(2));
    expect(JSON.stringify(chart.spec.title)).toContain("pale where a range is open");
  });

  it("draws a line with its value at the mean and at each quantile", async () => {
    const { spec } = distribution(implied(), { quantity: "temperature (°F)" });
    const rules = (await drawn(spec, "rule")) as unknown as Mark[];
    expect(rules.map(({ datum }) => datum.value)).toEqual([37.5, 39.4, 41.0375, 41.1, 42.6, 45.1]);
    for (const { x, datum } of rules) expect(x).toBeCloseTo(((datum.value! - 35) / 12) * 640, 6);
    const texts = ((await drawn(spec, "text")) as unknown as Mark[]).map(({ text }) => text);
    expect(texts).toEqual(expect.arrayContaining(["mean 41.04", "median 41.10", "5% 37.50", "95% 45.10"]));
    expect(await drawn(distribution(implied(), { quantiles: [0.5] }).spec, "rule")).toHaveLength(2);
  });

  it("puts no line through a bar's own number where the bar has room beside it", async () => {
    // Lines through the middles of bars, and one where a bar has no room.
    for (const at of [38, 40, 42.2, 36, 41.5]) {
      const { spec } = distribution({ ...implied(), mean: at, quantile: () => null }, { width: 640 });
      const shares = ((await drawn(spec, "text")) as unknown as Mark[]).filter(({ text }) => /^[\d.]+%$/.test(text));
      const [line] = (await drawn(spec, "rule")) as unknown as Mark[];
      expect(shares.length).toBeGreaterThan(0);
      for (const { x } of shares) expect(Math.abs(x - line!.x)).toBeGreaterThanOrEqual(22 - 1e-6);
    }
    const narrow = distribution({ ...implied(), mean: 40, quantile: () => null }, { width: 180 });
    const [bars, texts] = [await drawn(narrow.spec, "rect"), await drawn(narrow.spec, "text")] as unknown as [
      Mark[],
      Mark[],
    ];
    const bar = bars.find(({ datum }) => datum.left === 39)!;
    const share = texts.find(({ datum }) => datum.left === 39)!;
    expect(share.x).toBeCloseTo(bar.x + bar.width / 2, 6);
  });

  it("draws an open range as far as it is assumed to reach", () => {
    const wide = ranges().derive({
      assumed_from: (row: { assumed_from: number }) => (row.assumed_from === 35 ? 30 : row.assumed_from),
    });
    expect(rowsOf(distribution({ table: wide }).spec)[0]).toMatchObject({ left: 30, right: 37, open: true });
  });

  it("leaves out ranges without a probability, and refuses a table without any", () => {
    const some = ranges().derive({
      probability: (row: { probability: number }) => (row.probability < 0.03 ? null : row.probability),
    });
    expect(rowsOf(distribution({ table: some }).spec)).toHaveLength(5);
    expect(() => distribution({ table: ranges().derive({ probability: () => null }) })).toThrow(
      expect.objectContaining({ code: "CHART_EMPTY" }),
    );
    expect(() => distribution({ table: ranges().select("value_from") })).toThrow(
      expect.objectContaining({ code: "COLUMN_MISSING" }),
    );
  });
});

describe("levelled", () => {
  it("puts no two labels on each other, nor a line through one", () => {
    const anyLines = fc.array(fc.integer({ min: 0, max: 640 }), { maxLength: 12 });
    fc.assert(
      fc.property(anyLines, (pixels) => {
        const labels = levelled(
          pixels.map((pixel) => ({ name: "a", width: 54, value: pixel, dashed: true, at: pixel, pixel })),
        );
        expect(labels.map(({ pixel }) => pixel)).toEqual([...pixels].sort((a, b) => a - b));
        for (const [i, a] of labels.entries()) {
          for (const b of labels.slice(i + 1)) {
            if (a.level === b.level) expect(b.pixel - a.pixel).toBeGreaterThanOrEqual(54);
            // A line runs from its own label down: it crosses those of its row and below.
            if (b.pixel > a.pixel && b.pixel < a.pixel + 54) expect(b.level).toBeGreaterThan(a.level);
          }
          // And no lower than it must.
          const above = labels.slice(0, i).filter((b) => b.level === a.level - 1 && b.pixel + 54 > a.pixel);
          if (a.level > 0) expect(above.length).toBeGreaterThan(0);
        }
      }),
    );
  });
});
