import type { Count } from "../../units/count.js";
import type { Timestamp } from "../../units/time.js";
import type { MarketRecord, TradeKey, TradeLog, TradeQuery, TradeRecord } from "../types.js";
import type { BulkTrades } from "./bulk-trades.js";
import { idChecksum } from "./checksum.js";

/** What a market's trades add up to. */
export interface TradeSummary {
  readonly count: number;
  readonly first: TradeRecord | null;
  readonly last: TradeRecord | null;
  /** See {@link idChecksum}. */
  readonly checksum: string;
}

/** Every public trade of a world, kept in memory, by market and all together; those of bulk markets are made when asked for. */
export class MemoryTradeLog implements TradeLog {
  readonly #byTicker = new Map<string, TradeRecord[]>();
  readonly #bulk = new Map<string, BulkTrades>();
  readonly #markets: ReadonlyMap<string, MarketRecord>;
  #all: TradeRecord[] = [];
  #ordered = true;

  /** `markets` is where the figures of a market are kept that a new trade changes. */
  constructor(markets: ReadonlyMap<string, MarketRecord>) {
    this.#markets = markets;
  }

  get size(): number {
    let size = this.#all.length;
    for (const bulk of this.#bulk.values()) size += bulk.length;
    return size;
  }

  /** Takes in a market whose trades are made when asked for, and sets its figures. It gets no others. */
  addBulk(bulk: BulkTrades): void {
    this.#bulk.set(bulk.ticker, bulk);
    const stats = this.#markets.get(bulk.ticker)?.stats;
    if (stats === undefined) return;
    stats.volume = bulk.volumeBetween(0, Number.MAX_SAFE_INTEGER);
    stats.lastPrice = bulk.priceAt(bulk.length - 1);
  }

  /** The trades of a bulk market; undefined for any other. */
  bulk(ticker: string): BulkTrades | undefined {
    return this.#bulk.get(ticker);
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
    if (query.ticker !== undefined) {
      const bulk = this.#bulk.get(query.ticker);
      return bulk === undefined ? pageOf(this.#byTicker.get(query.ticker) ?? [], query) : bulk.page(query);
    }
    let page = pageOf(this.#inOrder(), query);
    for (const bulk of this.#bulk.values()) {
      // Of what is older than a full page nothing can come into it.
      const oldest = page.length < query.limit ? undefined : page.at(-1)?.time;
      const more = bulk.page({ ...query, from: Math.max(query.from ?? 0, oldest ?? 0) });
      if (more.length === 0) continue;
      page = [...page, ...more].sort((one, other) => compareTrades(other, one)).slice(0, query.limit);
    }
    return page;
  }

  between(ticker: string, from: Timestamp, to: Timestamp): readonly TradeRecord[] {
    const list = this.#byTicker.get(ticker) ?? [];
    const start = firstNotBefore(list, { time: from, id: "" });
    return list.slice(start, firstNotBefore(list, { time: to, id: "" }));
  }

  /** Contracts traded in [from, to). */
  volumeBetween(ticker: string, from: Timestamp, to: Timestamp): Count {
    const bulk = this.#bulk.get(ticker);
    if (bulk !== undefined) return bulk.volumeBetween(from, to);
    return this.between(ticker, from, to).reduce((sum, { count }) => sum + count, 0);
  }

  /** The last trade of a market before a moment. */
  lastBefore(ticker: string, time: Timestamp): TradeRecord | undefined {
    const bulk = this.#bulk.get(ticker);
    if (bulk === undefined) {
      const list = this.#byTicker.get(ticker) ?? [];
      return list[firstNotBefore(list, { time, id: "" }) - 1];
    }
    const index = bulk.firstNotBefore({ time, id: "" }) - 1;
    return index < 0 ? undefined : bulk.at(index);
  }

  /** What there is of a market before a moment, to hold a download against. All of a bulk market lies in the past. */
  summary(ticker: string, until: Timestamp): TradeSummary {
    const bulk = this.#bulk.get(ticker);
    if (bulk === undefined) {
      const list = this.between(ticker, 0, until);
      const checksum = idChecksum(list.map(({ id }) => id));
      return { count: list.length, first: list[0] ?? null, last: list.at(-1) ?? null, checksum };
    }
    const { length } = bulk;
    return { count: length, first: bulk.at(0), last: bulk.at(length - 1), checksum: idChecksum(bulk.ids()) };
  }

  #inOrder(): readonly TradeRecord[] {
    if (!this.#ordered) {
      this.#all.sort(compareTrades);
      this.#ordered = true;
    }
    return this.#all;
  }
}

function pageOf(list: readonly TradeRecord[], query: TradeQuery): TradeRecord[] {
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
