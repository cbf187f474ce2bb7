import { toSeconds } from "../../../units/time.js";
import type { MarketRecord, Reply, Route, SandboxRequest } from "../../types.js";
import { type CloseRange, eventCandle, historicalCandle, liveCandle } from "../../wire/candle-wire.js";
import { invalidParameter, notFound, ok, Refused } from "../../wire/replies.js";
import { type Candle, type CandleRange, candlesOf, carriedCandle, intervals } from "../../world/past/candles.js";
import { isArchived, isLive } from "../../world/tiers.js";
import { QueryReader } from "../query.js";
import { type PublicSide, publicGet } from "./routes.js";

const MOST_MARKETS = 100;
/** Candles in one answer about many markets; more are refused. */
const MOST_OF_MANY = 10_000;
/** Candles in one answer about an event; more cut the range. */
const MOST_OF_EVENT = 5_000;

/** Candles in their four forms: one market, many markets, one event, and one archived market. */
export function candlestickRoutes(side: PublicSide): Route[] {
  return [
    publicGet("/series/:series_ticker/markets/:ticker/candlesticks", (request) => oneMarket(side, request)),
    publicGet("/markets/candlesticks", (request) => manyMarkets(side, request)),
    publicGet("/series/:series_ticker/events/:ticker/candlesticks", (request) => oneEvent(side, request)),
    publicGet("/historical/markets/:ticker/candlesticks", (request) => oneArchived(side, request)),
  ];
}

function oneMarket(side: PublicSide, { params, query }: SandboxRequest): Reply {
  const reader = new QueryReader(query, "GetMarketCandlesticks");
  const range = rangeOf(reader);
  const market = side.world.markets.get(params.ticker as string);
  if (market === undefined || market.seriesTicker !== params.series_ticker || !servesLive(side, market)) {
    return notFound();
  }
  const candles = withCarried(side, market, range, reader);
  return ok({ candlesticks: candles.map(liveCandle), ticker: market.ticker });
}

function manyMarkets(side: PublicSide, { query }: SandboxRequest): Reply {
  const reader = new QueryReader(query, "BatchGetMarketCandlesticks");
  reader.required("market_tickers");
  const tickers = [...new Set(reader.list("market_tickers", MOST_MARKETS))];
  const range = rangeOf(reader);
  const found = tickers
    .map((ticker) => side.world.markets.get(ticker))
    .filter((market): market is MarketRecord => market !== undefined && servesLive(side, market))
    .map((market) => ({ market, candles: withCarried(side, market, range, reader) }));
  if (found.reduce((sum, { candles }) => sum + candles.length, 0) > MOST_OF_MANY) {
    throw new Refused(
      invalidParameter(`more than ${MOST_OF_MANY} candlesticks; ask for a shorter span or fewer markets`),
    );
  }
  const markets = found.map(({ market, candles }) => ({
    candlesticks: candles.map(liveCandle),
    market_ticker: market.ticker,
  }));
  return ok({ markets });
}

function oneEvent(side: PublicSide, { params, query }: SandboxRequest): Reply {
  const range = rangeOf(new QueryReader(query, "GetEventCandlesticks"));
  const event = side.world.events.get(params.ticker as string);
  if (event === undefined || event.seriesTicker !== params.series_ticker) return notFound();
  const markets = side.world.marketsOf(event.ticker).filter((market) => servesLive(side, market));
  const candles = markets.map((market) => candlesOf(side.world, side.quotes, market, range));
  const cut = cutAfter(candles.flat(), MOST_OF_EVENT);
  const closes = closesByEnd(candles.flat());
  const wire = (candle: Candle) => eventCandle(candle, closes.get(candle.end));
  return ok({
    adjusted_end_ts: toSeconds(cut ?? range.to),
    market_candlesticks: candles.map((list) => list.filter(({ end }) => cut === null || end <= cut).map(wire)),
    market_tickers: markets.map(({ ticker }) => ticker),
  });
}

function oneArchived(side: PublicSide, { params, query }: SandboxRequest): Reply {
  const range = rangeOf(new QueryReader(query, "GetMarketCandlesticksHistorical"));
  const { world, quotes } = side;
  const market = world.markets.get(params.ticker as string);
  if (market === undefined || !isArchived(market, world.cutoffs(), world.clock.now())) return notFound();
  return ok({
    candlesticks: candlesOf(world, quotes, market, range).map(historicalCandle),
    ticker: market.ticker,
  });
}

/** The lowest and the highest close of each period over all markets. */
function closesByEnd(candles: readonly Candle[]): ReadonlyMap<number, CloseRange> {
  const ranges = new Map<number, CloseRange>();
  for (const { end, price } of candles) {
    if (price === null) continue;
    const { lowest, highest } = ranges.get(end) ?? { lowest: price.close, highest: price.close };
    ranges.set(end, { lowest: Math.min(lowest, price.close), highest: Math.max(highest, price.close) });
  }
  return ranges;
}

function withCarried(
  { world, quotes }: PublicSide,
  market: MarketRecord,
  range: CandleRange,
  reader: QueryReader,
): readonly Candle[] {
  const candles = candlesOf(world, quotes, market, range);
  if (reader.flag("include_latest_before_start") !== true) return candles;
  const carried = carriedCandle(world, quotes, market, range);
  // A real candle of the same period says more, as does one at the very start: it is carried on by the candles after it.
  const first = candles[0]?.end ?? Number.POSITIVE_INFINITY;
  return carried === null || first <= carried.end ? candles : [carried, ...candles];
}

function servesLive({ world }: PublicSide, market: MarketRecord): boolean {
  return isLive(market, world.cutoffs(), world.clock.now());
}

function rangeOf(query: QueryReader): CandleRange {
  query.requiredInteger("start_ts");
  query.requiredInteger("end_ts");
  const asked = query.requiredInteger("period_interval");
  const interval = intervals.find((minutes) => minutes === asked);
  const [from, to] = [query.seconds("start_ts") as number, query.seconds("end_ts") as number];
  if (interval === undefined) {
    throw new Refused(invalidParameter(`period_interval should be one of ${intervals.join(", ")}`));
  }
  if (from > to) throw new Refused(invalidParameter("start_ts should not be after end_ts"));
  return { from, to, interval };
}

/** The end after which to cut so that no more than `most` candles remain; null when they all fit. */
function cutAfter(candles: readonly Candle[], most: number): number | null {
  if (candles.length <= most) return null;
  const ends = candles.map(({ end }) => end).sort((a, b) => a - b);
  const beyond = ends[most] as number;
  // The period that would be cut in two goes to the next answer.
  return ends.findLast((end) => end < beyond) ?? beyond;
}
