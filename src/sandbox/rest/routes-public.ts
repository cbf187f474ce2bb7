import type { Route } from "../types.js";
import type { Limits } from "./limits.js";
import type { PublicSide } from "./routes.js";
import { accountRoutes } from "./routes-account.js";
import { bookRoutes } from "./routes-books.js";
import { candlestickRoutes } from "./routes-candlesticks.js";
import { directoryRoutes } from "./routes-directory.js";
import { eventRoutes } from "./routes-events.js";
import { exchangeRoutes } from "./routes-exchange.js";
import { historicalRoutes } from "./routes-historical.js";
import { marketRoutes } from "./routes-markets.js";
import { seriesRoutes } from "./routes-series.js";
import { tradeRoutes } from "./routes-trades.js";

/** Every operation that is not about somebody's portfolio. `all` names the whole surface, for the list of costs. */
export function publicRoutes(side: PublicSide, limits: Limits, all: () => readonly Route[]): Route[] {
  return [
    ...exchangeRoutes(side),
    ...seriesRoutes(side),
    ...eventRoutes(side),
    ...marketRoutes(side),
    ...bookRoutes(side),
    ...tradeRoutes(side),
    ...candlestickRoutes(side),
    ...historicalRoutes(side),
    ...directoryRoutes(),
    ...accountRoutes(limits, all),
  ];
}
