import type { StrikePlan } from "../plan.js";
import type { GridLabel } from "../price-structures.js";
import type { Random } from "../random.js";

/**
 * Markets for the one of many who wins, some favoured and most hardly. Each owns a piece of the line as wide as its chance; the
 * final value, normal around 0 with an error of 1, falls into one of them.
 */
export function candidates(random: Random, names: readonly string[], kind: string, grid: GridLabel) {
  const weights = names.map(() => Math.exp(1.6 * random.normal()));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const final = random.normal();
  let passed = 0;
  const strikes = names.map((name, i): StrikePlan => {
    const low = i === 0 ? Number.NEGATIVE_INFINITY : quantileOfNormal(passed / total);
    passed += weights[i] as number;
    const high = i === names.length - 1 ? Number.POSITIVE_INFINITY : quantileOfNormal(passed / total);
    return {
      suffix: name.toUpperCase().slice(0, 4),
      label: name,
      low,
      high,
      wire: { custom_strike: { [kind]: name }, strike_type: "custom" },
      grid,
    };
  });
  const winner = strikes.find(({ low, high }) => final > low && final <= high)?.label ?? "";
  return { strikes, final, winner };
}

/** Below what value a normal variable stays with this chance, to three digits (Hastings). */
function quantileOfNormal(chance: number): number {
  const tail = Math.min(chance, 1 - chance);
  const t = Math.sqrt(-2 * Math.log(tail));
  const z = t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
  return chance < 0.5 ? -z : z;
}
