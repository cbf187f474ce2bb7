import type { TradeEvent } from "../book/event.js";
import type { Count } from "../units/count.js";
import type { Price } from "../units/price.js";
import { ExactSum, quotient } from "../units/sum.js";
import type { Timestamp } from "../units/time.js";

/** The trades of a market over a span. Prices are those of the YES side; null without a trade. */
export interface Bar {
  readonly type: "bar";
  readonly ticker: string;
  /** `partial`: trades of its span may be missing, for a gap, or because the events begin or end within it. */
  readonly trust: "ok" | "partial";
  /** Of a bar by time its span, `end_time` not included; else the times of its first and last trade. */
  readonly start_time: Timestamp;
  readonly end_time: Timestamp;
  readonly price_open: Price | null;
  readonly price_high: Price | null;
  readonly price_low: Price | null;
  readonly price_close: Price | null;
  /** Mean price weighted by contracts: exact, then rounded half up to a micro-dollar. */
  readonly vwap: Price | null;
  readonly volume: Count;
  /** Contracts of trades whose taker became long YES, and NO. */
  readonly taker_yes_volume: Count;
  readonly taker_no_volume: Count;
  /** How many trades. */
  readonly trades: number;
  /** Those among them whose own bar had been given before they came. */
  readonly late_trades: number;
}

/** What a bar reads of a trade. */
export type BarTrade = Pick<TradeEvent, "yes_price" | "count" | "taker_outcome_side">;

/** A bar that trades are still added to. */
export class OpenBar {
  readonly ticker: string;
  start: Timestamp;
  end: Timestamp;
  isPartial: boolean;
  trades = 0;
  volume: Count = 0;
  #open: Price | null = null;
  #high: Price | null = null;
  #low: Price | null = null;
  #close: Price | null = null;
  #takerYes: Count = 0;
  #takerNo: Count = 0;
  #late = 0;
  /** Of price times count. */
  readonly #notional = new ExactSum();

  constructor(ticker: string, start: Timestamp, end: Timestamp, isPartial: boolean) {
    this.ticker = ticker;
    this.start = start;
    this.end = end;
    this.isPartial = isPartial;
  }

  add({ yes_price, count, taker_outcome_side }: BarTrade, isLate: boolean): void {
    this.#open ??= yes_price;
    this.#high = this.#high === null || yes_price > this.#high ? yes_price : this.#high;
    this.#low = this.#low === null || yes_price < this.#low ? yes_price : this.#low;
    this.#close = yes_price;
    this.#notional.addProduct(yes_price, count);
    this.volume += count;
    if (taker_outcome_side === "yes") this.#takerYes += count;
    else if (taker_outcome_side === "no") this.#takerNo += count;
    this.trades += 1;
    if (isLate) this.#late += 1;
  }

  closed(): Bar {
    return {
      type: "bar",
      ticker: this.ticker,
      trust: this.isPartial ? "partial" : "ok",
      start_time: this.start,
      end_time: this.end,
      price_open: this.#open,
      price_high: this.#high,
      price_low: this.#low,
      price_close: this.#close,
      vwap: this.volume === 0 ? null : quotient(this.#notional.read(), this.volume),
      volume: this.volume,
      taker_yes_volume: this.#takerYes,
      taker_no_volume: this.#takerNo,
      trades: this.trades,
      late_trades: this.#late,
    };
  }
}
