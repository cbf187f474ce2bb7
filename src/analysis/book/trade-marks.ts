import { type Duration, MINUTE, type Timestamp } from "../../units/time.js";
import { type QuoteLike, twiceMidpoint } from "./quote-rows.js";
import type { TradeLike } from "./trade-rows.js";

/** How far in time markets may be behind one another in a recording: such as the start of a gap that was noticed late. */
export const LATENESS: Duration = 5 * MINUTE;

/** A trade and the midpoints around it, each twice, so that it is whole. */
export interface MarkedTrade {
  readonly trade: TradeLike;
  /** Of the last quote strictly before the trade; null without one, without both sides, or where the book was not known. */
  readonly before: number | null;
  /** Of the last quote at or before the trade's time plus each span; null also beyond the end. */
  readonly after: readonly (number | null)[];
}

interface Market {
  /** Ascending; of one time in the order in which they came. */
  readonly times: Timestamp[];
  readonly middles: (number | null)[];
  readonly trades: TradeLike[];
}

/**
 * Finds the midpoints around each trade while quotes and trades come, each by market ascending in time. Kept are the quotes and trades of the
 * longest span and of {@link LATENESS}.
 */
export class TradeMarks {
  /** Rows that came when what they concern had been given already. */
  readonly late = new Map<string, number>();
  readonly #spans: readonly Duration[];
  readonly #longest: Duration;
  readonly #until: Timestamp | null;
  readonly #give: (marked: MarkedTrade) => void;
  readonly #markets = new Map<string, Market>();
  /** Trades before this have been given, quotes before it are no longer kept, but for the last. */
  #settled: Timestamp = Number.NEGATIVE_INFINITY;
  #latest: Timestamp = Number.NEGATIVE_INFINITY;

  constructor(spans: readonly Duration[], until: Timestamp | null, give: (marked: MarkedTrade) => void) {
    this.#spans = spans;
    this.#longest = Math.max(...spans);
    this.#until = until;
    this.#give = give;
  }

  quote(quote: QuoteLike): void {
    const { times, middles } = this.#market(quote.ticker, quote.time);
    const at = firstAfter(times, quote.time);
    times.splice(at, 0, quote.time);
    middles.splice(at, 0, twiceMidpoint(quote));
  }

  trade(trade: TradeLike): void {
    const { trades } = this.#market(trade.ticker, trade.created_time);
    let at = trades.length;
    while (at > 0 && trades[at - 1]!.created_time > trade.created_time) at -= 1;
    trades.splice(at, 0, trade);
  }

  /** All quotes and trades before a moment have come, but for what is late. */
  pass(moment: Timestamp): void {
    const settled = moment - LATENESS - this.#longest;
    if (settled <= this.#settled) return;
    this.#settled = settled;
    for (const market of this.#markets.values()) {
      const done = market.trades.findIndex(({ created_time }) => created_time >= settled);
      this.#mark(market, done < 0 ? market.trades.length : done);
      // The last quote before the moment may still be the one before a trade.
      const kept = firstAtOrAfter(market.times, settled) - 1;
      if (kept > 0) for (const list of [market.times, market.middles]) list.splice(0, kept);
    }
  }

  end(): void {
    for (const market of this.#markets.values()) this.#mark(market, market.trades.length);
  }

  #market(ticker: string, time: Timestamp): Market {
    if (time > this.#latest) this.#latest = time;
    if (time < this.#settled) this.late.set(ticker, (this.late.get(ticker) ?? 0) + 1);
    let market = this.#markets.get(ticker);
    if (market === undefined) {
      market = { times: [], middles: [], trades: [] };
      this.#markets.set(ticker, market);
    }
    return market;
  }

  #mark({ times, middles, trades }: Market, count: number): void {
    if (count === 0) return;
    const until = this.#until ?? this.#latest;
    for (const trade of trades.splice(0, count)) {
      const time = trade.created_time;
      const after = this.#spans.map((span) =>
        time + span > until ? null : (middles[firstAfter(times, time + span) - 1] ?? null),
      );
      this.#give({ trade, before: middles[firstAtOrAfter(times, time) - 1] ?? null, after });
    }
  }
}

/** Where the first time after a moment stands in an ascending list. */
function firstAfter(times: readonly Timestamp[], moment: Timestamp): number {
  return firstAtOrAfter(times, moment + 1);
}

function firstAtOrAfter(times: readonly Timestamp[], moment: Timestamp): number {
  let [low, high] = [0, times.length];
  // Most are behind all that is there.
  if (high > 0 && times[high - 1]! < moment) return high;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (times[middle]! < moment) low = middle + 1;
    else high = middle;
  }
  return low;
}
