import { formatCount } from "../../units/count.js";
import { formatPrice } from "../../units/price.js";
import type { Levels } from "../types.js";

/** Levels as the wire has them, ascending. */
export function wireLevels(levels: Levels): readonly (readonly [string, string])[] {
  return levels.map(([price, count]) => [formatPrice(price), formatCount(count)] as const);
}
