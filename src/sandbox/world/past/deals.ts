import type { Count } from "../../../units/count.js";
import { type Amount, roundAmount } from "../../../units/money.js";
import type { Price } from "../../../units/price.js";
import type { Timestamp } from "../../../units/time.js";
import type { BulkTrades } from "./bulk-trades.js";
import type { Ohlc } from "./quotes.js";

/** What the trades of one period come to. */
export interface Deals {
  readonly price: Ohlc & { readonly mean: Price };
  readonly volume: Count;
  /** After the last of them; absent where nobody knows. */
  readonly openInterest?: Count | undefined;
}

/** Beyond this a sum of micro-dollars times hundredths of a contract is carried over, so that it stays exact. */
const CARRY = 2 ** 52;

/** Adds up the trades of one period, oldest first. */
export class Tally {
  #open: Price | null = null;
  #high: Price = 0;
  #low: Price = Number.POSITIVE_INFINITY;
  #close: Price = 0;
  #volume: Count = 0;
  #carried: Amount = 0n;
  #sum = 0;

  add(price: Price, count: Count): void {
    this.#open ??= price;
    this.#high = Math.max(this.#high, price);
    this.#low = Math.min(this.#low, price);
    this.#close = price;
    this.#volume += count;
    const product = price * count;
    if (this.#sum + product > CARRY) {
      this.#carried += BigInt(this.#sum);
      this.#sum = 0;
    }
    if (product > CARRY) this.#carried += BigInt(price) * BigInt(count);
    else this.#sum += product;
  }

  /** Of at least one trade. */
  deals(openInterest?: Count): Deals {
    const sum = this.#carried + BigInt(this.#sum);
    // Micro-dollars times hundredths, divided by hundredths: with two more decimals for the rounding.
    const mean = roundAmount((sum * 100n) / BigInt(this.#volume), 1, "half-up");
    const price = { open: this.#open as Price, high: this.#high, low: this.#low, close: this.#close, mean };
    return { price, volume: this.#volume, openInterest };
  }
}

/** The same of a bulk market's trades in [from, to), by the end of each period with trades: none of them becomes an object. */
export function bulkDeals(
  trades: BulkTrades,
  from: Timestamp,
  to: Timestamp,
  periodEnd: (time: Timestamp) => Timestamp,
): Map<Timestamp, Deals> {
  const deals = new Map<Timestamp, Deals>();
  const until = trades.firstNotBefore({ time: to, id: "" });
  for (let at = trades.firstNotBefore({ time: from, id: "" }); at < until; ) {
    const end = periodEnd(trades.timeAt(at));
    const tally = new Tally();
    for (; at < until && trades.timeAt(at) <= end; at += 1) tally.add(trades.priceAt(at), trades.countAt(at));
    deals.set(end, tally.deals());
  }
  return deals;
}
