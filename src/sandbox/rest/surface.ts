import type { Engine } from "../engine/engine.js";
import type { Route } from "../types.js";
import { Almanac } from "../world/almanac/almanac.js";
import { Milestones } from "../world/almanac/milestones.js";
import { Weather } from "../world/almanac/weather.js";
import type { Growing } from "../world/generate.js";
import { QuoteHistory } from "../world/past/quotes.js";
import type { Keyring } from "./auth.js";
import type { Limits } from "./limits.js";
import { Router } from "./router.js";
import { goneRoutes } from "./routes/gone.js";
import { keyRoutes } from "./routes/keys.js";
import { portfolioRoutes } from "./routes/portfolio.js";
import { publicRoutes } from "./routes/public.js";
import type { PublicSide } from "./routes/routes.js";

export interface SurfaceOptions {
  readonly growing: Growing;
  readonly engine: Engine;
  readonly limits: Limits;
  readonly keyring: Keyring;
  readonly dataAsOf?: PublicSide["dataAsOf"];
}

/** Every operation of the REST surface over a world and its engine. */
export function createSurface({ growing, engine, limits, keyring, dataAsOf }: SurfaceOptions): Router {
  const { world } = growing;
  const almanac = new Almanac(growing);
  const side = {
    world,
    books: engine,
    quotes: new QuoteHistory(world, engine),
    almanac,
    milestones: new Milestones(almanac),
    weather: new Weather(almanac),
    halted: () => engine.halted(),
    dataAsOf,
  };
  const routes: Route[] = [];
  routes.push(
    ...publicRoutes(side, { engine, limits, all: () => routes }),
    ...portfolioRoutes(engine, limits),
    ...keyRoutes(keyring, limits),
    ...goneRoutes(),
  );
  return new Router(routes);
}
