import type { Count } from "../../units/count.js";
import { FINE_DECIMALS, fineAmount } from "../../units/fine-amount.js";
import { AMOUNT_DECIMALS } from "../../units/money.js";
import type { Price } from "../../units/price.js";
import { divide, ExactSum, product } from "../../units/sum.js";

/** How the cost of what is closed is found: oldest lots first, or the average of all that is held. */
export type CostMethod = "fifo" | "average";

/**
 * What one account holds in one market. One signed number: YES positive, NO negative. Everything is booked in YES prices: a NO bought
 * at $0.30 is a YES sold at $0.70, so that a NO bought against YES held closes it.
 */
export interface Holding {
  readonly position: Count;
  /** Books a signed quantity at a YES price; gives the profit it realized, without fees, in integers of `10^-decimals` dollars. */
  book(quantity: Count, price: Price): number | bigint;
  /** Sum of price times signed quantity of what is held, in integers of `10^-decimals` dollars. */
  cost(): bigint;
}

/** Decimals that profit is kept in. Products of price and count have eight and are exact; an average cost has those of a {@link FineAmount}. */
export const decimalsOf: Readonly<Record<CostMethod, number>> = { fifo: AMOUNT_DECIMALS, average: FINE_DECIMALS };

/** An empty holding. */
export function openHolding(method: CostMethod): Holding {
  return method === "fifo" ? new FifoHolding() : new AverageHolding();
}

class FifoHolding implements Holding {
  position: Count = 0;
  // A queue of lots of one sign in two arrays; `#head` is the oldest still open.
  readonly #prices: Price[] = [];
  readonly #counts: Count[] = [];
  #head = 0;

  book(quantity: Count, price: Price): number | bigint {
    const closing = this.position > 0 ? quantity < 0 : quantity > 0;
    let left = Math.abs(quantity);
    let realized: number | bigint = 0;
    if (this.position !== 0 && closing) {
      const sign = this.position > 0 ? 1 : -1;
      while (left > 0 && this.#head < this.#counts.length) {
        const held = this.#counts[this.#head]!;
        const taken = Math.min(held, left);
        realized = plus(realized, product(sign * (price - this.#prices[this.#head]!), taken));
        left -= taken;
        if (taken === held) this.#head += 1;
        else this.#counts[this.#head] = held - taken;
      }
      this.#forget();
    }
    if (left > 0) {
      this.#prices.push(price);
      this.#counts.push(left);
    }
    this.position += quantity;
    return realized;
  }

  cost(): bigint {
    const sum = new ExactSum();
    const sign = this.position > 0 ? 1 : -1;
    for (let lot = this.#head; lot < this.#counts.length; lot += 1) {
      sum.addProduct(sign * this.#prices[lot]!, this.#counts[lot]!);
    }
    return sum.value();
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
  /** Of what is held, signed as the position. */
  #cost = 0n;

  book(quantity: Count, price: Price): bigint {
    const held = this.position;
    this.position += quantity;
    if (held === 0 || held > 0 === quantity > 0) {
      this.#cost += fineAmount(BigInt(product(price, quantity)));
      return 0n;
    }
    const closed = Math.abs(quantity) < Math.abs(held) ? -quantity : held;
    const released =
      closed === held ? this.#cost : divide(this.#cost * BigInt(Math.abs(closed)), BigInt(Math.abs(held)));
    const realized = fineAmount(BigInt(product(price, closed))) - released;
    // What goes beyond closing opens the other side at this price.
    this.#cost += fineAmount(BigInt(product(price, quantity + closed))) - released;
    return realized;
  }

  cost(): bigint {
    return this.#cost;
  }
}

function plus(a: number | bigint, b: number | bigint): number | bigint {
  if (typeof a === "number" && typeof b === "number") {
    const sum = a + b;
    if (Number.isSafeInteger(sum)) return sum;
  }
  return BigInt(a) + BigInt(b);
}
