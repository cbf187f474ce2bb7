import type { Count } from "../../units/count.js";
import { type Amount, notional } from "../../units/money.js";
import { complement, DOLLAR, type Price } from "../../units/price.js";
import { type FeeSchedule, fillFee, modelFactor } from "../fees/fee.js";

/** What one side of a market is offered at: levels in the price of that side, cheapest first. */
export interface Leg {
  readonly ticker: string;
  readonly side: "yes" | "no";
  readonly levels: readonly { readonly price: Price; readonly count: Count }[];
}

/** Legs that together pay at least so much, whatever happens. */
export interface Bundle {
  readonly kind: "yes of all" | "no of all" | "pair";
  readonly legs: readonly Leg[];
  /**
   * `equal`: as many contracts of every leg, of which at least one pays. `most`: up to as many of each leg as it has, of which at most the
   * largest does not pay.
   */
  readonly size: "equal" | "most";
}

/** A leg as it is bought. Money in 1e-8 dollars. */
export interface BoughtLeg {
  readonly leg: Leg;
  readonly count: Count;
  readonly cost: Amount;
  readonly fee: Amount;
  /** The dearest level, in the side's own price. */
  readonly worst: Price;
}

/** A bundle as it is bought. */
export interface Bought {
  readonly count: Count;
  readonly legs: readonly BoughtLeg[];
  readonly payout: Amount;
  readonly profit: Amount;
}

/** The most that is looked at on either side of the best number by the model. */
const MOST_STEPS = 20_000;

/**
 * The number of contracts, in whole steps, at which a bundle's certain profit is greatest, exact with every rounding of fees; of equal
 * profits the fewest contracts. Null where no number has a profit. `isProven` is false where so many numbers were nearly as good that not
 * all of them were tried.
 */
export function bestOf(
  bundle: Bundle,
  schedule: FeeSchedule,
  step: Count,
): { readonly bought: Bought; readonly isProven: boolean } | null {
  const depths = bundle.legs.map(({ levels }) => levels.reduce((sum, { count }) => sum + count, 0));
  const deepest = bundle.size === "equal" ? Math.min(...depths) : Math.max(...depths);
  const most = Math.floor(deepest / step);
  if (most < 1) return null;
  // Without rounding profit is concave in the number: it rises to the top at some level's end, and falls from there.
  const model = modelOf(bundle, schedule);
  const ends = bundle.legs.flatMap(({ levels }) => {
    let sum = 0;
    return levels.flatMap(({ count }) => {
      sum += count;
      return [Math.floor(sum / step), Math.ceil(sum / step)];
    });
  });
  const candidates = [...new Set([1, most, ...ends.filter((one) => one >= 1 && one <= most)])];
  const top = candidates.reduce((best, one) => (model(one * step) > model(best * step) ? one : best));
  let best: Bought | null = null;
  let isProven = true;
  const consider = (steps: number): boolean => {
    // Rounding only takes: what the model does not promise cannot be.
    const promised = model(steps * step);
    if (promised <= 0 || (best !== null && promised < Number(best.profit) - 1)) return false;
    const bought = buy(bundle, schedule, steps * step);
    const gain = best === null ? bought.profit : bought.profit - best.profit;
    if (gain > 0n || (gain === 0n && best !== null && bought.count < best.count)) best = bought;
    return true;
  };
  for (const way of [-1, 1]) {
    let tried = 0;
    for (let steps = way < 0 ? top : top + 1; steps >= 1 && steps <= most; steps += way) {
      if (!consider(steps)) break;
      tried += 1;
      if (tried < MOST_STEPS) continue;
      isProven = false;
      break;
    }
  }
  return best === null ? null : { bought: best, isProven };
}

/** A bundle of a number of contracts, with its exact fees: one order a leg, one fill a level. */
export function buy(bundle: Bundle, schedule: FeeSchedule, count: Count): Bought {
  const all = bundle.legs.map((leg) => buyLeg(leg, schedule, count));
  // A leg that costs more than all it can pay is left out.
  const legs = bundle.size === "equal" ? all : all.filter((one) => gainOf(one) > 0n);
  const paid = legs.reduce((sum, { cost, fee }) => sum + cost + fee, 0n);
  const contracts = legs.reduce((sum, one) => sum + one.count, 0);
  const largest = legs.reduce((most, one) => Math.max(most, one.count), 0);
  const payout = notional(DOLLAR, bundle.size === "equal" ? count : contracts - largest);
  return { count: bundle.size === "equal" ? count : largest, legs, payout, profit: payout - paid };
}

function gainOf({ count, cost, fee }: BoughtLeg): Amount {
  return notional(DOLLAR, count) - cost - fee;
}

function buyLeg(leg: Leg, schedule: FeeSchedule, count: Count): BoughtLeg {
  let [left, bought, cost, fee, carried, worst]: [Count, Count, Amount, Amount, Amount, Price] = [
    ...([count, 0, 0n, 0n, 0n, 0] as const),
  ];
  for (const level of leg.levels) {
    if (left === 0) break;
    const taken = Math.min(left, level.count);
    const price = leg.side === "yes" ? level.price : complement(level.price);
    const one = fillFee(
      schedule,
      { bookSide: leg.side === "yes" ? "bid" : "ask", price, count: taken, role: "taker" },
      carried,
    );
    carried = one.carried;
    fee += one.net;
    cost += notional(level.price, taken);
    worst = level.price;
    bought += taken;
    left -= taken;
  }
  return { leg, count: bought, cost, fee, worst };
}

/** Profit of a number of contracts in 1e-8 dollars with fees as the model has them, without any rounding: never below the exact one. */
function modelOf({ legs, size }: Bundle, schedule: FeeSchedule): (count: Count) => number {
  const rate = modelFactor(schedule, "taker");
  const costOf = ({ levels }: Leg, count: Count): { cost: number; bought: Count } => {
    let [left, cost] = [count, 0];
    for (const { price, count: there } of levels) {
      if (left === 0) break;
      const taken = Math.min(left, there);
      cost += taken * (price + (rate * price * (DOLLAR - price)) / DOLLAR);
      left -= taken;
    }
    return { cost, bought: count - left };
  };
  return (count) => {
    const parts = legs.map((leg) => costOf(leg, count));
    if (size === "equal") return count * DOLLAR - parts.reduce((sum, { cost }) => sum + cost, 0);
    const gain = parts.reduce((sum, { cost, bought }) => sum + Math.max(0, bought * DOLLAR - cost), 0);
    return gain - count * DOLLAR;
  };
}
