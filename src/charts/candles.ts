/** One candle as it is drawn; times in milliseconds, prices in dollars, volume in contracts. */
export interface Candle {
  readonly start: number;
  readonly end: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

/**
 * Candles (ascending) merged into longer ones until the span holds `most` at the most: first open, highest high, lowest low, last close,
 * volumes added. The longer period is a whole multiple of the given one and counted from the first candle.
 */
export function merge(candles: readonly Candle[], most: number): readonly Candle[] {
  const first = candles[0];
  if (first === undefined) return candles;
  const period = candles.reduce(
    (least, candle) => Math.min(least, candle.end - candle.start),
    Number.POSITIVE_INFINITY,
  );
  const span = candles.at(-1)!.end - first.start;
  if (!(period > 0) || span / period <= most) return candles;
  const long = Math.ceil(span / period / most) * period;
  const merged: Candle[] = [];
  let bucket = -1;
  for (const candle of candles) {
    const at = Math.floor((candle.start - first.start) / long);
    const last = merged.at(-1);
    if (at !== bucket || last === undefined) {
      bucket = at;
      const start = first.start + at * long;
      merged.push({ ...candle, start, end: start + long });
      continue;
    }
    merged[merged.length - 1] = {
      ...last,
      high: Math.max(last.high, candle.high),
      low: Math.min(last.low, candle.low),
      close: candle.close,
      volume: last.volume + candle.volume,
    };
  }
  return merged;
}
