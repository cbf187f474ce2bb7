import type { Engine } from "../../engine/engine.js";
import type { Route } from "../../types.js";
import type { Limits } from "../limits.js";
import { accountRoutes } from "./account.js";
import { bookRoutes } from "./books.js";
import { candlestickRoutes } from "./candlesticks.js";
import { collectionRoutes } from "./collections.js";
import { eventRoutes } from "./events.js";
import { exchangeRoutes } from "./exchange.js";
import { forecastRoutes } from "./forecasts.js";
import { historicalRoutes } from "./historical.js";
import { incentiveRoutes } from "./incentives.js";
import { liveDataRoutes } from "./live-data.js";
import { marketRoutes } from "./markets.js";
import { milestoneRoutes } from "./milestones.js";
import type { PublicSide } from "./routes.js";
import { searchRoutes } from "./search.js";
import { seriesRoutes } from "./series.js";
import { targetRoutes } from "./targets.js";
import { tradeRoutes } from "./trades.js";
import { weatherRoutes } from "./weather.js";

/** What operations about the account itself need. `all` names the whole surface, for the list of costs. */
export interface AccountSide {
  readonly engine: Engine;
  readonly limits: Limits;
  readonly all: () => readonly Route[];
}

/** Every operation that is not about somebody's portfolio or keys. */
export function publicRoutes(side: PublicSide, { engine, limits, all }: AccountSide): Route[] {
  return [
    ...exchangeRoutes(side),
    ...seriesRoutes(side),
    ...eventRoutes(side),
    ...marketRoutes(side),
    ...bookRoutes(side),
    ...tradeRoutes(side),
    ...candlestickRoutes(side),
    ...historicalRoutes(side),
    ...milestoneRoutes(side),
    ...targetRoutes(side),
    ...incentiveRoutes(side),
    ...collectionRoutes(side),
    ...searchRoutes(side),
    ...liveDataRoutes(side),
    ...weatherRoutes(side),
    ...forecastRoutes(side),
    ...accountRoutes(engine, limits, all),
  ];
}
