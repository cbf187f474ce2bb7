import type { Timestamp } from "../../../units/time.js";
import type { Halt } from "../../engine/halts.js";
import type { Books, Reply, Route, SandboxRequest } from "../../types.js";
import type { Almanac } from "../../world/almanac/almanac.js";
import type { Milestones } from "../../world/almanac/milestones.js";
import type { Weather } from "../../world/almanac/weather.js";
import type { QuoteSource } from "../../world/past/quotes.js";
import type { MemoryWorld } from "../../world/world.js";

/** What the public operations answer from. */
export interface PublicSide {
  readonly world: MemoryWorld;
  readonly books: Books;
  readonly quotes: QuoteSource;
  readonly almanac: Almanac;
  readonly milestones: Milestones;
  readonly weather: Weather;
  /** What of the exchange is paused. */
  readonly halted: () => Halt;
  /** How far what a member reads of its own has caught up; that of everybody for null. The present where absent. */
  readonly dataAsOf?: ((userId: string | null) => Timestamp) | undefined;
}

/** Tokens of an operation that is not listed as an exception. */
export const DEFAULT_COST = 10;

/** A public read at the usual price. */
export function publicGet(path: string, handle: (request: SandboxRequest) => Reply): Route {
  return { method: "GET", path, access: "public", bucket: "read", cost: DEFAULT_COST, handle };
}
