import { DAY, HOUR, type Timestamp } from "../../../units/time.js";
import type { TradeQuery, TradeRecord } from "../../types.js";
import type { BuiltEvent } from "../plan.js";
import { hourOf } from "./busy-hours.js";
import { MarketFigures } from "./figures.js";
import { endOf, type KeptHours, MarketHistory, takeFrom } from "./history.js";
import { Recent } from "./recent.js";
import { compareTrades } from "./trade-order.js";

/** Trades kept of single markets, and of whole hours over all markets. */
const MOST_KEPT = 40_000;

/** The generated past of all markets of a world: by market, and hour by hour over all of them. */
export class Histories {
  readonly #byTicker = new Map<string, MarketHistory>();
  readonly #byDay = new Map<number, MarketHistory[]>();
  readonly #hours: KeptHours = new Recent(MOST_KEPT, (trades) => trades.length + 1);
  readonly #kept: KeptHours = new Recent(MOST_KEPT, (trades) => trades.length + 1);
  #first = Number.POSITIVE_INFINITY;
  #last = Number.NEGATIVE_INFINITY;

  /** Adds the trades of a market before `until`, and lets its figures go on from there. */
  add(built: BuiltEvent, index: number, until: Timestamp): void {
    const history = new MarketHistory(built, index, until, this.#kept);
    const { stats } = history.market;
    if (stats instanceof MarketFigures) stats.startFrom(() => history.totals);
    this.#byTicker.set(history.market.ticker, history);
    if (history.lastHour < history.firstHour) return;
    this.#first = Math.min(this.#first, history.firstHour);
    this.#last = Math.max(this.#last, history.lastHour);
    for (let day = dayOf(history.firstHour); day <= dayOf(history.lastHour); day += 1) {
      const list = this.#byDay.get(day);
      if (list === undefined) this.#byDay.set(day, [history]);
      else list.push(history);
    }
    this.#hours.clear();
  }

  of(ticker: string): MarketHistory | undefined {
    return this.#byTicker.get(ticker);
  }

  /** Number of trades in all. Adds up every history that was not yet. */
  get size(): number {
    let size = 0;
    for (const { count } of this.#byTicker.values()) size += count;
    return size;
  }

  /** Newest first over all markets, as {@link TradeQuery} asks. */
  page(query: TradeQuery): readonly TradeRecord[] {
    const end = endOf(query);
    const lowest = query.from === undefined ? this.#first : Math.max(this.#first, hourOf(query.from));
    const page: TradeRecord[] = [];
    for (let hour = Math.min(this.#last, hourOf(end.time)); hour >= lowest; hour -= 1) {
      takeFrom(this.#hour(hour), end, query, page);
      if (page.length === query.limit) break;
    }
    return page;
  }

  #hour(hour: number): readonly TradeRecord[] {
    return this.#hours.get(String(hour), () => {
      const trades: TradeRecord[] = [];
      for (const history of this.#byDay.get(dayOf(hour)) ?? []) {
        if (hour < history.firstHour || hour > history.lastHour) continue;
        for (const trade of history.make(hour)) trades.push(trade);
      }
      return trades.sort(compareTrades);
    });
  }
}

function dayOf(hour: number): number {
  return Math.floor((hour * HOUR) / DAY);
}
