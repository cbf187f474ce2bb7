import type { ColumnTable } from "arquero";
import { makeTable } from "../../frames/table.js";
import type { Price } from "../../units/price.js";
import { objectGiven } from "../given.js";
import { contracts, dollars, texts, times } from "./columns.js";
import { marked, readSpans, type TradeSpreadOptions } from "./marked.js";
import type { QuoteLike } from "./quote-rows.js";
import type { Rows, Streamed } from "./rows.js";
import type { MarkedTrade } from "./trade-marks.js";
import { type TradeLike, takerSign } from "./trade-rows.js";

/** What a trade cost its taker, in micro-dollars; null where a midpoint or the taker's side is not known. */
export interface TradeSpread {
  readonly effective: Price | null;
  readonly realized: Price | null;
  readonly impact: Price | null;
}

/** By one of the spans after the trade. Trades agreed off the book have none: no quote was met. */
export function spreadOf({ trade, before, after }: MarkedTrade, span: number): TradeSpread {
  if (trade.is_block_trade === true) return { effective: null, realized: null, impact: null };
  const sign = takerSign(trade);
  const later = after[span] ?? null;
  const twice = 2 * trade.yes_price;
  return {
    effective: before === null ? null : Math.abs(twice - before),
    realized: later === null || sign === 0 ? null : sign * (twice - later) || 0,
    impact: later === null || before === null || sign === 0 ? null : sign * (later - before) || 0,
  };
}

/**
 * Effective and realized spread and price impact of each trade, from trades and the quotes of the same markets.
 *
 * With side 1 where the taker became longer of YES and −1 of NO, as the trade itself says, and YES prices throughout:
 * effective spread = 2 · |price − midpoint|, the midpoint that of the last quote strictly before the trade's time;
 * realized spread = 2 · side · (price − midpoint later), of the last quote at or before the trade's time plus `after`;
 * price impact = 2 · side · (midpoint later − midpoint). Effective is realized plus impact wherever the taker paid no better than the
 * midpoint. A quote without both sides or with a `trust` other than `ok` has no midpoint; nor is there one after `until`.
 *
 * Columns: `created_time`; `ticker`; `yes_price` ($); `count` (contracts); `taker` ("yes" | "no", null where it is not known); `midpoint`,
 * `midpoint_after` ($, half a micro-dollar rounded up); `effective_spread`, `realized_spread`, `price_impact` ($, exact), null where a midpoint
 * or side is missing and for block trades. Ascending by time and ticker. Tables, or as they come (`recording.trades()`, `recording.quotes()`).
 *
 * @throws KalshiError `BAD_ARGUMENT`, `COLUMN_MISSING`, `COLUMN_KIND`, `BAD_TIME`
 */
export function tradeSpreads(trades: ColumnTable, quotes: ColumnTable, options?: TradeSpreadOptions): ColumnTable;
export function tradeSpreads(
  trades: ColumnTable | Streamed<TradeLike>,
  quotes: ColumnTable | Streamed<QuoteLike>,
  options?: TradeSpreadOptions,
): Promise<ColumnTable>;
export function tradeSpreads(
  trades: Rows<TradeLike>,
  quotes: Rows<QuoteLike>,
  options: TradeSpreadOptions = {},
): ColumnTable | Promise<ColumnTable> {
  objectGiven("options", options);
  const found: MarkedTrade[] = [];
  return marked([trades, quotes], readSpans(options.after), options.until, {
    take: (one) => found.push(one),
    end: () => tableOfTrades(found.sort(inOrder)),
  });
}

function inOrder({ trade: a }: MarkedTrade, { trade: b }: MarkedTrade): number {
  if (a.created_time !== b.created_time) return a.created_time - b.created_time;
  return a.ticker === b.ticker ? 0 : a.ticker < b.ticker ? -1 : 1;
}

function tableOfTrades(all: readonly MarkedTrade[]): ColumnTable {
  const spreads = all.map((one) => spreadOf(one, 0));
  const of = <T>(pick: (trade: TradeLike) => T): T[] => all.map(({ trade }) => pick(trade));
  const half = (twice: number | null | undefined) =>
    twice === null || twice === undefined ? null : Math.ceil(twice / 2);
  return makeTable({
    created_time: times(
      "when it was matched",
      of((trade) => trade.created_time),
    ),
    ticker: texts(
      "ticker",
      "market",
      of((trade) => trade.ticker),
    ),
    yes_price: dollars(
      "price of the YES side, $ per contract",
      of((trade) => trade.yes_price),
    ),
    count: contracts(
      "contracts",
      of((trade) => trade.count),
    ),
    taker: texts(
      "taker",
      "`yes` or `no`: what the taker became long of",
      of((trade) => [null, "yes", "no"].at(takerSign(trade)) ?? null),
    ),
    midpoint: dollars(
      "midpoint strictly before the trade, $",
      all.map(({ before }) => half(before)),
    ),
    midpoint_after: dollars(
      "midpoint after the span, $",
      all.map(({ after }) => half(after[0])),
    ),
    effective_spread: dollars(
      "2 · |price − midpoint|, $",
      spreads.map(({ effective }) => effective),
    ),
    realized_spread: dollars(
      "2 · side · (price − midpoint after), $",
      spreads.map(({ realized }) => realized),
    ),
    price_impact: dollars(
      "2 · side · (midpoint after − midpoint), $",
      spreads.map(({ impact }) => impact),
    ),
  });
}
