/** An exact running sum of integers: a float64 part while that is exact, folded into a bigint before it would not be. */
export class ExactSum {
  #low = 0;
  #high = 0n;

  add(value: number | bigint): void {
    if (typeof value === "bigint") {
      this.#high += value;
      return;
    }
    const sum = this.#low + value;
    if (Number.isSafeInteger(sum)) {
      this.#low = sum;
      return;
    }
    this.#high += BigInt(this.#low);
    this.#low = value;
  }

  /** Adds a product of two safe integers. */
  addProduct(a: number, b: number): void {
    this.add(product(a, b));
  }

  value(): bigint {
    return this.#low === 0 ? this.#high : this.#high + BigInt(this.#low);
  }

  /** As a number where it is exact, else as a bigint. Cheaper than {@link value} in a loop. */
  read(): number | bigint {
    if (this.#high === 0n) return this.#low;
    const value = this.value();
    return value <= MAX_SAFE && value >= -MAX_SAFE ? Number(value) : value;
  }
}

const MAX_SAFE = BigInt(Number.MAX_SAFE_INTEGER);

/** The exact difference of two integers: a number while it is one and both were, else a bigint. */
export function difference(a: number | bigint, b: number | bigint): number | bigint {
  if (typeof a === "number" && typeof b === "number") {
    const result = a - b;
    if (Number.isSafeInteger(result)) return result;
  }
  return BigInt(a) - BigInt(b);
}

/** The exact product of two safe integers: a number while it is one, else a bigint. */
export function product(a: number, b: number): number | bigint {
  const result = a * b;
  return Number.isSafeInteger(result) ? result : BigInt(a) * BigInt(b);
}

/** An integer of `10^-decimals` dollars as micro-dollars, rounded half away from zero. `decimals` is 6 to 20. */
export function toMicros(value: number | bigint, decimals: number): number {
  if (typeof value === "bigint" || decimals > 8) return bigToMicros(BigInt(value), decimals);
  const unit = decimals === 8 ? 100 : 10 ** (decimals - 6);
  const whole = Math.trunc(value / unit);
  // The quotient may round up to the next integer, which the remainder then shows by its sign.
  const rest = value - whole * unit;
  if (2 * Math.abs(rest) < unit) return whole === 0 ? 0 : whole;
  return whole + Math.sign(rest);
}

/** What a micro-dollar has of finer decimals, and the half of it, by how many they are: powers of bigints are slow. */
const microUnits = Array.from({ length: 15 }, (_, finer) => ({
  unit: 10n ** BigInt(finer),
  half: 10n ** BigInt(finer) / 2n,
}));

function bigToMicros(value: bigint, decimals: number): number {
  const { unit, half } = microUnits[decimals - 6]!;
  // Division cuts toward zero.
  return Number((value < 0n ? value - half : value + half) / unit);
}

/** The mean of two integers, not below zero, by their weights: exact, then rounded half up to an integer. The weights' sum is positive. */
export function weightedMean(a: number, weightOfA: number, b: number, weightOfB: number): number {
  const sum = new ExactSum();
  sum.addProduct(a, weightOfA);
  sum.addProduct(b, weightOfB);
  return quotient(sum.read(), weightOfA + weightOfB);
}

/** A quotient of integers, not below zero, rounded half up; `divisor` is positive. */
export function quotient(value: number | bigint, divisor: number): number {
  if (typeof value === "bigint") return Number(divide(value, BigInt(divisor)));
  // The division may round up to the next integer; the remainder, which is exact, says so.
  let whole = Math.floor(value / divisor);
  let rest = value - whole * divisor;
  if (rest < 0) {
    whole -= 1;
    rest += divisor;
  }
  return rest * 2 >= divisor ? whole + 1 : whole;
}

/** A quotient of bigints rounded half away from zero; `divisor` is positive. */
export function divide(value: bigint, divisor: bigint): bigint {
  const half = divisor / 2n;
  // Division cuts toward zero.
  return (value < 0n ? value - half : value + half) / divisor;
}
