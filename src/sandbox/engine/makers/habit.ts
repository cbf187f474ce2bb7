import { DOLLAR, type Price } from "../../../units/price.js";
import type { Grid } from "../../world/grid.js";
import type { BookSide } from "../matching.js";
import type { Temper } from "./temper.js";
import { away, roomFrom, ticksOf } from "./ticks.js";

const CENT: Price = 10_000;
/** Up to here from the best a price has as many orders as the temper says; further out, as many as make up the levels. */
const NEAR: Price = 9 * CENT;
/** The share of prices that have orders, at the most. */
const MOST_FILLED = 0.62;
/** A side that is worth less than this thins out. */
const HOPEFUL: Price = 40 * CENT;

/** How many orders stand at a price of a side in the mean. `top` is the side's best. */
export function usualOrders(grid: Grid, temper: Temper, side: BookSide, price: Price, top: Price): number {
  if (price === top) return temper.near;
  const ticks = ticksOf(grid);
  const hope = Math.min(1, (side === "bid" ? top : DOLLAR - top) / HOPEFUL);
  const filled = Math.min(MOST_FILLED, temper.levels / Math.max(roomFrom(ticks, side, top), 1));
  const far = -Math.log(1 - hope * filled);
  if (Math.abs(price - top) > NEAR) return far;
  const inner = away(ticks, side === "bid" ? "ask" : "bid", price, 1);
  return Math.max(far, (temper.near * Math.abs(inner - price)) / CENT);
}

/** How likely it is that one more order comes to a price that has so many, rather than that one goes. */
export function welcome(orders: number, usual: number): number {
  return usual / (Math.max(1, orders) + usual);
}
