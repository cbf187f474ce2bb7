/** Exact fractions in bigints, slow and plain, as a reference for what must be exact. */
export interface Fraction {
  readonly over: bigint;
  readonly under: bigint;
}

export function fraction(over: bigint, under = 1n): Fraction {
  const divisor = gcd(over < 0n ? -over : over, under);
  return { over: over / divisor, under: under / divisor };
}

export const add = (a: Fraction, b: Fraction): Fraction =>
  fraction(a.over * b.under + b.over * a.under, a.under * b.under);
export const times = (a: Fraction, b: Fraction): Fraction => fraction(a.over * b.over, a.under * b.under);
export const minus = (a: Fraction, b: Fraction): Fraction => add(a, { over: -b.over, under: b.under });
export const over = (a: Fraction, b: Fraction): Fraction =>
  b.over < 0n ? fraction(-a.over * b.under, a.under * -b.over) : fraction(a.over * b.under, a.under * b.over);
export const compare = (a: Fraction, b: Fraction): number => {
  const difference = a.over * b.under - b.over * a.under;
  return difference === 0n ? 0 : difference < 0n ? -1 : 1;
};

/** Six decimals, rounded half away from zero. */
export function six({ over: value, under }: Fraction): string {
  const magnitude = value < 0n ? -value : value;
  const rounded = (2n * magnitude * 1_000_000n + under) / (2n * under);
  const digits = rounded.toString().padStart(7, "0");
  return `${value < 0n && rounded !== 0n ? "-" : ""}${digits.slice(0, -6)}.${digits.slice(-6)}`;
}

/**
 * Whether an amount of six decimals is an exact one, rounded. What is left at the twentieth decimal of an average decides a half, which may then
 * be rounded either way.
 */
export function isRounded(text: string, exact: Fraction): boolean {
  const micros = fraction(BigInt(text.replace(".", "")), 1_000_000n);
  const off = minus(micros, exact);
  const half = fraction(500_000_001n, 10n ** 15n);
  return compare(off, half) < 0 && compare(off, times(half, fraction(-1n))) > 0;
}

function gcd(a: bigint, b: bigint): bigint {
  let [x, y] = [a, b];
  while (y !== 0n) [x, y] = [y, x % y];
  return x === 0n ? 1n : x;
}
