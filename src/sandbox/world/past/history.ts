import type { Count } from "../../../units/count.js";
import { HOUR, type Timestamp } from "../../../units/time.js";
import type { MarketRecord, TradeKey, TradeQuery, TradeRecord, Turnover } from "../../types.js";
import type { BuiltEvent } from "../plan.js";
import type { Random } from "../random.js";
import { hourOf } from "./busy-hours.js";
import type { Totals } from "./figures.js";
import { HourlyPrints, type Print } from "./prints.js";
import type { Recent } from "./recent.js";
import { firstNotBefore } from "./trade-order.js";

/** Hours of trades that were made, by market and hour. */
export type KeptHours = Recent<readonly TradeRecord[]>;

/**
 * The trades that a generated market has had when it comes into a running world. Nothing of them is made before somebody asks; then
 * their hours are summed up once, without ids, and single hours are made as they are wanted, and forgotten again.
 */
export class MarketHistory {
  readonly market: MarketRecord;
  /** The first hour that may have trades, and the last. */
  readonly firstHour: number;
  readonly lastHour: number;
  readonly #prints: HourlyPrints;
  readonly #ids: Random;
  readonly #until: Timestamp;
  readonly #kept: KeptHours;
  #sums: Sums | null = null;

  /** All trades of a market before `until`. */
  constructor(built: BuiltEvent, index: number, until: Timestamp, kept: KeptHours) {
    this.market = built.markets[index] as MarketRecord;
    this.#prints = new HourlyPrints(built, index);
    this.#ids = built.random.stream(`ids/${this.market.ticker}`);
    this.#until = until;
    this.#kept = kept;
    this.firstHour = this.#prints.first;
    this.lastHour = Math.min(this.#prints.last, hourOf(until - 1));
  }

  get count(): number {
    return this.#summed().counts.at(-1) as number;
  }

  get totals(): Totals {
    const { volumes, held, last } = this.#summed();
    return { lastPrice: last?.price ?? null, volume: volumes.at(-1) as number, openInterest: held.at(-1) as number };
  }

  get turnover(): Turnover {
    const { dollars, last } = this.#summed();
    return { dollars: BigInt(dollars), lastCount: last?.count ?? 0 };
  }

  /** Trades of an hour, oldest first. */
  hour(hour: number): readonly TradeRecord[] {
    if (hour < this.firstHour || hour > this.lastHour) return [];
    return this.#kept.get(`${this.market.ticker}/${hour}`, () => this.make(hour));
  }

  /** The same, made anew and not kept. */
  make(hour: number): readonly TradeRecord[] {
    const prints = this.#printsOf(hour);
    if (prints.length === 0) return [];
    const { ticker } = this.market;
    const random = this.#ids.numbered(hour);
    let openInterest = this.#summed().held[hour - this.firstHour] as number;
    let first = 0;
    return prints.map(({ time, price, count, taker, isBlock, rank, opened }) => {
      openInterest = Math.max(0, openInterest + opened);
      // The first byte makes the trades of one sweep ascend.
      if (rank === 0) first = random.integer(0, 240);
      return { id: random.uuid(first + rank), ticker, price, count, taker, time, isBlock, openInterest };
    });
  }

  /** Trades in [from, to), oldest first. */
  between(from: Timestamp, to: Timestamp): readonly TradeRecord[] {
    const trades: TradeRecord[] = [];
    const last = Math.min(this.lastHour, hourOf(to - 1));
    for (let hour = Math.max(this.firstHour, hourOf(from)); hour <= last; hour += 1) {
      if (this.#isEmpty(hour)) continue;
      for (const trade of this.hour(hour)) if (trade.time >= from && trade.time < to) trades.push(trade);
    }
    return trades;
  }

  /** Contracts traded in [from, to). */
  volumeBetween(from: Timestamp, to: Timestamp): Count {
    if (to <= this.firstHour * HOUR || from >= (this.lastHour + 1) * HOUR) return 0;
    return this.#volumeBefore(to) - this.#volumeBefore(from);
  }

  /** The last trade before a moment. */
  lastBefore(time: Timestamp): TradeRecord | undefined {
    for (let hour = Math.min(this.lastHour, hourOf(time - 1)); hour >= this.firstHour; hour -= 1) {
      if (this.#isEmpty(hour)) continue;
      const trades = this.hour(hour);
      const found = trades[firstNotBefore(trades, { time, id: "" }) - 1];
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** Newest first, as {@link TradeQuery} asks. */
  page(query: TradeQuery): readonly TradeRecord[] {
    const end = endOf(query);
    const lowest = query.from === undefined ? this.firstHour : Math.max(this.firstHour, hourOf(query.from));
    const page: TradeRecord[] = [];
    for (let hour = Math.min(this.lastHour, hourOf(end.time)); hour >= lowest; hour -= 1) {
      if (this.#isEmpty(hour)) continue;
      takeFrom(this.hour(hour), end, query, page);
      if (page.length === query.limit) break;
    }
    return page;
  }

  #volumeBefore(time: Timestamp): Count {
    const { volumes } = this.#summed();
    const hour = hourOf(time);
    const whole = volumes[Math.max(0, Math.min(hour - this.firstHour, volumes.length - 1))] as number;
    if (time <= hour * HOUR || hour < this.firstHour || hour > this.lastHour) return whole;
    return this.#printsOf(hour).reduce((sum, print) => (print.time < time ? sum + print.count : sum), whole);
  }

  #isEmpty(hour: number): boolean {
    const { counts } = this.#summed();
    const at = hour - this.firstHour;
    return counts[at] === counts[at + 1];
  }

  #printsOf(hour: number): readonly Print[] {
    const prints = this.#prints.inHour(hour);
    return (hour + 1) * HOUR <= this.#until ? prints : prints.filter(({ time }) => time < this.#until);
  }

  /** Running sums at the start of each hour, and at the very end. */
  #summed(): Sums {
    if (this.#sums !== null) return this.#sums;
    const hours = Math.max(0, this.lastHour - this.firstHour + 1);
    const counts = new Uint32Array(hours + 1);
    const volumes = new Float64Array(hours + 1);
    const held = new Float64Array(hours + 1);
    let last: Print | null = null;
    // Below 2^53 as long as a market has less than 180 million contracts.
    let dollars = 0;
    for (let at = 0; at < hours; at += 1) {
      const prints = this.#printsOf(this.firstHour + at);
      let [volume, open] = [volumes[at] as number, held[at] as number];
      for (const { price, count, opened } of prints) {
        volume += count;
        dollars += price * count;
        open = Math.max(0, open + opened);
      }
      counts[at + 1] = (counts[at] as number) + prints.length;
      [volumes[at + 1], held[at + 1]] = [volume, open];
      last = prints.at(-1) ?? last;
    }
    this.#sums = { counts, volumes, held, last, dollars };
    return this.#sums;
  }
}

interface Sums {
  readonly counts: Uint32Array;
  readonly volumes: Float64Array;
  /** Open interest. */
  readonly held: Float64Array;
  readonly last: Print | null;
  /** Price times count of all trades. */
  readonly dollars: number;
}

/** Before which trade, or moment, the answer to a question ends. */
export function endOf({ to = Number.MAX_SAFE_INTEGER, before }: TradeQuery): TradeKey {
  return before !== undefined && before.time < to ? before : { time: to, id: "" };
}

/** Adds what a question asks of some trades, oldest first, to a page that is newest first. */
export function takeFrom(trades: readonly TradeRecord[], end: TradeKey, query: TradeQuery, page: TradeRecord[]): void {
  for (let at = firstNotBefore(trades, end) - 1; at >= 0 && page.length < query.limit; at -= 1) {
    const trade = trades[at] as TradeRecord;
    if (query.from !== undefined && trade.time < query.from) return;
    if (query.isBlock === undefined || trade.isBlock === query.isBlock) page.push(trade);
  }
}
