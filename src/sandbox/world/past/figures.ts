import type { Count } from "../../../units/count.js";
import type { Price } from "../../../units/price.js";
import type { MarketStats } from "../../types.js";

/** What the trades of a market have come to. */
export interface Totals {
  readonly lastPrice: Price | null;
  readonly volume: Count;
  readonly openInterest: Count;
}

/** Figures of a generated market: of its past they are added up when somebody first asks, and go on from there. */
export class MarketFigures implements MarketStats {
  #past: (() => Totals) | null = null;
  #lastPrice: Price | null = null;
  #volume: Count = 0;
  #openInterest: Count = 0;
  yesBid: Price | null = null;
  yesAsk: Price | null = null;

  /** Takes over what a past comes to, once somebody asks. */
  startFrom(past: () => Totals): void {
    this.#past = past;
  }

  get lastPrice(): Price | null {
    this.#settle();
    return this.#lastPrice;
  }

  set lastPrice(price: Price | null) {
    this.#settle();
    this.#lastPrice = price;
  }

  get volume(): Count {
    this.#settle();
    return this.#volume;
  }

  set volume(volume: Count) {
    this.#settle();
    this.#volume = volume;
  }

  get openInterest(): Count {
    this.#settle();
    return this.#openInterest;
  }

  set openInterest(openInterest: Count) {
    this.#settle();
    this.#openInterest = openInterest;
  }

  toJSON(): Totals {
    return { lastPrice: this.lastPrice, volume: this.volume, openInterest: this.openInterest };
  }

  #settle(): void {
    const past = this.#past?.();
    this.#past = null;
    if (past === undefined) return;
    this.#lastPrice = past.lastPrice;
    this.#volume = past.volume;
    this.#openInterest = past.openInterest;
  }
}
