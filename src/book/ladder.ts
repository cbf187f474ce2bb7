import { KalshiError } from "../errors.js";
import type { Level } from "../exchange/orderbook.js";
import { type Count, formatCount } from "../units/count.js";
import { CENT, DOLLAR, formatPrice, type Price } from "../units/price.js";

/** The finest step a ladder of ticks holds: 0.01 cents, 10,001 ticks. Finer prices go to a map. */
const FINEST: Price = 100;

/** What a side without levels has for counts. */
const NONE = new Float64Array(0);

/**
 * The bids of one side: contracts per price, with the best price always known.
 *
 * Counts stand in a typed array indexed by tick, one cent apart at first and refined to 0.1 and 0.01 cents when such a price appears;
 * a price that fits no tick (finer, or beyond a dollar) moves the whole side to a map.
 */
export class Ladder {
  #step: Price = CENT;
  #counts: Float64Array = NONE;
  /** Set once a price came that has no tick. */
  #sparse: Map<Price, Count> | null = null;
  /** Tick of the best level, or the best price when sparse; −1 while empty. */
  #best = -1;

  /** The highest price with contracts, or null. */
  get best(): Price | null {
    if (this.#best < 0) return null;
    return this.#sparse === null ? this.#best * this.#step : this.#best;
  }

  /** Contracts at the best price; 0 while empty. */
  get bestCount(): Count {
    if (this.#best < 0) return 0;
    return this.#sparse === null ? this.#counts[this.#best]! : this.#sparse.get(this.#best)!;
  }

  /** Contracts at a price; 0 where there is no level. */
  at(price: Price): Count {
    if (this.#sparse !== null) return this.#sparse.get(price) ?? 0;
    const tick = price / this.#step;
    return Number.isInteger(tick) ? (this.#counts[tick] ?? 0) : 0;
  }

  /**
   * Adds to a level, which goes at zero. Returns what is there now.
   *
   * @throws KalshiError `BOOK_BROKEN` when it would fall below zero: a message was lost. The side stays as it was.
   */
  add(price: Price, delta: Count): Count {
    const after = this.tryAdd(price, delta);
    if (after < 0) throw negative(price, this.at(price), delta);
    return after;
  }

  /** As {@link add}; gives −1 where the level would fall below zero, and leaves the side as it was. */
  tryAdd(price: Price, delta: Count): Count {
    if (this.#sparse !== null) return this.#addSparse(this.#sparse, price, delta);
    const tick = (price / this.#step) | 0;
    if (tick * this.#step !== price || tick < 0 || tick >= this.#counts.length) {
      this.#fit(price);
      return this.tryAdd(price, delta);
    }
    const after = this.#counts[tick]! + delta;
    if (after < 0) return -1;
    this.#counts[tick] = after;
    if (after > 0) {
      if (tick > this.#best) this.#best = tick;
    } else if (tick === this.#best) {
      const counts = this.#counts;
      let at = tick - 1;
      while (at >= 0 && counts[at] === 0) at -= 1;
      this.#best = at;
    }
    return after;
  }

  #addSparse(levels: Map<Price, Count>, price: Price, delta: Count): Count {
    const after = (levels.get(price) ?? 0) + delta;
    if (after < 0) return -1;
    if (after > 0) {
      levels.set(price, after);
      if (price > this.#best) this.#best = price;
    } else {
      levels.delete(price);
      if (price === this.#best) this.#best = highest(levels);
    }
    return after;
  }

  /** Takes every level away; a side that had moved to a map starts again with ticks. */
  clear(): void {
    this.#best = -1;
    if (this.#sparse === null) {
      this.#counts.fill(0);
      return;
    }
    this.#sparse = null;
    this.#step = CENT;
    this.#counts = NONE;
  }

  /** Gives back the memory of a side without levels, which takes it again when one comes. */
  release(): void {
    if (this.#best >= 0) return;
    this.#sparse = null;
    this.#step = CENT;
    this.#counts = NONE;
  }

  /** Levels with contracts, ascending, best last. */
  levels(): Level[] {
    if (this.#sparse !== null) {
      return [...this.#sparse].map(([price, count]) => ({ price, count })).sort((a, b) => a.price - b.price);
    }
    const levels: Level[] = [];
    for (let tick = 0; tick <= this.#best; tick += 1) {
      const count = this.#counts[tick]!;
      if (count > 0) levels.push({ price: tick * this.#step, count });
    }
    return levels;
  }

  /** Contracts at `lowest` and above. */
  countFrom(lowest: Price): Count {
    let sum = 0;
    if (this.#sparse !== null) {
      for (const [price, count] of this.#sparse) if (price >= lowest) sum += count;
      return sum;
    }
    for (let tick = Math.max(0, Math.ceil(lowest / this.#step)); tick <= this.#best; tick += 1)
      sum += this.#counts[tick]!;
    return sum;
  }

  /** Makes room for a price that has no tick yet. */
  #fit(price: Price): void {
    if (price < 0) {
      throw new KalshiError("BOOK_BROKEN", `a level at ${formatPrice(price)}`, {
        hint: "the message is damaged; ask get_snapshot for this market",
        context: { price },
      });
    }
    if (this.#counts === NONE) {
      this.#counts = new Float64Array(DOLLAR / CENT + 1);
      if (price <= DOLLAR && price % CENT === 0) return;
    }
    if (price > DOLLAR || price % FINEST !== 0) {
      const levels = this.levels();
      this.#best = this.best ?? -1;
      this.#sparse = new Map(levels.map((level) => [level.price, level.count]));
      this.#counts = new Float64Array(0);
      return;
    }
    const step = price % 1_000 === 0 ? 1_000 : FINEST;
    const factor = this.#step / step;
    const finer = new Float64Array(DOLLAR / step + 1);
    for (let tick = 0; tick <= this.#best; tick += 1) finer[tick * factor] = this.#counts[tick]!;
    this.#counts = finer;
    if (this.#best >= 0) this.#best *= factor;
    this.#step = step;
  }
}

function highest(levels: ReadonlyMap<Price, Count>): Price {
  let best = -1;
  for (const price of levels.keys()) if (price > best) best = price;
  return best;
}

function negative(price: Price, before: Count, delta: Count): KalshiError {
  return new KalshiError(
    "BOOK_BROKEN",
    `the level at ${formatPrice(price)} holds ${formatCount(before)} and should change by ${formatCount(delta)}`,
    { hint: "a message was lost; ask get_snapshot for this market", context: { price, before, delta } },
  );
}
