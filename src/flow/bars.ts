import type { BookEvent } from "../book/event.js";
import { KalshiError } from "../errors.js";
import { CONTRACT } from "../units/count.js";
import type { Duration } from "../units/time.js";
import type { Bar, OpenBar } from "./bar.js";
import { readInterval } from "./interval.js";
import { SizeBars } from "./size-bars.js";
import { TimeBars } from "./time-bars.js";
import { type Transform, transform } from "./transform.js";

/** What a bar is measured by: time (`"1m"`), contracts traded, or how many trades. */
export type BarSize = { readonly every: string | Duration } | { readonly volume: number } | { readonly trades: number };

/**
 * Trades as bars, market by market: first, highest, lowest and last price, volume, mean price, and the taker's side. Every trade is in
 * exactly one bar, those agreed off the book too ({@link filter} takes out what is not wanted).
 *
 * By time the bars lie on a grid of exchange time, and one is given when its time has passed: with a trade of a later one on the same
 * connection, at the latest with any message a second later; a trade that comes after that is in the next bar and counted as late. There is
 * none where nothing was traded. By volume or count a bar is given with the trade that fills it, and holds all of that trade. What a gap or
 * the start or end of the events may have taken from is `partial`.
 *
 * @throws KalshiError `BAD_ARGUMENT`
 */
export function bars(size: BarSize): Transform<BookEvent, Bar> {
  if ("every" in size) {
    const interval = readInterval(size.every);
    return transform(() => new TimeBars(interval), "bar");
  }
  const isFull = fullBy(size);
  return transform(() => new SizeBars(isFull), "bar");
}

/**
 * Whether a bar measured by contracts or trades is full.
 *
 * @throws KalshiError `BAD_ARGUMENT`
 */
export function fullBy(size: Exclude<BarSize, { readonly every: unknown }>): (bar: OpenBar) => boolean {
  if ("volume" in size) {
    const volume = Math.round(positive("volume", size.volume) * CONTRACT);
    return (bar) => bar.volume >= volume;
  }
  const trades = positive("trades", size.trades);
  return (bar) => bar.trades >= trades;
}

function positive(name: string, value: number): number {
  if (value > 0 && Number.isFinite(value)) return value;
  throw new KalshiError("BAD_ARGUMENT", `bars of ${name} ${String(value)}`, {
    hint: 'give { every: "1m" }, { volume: 1000 } in contracts, or { trades: 100 }',
    context: { [name]: value },
  });
}
