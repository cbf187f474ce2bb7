import { describe, expect, it } from "vitest";
import { onGrid } from "../../../src/sandbox/world/grid.js";
import { type GridLabel, gridLabels, grids, priceRanges } from "../../../src/sandbox/world/price-structures.js";
import { parsePrice } from "../../../src/units/price.js";
import { codeOf, limit } from "../../support/orders.js";
import { MEMBER, tinyEngine, tinyMarket, tinyWorld } from "../../support/tiny-world.js";

/** Of each structure prices that an order may name, and near ones that it may not: at both edges, and in the middle. */
const prices: Readonly<Record<GridLabel, readonly [on: readonly string[], off: readonly string[]]>> = {
  linear_cent: [
    ["0.01", "0.50", "0.99"],
    ["0.005", "0.505", "0.995"],
  ],
  deci_cent: [
    ["0.001", "0.501", "0.999"],
    ["0.0005", "0.5005", "0.9995"],
  ],
  tapered_deci_cent: [
    ["0.001", "0.099", "0.10", "0.11", "0.90", "0.901"],
    ["0.0995", "0.101", "0.505", "0.899", "0.9005"],
  ],
  center_whole_edge_half_cent: [
    ["0.005", "0.095", "0.10", "0.11", "0.905"],
    ["0.001", "0.105", "0.895", "0.901"],
  ],
  center_whole_edge_quint_cent: [
    ["0.002", "0.098", "0.11", "0.902"],
    ["0.001", "0.005", "0.102", "0.505", "0.901"],
  ],
  center_half_edge_half_cent: [
    ["0.005", "0.505", "0.995"],
    ["0.001", "0.502", "0.999"],
  ],
  center_half_edge_quint_cent: [
    ["0.002", "0.105", "0.895", "0.902"],
    ["0.001", "0.102", "0.898", "0.905"],
  ],
  center_half_edge_deci_cent: [
    ["0.001", "0.105", "0.901"],
    ["0.0005", "0.101", "0.899"],
  ],
  center_quint_edge_quint_cent: [
    ["0.002", "0.502", "0.998"],
    ["0.001", "0.505", "0.999"],
  ],
  center_quint_edge_deci_cent: [
    ["0.001", "0.102", "0.898", "0.901"],
    ["0.0005", "0.101", "0.899"],
  ],
  center_centi_edge_centi_cent: [
    ["0.0001", "0.5001", "0.9999"],
    ["0.00005", "0.50005"],
  ],
  center_deci_edge_centi_cent: [
    ["0.0001", "0.0099", "0.01", "0.011", "0.9901"],
    ["0.00005", "0.0101", "0.9899"],
  ],
};

describe.each(gridLabels)("the price structure %s", (label) => {
  const [on, off] = prices[label];

  it("takes orders on its steps and refuses those between them", () => {
    const tiny = tinyWorld([tinyMarket({ ticker: "T", grid: label })]);
    const engine = tinyEngine(tiny);
    const answer = (price: string) => codeOf(() => engine.place(MEMBER.userId, "T", limit("bid", price, 0.01)));
    expect(on.map(answer)).toEqual(on.map(() => "accepted"));
    expect(off.map(answer)).toEqual(off.map(() => "invalid_price"));
    expect(["0", "1", "-0.01", "1.01"].map(answer)).toEqual(Array(4).fill("invalid_price"));
  });

  it("has every whole cent, and bands that reach from nothing to the dollar without a hole", () => {
    const grid = grids[label];
    for (let cents = 1; cents <= 99; cents += 1) expect(onGrid(grid, cents * 10_000)).toBe(true);
    const ranges = priceRanges(grid) as { start: string; end: string; step: string }[];
    expect([ranges[0]!.start, ranges.at(-1)!.end]).toEqual(["0.0000", "1.0000"]);
    for (const [at, { end }] of ranges.slice(0, -1).entries()) expect(ranges[at + 1]!.start).toBe(end);
    for (const { step } of ranges) expect(parsePrice(step)).toBeGreaterThan(0);
  });

  it("looks the same from the NO side", () => {
    const grid = grids[label];
    for (let price = 100; price < 1_000_000; price += 100) {
      if (onGrid(grid, price) !== onGrid(grid, 1_000_000 - price)) throw new Error(`${price} has no complement`);
    }
  });
});
