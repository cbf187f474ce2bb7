import type { Count } from "../../../units/count.js";
import { notional } from "../../../units/money.js";
import type { Timestamp } from "../../../units/time.js";
import type { MarketRecord, TradeLog, TradeQuery, TradeRecord, Turnover } from "../../types.js";
import type { BulkTrades } from "./bulk-trades.js";
import { idChecksum } from "./checksum.js";
import { Histories } from "./histories.js";
import { endOf, takeFrom } from "./history.js";
import { compareTrades, firstNotBefore, insert } from "./trade-order.js";

/** What a market's trades add up to. */
export interface TradeSummary {
  readonly count: number;
  readonly first: TradeRecord | null;
  readonly last: TradeRecord | null;
  /** See {@link idChecksum}. */
  readonly checksum: string;
}

/**
 * Every public trade of a world. Those read from a folder or made by the engine are kept in memory, by market and all together; the
 * generated past and bulk markets are made when asked for.
 */
export class MemoryTradeLog implements TradeLog {
  readonly #byTicker = new Map<string, TradeRecord[]>();
  readonly #bulk = new Map<string, BulkTrades>();
  /** The generated past, before everything that is appended. */
  readonly histories = new Histories();
  readonly #markets: ReadonlyMap<string, MarketRecord>;
  #all: TradeRecord[] = [];
  #ordered = true;

  /** `markets` is where the figures of a market are kept that a new trade changes. */
  constructor(markets: ReadonlyMap<string, MarketRecord>) {
    this.#markets = markets;
  }

  get size(): number {
    let size = this.#all.length + this.histories.size;
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
    const { ticker } = query;
    if (ticker === undefined) {
      return joined(query, pageOf(this.#inOrder(), query), [this.histories, ...this.#bulk.values()]);
    }
    const made = this.#bulk.get(ticker) ?? this.histories.of(ticker);
    return joined(query, pageOf(this.#byTicker.get(ticker) ?? [], query), made === undefined ? [] : [made]);
  }

  between(ticker: string, from: Timestamp, to: Timestamp): readonly TradeRecord[] {
    const list = this.#byTicker.get(ticker) ?? [];
    const start = firstNotBefore(list, { time: from, id: "" });
    const kept = list.slice(start, firstNotBefore(list, { time: to, id: "" }));
    const past = this.histories.of(ticker)?.between(from, to) ?? [];
    return past.length === 0 ? kept : [...past, ...kept];
  }

  /** Contracts traded in [from, to). */
  volumeBetween(ticker: string, from: Timestamp, to: Timestamp): Count {
    const bulk = this.#bulk.get(ticker);
    if (bulk !== undefined) return bulk.volumeBetween(from, to);
    let sum = this.histories.of(ticker)?.volumeBetween(from, to) ?? 0;
    const list = this.#byTicker.get(ticker) ?? [];
    const until = firstNotBefore(list, { time: to, id: "" });
    for (let at = firstNotBefore(list, { time: from, id: "" }); at < until; at += 1) sum += list[at]?.count ?? 0;
    return sum;
  }

  /** The last trade of a market before a moment. */
  lastBefore(ticker: string, time: Timestamp): TradeRecord | undefined {
    const bulk = this.#bulk.get(ticker);
    if (bulk === undefined) {
      const list = this.#byTicker.get(ticker) ?? [];
      const kept = list[firstNotBefore(list, { time, id: "" }) - 1];
      return kept ?? this.histories.of(ticker)?.lastBefore(time);
    }
    const index = bulk.firstNotBefore({ time, id: "" }) - 1;
    return index < 0 ? undefined : bulk.at(index);
  }

  turnover(ticker: string): Turnover {
    const past = this.histories.of(ticker)?.turnover ?? { dollars: 0n, lastCount: 0 };
    const list = this.#byTicker.get(ticker) ?? [];
    return {
      dollars: list.reduce((sum, { price, count }) => sum + notional(price, count), past.dollars),
      lastCount: list.at(-1)?.count ?? past.lastCount,
    };
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

/** A page with what others have to add to it; of what is older than a full page nothing can come into it. */
function joined(
  query: TradeQuery,
  start: readonly TradeRecord[],
  others: readonly { page(query: TradeQuery): readonly TradeRecord[] }[],
): readonly TradeRecord[] {
  let page = start;
  for (const other of others) {
    const oldest = page.length < query.limit ? undefined : page.at(-1)?.time;
    const more = other.page({ ...query, from: Math.max(query.from ?? 0, oldest ?? 0) });
    if (page.length === 0) page = more;
    else if (more.length > 0) page = [...page, ...more].sort((a, b) => compareTrades(b, a)).slice(0, query.limit);
  }
  return page;
}

function pageOf(list: readonly TradeRecord[], query: TradeQuery): TradeRecord[] {
  const page: TradeRecord[] = [];
  takeFrom(list, endOf(query), query, page);
  return page;
}
