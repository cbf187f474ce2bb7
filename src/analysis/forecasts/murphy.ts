import { DOLLAR, type Price } from "../../units/price.js";

/** The parts of a Brier score: `brier = reliability − resolution + uncertainty + withinVariance − withinCovariance`. */
export interface Murphy {
  readonly brier: number;
  readonly reliability: number;
  readonly resolution: number;
  readonly uncertainty: number;
  readonly withinVariance: number;
  readonly withinCovariance: number;
}

/**
 * The Brier score of forecasts and its parts over groups of them. Grouped by value the last two parts are 0 and what is left is Murphy's
 * identity; in bins they are what prices that differ within a bin add. Uncertainty is the variance of the outcomes, which for outcomes of 0
 * and 1 is `rate × (1 − rate)`, so that the identity holds for values between them too. Sums are of exact integers; each part is rounded
 * once, or once a group.
 *
 * @see Murphy, J. Appl. Meteorol. 12 (1973) 595; Stephenson, Coelho and Jolliffe, Weather and Forecasting 23 (2008) 752
 */
export function murphy(
  prices: readonly Price[],
  outcomes: readonly Price[],
  groups: readonly (readonly number[])[],
): Murphy {
  const all = sumsOf(prices, outcomes, [...prices.keys()]);
  let [reliability, resolution, withinVariance, withinCovariance] = [0, 0, 0, 0];
  for (const members of groups) {
    const { n, p, o, pp, po } = sumsOf(prices, outcomes, members);
    reliability += ratio((p - o) ** 2n, n);
    resolution += ratio((o * all.n - n * all.o) ** 2n, n * all.n * all.n);
    withinVariance += ratio(n * pp - p * p, n);
    withinCovariance += ratio(2n * (n * po - p * o), n);
  }
  const of = (sum: number) => sum / Number(all.n) / SQUARE;
  return {
    brier: of(Number(all.pp - 2n * all.po + all.oo)),
    reliability: of(reliability),
    resolution: of(resolution),
    uncertainty: of(ratio(all.n * all.oo - all.o * all.o, all.n)),
    withinVariance: of(withinVariance),
    withinCovariance: of(withinCovariance),
  };
}

/** A square dollar in square micro-dollars. */
const SQUARE = DOLLAR * DOLLAR;

function sumsOf(prices: readonly Price[], outcomes: readonly Price[], members: readonly number[]) {
  let [p, o, pp, po, oo] = [0n, 0n, 0n, 0n, 0n];
  for (const at of members) {
    const price = BigInt(prices[at]!);
    const outcome = BigInt(outcomes[at]!);
    p += price;
    o += outcome;
    pp += price * price;
    po += price * outcome;
    oo += outcome * outcome;
  }
  return { n: BigInt(members.length), p, o, pp, po, oo };
}

/** A quotient of bigints as a number: the whole part exactly, then the rest. */
function ratio(value: bigint, by: bigint): number {
  const whole = value / by;
  return Number(whole) + Number(value - whole * by) / Number(by);
}
