import type { Price } from "../../units/price.js";
import { ExactSum, product, toMicros } from "../../units/sum.js";
import type { Timestamp } from "../../units/time.js";

/** One step of the account: a fill or a settled position. */
export interface Step {
  readonly time: Timestamp;
  readonly ticker: string;
  /** In integers of `10^-decimals` dollars. */
  readonly realized: number | bigint;
  readonly fee: Price;
  /** What all open positions have cost, after it. */
  readonly exposure: number | bigint;
}

/** By row of the fills: position of that market and subaccount after it, profit it realized, running net of everything; µ$. */
export interface PerFill {
  readonly position: Float64Array;
  readonly realized: Float64Array;
  readonly net: Float64Array;
}

/** The account over time: running totals after each step, in micro-dollars. */
export class Steps {
  readonly time: Timestamp[] = [];
  readonly ticker: string[] = [];
  readonly what: ("fill" | "settlement")[] = [];
  readonly realized: number[] = [];
  readonly fees: number[] = [];
  readonly net: number[] = [];
  readonly exposure: number[] = [];
  readonly perFill: PerFill;
  readonly #sums = { realized: new ExactSum(), fees: new ExactSum(), net: new ExactSum() };
  readonly #decimals: number;
  readonly #finer: number | bigint;

  constructor(decimals: number, fills: number) {
    this.#decimals = decimals;
    this.#finer = decimals > 8 ? 10n ** BigInt(decimals - 6) : 10 ** (decimals - 6);
    this.perFill = {
      position: new Float64Array(fills),
      realized: new Float64Array(fills),
      net: new Float64Array(fills),
    };
  }

  fill(row: number, step: Step): void {
    this.#add("fill", step);
    this.perFill.realized[row] = toMicros(step.realized, this.#decimals);
    this.perFill.net[row] = this.net.at(-1)!;
  }

  settlement(step: Step): void {
    this.#add("settlement", step);
  }

  #add(what: "fill" | "settlement", { time, ticker, realized, fee, exposure }: Step): void {
    const finer = this.#finer;
    const { realized: sum, fees, net } = this.#sums;
    sum.add(realized);
    fees.add(fee);
    net.add(realized);
    net.add(typeof finer === "bigint" ? -BigInt(fee) * finer : product(-fee, finer));
    this.time.push(time);
    this.ticker.push(ticker);
    this.what.push(what);
    this.realized.push(toMicros(sum.read(), this.#decimals));
    this.fees.push(toMicros(fees.read(), 6));
    this.net.push(toMicros(net.read(), this.#decimals));
    this.exposure.push(toMicros(exposure, this.#decimals));
  }
}
