import type { ColumnTable } from "arquero";
import { makeTable } from "../../frames/table.js";
import type { Count } from "../../units/count.js";
import { ExactSum } from "../../units/sum.js";
import type { Duration, TimeInput } from "../../units/time.js";
import { objectGiven } from "../given.js";
import { contracts, dollars, integers, mean, numbers, texts } from "./columns.js";
import { marked, readSpans } from "./marked.js";
import type { QuoteLike } from "./quote-rows.js";
import type { Rows, Streamed } from "./rows.js";
import type { MarkedTrade } from "./trade-marks.js";
import { type TradeLike, takerSign } from "./trade-rows.js";
import { spreadOf } from "./trade-spreads.js";

export interface ExecutionOptions {
  /** How long after a trade its price is weighed again; several give a row each. Default `["1s", "10s", "1m", "5m"]`. */
  readonly after?: string | Duration | readonly (string | Duration)[] | undefined;
  /** As in `tradeSpreads`. */
  readonly until?: number | TimeInput | undefined;
}

/**
 * Effective and realized spread and price impact by market and time after the trades: means of what `tradeSpreads` says of each.
 *
 * Columns: `ticker`; `after` (s); `trades`, `volume` (contracts); `measured`, trades with a midpoint before; `effective_spread`, mean over those
 * weighted by contracts, and `effective_spread_by_trade`, each trade alike ($, rounded to a micro-dollar); `followed`, those of `measured` with a
 * midpoint later and a taker side; `realized_spread` and `price_impact`, means over those weighted by contracts ($). What could not be measured:
 * `unquoted`, without a midpoint before; `blocks`, agreed off the book; `unsided`, without a taker side. `late`: quotes and trades that came more
 * than five minutes behind others of a recording and may be missed; 0 for tables. Ascending by ticker and time after.
 *
 * Tables give a table; with `recording.trades()` and `recording.quotes()` it keeps the quotes of the longest time after and of five minutes.
 *
 * @throws KalshiError `BAD_ARGUMENT`, `COLUMN_MISSING`, `COLUMN_KIND`, `BAD_TIME`
 */
export function executionByMarket(trades: ColumnTable, quotes: ColumnTable, options?: ExecutionOptions): ColumnTable;
export function executionByMarket(
  trades: ColumnTable | Streamed<TradeLike>,
  quotes: ColumnTable | Streamed<QuoteLike>,
  options?: ExecutionOptions,
): Promise<ColumnTable>;
export function executionByMarket(
  trades: Rows<TradeLike>,
  quotes: Rows<QuoteLike>,
  options: ExecutionOptions = {},
): ColumnTable | Promise<ColumnTable> {
  objectGiven("options", options);
  const spans = readSpans(options.after ?? ["1s", "10s", "1m", "5m"]).sort((a, b) => a - b);
  const markets = new Map<string, Executed>();
  return marked([trades, quotes], spans, options.until, {
    take(one) {
      const { ticker } = one.trade;
      let market = markets.get(ticker);
      if (market === undefined) {
        market = new Executed(spans);
        markets.set(ticker, market);
      }
      market.add(one);
    },
    end: (late) =>
      executionTable(
        [...markets].sort(([a], [b]) => (a < b ? -1 : 1)),
        late,
      ),
  });
}

class Executed {
  readonly spans: readonly Followed[];
  trades = 0;
  volume: Count = 0;
  measured = 0;
  weight: Count = 0;
  unquoted = 0;
  blocks = 0;
  unsided = 0;
  readonly weighted = new ExactSum();
  readonly alike = new ExactSum();

  constructor(spans: readonly Duration[]) {
    this.spans = spans.map((span) => new Followed(span));
  }

  add(one: MarkedTrade): void {
    const { count, is_block_trade } = one.trade;
    this.trades += 1;
    this.volume += count;
    if (is_block_trade === true) {
      this.blocks += 1;
      return;
    }
    if (takerSign(one.trade) === 0) this.unsided += 1;
    const { effective } = spreadOf(one, 0);
    if (effective === null) {
      this.unquoted += 1;
      return;
    }
    this.measured += 1;
    this.weight += count;
    this.weighted.addProduct(effective, count);
    this.alike.add(effective);
    for (const [at, span] of this.spans.entries()) span.add(one, at);
  }
}

/** Trades of which it is known what the midpoint was some time later. */
class Followed {
  followed = 0;
  weight: Count = 0;
  readonly realized = new ExactSum();
  readonly impact = new ExactSum();
  readonly span: Duration;

  constructor(span: Duration) {
    this.span = span;
  }

  add(one: MarkedTrade, at: number): void {
    const { count } = one.trade;
    const { realized, impact } = spreadOf(one, at);
    if (realized === null || impact === null) return;
    this.followed += 1;
    this.weight += count;
    this.realized.addProduct(realized, count);
    this.impact.addProduct(impact, count);
  }
}

function executionTable(
  markets: readonly (readonly [ticker: string, market: Executed])[],
  late: ReadonlyMap<string, number>,
): ColumnTable {
  const rows = markets.flatMap(([ticker, market]) => market.spans.map((span) => ({ ticker, market, span })));
  const of = <T>(pick: (market: Executed, span: Followed) => T): T[] =>
    rows.map(({ market, span }) => pick(market, span));
  return makeTable({
    ticker: texts(
      "ticker",
      "market",
      rows.map(({ ticker }) => ticker),
    ),
    after: numbers(
      "after",
      "seconds after the trade",
      of((_, { span }) => span / 1e6),
    ),
    trades: integers(
      "trades",
      of(({ trades }) => trades),
    ),
    volume: contracts(
      "contracts traded",
      of(({ volume }) => volume),
    ),
    measured: integers(
      "trades with a midpoint before",
      of(({ measured }) => measured),
    ),
    effective_spread: dollars(
      "effective spread, weighted by contracts, $",
      of(({ weighted, weight }) => mean(weighted.value(), BigInt(weight))),
    ),
    effective_spread_by_trade: dollars(
      "effective spread, each trade alike, $",
      of(({ alike, measured }) => mean(alike.value(), BigInt(measured))),
    ),
    followed: integers(
      "of `measured`, those with a midpoint later and a taker side",
      of((_, { followed }) => followed),
    ),
    realized_spread: dollars(
      "realized spread, weighted by contracts, $",
      of((_, { realized, weight }) => mean(realized.value(), BigInt(weight))),
    ),
    price_impact: dollars(
      "price impact, weighted by contracts, $",
      of((_, { impact, weight }) => mean(impact.value(), BigInt(weight))),
    ),
    unquoted: integers(
      "trades without a midpoint before",
      of(({ unquoted }) => unquoted),
    ),
    blocks: integers(
      "trades agreed off the book",
      of(({ blocks }) => blocks),
    ),
    unsided: integers(
      "trades without a taker side",
      of(({ unsided }) => unsided),
    ),
    late: integers(
      "quotes and trades that came too late to count",
      rows.map(({ ticker }) => late.get(ticker) ?? 0),
    ),
  });
}
