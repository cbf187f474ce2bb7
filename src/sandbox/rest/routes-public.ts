import type { Engine } from "../engine/engine.js";
import type { Route } from "../types.js";
import type { Limits } from "./limits.js";
import type { PublicSide } from "./routes.js";
import { accountRoutes } from "./routes-account.js";
import { bookRoutes } from "./routes-books.js";
import { candlestickRoutes } from "./routes-candlesticks.js";
import { collectionRoutes } from "./routes-collections.js";
import { eventRoutes } from "./routes-events.js";
import { exchangeRoutes } from "./routes-exchange.js";
import { forecastRoutes } from "./routes-forecasts.js";
import { historicalRoutes } from "./routes-historical.js";
import { incentiveRoutes } from "./routes-incentives.js";
import { liveDataRoutes } from "./routes-live-data.js";
import { marketRoutes } from "./routes-markets.js";
import { milestoneRoutes } from "./routes-milestones.js";
import { searchRoutes } from "./routes-search.js";
import { seriesRoutes } from "./routes-series.js";
import { targetRoutes } from "./routes-targets.js";
import { tradeRoutes } from "./routes-trades.js";
import { weatherRoutes } from "./routes-weather.js";

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
