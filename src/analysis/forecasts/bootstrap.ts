import { KalshiError } from "../../errors.js";

/** Resampling of whole events, for the markets of one event are no independent forecasts. */
export interface BootstrapOptions {
  /** Samples drawn. Default 1000. */
  readonly samples?: number | undefined;
  /** What the draws follow from: the same seed, the same bands. Default 1. */
  readonly seed?: number | undefined;
}

/** A sum of each bin over the members of one event: numerator and denominator of what is estimated. */
export interface EventSums {
  readonly top: Float64Array;
  readonly bottom: Float64Array;
}

/**
 * Percentile bands of the ratio `Σ top / Σ bottom` of each bin, events being drawn with replacement. A draw in which a bin's denominator is 0
 * says nothing of that bin; null where none does.
 *
 * @throws KalshiError `BAD_ARGUMENT`
 */
export function bootstrapBands(
  events: readonly EventSums[],
  bins: number,
  confidence: number,
  { samples = 1000, seed = 1 }: BootstrapOptions,
): ({ low: number; high: number } | null)[] {
  if (!Number.isInteger(samples) || samples < 1 || !Number.isInteger(seed)) throw noDraws(samples, seed);
  const random = generator(seed);
  const found: number[][] = Array.from({ length: bins }, () => []);
  for (let draw = 0; draw < samples; draw += 1) {
    const top = new Float64Array(bins);
    const bottom = new Float64Array(bins);
    for (let at = 0; at < events.length; at += 1) {
      const event = events[Math.floor(random() * events.length)]!;
      for (let bin = 0; bin < bins; bin += 1) {
        top[bin]! += event.top[bin]!;
        bottom[bin]! += event.bottom[bin]!;
      }
    }
    for (let bin = 0; bin < bins; bin += 1) if (bottom[bin]! > 0) found[bin]!.push(top[bin]! / bottom[bin]!);
  }
  return found.map((values) => {
    if (values.length === 0) return null;
    const sorted = Float64Array.from(values).sort();
    return { low: quantile(sorted, (1 - confidence) / 2), high: quantile(sorted, (1 + confidence) / 2) };
  });
}

/** A quantile of sorted values, linear between them. */
function quantile(sorted: Float64Array, share: number): number {
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const [low, high] = [sorted[below]!, sorted[Math.min(below + 1, sorted.length - 1)]!];
  return low + (place - below) * (high - low);
}

/** Numbers from 0 to 1 that follow from a seed (mulberry32). */
function generator(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function noDraws(samples: number, seed: number): KalshiError {
  return new KalshiError("BAD_ARGUMENT", `no resampling: ${samples} samples, seed ${seed}`, {
    hint: "give whole numbers: { bootstrap: { samples: 1000, seed: 1 } }",
    context: { samples, seed },
  });
}
