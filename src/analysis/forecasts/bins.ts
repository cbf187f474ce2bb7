import { KalshiError } from "../../errors.js";
import { DOLLAR, type Price } from "../../units/price.js";

export interface BinOptions {
  /** How many bins. Default 10. */
  readonly bins?: number | undefined;
  /** `width`, the default: equally wide; `count`: about equally many forecasts in each, forecasts of one price always together. */
  readonly method?: "width" | "count" | undefined;
}

/** A bin of prices that has forecasts. */
export interface Bin {
  /** From 1. */
  readonly bin: number;
  /** Edges in dollars. */
  readonly from: number;
  readonly to: number;
  /** Which of the forecasts are in it. */
  readonly members: readonly number[];
}

/**
 * Forecasts by bins of their price, ascending; bins without forecasts are left out. Equally wide ones hold the prices from their lower edge
 * on to below the upper one, the last also $1; by count a bin's edges are the lowest and the highest price in it, and there are fewer than
 * asked for where many forecasts have one price.
 *
 * @throws KalshiError `BAD_ARGUMENT`
 */
export function binsOf(prices: readonly Price[], { bins = 10, method = "width" }: BinOptions): Bin[] {
  if (!Number.isInteger(bins) || bins < 1 || (method !== "width" && method !== "count")) throw noBins(bins, method);
  const places = method === "width" ? prices.map((price) => placeByWidth(price, bins)) : placesByCount(prices, bins);
  const members = new Map<number, number[]>();
  for (const [at, place] of places.entries()) {
    const found = members.get(place);
    if (found === undefined) members.set(place, [at]);
    else found.push(at);
  }
  return [...members]
    .sort(([a], [b]) => a - b)
    .map(([place, found], at) => {
      if (method === "width") return { bin: place + 1, from: place / bins, to: (place + 1) / bins, members: found };
      const own = found.map((one) => prices[one]!);
      const edge = (pick: (a: number, b: number) => number) => own.reduce(pick) / DOLLAR;
      return { bin: at + 1, from: edge((a, b) => Math.min(a, b)), to: edge((a, b) => Math.max(a, b)), members: found };
    });
}

/** A bin for every distinct price. */
export function binsByValue(prices: readonly Price[]): (readonly number[])[] {
  const members = new Map<Price, number[]>();
  for (const [at, price] of prices.entries()) {
    const found = members.get(price);
    if (found === undefined) members.set(price, [at]);
    else found.push(at);
  }
  return [...members.values()];
}

function placeByWidth(price: Price, bins: number): number {
  return Math.min(bins - 1, Math.floor((price * bins) / DOLLAR));
}

/** All forecasts of a price go where the first of them would go, were they dealt out in order. */
function placesByCount(prices: readonly Price[], bins: number): number[] {
  const sorted = [...prices].sort((a, b) => a - b);
  const first = new Map<Price, number>();
  for (const [rank, price] of sorted.entries()) if (!first.has(price)) first.set(price, rank);
  return prices.map((price) => Math.floor((first.get(price)! * bins) / prices.length));
}

function noBins(bins: number, method: string): KalshiError {
  return new KalshiError("BAD_ARGUMENT", `no bins: ${bins} by ${method}`, {
    hint: 'give { bins: 10, method: "width" } or "count"; one bin or more',
    context: { bins, method },
  });
}
