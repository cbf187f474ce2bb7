import type { EventRecord, JsonObject, MarketRecord, Reply, Route, SandboxRequest } from "../types.js";
import { marketWire } from "../wire/market-wire.js";
import { notFound, ok } from "../wire/replies.js";
import { passes, statusFilters } from "../world/lifecycle.js";
import { isLive } from "../world/tiers.js";
import { cutPage, decodeCursor, latestFirst, type Position } from "./cursor.js";
import { eventFeeChanges, eventWire } from "./fee-changes.js";
import { QueryReader } from "./query.js";
import { type PublicSide, publicGet } from "./routes.js";

/** Events, which are never archived; nested in them are the markets of the live tier only. */
export function eventRoutes(side: PublicSide): Route[] {
  return [
    publicGet("/events", (request) => list(side, request)),
    publicGet("/events/multivariate", () => ok({ cursor: "", events: [] })),
    publicGet("/events/fee_changes", (request) => eventFeeChanges(side.world, request)),
    publicGet("/events/:event_ticker", ({ params, query }) => {
      const nested = new QueryReader(query, "GetEvent").flag("with_nested_markets") === true;
      const event = side.world.events.get(params.event_ticker as string);
      if (event === undefined) return notFound();
      const wire = eventWire(side.world, event);
      const markets = liveMarkets(side, event).map((market) => marketWire(side.world, side.books, market));
      return ok({ event: nested ? { ...wire, markets } : wire, markets });
    }),
    publicGet("/events/:event_ticker/metadata", ({ params }) => {
      const event = side.world.events.get(params.event_ticker as string);
      return event === undefined ? notFound() : ok(metadata(side, event));
    }),
  ];
}

function list(side: PublicSide, request: SandboxRequest): Reply {
  const { world, books } = side;
  const query = new QueryReader(request.query, "GetEvents");
  const limit = query.limit(1, 200, 200);
  const status = query.oneOf("status", statusFilters);
  const seriesTicker = query.text("series_ticker");
  const tickers = query.list("tickers");
  const minClose = query.seconds("min_close_ts");
  const nested = query.flag("with_nested_markets") === true;
  const withMilestones = query.flag("with_milestones") === true;
  const now = world.clock.now();
  const found = [...world.events.values()].filter((event) => {
    if (seriesTicker !== undefined && event.seriesTicker !== seriesTicker) return false;
    if (tickers !== undefined && !tickers.includes(event.ticker)) return false;
    const markets = world.marketsOf(event.ticker);
    if ((markets[0]?.createdTime ?? 0) > now) return false;
    if (status !== undefined && !markets.some((market) => passes(status, market, now))) return false;
    return minClose === undefined || markets.some(({ closeTime }) => closeTime >= minClose);
  });
  const positionOf = (event: EventRecord): Position => ({
    time: world.marketsOf(event.ticker)[0]?.createdTime ?? 0,
    id: event.ticker,
  });
  const { rows, cursor } = cutPage(
    latestFirst(found, positionOf, decodeCursor(request.query.get("cursor"))),
    limit,
    positionOf,
  );
  const events = rows.map((event) => {
    const wire = eventWire(world, event);
    if (!nested) return wire;
    return { ...wire, markets: liveMarkets(side, event).map((market) => marketWire(world, books, market)) };
  });
  return ok({ cursor, events, milestones: withMilestones ? [] : undefined });
}

function liveMarkets({ world }: PublicSide, event: EventRecord): readonly MarketRecord[] {
  const cutoffs = world.cutoffs();
  const now = world.clock.now();
  return world.marketsOf(event.ticker).filter((market) => isLive(market, cutoffs, now));
}

function metadata({ world }: PublicSide, event: EventRecord): JsonObject {
  return {
    image_url: "",
    market_details: world
      .marketsOf(event.ticker)
      .map(({ ticker }) => ({ color_code: "", image_url: "", market_ticker: ticker })),
    settlement_sources: event.wire.settlement_sources ?? [],
  };
}
