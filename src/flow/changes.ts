import { KalshiError } from "../errors.js";
import { itemwise, none } from "./stage.js";
import { type Transform, transform } from "./transform.js";

/** A record of a market. */
interface OfMarket {
  readonly ticker: string;
}

/**
 * Only the records in which one of the named fields differs from the market's record before: `changes("spread")`. The first of a market
 * always passes.
 *
 * @throws KalshiError `BAD_ARGUMENT` without a field, and for records that have none of that name
 */
export function changes<T extends OfMarket>(...fields: readonly (keyof T)[]): Transform<T, T> {
  if (fields.length === 0) throw badField("changes of no field", []);
  return transform(() => {
    const last = new Map<string, T>();
    return itemwise((record: T) => {
      const before = last.get(record.ticker);
      const missing = before === undefined ? fields.find((field) => !(field in record)) : undefined;
      if (missing !== undefined)
        throw badField(`there is no ${JSON.stringify(missing)} to change`, Object.keys(record));
      if (before !== undefined && fields.every((field) => Object.is(before[field], record[field]))) return none;
      last.set(record.ticker, record);
      return [record];
    });
  }, "same");
}

function badField(what: string, known: readonly string[]): KalshiError {
  return new KalshiError("BAD_ARGUMENT", what, {
    hint: known.length === 0 ? 'name fields of the records, such as "spread"' : `the records have ${known.join(", ")}`,
    context: { known },
  });
}
