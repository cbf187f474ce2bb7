import { KalshiError } from "../../errors.js";

/**
 * Wilson's score interval of a share: all rates that `rate` of `n` does not contradict at the confidence. For shares of values between 0
 * and 1, which vary less than those of 0 and 1, it is no narrower than it should be.
 *
 * @see Wilson, J. Am. Stat. Assoc. 22 (1927) 209
 */
export function wilson(rate: number, n: number, confidence: number): { low: number; high: number } {
  const z = normalQuantile((1 + confidence) / 2);
  const z2 = z * z;
  const centre = (rate + z2 / (2 * n)) / (1 + z2 / n);
  const half = (z * Math.sqrt((rate * (1 - rate)) / n + z2 / (4 * n * n))) / (1 + z2 / n);
  return { low: Math.max(0, Math.min(rate, centre - half)), high: Math.min(1, Math.max(rate, centre + half)) };
}

/** @throws KalshiError `BAD_ARGUMENT` */
export function readConfidence(confidence: number): number {
  if (confidence >= 0.5 && confidence <= 0.9999) return confidence;
  throw new KalshiError("BAD_ARGUMENT", `no confidence: ${confidence}`, {
    hint: "give 0.95, or another from 0.5 to 0.9999",
    context: { confidence },
  });
}

/** The value below which a standard normal one lies with the probability, which is from 0.5 to 0.99995: Newton's steps on the integral. */
export function normalQuantile(probability: number): number {
  let z = 0;
  for (let step = 0; step < 50; step += 1) {
    const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
    const next = z + (probability - normalIntegral(z, density)) / density;
    // The integral is concave above 0: steps rise to the value and never pass it by more than rounding.
    if (Math.abs(next - z) < 1e-14) return next;
    z = next;
  }
  return z;
}

/** ½ + φ(z) (z + z³/3 + z⁵/(3·5) + …), all terms positive. */
function normalIntegral(z: number, density: number): number {
  let [term, sum] = [z, z];
  for (let odd = 3; term > sum * 1e-17; odd += 2) {
    term *= (z * z) / odd;
    sum += term;
  }
  return 0.5 + density * sum;
}
