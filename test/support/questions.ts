import type { Api } from "../../src/lab/api.js";
import type { Peer } from "./exchange-client.js";

/** The market that is asked about most. */
export const LIVE = "SANDBOX-LIVE-T50";
/** A parameter that is left out: the exchange's client takes them by their place. */
export const none = undefined;

/** What both are asked about; found out before the first question. */
export interface Subjects {
  readonly archived: string;
  readonly order: string;
  readonly filled: string;
  readonly from: number;
  readonly to: number;
}

/** The same question to both clients. */
export interface Question {
  readonly name: string;
  readonly theirs: (ask: Peer, subjects: Subjects) => Promise<{ readonly data: unknown }>;
  readonly ours: (ask: Api, subjects: Subjects) => Promise<unknown>;
}

/** Questions that one answer answers. */
export const questions: readonly Question[] = [
  {
    name: "what the account may ask",
    theirs: ({ account }) => account.getAccountApiLimits(),
    ours: (ask) => ask.getAccountApiLimits(),
  },
  {
    name: "what a call costs",
    theirs: ({ account }) => account.getAccountEndpointCosts(),
    ours: (ask) => ask.getAccountEndpointCosts(),
  },
  {
    name: "whether the exchange is open",
    theirs: ({ exchange }) => exchange.getExchangeStatus(),
    ours: (ask) => ask.getExchangeStatus(),
  },
  {
    name: "its hours",
    theirs: ({ exchange }) => exchange.getExchangeSchedule(),
    ours: (ask) => ask.getExchangeSchedule(),
  },
  {
    name: "how far records have come",
    theirs: ({ exchange }) => exchange.getUserDataTimestamp(),
    ours: (ask) => ask.getUserDataTimestamp(),
  },
  {
    name: "changes of series' fees",
    theirs: ({ exchange }) => exchange.getSeriesFeeChanges(none, true),
    ours: (ask) => ask.getSeriesFeeChanges({ show_historical: true }),
  },
  {
    name: "changes of events' fees",
    theirs: ({ events }) => events.getEventFeeChanges(none, 10),
    ours: (ask) => ask.getEventFeeChanges({ limit: 10 }),
  },
  {
    name: "the cutoffs",
    theirs: ({ historical }) => historical.getHistoricalCutoff(),
    ours: (ask) => ask.getHistoricalCutoff(),
  },
  { name: "all series", theirs: ({ markets }) => markets.getSeriesList(), ours: (ask) => ask.getSeriesList() },
  {
    name: "series of a category with their volume",
    theirs: ({ markets }) => markets.getSeriesList("Climate and Weather", none, true, true),
    ours: (ask) =>
      ask.getSeriesList({ category: "Climate and Weather", include_product_metadata: true, include_volume: true }),
  },
  {
    name: "one series",
    theirs: ({ markets }) => markets.getSeries("SANDBOX", true),
    ours: (ask) => ask.getSeries({ series_ticker: "SANDBOX", include_volume: true }),
  },
  {
    name: "open events with their markets",
    theirs: ({ events }) => events.getEvents(5, none, true, false, "open"),
    ours: (ask) => ask.getEvents({ limit: 5, with_nested_markets: true, with_milestones: false, status: "open" }),
  },
  {
    name: "events of a series that close after a moment",
    theirs: ({ events }, { from }) => events.getEvents(20, none, false, false, none, "AVONHIGH", none, from),
    ours: (ask, { from }) => ask.getEvents({ limit: 20, series_ticker: "AVONHIGH", min_close_ts: from }),
  },
  {
    name: "an event, its markets beside it",
    theirs: ({ events }) => events.getEvent("SANDBOX-LIVE"),
    ours: (ask) => ask.getEvent({ event_ticker: "SANDBOX-LIVE" }),
  },
  {
    name: "an event, its markets within it",
    theirs: ({ events }) => events.getEvent("SANDBOX-LIVE", true),
    ours: (ask) => ask.getEvent({ event_ticker: "SANDBOX-LIVE", with_nested_markets: true }),
  },
  {
    name: "an event's pictures",
    theirs: ({ events }) => events.getEventMetadata("SANDBOX-LIVE"),
    ours: (ask) => ask.getEventMetadata({ event_ticker: "SANDBOX-LIVE" }),
  },
  {
    name: "events of combos",
    theirs: ({ events }) => events.getMultivariateEvents(10),
    ours: (ask) => ask.getMultivariateEvents({ limit: 10 }),
  },
  {
    name: "settled markets of a span",
    theirs: ({ markets }, { from, to }) =>
      markets.getMarkets(50, none, none, none, none, none, none, none, none, from, to, "settled"),
    ours: (ask, { from, to }) =>
      ask.getMarkets({ limit: 50, min_settled_ts: from, max_settled_ts: to, status: "settled" }),
  },
  {
    name: "markets by name",
    theirs: ({ markets }) =>
      markets.getMarkets(
        none,
        none,
        none,
        none,
        none,
        none,
        none,
        none,
        none,
        none,
        none,
        none,
        `${LIVE},SANDBOX-LIVE-T55`,
      ),
    ours: (ask) => ask.getMarkets({ tickers: [LIVE, "SANDBOX-LIVE-T55"] }),
  },
  {
    name: "one market",
    theirs: ({ markets }) => markets.getMarket(LIVE),
    ours: (ask) => ask.getMarket({ ticker: LIVE }),
  },
  {
    name: "a whole book",
    theirs: ({ markets }) => markets.getMarketOrderbook(LIVE),
    ours: (ask) => ask.getMarketOrderbook({ ticker: LIVE }),
  },
  {
    name: "the best of a book",
    theirs: ({ markets }) => markets.getMarketOrderbook(LIVE, 2),
    ours: (ask) => ask.getMarketOrderbook({ ticker: LIVE, depth: 2 }),
  },
  {
    name: "several books",
    theirs: ({ markets }) => markets.getMarketOrderbooks([LIVE, "SANDBOX-LIVE-T55"]),
    ours: (ask) => ask.getMarketOrderbooks({ tickers: [LIVE, "SANDBOX-LIVE-T55"] }),
  },
  {
    name: "trades of a span without blocks",
    theirs: ({ markets }, { from, to }) => markets.getTrades(200, none, none, from, to, false),
    ours: (ask, { from, to }) => ask.getTrades({ limit: 200, min_ts: from, max_ts: to, is_block_trade: false }),
  },
  {
    name: "live trades of an archived market",
    theirs: ({ markets }, { archived }) => markets.getTrades(10, none, archived),
    ours: (ask, { archived }) => ask.getTrades({ limit: 10, ticker: archived }),
  },
  {
    name: "candles by the minute",
    theirs: ({ markets }, { to }) => markets.getMarketCandlesticks("SANDBOX", LIVE, to - 7200, to, 1),
    ours: (ask, { to }) =>
      ask.getMarketCandlesticks({
        series_ticker: "SANDBOX",
        ticker: LIVE,
        start_ts: to - 7200,
        end_ts: to,
        period_interval: 1,
      }),
  },
  {
    name: "candles by the hour, with the last before",
    theirs: ({ markets }, { from, to }) => markets.getMarketCandlesticks("SANDBOX", LIVE, from, to, 60, true),
    ours: (ask, { from, to }) =>
      ask.getMarketCandlesticks({
        series_ticker: "SANDBOX",
        ticker: LIVE,
        start_ts: from,
        end_ts: to,
        period_interval: 60,
        include_latest_before_start: true,
      }),
  },
  {
    name: "candles by the day of several markets",
    theirs: ({ markets }, { from, to }) =>
      markets.batchGetMarketCandlesticks(`${LIVE},SANDBOX-LIVE-T55`, from, to, 1440, false),
    ours: (ask, { from, to }) =>
      ask.batchGetMarketCandlesticks({
        market_tickers: [LIVE, "SANDBOX-LIVE-T55"],
        start_ts: from,
        end_ts: to,
        period_interval: 1440,
        include_latest_before_start: false,
      }),
  },
  {
    name: "candles of an event",
    theirs: ({ events }, { from, to }) => events.getMarketCandlesticksByEvent("SANDBOX-LIVE", "SANDBOX", from, to, 60),
    ours: (ask, { from, to }) =>
      ask.getMarketCandlesticksByEvent({
        series_ticker: "SANDBOX",
        ticker: "SANDBOX-LIVE",
        start_ts: from,
        end_ts: to,
        period_interval: 60,
      }),
  },
  {
    name: "candles of an archived market",
    theirs: ({ historical }, { archived, to }) =>
      historical.getMarketCandlesticksHistorical(archived, to - 200 * 86_400, to, 60),
    ours: (ask, { archived, to }) =>
      ask.getMarketCandlesticksHistorical({
        ticker: archived,
        start_ts: to - 200 * 86_400,
        end_ts: to,
        period_interval: 60,
      }),
  },
  {
    name: "an archived market",
    theirs: ({ historical }, { archived }) => historical.getHistoricalMarket(archived),
    ours: (ask, { archived }) => ask.getHistoricalMarket({ ticker: archived }),
  },
  {
    name: "archived trades of a market",
    theirs: ({ historical }, { archived }) => historical.getTradesHistorical(archived, none, none, 50),
    ours: (ask, { archived }) => ask.getTradesHistorical({ ticker: archived, limit: 50 }),
  },
  { name: "the balance", theirs: ({ portfolio }) => portfolio.getBalance(), ours: (ask) => ask.getBalance() },
  {
    name: "fills of one order",
    theirs: ({ portfolio }, { filled }) => portfolio.getFills(none, filled),
    ours: (ask, { filled }) => ask.getFills({ order_id: filled }),
  },
  { name: "what is held", theirs: ({ portfolio }) => portfolio.getPositions(), ours: (ask) => ask.getPositions() },
  {
    name: "what was held",
    theirs: ({ historical }) => historical.getHistoricalPositions(none, none, none, 50),
    ours: (ask) => ask.getHistoricalPositions({ limit: 50 }),
  },
  {
    name: "resting orders",
    theirs: ({ orders }) => orders.getOrders(LIVE, none, none, none, "resting"),
    ours: (ask) => ask.getOrders({ ticker: LIVE, status: "resting" }),
  },
  {
    name: "one order",
    theirs: ({ orders }, { order }) => orders.getOrder(order),
    ours: (ask, { order }) => ask.getOrder({ order_id: order }),
  },
  {
    name: "its place in the queue",
    theirs: ({ orders }, { order }) => orders.getOrderQueuePosition(order),
    ours: (ask, { order }) => ask.getOrderQueuePosition({ order_id: order }),
  },
  {
    name: "the tags of categories",
    theirs: ({ search }) => search.getTagsForSeriesCategories(),
    ours: (ask) => ask.getTagsForSeriesCategories(),
  },
  {
    name: "the filters of sports",
    theirs: ({ search }) => search.getFiltersForSports(),
    ours: (ask) => ask.getFiltersForSports(),
  },
  {
    name: "milestones",
    theirs: ({ milestones }) => milestones.getMilestones(10),
    ours: (ask) => ask.getMilestones({ limit: 10 }),
  },
  {
    name: "structured targets",
    theirs: ({ targets }) => targets.getStructuredTargets(),
    ours: (ask) => ask.getStructuredTargets(),
  },
  {
    name: "incentive programs",
    theirs: ({ incentives }) => incentives.getIncentivePrograms(),
    ours: (ask) => ask.getIncentivePrograms(),
  },
];

/** The same list asked for by both, page after page. */
export interface Chain {
  readonly name: string;
  readonly theirs: (
    ask: Peer,
    cursor: string | undefined,
    subjects: Subjects,
  ) => Promise<{ readonly data: { readonly cursor?: string } }>;
  readonly ours: (ask: Api, subjects: Subjects) => AsyncIterable<unknown>;
}

/** Lists of several pages. */
export const chains: readonly Chain[] = [
  {
    name: "markets of a series",
    theirs: ({ markets }, cursor) => markets.getMarkets(7, cursor, none, "SANDBOX"),
    ours: (ask) => ask.getMarkets.pages({ limit: 7, series_ticker: "SANDBOX" }),
  },
  {
    name: "events",
    theirs: ({ events }, cursor) => events.getEvents(25, cursor, false),
    ours: (ask) => ask.getEvents.pages({ limit: 25, with_nested_markets: false }),
  },
  {
    name: "trades of a market",
    theirs: ({ markets }, cursor) => markets.getTrades(100, cursor, LIVE),
    ours: (ask) => ask.getTrades.pages({ limit: 100, ticker: LIVE }),
  },
  {
    name: "archived markets of a series",
    theirs: ({ historical }, cursor) => historical.getHistoricalMarkets(50, cursor, none, none, "AVONHIGH"),
    ours: (ask) => ask.getHistoricalMarkets.pages({ limit: 50, series_ticker: "AVONHIGH" }),
  },
  {
    name: "archived trades of a market",
    theirs: ({ historical }, cursor, { archived }) => historical.getTradesHistorical(archived, none, none, 3, cursor),
    ours: (ask, { archived }) => ask.getTradesHistorical.pages({ limit: 3, ticker: archived }),
  },
  {
    name: "fills",
    theirs: ({ portfolio }, cursor) => portfolio.getFills(none, none, none, none, 60, cursor),
    ours: (ask) => ask.getFills.pages({ limit: 60 }),
  },
  {
    name: "archived fills",
    theirs: ({ historical }, cursor) => historical.getFillsHistorical(none, none, none, 20, cursor),
    ours: (ask) => ask.getFillsHistorical.pages({ limit: 20 }),
  },
  {
    name: "orders",
    theirs: ({ orders }, cursor) => orders.getOrders(none, none, none, none, none, 2, cursor),
    ours: (ask) => ask.getOrders.pages({ limit: 2 }),
  },
  {
    name: "archived orders",
    theirs: ({ historical }, cursor) => historical.getHistoricalOrders(none, none, none, 40, cursor),
    ours: (ask) => ask.getHistoricalOrders.pages({ limit: 40 }),
  },
  {
    name: "settlements",
    theirs: ({ portfolio }, cursor) => portfolio.getSettlements(20, cursor),
    ours: (ask) => ask.getSettlements.pages({ limit: 20 }),
  },
];
