import { describe, expect, it } from "vitest";
import { calibration } from "../../src/charts/calibration.js";
import { drawn, rowsOf } from "./drawing.js";
import { calibrationBins } from "./forecast-samples.js";

interface Mark {
  readonly x: number;
  readonly y: number;
  readonly y2: number;
  readonly height: number;
  readonly datum: Readonly<Record<string, number>>;
}

describe("chart.calibration", () => {
  it("draws a point, a band and a bar of counts for every bin, beside the diagonal", async () => {
    const made = calibrationBins();
    const { spec } = calibration(made);
    const points = (await drawn(spec, "symbol")) as unknown as Mark[];
    const [diagonal, ...bands] = (await drawn(spec, "rule")) as unknown as Mark[];
    const bars = (await drawn(spec, "rect")) as unknown as Mark[];
    expect([points.length, bands.length, bars.length]).toEqual([10, 10, 10]);
    const byPrice = made.orderby("mean_price");
    expect(points.map(({ datum }) => datum.outcome_rate)).toEqual(byPrice.array("outcome_rate"));
    // Half way up the plot is half of the probability.
    const [width, height] = [440, 380];
    for (const { x, y, datum } of points) {
      expect(x).toBeCloseTo(datum.mean_price! * width, 6);
      expect(y).toBeCloseTo((1 - datum.outcome_rate!) * height, 6);
    }
    for (const { y, y2, datum } of bands) {
      expect(Math.max(y, y2)).toBeCloseTo((1 - datum.low!) * height, 6);
      expect(Math.min(y, y2)).toBeCloseTo((1 - datum.high!) * height, 6);
    }
    const unit = bars[0]!.height / bars[0]!.datum.forecasts!;
    for (const { height: tall, datum } of bars) expect(tall).toBeCloseTo(datum.forecasts! * unit, 6);
    expect(diagonal).toMatchObject({ x: 0, y: height });
  });

  it("joins no points across prices of which there is no forecast", async () => {
    const bins = calibrationBins();
    const lines = async (some: typeof bins) =>
      new Set((await drawn(calibration(some).spec, "line")).map((item) => (item as unknown as Mark).datum.run));
    expect(await lines(bins)).toHaveProperty("size", 1);
    expect(
      await lines(bins.filter((row: { price_from: number }) => row.price_from < 0.25 || row.price_from > 0.65)),
    ).toHaveProperty("size", 2);
  });

  it("draws several times before close as lines of their own, in the order of the table, their bands side by side", async () => {
    const chart = calibration(calibrationBins(["24h", "6h", "1h"]));
    expect(await drawn(chart.spec, "symbol")).toHaveLength(30);
    expect(new Set(rowsOf(chart.spec).map(({ before }) => before))).toEqual(new Set(["24h", "6h", "1h"]));
    const svg = await chart.svg();
    expect(svg.indexOf(">24h<")).toBeLessThan(svg.indexOf(">6h<"));
    expect(svg.indexOf(">6h<")).toBeLessThan(svg.indexOf(">1h<"));
    const counts = rowsOf(chart.spec).filter(({ bin }) => bin === "$0 to $0.1");
    expect(counts.map(({ bar_low }) => bar_low)).toEqual([0, counts[0]!.bar_high, counts[1]!.bar_high]);
  });

  it("says how its bands were made and how many forecasts there are", () => {
    const made = calibrationBins();
    const forecasts = (made.array("forecasts") as number[]).reduce((sum, one) => sum + one, 0);
    const title = JSON.stringify(calibration(made).spec.title);
    expect(title).toContain(`${forecasts} forecasts`);
    expect(title).toContain("95 % bands by Wilson");
    const bare = made.select("price_from", "price_to", "forecasts", "mean_price", "outcome_rate", "low", "high");
    expect(JSON.stringify(calibration(bare).spec.title)).not.toContain("bands");
    const other = made.derive({ band: () => "bootstrap by event", confidence: () => 0.9 });
    expect(JSON.stringify(calibration(made.concat(other)).spec.title)).toContain(
      "95 % bands by Wilson, 90 % bands by bootstrap by event",
    );
  });

  it("draws a bin without a band as a point alone", async () => {
    const bare = calibrationBins().derive({ low: () => null, high: () => null });
    const { spec } = calibration(bare);
    expect(await drawn(spec, "rule")).toHaveLength(1);
    expect(await drawn(spec, "symbol")).toHaveLength(10);
  });

  it("refuses a table without bins", () => {
    expect(() => calibration(calibrationBins().slice(0, 0))).toThrow(expect.objectContaining({ code: "CHART_EMPTY" }));
    expect(() => calibration(calibrationBins().select("before"))).toThrow(
      expect.objectContaining({ code: "COLUMN_MISSING" }),
    );
  });
});
