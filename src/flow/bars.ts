import type { BookEvent } from "../book/event.js";
import { KalshiError } from "../errors.js";
import { readNumber, refuseUnknown } from "../units/argument.js";
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
  checkSize(size);
  if ("every" in size && size.every !== undefined) {
    const interval = readInterval(size.every);
    return transform(() => new TimeBars(interval), "bar");
  }
  const isFull = fullBy(size as Exclude<BarSize, { readonly every: unknown }>);
  return transform(() => new SizeBars(isFull), "bar");
}

/**
 * Whether a bar measured by contracts or trades is full.
 *
 * @throws KalshiError `BAD_ARGUMENT`
 */
export function fullBy(size: Exclude<BarSize, { readonly every: unknown }>): (bar: OpenBar) => boolean {
  if ("volume" in size && size.volume !== undefined) {
    const volume = readNumber("volume", Math.round(size.volume * CONTRACT), { least: 1 }, HINT);
    return (bar) => bar.volume >= volume;
  }
  const { trades } = size as { readonly trades: number };
  readNumber("trades", trades, { least: 1, isWhole: true }, HINT);
  return (bar) => bar.trades >= trades;
}

const HINT = 'give one of { every: "1m" }, { volume: 1000 } in contracts, and { trades: 100 }';

function checkSize(size: BarSize): void {
  refuseUnknown<Readonly<Record<string, unknown>>>("bars", size, { every: true, volume: true, trades: true });
  const given = Object.entries(size).filter(([, value]) => value !== undefined);
  if (given.length === 1) return;
  const what = given.length === 0 ? "nothing" : given.map(([name]) => name).join(" and ");
  throw new KalshiError("BAD_ARGUMENT", `bars by ${what}`, {
    hint: HINT,
    context: { given: given.map(([name]) => name) },
  });
}
