/** Width that value axes keep for labels and title, so that panels one above the other line up. */
export const AXIS_EXTENT = 58;

/** Lowest and highest of some values, missing ones aside; null when there are none. */
export function extent(...columns: readonly (readonly (number | null)[])[]): [number, number] | null {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const column of columns) {
    for (let row = 0; row < column.length; row += 1) {
      const value = column[row]!;
      if (value === null) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  return low <= high ? [low, high] : null;
}

/** Dollars of an axis with about `ticks` ticks: as many decimals as their step needs, two where that is less, none for tens. */
export function dollarFormat([low, high]: readonly [number, number], ticks = 6): string {
  // Ticks stand at the round step (1, 2 or 5 times a power of ten) nearest to this one.
  const step = (high - low) / ticks;
  if (step >= 10) return "$,.0f";
  if (step >= 0.0071) return "$,.2f";
  return step >= 0.00071 ? "$,.3f" : "$,.4f";
}

/**
 * Labels of an axis of contracts: each with the prefix of its own size, so that zero is `0` beside `20k`. A plain `format` takes one
 * prefix for all ticks and writes `0k`; and below a thousand there is none, so that half a contract is `0.5`, not `500m`.
 */
export const COUNT_LABEL = "abs(datum.value) < 1000 ? format(datum.value, ',.2~f') : format(datum.value, '.4~s')";

/** Exact dollars of a tooltip: as many decimals as there are, two at least where the eye expects them. */
export const EXACT_DOLLARS = "$,.6~f";

/** The y domain of prices: the data with a margin, inside the $0 to $1 that a contract can cost. */
export function priceDomain([low, high]: readonly [number, number]): [number, number] {
  const margin = Math.max((high - low) * 0.08, 0.005);
  return [Math.max(0, low - margin), Math.min(Math.max(1, high), high + margin)];
}

/** `12,345` or `12,345.5`, the same in every locale; two decimals at most. */
export function thousands(value: number): string {
  return value.toLocaleString("en-US", { maximumFractionDigits: 2 });
}

/** `1 trade`, `2 trades`. */
export function plural(count: number, noun: string): string {
  return `${thousands(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** Exact money as a label: `−$0.004`, `$1,234.50`; two decimals, more where it has them. */
export function moneyText(dollars: number): string {
  const [minimumFractionDigits, maximumFractionDigits] = [2, 6];
  const text = Math.abs(dollars).toLocaleString("en-US", { minimumFractionDigits, maximumFractionDigits });
  return `${dollars < 0 ? "−" : ""}$${text}`;
}

/** A price in a note: two decimals, more where it has them; `none` for none. */
export function priceText(price: number | null): string {
  return price === null ? "none" : `$${price.toFixed(6).replace(/0{1,4}$/, "")}`;
}
