import type { Count } from "../../units/count.js";
import { DOLLAR, type Price } from "../../units/price.js";
import { ExactSum, product } from "../../units/sum.js";
import { type CostMethod, closedBy, type Holding, openHolding } from "./lots.js";

/** A sum that remembers the most it was. */
export class Peak {
  readonly #sum = new ExactSum();
  #most: number | bigint = 0;

  move(change: number | bigint): void {
    this.#sum.add(change);
    const now = this.#sum.read();
    if (now > this.#most) this.#most = now;
  }

  get now(): number | bigint {
    return this.#sum.read();
  }

  get most(): bigint {
    return BigInt(this.#most);
  }
}

/** What one subaccount holds in one market, and what has been booked there. */
export class Position {
  readonly ticker: string;
  readonly subaccount: number;
  readonly holding: Holding;
  readonly exposure = new Peak();
  /** In integers of `10^-decimals` dollars of the method. */
  readonly realized = new ExactSum();
  /** Micro-dollars. */
  readonly fees = new ExactSum();
  /** 1e-8 dollars: what opening cost, what closing brought, each side in its own price, and what settlement paid. */
  readonly paid = new ExactSum();
  readonly received = new ExactSum();
  readonly settled = new ExactSum();
  /** All money traded, each fill at the price of the side that it made longer. */
  readonly traded = new ExactSum();
  fills = 0;
  /** What the fills say was held when its market settled, and what that had cost. */
  settledPosition: Count = 0;
  settledCost: number | bigint = 0;

  constructor(ticker: string, subaccount: number, method: CostMethod) {
    this.ticker = ticker;
    this.subaccount = subaccount;
    this.holding = openHolding(method);
  }

  /** Books a fill; gives the profit it realized. */
  fill(quantity: Count, price: Price, fee: Price): number | bigint {
    const closing = closedBy(this.holding.position, quantity);
    const own = quantity > 0 ? price : DOLLAR - price;
    this.paid.addProduct(own, Math.abs(quantity) - closing);
    if (closing > 0) this.received.addProduct(DOLLAR - own, closing);
    this.traded.addProduct(own, Math.abs(quantity));
    this.fees.add(fee);
    this.fills += 1;
    const realized = this.holding.book(quantity, price);
    this.realized.add(realized);
    return realized;
  }

  /** Pays what is held at the value of one YES contract; gives the profit it realized. */
  settle(value: Price): number | bigint {
    const held = this.holding.position;
    this.settledPosition += held;
    this.settledCost = this.holding.exposure();
    this.settled.add(held > 0 ? product(value, held) : product(DOLLAR - value, -held));
    const realized = this.holding.book(-held, value);
    this.realized.add(realized);
    return realized;
  }
}
