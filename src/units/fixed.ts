/**
 * Reads a plain decimal (`"0.5600"`, `"-12.3"`, `"7"`) as an integer of `10^-decimals`, digit by digit, without a float in between.
 * NaN when the text is no plain decimal, is finer than `decimals` (zeros aside), or leaves the exact integers.
 */
export function parseFixed(text: string, decimals: number): number {
  const length = text.length;
  let at = 0;
  let negative = false;
  if (text.charCodeAt(0) === 45) {
    negative = true;
    at = 1;
  }
  let value = 0;
  let digits = 0;
  let fraction = -1;
  for (; at < length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 46) {
      if (fraction >= 0) return Number.NaN;
      fraction = 0;
      continue;
    }
    const digit = code - 48;
    if (digit < 0 || digit > 9) return Number.NaN;
    digits += 1;
    if (fraction >= 0) {
      if (fraction >= decimals) {
        if (digit !== 0) return Number.NaN;
        continue;
      }
      fraction += 1;
    }
    value = value * 10 + digit;
  }
  if (digits === 0) return Number.NaN;
  for (let missing = decimals - Math.max(fraction, 0); missing > 0; missing -= 1) value *= 10;
  if (value > Number.MAX_SAFE_INTEGER) return Number.NaN;
  return negative && value !== 0 ? -value : value;
}

/** Writes an integer of `10^-decimals` with at least `shown` decimals, more where they are not zero. */
export function formatFixed(value: number, decimals: number, shown: number = decimals): string {
  const negative = value < 0;
  const digits = String(Math.abs(value)).padStart(decimals + 1, "0");
  const whole = digits.slice(0, digits.length - decimals);
  let fraction = digits.slice(digits.length - decimals);
  while (fraction.length > shown && fraction.endsWith("0")) fraction = fraction.slice(0, -1);
  return `${negative ? "-" : ""}${whole}${fraction === "" ? "" : `.${fraction}`}`;
}
