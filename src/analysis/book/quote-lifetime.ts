import type { ColumnTable } from "arquero";
import { makeTable } from "../../frames/table.js";
import type { Duration } from "../../units/time.js";
import { objectGiven } from "../given.js";
import { integers, numbers, texts } from "./columns.js";
import { Durations } from "./durations.js";
import { Held } from "./held.js";
import { isKnown, type QuoteLike, quoteKind, readUntil } from "./quote-rows.js";
import { measured, type Rows, type Streamed } from "./rows.js";
import type { SpreadOptions } from "./spread.js";

/** What has a life: a best bid, a best ask, or both together. */
const kinds = ["bid", "ask", "quote"] as const;

/**
 * How long best prices stood, by market: a life of the `bid` begins when the best bid becomes a price and ends when it becomes another or none;
 * alike the `ask`; one of the `quote`, when either changes, while both are there. Sizes do not matter.
 *
 * A life that was not seen whole has no length: one that stood at the market's first quote, or at the first after unknown time; one that
 * unknown time cut off; one that still stood at the end. They are counted as `cut`.
 *
 * Columns: `ticker`; `of` ("bid" | "ask" | "quote"); `lifetimes`, those seen whole; `mean_lifetime` (s), exact but for its last digit;
 * `median_lifetime`, `p90_lifetime` (s), the lower end of a bin of 1 ms below 128 ms and else at most 1/64 of the length; `cut`. Three rows per
 * market. Quotes as a table, or as they come, such as `recording.quotes()`, with memory by market and bin.
 *
 * @throws KalshiError `COLUMN_MISSING`, `COLUMN_KIND`, `BAD_TIME`
 */
export function quoteLifetimes(quotes: ColumnTable, options?: SpreadOptions): ColumnTable;
export function quoteLifetimes(quotes: Streamed<QuoteLike>, options?: SpreadOptions): Promise<ColumnTable>;
export function quoteLifetimes(
  quotes: Rows<QuoteLike>,
  options: SpreadOptions = {},
): ColumnTable | Promise<ColumnTable> {
  objectGiven("options", options);
  const until = readUntil(options.until);
  const held = new Held<QuoteLike, Lives>(start, (lives, quote, lasted) => {
    for (const kind of kinds) lives[kind].hold(keyOf(kind, quote), isKnown(quote), lasted);
  });
  return measured(quotes, quoteKind, { take: (row) => held.take(row), end: () => lifetimeTable(held.end(until)) });
}

type Lives = Readonly<Record<(typeof kinds)[number], Life>>;

function start(): Lives {
  return { bid: new Life(), ask: new Life(), quote: new Life() };
}

/** What must stay as it is; null where there is none. */
function keyOf(kind: (typeof kinds)[number], { yes_bid: bid, yes_ask: ask }: QuoteLike): string | number | null {
  if (kind === "quote") return bid === null || ask === null ? null : `${bid} ${ask}`;
  return kind === "bid" ? bid : ask;
}

class Life {
  readonly lengths = new Durations();
  cut = 0;
  #key: string | number | null = null;
  #length: Duration = 0;
  /** Whether its beginning was seen. */
  #isWhole = false;
  /** Whether what was before is known. */
  #wasKnown = false;

  hold(key: string | number | null, isKnown: boolean, lasted: Duration): void {
    const now = isKnown ? key : null;
    if (now !== this.#key) {
      this.#close(isKnown);
      this.#key = now;
      this.#length = 0;
      this.#isWhole = this.#wasKnown;
    }
    this.#length += lasted;
    this.#wasKnown = isKnown;
  }

  /** Ends the life that is open, if one is. */
  #close(isSeen: boolean): void {
    if (this.#key === null) return;
    if (isSeen && this.#isWhole) this.lengths.add(this.#length);
    else this.cut += 1;
  }

  end(): this {
    this.#close(false);
    this.#key = null;
    return this;
  }
}

function lifetimeTable(markets: readonly { readonly ticker: string; readonly state: Lives }[]): ColumnTable {
  const rows = markets.flatMap(({ ticker, state }) => kinds.map((kind) => ({ ticker, kind, life: state[kind].end() })));
  const of = <T>(pick: (life: Life) => T): T[] => rows.map(({ life }) => pick(life));
  return makeTable({
    ticker: texts(
      "ticker",
      "market",
      rows.map(({ ticker }) => ticker),
    ),
    of: texts(
      "of",
      "what stood: the best bid, the best ask, or both",
      rows.map(({ kind }) => kind),
    ),
    lifetimes: integers(
      "lives seen from beginning to end",
      of(({ lengths }) => lengths.count),
    ),
    mean_lifetime: numbers(
      "mean_lifetime",
      "mean length of those, s",
      of(({ lengths }) => lengths.mean()),
    ),
    median_lifetime: numbers(
      "median_lifetime",
      "half of them were no longer, s",
      of(({ lengths }) => lengths.quantile(0.5)),
    ),
    p90_lifetime: numbers(
      "p90_lifetime",
      "nine of ten were no longer, s",
      of(({ lengths }) => lengths.quantile(0.9)),
    ),
    cut: integers(
      "lives not seen whole",
      of(({ cut }) => cut),
    ),
  });
}
