import type { ColumnTable } from "arquero";
import { makeTable } from "../../frames/table.js";
import type { Price } from "../../units/price.js";
import { ExactSum } from "../../units/sum.js";
import type { Duration, TimeInput } from "../../units/time.js";
import { objectGiven } from "../given.js";
import { dollars, integers, mean, numbers, texts } from "./columns.js";
import { Held } from "./held.js";
import { isKnown, type QuoteLike, quoteKind, readUntil } from "./quote-rows.js";
import { measured, type Rows, type Streamed } from "./rows.js";

export interface SpreadOptions {
  /** End of the last quote: ms since 1970, `Date` or text. Without it the last quote of a market has no duration. */
  readonly until?: number | TimeInput | undefined;
}

/**
 * Quoted spread by market, from quotes (`time`, `ticker`, `yes_bid`, `yes_ask`, with or without `trust`): a quote lasts until the market's
 * next one. A table gives a table; `recording.quotes()`, or what `topOfBook()` gives, is read as it comes, with a few numbers per market in
 * memory.
 *
 * Columns: `ticker`; `quotes` (rows); `mean_spread`, weighted by time over the time both sides were there, rounded to a micro-dollar;
 * `min_spread`, `max_spread`; `mean_midpoint`, weighted alike ($); `two_sided` and `observed` (seconds), and `unknown`, those of `observed`
 * in which `trust` was not `ok`. Null where it never had both sides. Locked and crossed moments count as they stand. Ascending by ticker.
 *
 * @throws KalshiError `COLUMN_MISSING`, `COLUMN_KIND`, `BAD_TIME`
 */
export function spreadByMarket(quotes: ColumnTable, options?: SpreadOptions): ColumnTable;
export function spreadByMarket(quotes: Streamed<QuoteLike>, options?: SpreadOptions): Promise<ColumnTable>;
export function spreadByMarket(
  quotes: Rows<QuoteLike>,
  options: SpreadOptions = {},
): ColumnTable | Promise<ColumnTable> {
  objectGiven("options", options);
  const until = readUntil(options.until);
  const held = new Held<QuoteLike, Weighed>(() => new Weighed(), weigh);
  return measured(quotes, quoteKind, { take: (row) => held.take(row), end: () => spreadTable(held.end(until)) });
}

class Weighed {
  quotes = 0;
  readonly spreads = new ExactSum();
  readonly sums = new ExactSum();
  twoSided: Duration = 0;
  observed: Duration = 0;
  unknown: Duration = 0;
  min: Price | null = null;
  max: Price | null = null;
}

function weigh(state: Weighed, quote: QuoteLike, lasted: Duration): void {
  const { yes_bid: bid, yes_ask: ask } = quote;
  state.quotes += 1;
  state.observed += lasted;
  if (!isKnown(quote)) {
    state.unknown += lasted;
    return;
  }
  if (bid === null || ask === null) return;
  state.twoSided += lasted;
  state.min = Math.min(state.min ?? ask - bid, ask - bid);
  state.max = Math.max(state.max ?? ask - bid, ask - bid);
  state.spreads.addProduct(ask - bid, lasted);
  state.sums.addProduct(bid + ask, lasted);
}

function spreadTable(markets: readonly { readonly ticker: string; readonly state: Weighed }[]): ColumnTable {
  const of = <T>(pick: (state: Weighed) => T): T[] => markets.map(({ state }) => pick(state));
  const tickers = markets.map(({ ticker }) => ticker);
  return makeTable({
    ticker: texts("ticker", "market", tickers),
    quotes: integers(
      "quotes",
      of(({ quotes }) => quotes),
    ),
    mean_spread: dollars(
      "quoted spread, weighted by time, $",
      of(({ spreads, twoSided }) => mean(spreads.value(), BigInt(twoSided))),
    ),
    min_spread: dollars(
      "narrowest quoted spread, $",
      of(({ min }) => min),
    ),
    max_spread: dollars(
      "widest quoted spread, $",
      of(({ max }) => max),
    ),
    mean_midpoint: dollars(
      "midpoint, weighted by time, $",
      of(({ sums, twoSided }) => mean(sums.value(), 2n * BigInt(twoSided))),
    ),
    two_sided: numbers(
      "two_sided",
      "seconds with a bid and an ask",
      of(({ twoSided }) => twoSided / 1e6),
    ),
    observed: numbers(
      "observed",
      "seconds observed",
      of(({ observed }) => observed / 1e6),
    ),
    unknown: numbers(
      "unknown",
      "seconds in which the book was not known",
      of(({ unknown }) => unknown / 1e6),
    ),
  });
}
