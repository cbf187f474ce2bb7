import { parseTime, type Timestamp } from "../../../units/time.js";
import type { MarketRecord, Reply, Route, SandboxRequest } from "../../types.js";
import { marketWire } from "../../wire/market-wire.js";
import { invalidParameter, notFound, ok, Refused } from "../../wire/replies.js";
import { passes, type StatusFilter, statusFilters } from "../../world/lifecycle.js";
import { isCombo } from "../../world/series/combo-series.js";
import { isLive } from "../../world/tiers.js";
import { cutPage, decodeCursor, latestFirst, type Position } from "../cursor.js";
import { QueryReader } from "../query.js";
import { type PublicSide, publicGet } from "./routes.js";

/** Markets of the live tier: the list with its filters, and single ones. */
export function marketRoutes(side: PublicSide): Route[] {
  const { world, books } = side;
  return [
    publicGet("/markets", (request) => list(side, request)),
    publicGet("/markets/:ticker", ({ params }) => {
      const market = world.markets.get(params.ticker as string);
      if (market === undefined || !isLive(market, world.cutoffs(), world.clock.now())) return notFound();
      return ok({ market: marketWire(world, books, market) });
    }),
  ];
}

/** A span of one of the market's times. Whether its ends belong to it is not documented; here they do. */
interface TimeFilter {
  readonly family: "created" | "close" | "settled" | "updated";
  readonly after: Timestamp | undefined;
  readonly before: Timestamp | undefined;
}

/** Which status words go with which family of time filters; undefined stands for none. */
const companions: Readonly<Record<TimeFilter["family"], readonly (StatusFilter | undefined)[]>> = {
  created: ["unopened", "open", undefined],
  close: ["closed", undefined],
  settled: ["settled", undefined],
  updated: [undefined],
};

function list(side: PublicSide, request: SandboxRequest): Reply {
  const { world, books } = side;
  const query = new QueryReader(request.query, "GetMarkets");
  const limit = query.limit(0, 1000, 100);
  const status = query.oneOf("status", statusFilters);
  const time = timeFilter(query, status);
  const eventTicker = query.text("event_ticker");
  const seriesTicker = query.text("series_ticker");
  const tickers = query.list("tickers");
  const combos = query.oneOf("mve_filter", ["only", "exclude"]);
  const now = world.clock.now();
  const cutoffs = world.cutoffs();
  const candidates = eventTicker === undefined ? [...world.markets.values()] : world.marketsOf(eventTicker);
  const wanted = tickers === undefined ? null : new Set(tickers);
  const found = candidates.filter(
    (market) =>
      isLive(market, cutoffs, now) &&
      (seriesTicker === undefined || market.seriesTicker === seriesTicker) &&
      (wanted === null || wanted.has(market.ticker)) &&
      (combos === undefined || isCombo(market) === (combos === "only")) &&
      (status === undefined || passes(status, market, now)) &&
      (time === undefined || isWithin(time, market, now)),
  );
  const positionOf = (market: MarketRecord): Position => ({
    time: status === "closed" ? market.closeTime : market.createdTime,
    id: market.ticker,
  });
  const after = latestFirst(found, positionOf, decodeCursor(request.query.get("cursor")));
  const { rows, cursor } = cutPage(after, limit, positionOf);
  return ok({ cursor, markets: rows.map((market) => marketWire(world, books, market)) });
}

/** The one time filter of a request. More than one family, or one that does not go with the status, is refused. */
function timeFilter(query: QueryReader, status: StatusFilter | undefined): TimeFilter | undefined {
  const given = (["created", "close", "settled", "updated"] as const)
    .map((family) => ({ family, after: query.seconds(`min_${family}_ts`), before: query.seconds(`max_${family}_ts`) }))
    .filter(({ after, before }) => after !== undefined || before !== undefined);
  const [filter, another] = given;
  if (filter === undefined) return undefined;
  if (another !== undefined) {
    throw new Refused(invalidParameter(`the ${filter.family} and ${another.family} time filters exclude each other`));
  }
  if (!companions[filter.family].includes(status)) {
    throw new Refused(invalidParameter(`the ${filter.family} time filter does not go with status ${status}`));
  }
  if (filter.family === "updated") demandUpdatedAlone(query);
  return filter;
}

/** Changes of metadata are asked for without combos, and beside them for a series at most. */
function demandUpdatedAlone(query: QueryReader): void {
  if (query.text("mve_filter") !== "exclude") {
    throw new Refused(invalidParameter("min_updated_ts is only allowed with mve_filter=exclude"));
  }
  const other = ["event_ticker", "tickers"].find((name) => query.text(name) !== undefined);
  if (other !== undefined) throw new Refused(invalidParameter(`min_updated_ts does not go with ${other}`));
}

/** When a market's metadata was changed last; trading changes none. */
function updatedTime({ wire, createdTime, updatedTime: updated }: MarketRecord): Timestamp {
  if (updated !== undefined) return updated;
  return typeof wire.updated_time === "string" ? parseTime(wire.updated_time) : createdTime;
}

function isWithin(filter: TimeFilter, market: MarketRecord, now: Timestamp): boolean {
  if (filter.family === "settled" && market.settledTime > now) return false;
  const times = {
    created: market.createdTime,
    close: market.closeTime,
    settled: market.settledTime,
    updated: filter.family === "updated" ? updatedTime(market) : 0,
  };
  const time = times[filter.family];
  return (filter.after === undefined || time >= filter.after) && (filter.before === undefined || time <= filter.before);
}
