import { describe, expect, it } from "vitest";
import { gridFloor, onGrid, tickAbove, tickBelow } from "../../../src/sandbox/world/grid.js";
import { grids } from "../../../src/sandbox/world/price-structures.js";
import { DOLLAR } from "../../../src/units/price.js";

/** Every price of a grid, from the lowest up. */
function climb(grid: (typeof grids)[keyof typeof grids]): number[] {
  const prices: number[] = [];
  for (let price = tickAbove(grid, 0); price !== null; price = tickAbove(grid, price)) prices.push(price);
  return prices;
}

describe.each(Object.entries(grids))("the grid %s", (_name, grid) => {
  const prices = climb(grid);

  it("holds each price that climbing it meets, whole cents among them, and neither end", () => {
    expect(prices.every((price) => onGrid(grid, price))).toBe(true);
    for (let cent = 1; cent < 100; cent += 1) expect(prices).toContain(cent * 10_000);
    expect([0, DOLLAR, -10_000, DOLLAR + 10_000].some((price) => onGrid(grid, price))).toBe(false);
  });

  it("is the same going down as going up", () => {
    const down: number[] = [];
    for (let price = tickBelow(grid, DOLLAR); price !== null; price = tickBelow(grid, price)) down.push(price);
    expect(down.reverse()).toEqual(prices);
  });

  it("floors what lies between two prices to the lower, and to nothing below the first", () => {
    for (const price of prices) {
      expect(gridFloor(grid, price)).toBe(price);
      expect(gridFloor(grid, price + 1)).toBe(price);
      expect(onGrid(grid, price + 1)).toBe(false);
    }
    expect(gridFloor(grid, prices[0]! - 1)).toBeNull();
  });
});
