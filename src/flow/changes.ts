import { itemwise, none } from "./stage.js";
import { type Transform, transform } from "./transform.js";

/** A record of a market. */
interface OfMarket {
  readonly ticker: string;
}

/**
 * Only the records in which one of the named fields differs from the market's record before: `changes("spread")`. The first of a market
 * always passes.
 */
export function changes<T extends OfMarket>(...fields: readonly (keyof T)[]): Transform<T, T> {
  return transform(() => {
    const last = new Map<string, T>();
    return itemwise((record: T) => {
      const before = last.get(record.ticker);
      if (before !== undefined && fields.every((field) => Object.is(before[field], record[field]))) return none;
      last.set(record.ticker, record);
      return [record];
    });
  }, "same");
}
