import type { Count } from "../../units/count.js";
import { FINE_DECIMALS, fineAmount } from "../../units/fine-amount.js";
import { AMOUNT_DECIMALS } from "../../units/money.js";
import { DOLLAR, type Price } from "../../units/price.js";
import { ExactSum, product } from "../../units/sum.js";
import { onAverage } from "./basis.js";

/** How the cost of what is closed is found: oldest lots first, or the average of all that is held. */
export const costMethods = ["fifo", "average"] as const;
export type CostMethod = (typeof costMethods)[number];

/**
 * What one account holds in one market. One signed number: YES positive, NO negative. Everything is booked in YES prices: a NO bought
 * at $0.30 is a YES sold at $0.70, so that a NO bought against YES held closes it.
 */
export interface Holding {
  readonly position: Count;
  /** Books a signed quantity at a YES price; gives the profit it realized, without fees, in integers of `10^-decimals` dollars. */
  book(quantity: Count, price: Price): number | bigint;
  /** What is held has cost so much, each side in its own price, in integers of `10^-decimals` dollars. */
  exposure(): number | bigint;
}

/** Decimals that profit is kept in. Products of price and count have eight and are exact; an average cost has those of a `FineAmount`. */
export const decimalsOf: Readonly<Record<CostMethod, number>> = { fifo: AMOUNT_DECIMALS, average: FINE_DECIMALS };

/** An empty holding. */
export function openHolding(method: CostMethod): Holding {
  return method === "fifo" ? new FifoHolding() : new AverageHolding();
}

/** Contracts that a signed quantity closes of a position before it opens any. */
export function closedBy(position: Count, quantity: Count): Count {
  if (position === 0 || position > 0 === quantity > 0) return 0;
  return Math.min(Math.abs(position), Math.abs(quantity));
}

class FifoHolding implements Holding {
  position: Count = 0;
  // A queue of lots of one sign in two arrays; `#head` is the oldest still open.
  readonly #prices: Price[] = [];
  readonly #counts: Count[] = [];
  readonly #exposure = new ExactSum();
  #head = 0;

  book(quantity: Count, price: Price): number | bigint {
    const closing = closedBy(this.position, quantity);
    const realized = closing === 0 ? 0 : this.#close(closing, price);
    const opening = Math.abs(quantity) - closing;
    if (opening > 0) {
      this.#prices.push(price);
      this.#counts.push(opening);
      this.#exposure.addProduct(quantity > 0 ? price : DOLLAR - price, opening);
    }
    this.position += quantity;
    return realized;
  }

  exposure(): number | bigint {
    return this.#exposure.read();
  }

  #close(closing: Count, price: Price): number | bigint {
    const isLong = this.position > 0;
    let left = closing;
    let realized: number | bigint = 0;
    while (left > 0) {
      const [held, opened] = [this.#counts[this.#head]!, this.#prices[this.#head]!];
      const taken = Math.min(held, left);
      realized = plus(realized, product(isLong ? price - opened : opened - price, taken));
      this.#exposure.addProduct(isLong ? -opened : opened - DOLLAR, taken);
      left -= taken;
      if (taken === held) this.#head += 1;
      else this.#counts[this.#head] = held - taken;
    }
    this.#forget();
    return realized;
  }

  #forget(): void {
    if (this.#head < this.#counts.length && this.#head < 1_024) return;
    this.#prices.splice(0, this.#head);
    this.#counts.splice(0, this.#head);
    this.#head = 0;
  }
}

class AverageHolding implements Holding {
  position: Count = 0;
  #exposure = 0n;

  book(quantity: Count, price: Price): bigint {
    const held = this.position;
    const closing = closedBy(held, quantity);
    // Each side in its own price, as it is paid for: what closes sells the other side.
    const own = quantity > 0 ? price : DOLLAR - price;
    let realized = 0n;
    if (closing > 0) {
      const released = onAverage(this.#exposure, closing, Math.abs(held));
      realized = fineAmount(BigInt(product(DOLLAR - own, closing))) - released;
      this.#exposure -= released;
    }
    this.#exposure += fineAmount(BigInt(product(own, Math.abs(quantity) - closing)));
    this.position += quantity;
    return realized;
  }

  exposure(): bigint {
    return this.#exposure;
  }
}

function plus(a: number | bigint, b: number | bigint): number | bigint {
  if (typeof a === "number" && typeof b === "number") {
    const sum = a + b;
    if (Number.isSafeInteger(sum)) return sum;
  }
  return BigInt(a) + BigInt(b);
}
