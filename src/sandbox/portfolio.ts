import type { Engine } from "./engine.js";
import type { Route } from "./types.js";

/** The signed REST operations on orders, fills, positions, settlements and balance, live and historical. */
export function portfolioRoutes(_engine: Engine): Route[] {
  return [];
}
