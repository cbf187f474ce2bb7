import type { Count } from "../../units/count.js";
import { type FineAmount, fineAmount } from "../../units/fine-amount.js";
import type { Price } from "../../units/price.js";
import { divide, product } from "../../units/sum.js";
import type { CostMethod } from "./lots.js";

/** What the lots of one position cost, in integers of `10^-decimals` dollars of the method. */
export interface Basis {
  /** Contracts are bought at a price of their side. */
  open(price: Price, count: Count): void;
  /** So many of so many held are about to be closed. */
  close(closing: Count, held: Count): void;
  /** What the next of them cost, which were opened at a price of their side. */
  next(openPrice: Price, count: Count): number | bigint;
  /** What contracts are worth at a price. */
  worth(price: Price, count: Count): number | bigint;
}

/** By the average, each of the lots that are closed together has cost the same per contract, whatever was paid for it. */
export function openBasis(method: CostMethod): Basis {
  return method === "fifo" ? new OwnCost() : new AverageCost();
}

/** The part of a cost that falls on some of the contracts that it was paid for. */
export function onAverage(cost: FineAmount, count: Count, all: Count): FineAmount {
  return count === all ? cost : divide(cost * BigInt(count), BigInt(all));
}

class OwnCost implements Basis {
  open(): void {}

  close(): void {}

  next(openPrice: Price, count: Count): number | bigint {
    return product(openPrice, count);
  }

  worth(price: Price, count: Count): number | bigint {
    return product(price, count);
  }
}

class AverageCost implements Basis {
  #cost: FineAmount = 0n;
  /** Of what is being closed: its cost, its contracts, and how far it has been dealt out. */
  #closing = { cost: 0n, count: 0 };
  #dealt = { cost: 0n, count: 0 };

  open(price: Price, count: Count): void {
    this.#cost += this.worth(price, count);
  }

  close(count: Count, held: Count): void {
    const cost = onAverage(this.#cost, count, held);
    this.#cost -= cost;
    this.#closing = { cost, count };
    this.#dealt = { cost: 0n, count: 0 };
  }

  next(_openPrice: Price, count: Count): FineAmount {
    const upTo = this.#dealt.count + count;
    const cost = onAverage(this.#closing.cost, upTo, this.#closing.count);
    const part = cost - this.#dealt.cost;
    this.#dealt = { cost, count: upTo };
    return part;
  }

  worth(price: Price, count: Count): FineAmount {
    return fineAmount(BigInt(product(price, count)));
  }
}
