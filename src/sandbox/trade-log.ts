import type { Timestamp } from "../units/time.js";
import type { MarketRecord, TradeKey, TradeLog, TradeQuery, TradeRecord } from "./types.js";

/** Every public trade of a world, kept in memory, by market and all together. */
export class MemoryTradeLog implements TradeLog {
  readonly #byTicker = new Map<string, TradeRecord[]>();
  readonly #markets: ReadonlyMap<string, MarketRecord>;
  #all: TradeRecord[] = [];
  #ordered = true;

  /** `markets` is where the figures of a market are kept that a new trade changes. */
  constructor(markets: ReadonlyMap<string, MarketRecord>) {
    this.#markets = markets;
  }

  get size(): number {
    return this.#all.length;
  }

  /** Takes in trades of the past, whose market already has their volume and last price. Any order. */
  load(ticker: string, trades: readonly TradeRecord[]): void {
    if (trades.length === 0) return;
    const known = this.#byTicker.get(ticker);
    const list = known === undefined ? [...trades] : [...known, ...trades];
    this.#byTicker.set(ticker, list.sort(compareTrades));
    for (const trade of trades) this.#all.push(trade);
    this.#ordered = false;
  }

  append(trade: TradeRecord): void {
    const list = this.#byTicker.get(trade.ticker);
    if (list === undefined) this.#byTicker.set(trade.ticker, [trade]);
    else insert(list, trade);
    if (this.#ordered) insert(this.#all, trade);
    else this.#all.push(trade);
    const stats = this.#markets.get(trade.ticker)?.stats;
    if (stats === undefined) return;
    stats.lastPrice = trade.price;
    stats.volume += trade.count;
    if (trade.openInterest !== undefined) stats.openInterest = trade.openInterest;
  }

  page(query: TradeQuery): readonly TradeRecord[] {
    const list = query.ticker === undefined ? this.#inOrder() : (this.#byTicker.get(query.ticker) ?? []);
    let at = list.length;
    if (query.to !== undefined) at = firstNotBefore(list, { time: query.to, id: "" });
    if (query.before !== undefined) at = Math.min(at, firstNotBefore(list, query.before));
    const page: TradeRecord[] = [];
    for (at -= 1; at >= 0 && page.length < query.limit; at -= 1) {
      const trade = list[at] as TradeRecord;
      if (query.from !== undefined && trade.time < query.from) break;
      if (query.isBlock === undefined || trade.isBlock === query.isBlock) page.push(trade);
    }
    return page;
  }

  between(ticker: string, from: Timestamp, to: Timestamp): readonly TradeRecord[] {
    const list = this.#byTicker.get(ticker) ?? [];
    const start = firstNotBefore(list, { time: from, id: "" });
    return list.slice(start, firstNotBefore(list, { time: to, id: "" }));
  }

  /** The last trade of a market before a moment. */
  lastBefore(ticker: string, time: Timestamp): TradeRecord | undefined {
    const list = this.#byTicker.get(ticker) ?? [];
    return list[firstNotBefore(list, { time, id: "" }) - 1];
  }

  #inOrder(): readonly TradeRecord[] {
    if (!this.#ordered) {
      this.#all.sort(compareTrades);
      this.#ordered = true;
    }
    return this.#all;
  }
}

/** Ascending by time, then by id, as the exchange orders trades of one microsecond. */
function compareTrades(a: TradeKey, b: TradeKey): number {
  if (a.time !== b.time) return a.time - b.time;
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}

/** Keeps an ascending list ascending; nearly always at its end. */
function insert(list: TradeRecord[], trade: TradeRecord): void {
  const last = list.at(-1);
  if (last === undefined || compareTrades(last, trade) <= 0) list.push(trade);
  else list.splice(firstNotBefore(list, trade), 0, trade);
}

function firstNotBefore(list: readonly TradeKey[], key: TradeKey): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareTrades(list[middle] as TradeKey, key) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
