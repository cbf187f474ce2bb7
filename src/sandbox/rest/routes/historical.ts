import { formatTime } from "../../../units/time.js";
import type { MarketRecord, Reply, Route, SandboxRequest } from "../../types.js";
import { marketWire } from "../../wire/market-wire.js";
import { invalidParameter, notFound, ok, Refused } from "../../wire/replies.js";
import { isCombo } from "../../world/series/combo-series.js";
import { isArchived } from "../../world/tiers.js";
import { cutPage, decodeCursor, latestFirst } from "../cursor.js";
import { QueryReader } from "../query.js";
import { type PublicSide, publicGet } from "./routes.js";

/** The cutoffs, and markets of the historical tier. Its trades and candles stand beside those of the live tier. */
export function historicalRoutes(side: PublicSide): Route[] {
  const { world, books } = side;
  return [
    publicGet("/historical/cutoff", () => {
      const cutoffs = world.cutoffs();
      return ok({
        market_positions_last_updated_ts: formatTime(cutoffs.positionsUpdated),
        market_settled_ts: formatTime(cutoffs.marketSettled),
        orders_updated_ts: formatTime(cutoffs.ordersUpdated),
        trades_created_ts: formatTime(cutoffs.tradesCreated),
      });
    }),
    publicGet("/historical/markets", (request) => list(side, request)),
    publicGet("/historical/markets/:ticker", ({ params }) => {
      const market = world.markets.get(params.ticker as string);
      if (market === undefined || !isArchived(market, world.cutoffs(), world.clock.now())) return notFound();
      return ok({ market: marketWire(world, books, market) });
    }),
  ];
}

/** Archived markets, latest settlement first. Parameters it does not know are ignored, as the exchange does. */
function list({ world, books }: PublicSide, request: SandboxRequest): Reply {
  const query = new QueryReader(request.query, "GetHistoricalMarkets");
  const limit = query.limit(0, 1000, 100);
  const tickers = query.list("tickers");
  const eventTicker = query.text("event_ticker");
  const seriesTicker = query.text("series_ticker");
  if ([tickers, eventTicker, seriesTicker].filter((filter) => filter !== undefined).length > 1) {
    throw new Refused(invalidParameter("tickers, event_ticker and series_ticker exclude each other"));
  }
  const withoutCombos = query.oneOf("mve_filter", ["exclude"]) !== undefined;
  const now = world.clock.now();
  const cutoffs = world.cutoffs();
  const wanted = tickers === undefined ? null : new Set(tickers);
  const candidates = eventTicker === undefined ? [...world.markets.values()] : world.marketsOf(eventTicker);
  const found = candidates.filter(
    (market) =>
      isArchived(market, cutoffs, now) &&
      !(withoutCombos && isCombo(market)) &&
      (seriesTicker === undefined || market.seriesTicker === seriesTicker) &&
      (wanted === null || wanted.has(market.ticker)),
  );
  const positionOf = (market: MarketRecord) => ({ time: market.settledTime, id: market.ticker });
  const { rows, cursor } = cutPage(
    latestFirst(found, positionOf, decodeCursor(request.query.get("cursor"))),
    limit,
    positionOf,
  );
  return ok({ cursor, markets: rows.map((market) => marketWire(world, books, market)) });
}
