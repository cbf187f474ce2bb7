import type { Price } from "../../units/price.js";
import { ExactSum, product, toMicros } from "../../units/sum.js";
import type { Timestamp } from "../../units/time.js";

/** By row of the fills: position of that market and subaccount after it, profit it realized, running net of everything; µ$. */
export interface PerFill {
  readonly position: Float64Array;
  readonly realized: Float64Array;
  readonly net: Float64Array;
}

/** What a step of the account was. */
const FILL = 1;
const SETTLEMENT = 2;

const names = ["time", "market", "what", "realized", "fees", "net", "exposure"] as const;

/** Columns of equal length: running totals in micro-dollars after each step; `what` is 1 for a fill, 2 for a settlement. */
export type StepColumns = Readonly<Record<(typeof names)[number], Float64Array>>;

/** The account over time: a step for each fill, and for each settled position. */
export class Steps {
  readonly perFill: PerFill;
  readonly #sums = { realized: new ExactSum(), fees: new ExactSum(), net: new ExactSum() };
  readonly #decimals: number;
  readonly #finer: number | bigint;
  #columns: StepColumns;
  #length = 0;

  constructor(decimals: number, fills: number) {
    this.#decimals = decimals;
    this.#finer = decimals > 8 ? 10n ** BigInt(decimals - 6) : 10 ** (decimals - 6);
    const floats = () => new Float64Array(fills);
    this.perFill = { position: floats(), realized: floats(), net: floats() };
    this.#columns = columnsOf(fills + 16, null);
  }

  fill(
    row: number,
    time: Timestamp,
    market: number,
    realized: number | bigint,
    fee: Price,
    exposure: number | bigint,
  ): void {
    const net = this.#add(FILL, time, market, realized, fee, exposure);
    this.perFill.realized[row] = toMicros(realized, this.#decimals);
    this.perFill.net[row] = net;
  }

  settlement(time: Timestamp, market: number, realized: number | bigint, exposure: number | bigint): void {
    this.#add(SETTLEMENT, time, market, realized, 0, exposure);
  }

  columns(): StepColumns {
    return columnsOf(this.#length, this.#columns);
  }

  #add(
    what: number,
    time: Timestamp,
    market: number,
    realized: number | bigint,
    fee: Price,
    exposure: number | bigint,
  ): number {
    const at = this.#length;
    if (at === this.#columns.time.length) this.#columns = columnsOf(2 * at, this.#columns);
    this.#length += 1;
    const { realized: sum, fees, net } = this.#sums;
    sum.add(realized);
    fees.add(fee);
    net.add(realized);
    const finer = this.#finer;
    net.add(typeof finer === "bigint" ? -BigInt(fee) * finer : product(-fee, finer));
    const columns = this.#columns;
    columns.time[at] = time;
    columns.market[at] = market;
    columns.what[at] = what;
    columns.realized[at] = toMicros(sum.read(), this.#decimals);
    columns.fees[at] = toMicros(fees.read(), 6);
    columns.exposure[at] = toMicros(exposure, this.#decimals);
    const total = toMicros(net.read(), this.#decimals);
    columns.net[at] = total;
    return total;
  }
}

/** Columns of a length, with what others hold as far as it fits. */
function columnsOf(length: number, others: StepColumns | null): StepColumns {
  const column = (name: (typeof names)[number]): Float64Array => {
    if (others !== null && others[name].length >= length) return others[name].slice(0, length);
    const values = new Float64Array(length);
    if (others !== null) values.set(others[name]);
    return values;
  };
  return Object.fromEntries(names.map((name) => [name, column(name)])) as StepColumns;
}
