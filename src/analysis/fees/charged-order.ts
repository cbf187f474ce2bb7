import { AMOUNT_DECIMALS, type Amount } from "../../units/money.js";
import type { Price } from "../../units/price.js";
import { toMicros } from "../../units/sum.js";
import { type Fee, type FeeFill, type FeeSchedule, fillFee } from "./fee.js";

/** A fill of an order with the fee that the exchange reports, in micro-dollars, and the schedule it was charged by. */
export interface ChargedFill extends FeeFill {
  readonly schedule: FeeSchedule;
  readonly reported: Price;
}

/** Of so many fills every order is tried also where none explains what was charged: 720 of them. */
const MOST_TRIED = 6;
/** Steps of the search for an order that explains it; what is sought is found in a few times the fills. */
const MOST_STEPS = 20_000;

/** A fee as the exchange reports it: in whole micro-dollars. */
export function reportedAs(fee: Fee): Price {
  return toMicros(fee.net, AMOUNT_DECIMALS);
}

/**
 * The order in which an order's fills of one microsecond were charged, as indexes: the first that explains every reported fee, the accumulator
 * being at `carried` before. Where none does, of a few fills the one that leaves fewest unexplained, of more the order given.
 *
 * Which of those that explain everything makes no difference to what follows: they all leave the accumulator alike.
 */
export function chargedOrder(fills: readonly ChargedFill[], carried: Amount): readonly number[] {
  if (fills.length === 1) return [0];
  return new Search(fills).explaining(carried) ?? closest(fills, carried);
}

/** A walk in depth over the orders of fills that leaves out what it knows to lead nowhere. */
class Search {
  readonly #fills: readonly ChargedFill[];
  /** Fills that are alike have one name. */
  readonly #names: readonly string[];
  readonly #vain = new Set<string>();
  readonly #used: boolean[];
  readonly #order: number[] = [];
  #steps = 0;

  constructor(fills: readonly ChargedFill[]) {
    this.#fills = fills;
    this.#names = fills.map(nameOf);
    this.#used = fills.map(() => false);
  }

  /** The first order that explains every fee; null where there is none, or it would take too long. */
  explaining(carried: Amount): readonly number[] | null {
    if (this.#order.length === this.#fills.length) return this.#order;
    const state = `${this.#used.map(Number).join("")} ${carried}`;
    if (this.#vain.has(state) || this.#steps >= MOST_STEPS) return null;
    const tried = new Set<string>();
    for (const [at, fill] of this.#fills.entries()) {
      if (this.#used[at] === true || tried.has(this.#names[at]!)) continue;
      tried.add(this.#names[at]!);
      this.#steps += 1;
      const fee = fillFee(fill.schedule, fill, carried);
      if (reportedAs(fee) !== fill.reported) continue;
      this.#used[at] = true;
      this.#order.push(at);
      const found = this.explaining(fee.carried);
      if (found !== null) return found;
      this.#order.pop();
      this.#used[at] = false;
    }
    this.#vain.add(state);
    return null;
  }
}

function nameOf({ bookSide, price, count, role, reported }: ChargedFill): string {
  return `${bookSide} ${price} ${count} ${role} ${reported}`;
}

function closest(fills: readonly ChargedFill[], carried: Amount): readonly number[] {
  const given = fills.map((_, at) => at);
  if (fills.length > MOST_TRIED) return given;
  let best = given;
  let fewest = Number.POSITIVE_INFINITY;
  for (const order of permutations(given)) {
    const unexplained = unexplainedOf(fills, order, carried);
    if (unexplained < fewest) [best, fewest] = [order, unexplained];
  }
  return best;
}

function unexplainedOf(fills: readonly ChargedFill[], order: readonly number[], before: Amount): number {
  let carried = before;
  let unexplained = 0;
  for (const at of order) {
    const fill = fills[at]!;
    const fee = fillFee(fill.schedule, fill, carried);
    carried = fee.carried;
    if (reportedAs(fee) !== fill.reported) unexplained += 1;
  }
  return unexplained;
}

function* permutations(items: readonly number[]): Generator<number[]> {
  if (items.length === 0) yield [];
  for (const [at, item] of items.entries())
    for (const rest of permutations(items.toSpliced(at, 1))) yield [item, ...rest];
}
