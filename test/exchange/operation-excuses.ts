/** By reason, the names that it excuses. */
function excuses(reasons: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(reasons).flatMap(([reason, names]) =>
      names
        .split(/\s+/)
        .filter(Boolean)
        .map((name) => [name, reason]),
    ),
  );
}

/** Operations of the specification that this library leaves out. */
export const unmapped = excuses({
  "requests for quotes, quotes and block trades: negotiation, not research": `
    GetBlockTradeProposals ProposeBlockTrade AcceptBlockTradeProposal GetCommunicationsID GetQuotes CreateQuote DeleteQuote GetQuote
    AcceptQuote ConfirmQuote GetRFQs CreateRFQ GetRFQ DeleteRFQ DeleteRFQQuote GetRFQQuote AcceptRFQQuote ConfirmRFQQuote`,
  "for clearing members alone": `
    GetFCMOrders GetFCMPositions ListFCMSubtraders CreateFCMSubtrader GetFCMEventContractDailyCap UpdateFCMEventContractDailyCap
    DeleteFCMEventContractDailyCap`,
});

/** Lists in one parameter, separated by commas; the specification calls them plain text. @see API: 3.4 Arrays in the query, 6.1 */
export const commaLists: readonly string[] = [
  "GetMarkets.tickers",
  "GetEvents.tickers",
  "GetHistoricalMarkets.tickers",
  "BatchGetMarketCandlesticks.market_tickers",
  "GetOrderQueuePositions.market_tickers",
  "GetOrders.event_ticker",
  "GetFills.ticker",
  "GetPositions.count_filter",
  "GetSeriesList.tags",
];

/** Bounds that are written elsewhere than in the specification's schema. */
export const ownRanges = excuses({
  "API.md 3.4: at most so many in one list": `
    BatchGetMarketCandlesticks.market_tickers GetOrders.event_ticker GetFills.ticker`,
});

/** Fields that the types know and the specification does not, and the other way round. */
export const extraFields: Readonly<Record<string, string>> = Object.fromEntries(
  ["MarketPosition", "Settlement"].map((name) => [
    `${name}.subaccount_number is not specified`,
    "API.md 17: its rows do not tell, so whoever asks by subaccount adds it",
  ]),
);

/** Fields that the specification requires and the types can do without. */
export const lenient = excuses({
  "API.md 3.3: the last page's cursor may be empty, null or absent": `
    GetEventFeeChangesResponse.cursor GetEventsResponse.cursor GetFillsResponse.cursor GetMarketsResponse.cursor
    GetMultivariateEventsResponse.cursor GetOrdersResponse.cursor GetTradesResponse.cursor`,
  "API.md 7.4, WIRE.md 3: an empty side of a book may be null or absent": `OrderbookCountFp.no_dollars OrderbookCountFp.yes_dollars`,
  "API.md 6.1: beside an event only where they are not within it": `GetEventResponse.markets`,
  "API.md 8: the candle made up before the span has no prices": `
    BidAskDistribution.open_dollars BidAskDistribution.high_dollars BidAskDistribution.low_dollars BidAskDistribution.close_dollars
    BidAskDistributionHistorical.open BidAskDistributionHistorical.high BidAskDistributionHistorical.low
    BidAskDistributionHistorical.close`,
  "API.md 18, WIRE.md 18: younger than 2026, so records kept from before go without": `
    Fill.book_side Fill.outcome_side Fill.exchange_index Order.book_side Order.outcome_side MarketPosition.exchange_index
    Market.settlement_bounds_type Market.yes_bid_size_fp Market.yes_ask_size_fp Series.categories Settlement.exchange_index
    Trade.is_block_trade Trade.taker_book_side Trade.taker_outcome_side`,
  "deprecated, so it will be left out one day": `
    MultivariateEventCollection.associated_event_tickers MultivariateEventCollection.is_all_yes
    MultivariateEventCollection.is_single_market_per_event`,
  "said twice: the same stands in another field of the record": `Fill.market_ticker Fill.ticker GetBalanceResponse.balance`,
  "nothing is reckoned from it, and files of records go without it": `
    Market.notional_value_dollars Market.previous_price_dollars Market.previous_yes_ask_dollars Market.previous_yes_bid_dollars
    Market.settlement_timer_seconds Market.updated_time MarketPosition.last_updated_ts Order.client_order_id Order.type Order.user_id
    Series.contract_terms_url Series.contract_url Settlement.event_ticker`,
  "an item of a batch that was refused has an error instead": `
    BatchCancelOrdersV2Response.orders.order_id BatchCancelOrdersV2Response.orders.reduced_by`,
});
