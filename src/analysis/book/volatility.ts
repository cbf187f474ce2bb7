import type { ColumnTable } from "arquero";
import { gridAfter, readInterval } from "../../flow/interval.js";
import { makeTable } from "../../frames/table.js";
import { DOLLAR } from "../../units/price.js";
import { ExactSum } from "../../units/sum.js";
import { type Duration, HOUR, type Timestamp } from "../../units/time.js";
import { objectGiven } from "../given.js";
import { integers, numbers, texts } from "./columns.js";
import { Held } from "./held.js";
import { isKnown, type QuoteLike, quoteKind, readUntil, twiceMidpoint } from "./quote-rows.js";
import { measured, type Rows, type Streamed } from "./rows.js";
import type { SpreadOptions } from "./spread.js";

export interface VolatilityOptions extends SpreadOptions {
  /** Sampling interval: `"1m"`, the default, or microseconds; at multiples of it since 1970, UTC. */
  readonly every?: string | Duration | undefined;
}

/**
 * Realized volatility of the implied probability by market: of the midpoint of best bid and ask, sampled on a grid in time.
 *
 * At each point of the grid counts the last quote at or before it. A step is the change from a point to the next. Volatility is the root of
 * (sum of squared steps / hours that the steps span): no mean is taken off. Steps with no midpoint at an end, or with a moment between their
 * ends at which the book was not known (`trust` other than `ok`), are left out and counted, never bridged.
 *
 * Columns: `ticker`; `steps` and `hours` they span; `volatility` (percentage points of probability per √hour); `log_odds_volatility`, of
 * ln(p / (1 − p)) (per √hour); `left_out`, steps of the grid without a midpoint at an end or across unknown time; `unknown` (seconds). Null
 * without a step. Points go from the market's first quote up to `until`, without it up to its last quote, not included. A midpoint of $0 or
 * $1, which has no odds, counts as none. Quotes as a table, or as they come, such as `recording.quotes()`.
 *
 * @throws KalshiError `BAD_ARGUMENT`, `COLUMN_MISSING`, `COLUMN_KIND`, `BAD_TIME`
 */
export function volatilityByMarket(quotes: ColumnTable, options?: VolatilityOptions): ColumnTable;
export function volatilityByMarket(quotes: Streamed<QuoteLike>, options?: VolatilityOptions): Promise<ColumnTable>;
export function volatilityByMarket(
  quotes: Rows<QuoteLike>,
  options: VolatilityOptions = {},
): ColumnTable | Promise<ColumnTable> {
  objectGiven("options", options);
  const every = readInterval(options.every ?? "1m");
  const until = readUntil(options.until);
  const held = new Held<QuoteLike, Steps>(
    () => new Steps(every),
    (steps, quote, lasted, from) => steps.hold(quote, from, from + lasted),
  );
  const end = () => volatilityTable(held.end(until), every);
  return measured(quotes, quoteKind, { take: (row) => held.take(row), end });
}

/** Steps of one market on the grid. */
class Steps {
  steps = 0;
  leftOut = 0;
  unknown: Duration = 0;
  readonly squares = new ExactSum();
  logSquares = 0;
  readonly #every: Duration;
  /** Twice the midpoint at the last point, null for none; undefined before the first point. */
  #last: number | null | undefined = undefined;
  /** Whether the book was known ever since the last point. */
  #isWhole = true;
  #next: Timestamp | null = null;

  constructor(every: Duration) {
    this.#every = every;
  }

  /** A quote that held from a moment to another, not included. */
  hold(quote: QuoteLike, from: Timestamp, to: Timestamp): void {
    this.#next ??= gridAfter(from, this.#every);
    const known = isKnown(quote);
    if (!known) {
      this.unknown += to - from;
      this.#isWhole = false;
    }
    if (this.#next >= to) return;
    const twice = twiceMidpoint(quote);
    const middle = twice !== null && twice > 0 && twice < 2 * DOLLAR ? twice : null;
    this.#step(middle);
    const quiet = Math.ceil((to - this.#next) / this.#every) - 1;
    this.#next += (quiet + 1) * this.#every;
    this.#isWhole = known;
    if (middle === null) this.leftOut += quiet;
    else this.steps += quiet;
  }

  #step(middle: number | null): void {
    const before = this.#last;
    this.#last = middle;
    if (before === undefined) return;
    if (before === null || middle === null || !this.#isWhole) {
      this.leftOut += 1;
      return;
    }
    this.steps += 1;
    this.squares.addProduct(middle - before, middle - before);
    this.logSquares += (logOdds(middle) - logOdds(before)) ** 2;
  }
}

/** Of twice a price. */
function logOdds(twice: number): number {
  return Math.log(twice / (2 * DOLLAR - twice));
}

/** Percentage points in half a micro-dollar. */
const POINTS = 100 / (2 * DOLLAR);

function volatilityTable(
  markets: readonly { readonly ticker: string; readonly state: Steps }[],
  every: Duration,
): ColumnTable {
  const of = <T>(pick: (state: Steps) => T): T[] => markets.map(({ state }) => pick(state));
  const hours = (steps: number) => (steps * every) / HOUR;
  const root = (squares: number, steps: number) => (steps === 0 ? null : Math.sqrt(squares / hours(steps)));
  return makeTable({
    ticker: texts(
      "ticker",
      "market",
      markets.map(({ ticker }) => ticker),
    ),
    steps: integers(
      "steps of the sampling grid",
      of(({ steps }) => steps),
    ),
    hours: numbers(
      "hours",
      "hours that the steps span",
      of(({ steps }) => hours(steps)),
    ),
    volatility: numbers(
      "volatility",
      "realized volatility of the midpoint, percentage points per √hour",
      of(({ squares, steps }) => root(Number(squares.value()) * POINTS ** 2, steps)),
    ),
    log_odds_volatility: numbers(
      "log_odds_volatility",
      "realized volatility of the midpoint's log-odds, per √hour",
      of(({ logSquares, steps }) => root(logSquares, steps)),
    ),
    left_out: integers(
      "steps without a midpoint at an end, or across unknown time",
      of(({ leftOut }) => leftOut),
    ),
    unknown: numbers(
      "unknown",
      "seconds in which the book was not known",
      of(({ unknown }) => unknown / 1e6),
    ),
  });
}
