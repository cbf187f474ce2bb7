import type { ColumnTable } from "arquero";
import type { BookSnapshot } from "../../src/flow/book-snapshots.js";
import { tableOf } from "../../src/frames/table-of.js";
import { CENT } from "../../src/units/price.js";
import { SECOND } from "../../src/units/time.js";
import { random, START } from "./samples.js";

/** Books of one market a second apart, as a recording gives them; nothing is known of those of `unknown`. */
export function books(count: number, { levels = 5, unknown = [] as readonly number[] } = {}): ColumnTable {
  const next = random(19);
  let best = 45;
  const records = Array.from({ length: count }, (_, at): BookSnapshot => {
    best = Math.min(80, Math.max(20, best + Math.round((next() - 0.5) * 3)));
    const known = !unknown.includes(at);
    const side = (top: number) =>
      Array.from({ length: levels }, (_, level) => ({
        price: (top - levels + 1 + level) * CENT,
        count: 100 * Math.ceil(next() * 900),
      }));
    return {
      type: "book",
      ticker: "SANDBOX-26OCT01-A",
      time: START + at * SECOND,
      trust: known ? "ok" : "unknown",
      yes: known ? side(best) : null,
      no: known ? side(98 - best) : null,
    };
  });
  return tableOf(records);
}
