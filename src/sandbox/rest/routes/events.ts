import { parseTime, type Timestamp } from "../../../units/time.js";
import type { EventRecord, JsonObject, MarketRecord, Reply, Route, SandboxRequest } from "../../types.js";
import { marketWire } from "../../wire/market-wire.js";
import { invalidParameter, notFound, ok, Refused } from "../../wire/replies.js";
import { milestoneWire } from "../../world/almanac/milestones.js";
import { passes, statusFilters } from "../../world/lifecycle.js";
import { Random } from "../../world/random.js";
import { isCombo } from "../../world/series/combo-series.js";
import { isLive } from "../../world/tiers.js";
import { cutPage, decodeCursor, latestFirst, type Position } from "../cursor.js";
import { eventFeeChanges, eventWire as plainWire } from "../fee-changes.js";
import { QueryReader } from "../query.js";
import { type PublicSide, publicGet } from "./routes.js";

/** Events, which are never archived; nested in them are the markets of the live tier only. */
export function eventRoutes(side: PublicSide): Route[] {
  return [
    publicGet("/events", (request) => list(side, request)),
    publicGet("/events/multivariate", (request) => combos(side, request)),
    publicGet("/events/fee_changes", (request) => eventFeeChanges(side.world, request)),
    publicGet("/events/:event_ticker", ({ params, query }) => {
      const nested = new QueryReader(query, "GetEvent").flag("with_nested_markets") === true;
      const event = side.world.events.get(params.event_ticker as string);
      if (event === undefined) return notFound();
      const wire = plainWire(side.world, event);
      const markets = liveMarkets(side, event).map((market) => marketWire(side.world, side.books, market));
      return ok({ event: nested ? { ...wire, markets } : wire, markets });
    }),
    publicGet("/events/:event_ticker/metadata", ({ params }) => {
      const event = side.world.events.get(params.event_ticker as string);
      return event === undefined ? notFound() : ok(metadata(side, event));
    }),
  ];
}

/** Events but combos, latest first. */
function list(side: PublicSide, request: SandboxRequest): Reply {
  const { world, milestones } = side;
  const query = new QueryReader(request.query, "GetEvents");
  const limit = query.limit(1, 200, 200);
  const status = query.oneOf("status", statusFilters);
  const seriesTicker = query.text("series_ticker");
  const tickers = query.list("tickers");
  const minClose = query.seconds("min_close_ts");
  const minUpdated = query.seconds("min_updated_ts");
  const nested = query.flag("with_nested_markets") === true;
  const withMilestones = query.flag("with_milestones") === true;
  const now = world.clock.now();
  const page = pageOf(request, side, limit, (event, markets) => {
    if (markets.some(isCombo)) return false;
    if (seriesTicker !== undefined && event.seriesTicker !== seriesTicker) return false;
    if (tickers !== undefined && !tickers.includes(event.ticker)) return false;
    if (minUpdated !== undefined && updatedTime(event, markets) <= minUpdated) return false;
    if (status !== undefined && !markets.some((market) => passes(status, market, now))) return false;
    return minClose === undefined || markets.some(({ closeTime }) => closeTime > minClose);
  });
  const about = page.rows.map(({ ticker }) => milestones.of(ticker)).filter((one) => one !== null);
  return ok({
    cursor: page.cursor,
    events: page.rows.map((event) => eventWire(side, event, nested)),
    milestones: withMilestones ? about.map(milestoneWire) : undefined,
  });
}

/** Events of combos, latest first. */
function combos(side: PublicSide, request: SandboxRequest): Reply {
  const query = new QueryReader(request.query, "GetMultivariateEvents");
  const limit = query.limit(1, 200, 100);
  const seriesTicker = query.text("series_ticker");
  const collection = query.text("collection_ticker");
  const nested = query.flag("with_nested_markets") === true;
  if (seriesTicker !== undefined && collection !== undefined) {
    throw new Refused(invalidParameter("series_ticker and collection_ticker exclude each other"));
  }
  const page = pageOf(request, side, limit, (event, markets) => {
    if (!markets.some(isCombo)) return false;
    if (seriesTicker !== undefined && event.seriesTicker !== seriesTicker) return false;
    return collection === undefined || markets.some(({ wire }) => wire.mve_collection_ticker === collection);
  });
  return ok({ cursor: page.cursor, events: page.rows.map((event) => eventWire(side, event, nested)) });
}

/** A page of the events that exist by now and are wanted. */
function pageOf(
  request: SandboxRequest,
  { world }: PublicSide,
  limit: number,
  isWanted: (event: EventRecord, markets: readonly MarketRecord[]) => boolean,
): { readonly rows: readonly EventRecord[]; readonly cursor: string } {
  const now = world.clock.now();
  const created = (event: EventRecord) => world.marketsOf(event.ticker)[0]?.createdTime ?? 0;
  const found = [...world.events.values()].filter(
    (event) => created(event) <= now && isWanted(event, world.marketsOf(event.ticker)),
  );
  const positionOf = (event: EventRecord): Position => ({ time: created(event), id: event.ticker });
  return cutPage(latestFirst(found, positionOf, decodeCursor(request.query.get("cursor"))), limit, positionOf);
}

function eventWire(side: PublicSide, event: EventRecord, nested: boolean): JsonObject {
  const wire = plainWire(side.world, event);
  if (!nested) return wire;
  const markets = liveMarkets(side, event).map((market) => marketWire(side.world, side.books, market));
  return { ...wire, markets };
}

/** When an event's metadata was changed last. */
function updatedTime({ wire }: EventRecord, markets: readonly MarketRecord[]): Timestamp {
  if (typeof wire.last_updated_ts === "string") return parseTime(wire.last_updated_ts);
  return markets[0]?.createdTime ?? 0;
}

function liveMarkets({ world }: PublicSide, event: EventRecord): readonly MarketRecord[] {
  const cutoffs = world.cutoffs();
  const now = world.clock.now();
  return world.marketsOf(event.ticker).filter((market) => isLive(market, cutoffs, now));
}

/** Pictures, colours, and for games the competition. Its links lead to names that are reserved for examples. */
function metadata({ world, milestones }: PublicSide, event: EventRecord): JsonObject {
  const image = (name: string) => `https://images.example/${name}.png`;
  const milestone = milestones.of(event.ticker);
  const competition = milestone?.competition ?? undefined;
  return {
    competition,
    competition_scope: competition === undefined ? undefined : "Games",
    featured_image_url: image(event.ticker),
    image_url: image(event.seriesTicker),
    market_details: world.marketsOf(event.ticker).map(({ ticker }) => ({
      color_code: colorOf(ticker),
      image_url: image(ticker),
      market_ticker: ticker,
    })),
    settlement_sources: event.wire.settlement_sources ?? [],
  };
}

/** A market's colour, `#0a7bcd`: the same one always. */
function colorOf(ticker: string): string {
  return `#${new Random(`color/${ticker}`).integer(0, 0x1000000).toString(16).padStart(6, "0")}`;
}
