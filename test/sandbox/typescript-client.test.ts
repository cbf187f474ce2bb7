import { generateKeyPairSync, randomUUID } from "node:crypto";
import type { CreateOrderV2Request } from "kalshi-typescript";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../../src/sandbox/sandbox.js";
import { type Clients, classesOfClient, clientsOf, excused, methodsOfClient } from "../support/typescript-client.js";

interface Answered {
  readonly status: number;
  readonly data: unknown;
}

const EVENT = "SANDBOX-LIVE";
const MARKET = "SANDBOX-LIVE-T50";
const START = Date.UTC(2026, 9, 13) / 1000;
const END = Date.UTC(2026, 9, 16) / 1000;

describe("the exchange's own client for TypeScript", () => {
  let sandbox: Sandbox;
  let api: Clients;
  let names: Names;

  beforeAll(async () => {
    sandbox = await startSandbox({ seed: "client", speed: 0.001 });
    api = clientsOf(sandbox);
    names = await namesOf(api);
  });
  afterAll(() => sandbox?.close());

  const order = (): CreateOrderV2Request => ({
    ticker: MARKET,
    side: "bid",
    price: "0.01",
    count: "5.00",
    client_order_id: randomUUID(),
    time_in_force: "good_till_canceled",
    self_trade_prevention_type: "taker_at_cross",
  });
  /** A resting order's id. */
  const place = async (): Promise<string> => (await api.OrdersApi.createOrderV2(order())).data.order_id;
  const group = async () => (await api.OrderGroupsApi.createOrderGroup({ contracts_limit: 10 })).data.order_group_id;
  const transfer = () =>
    api.PortfolioApi.intraExchangeInstanceTransfer({
      source: "event_contract",
      destination: "margined",
      amount: 10_000,
    });
  const publicKey = () =>
    String(generateKeyPairSync("rsa", { modulusLength: 2048 }).publicKey.export({ type: "spki", format: "pem" }));

  /** How each method is called. */
  const calls: Readonly<Record<string, () => Promise<Answered>>> = {
    "AccountApi.getAccountApiLimits": () => api.AccountApi.getAccountApiLimits(),
    "AccountApi.getAccountApiUsageLevelVolumeProgress": () => api.AccountApi.getAccountApiUsageLevelVolumeProgress(),
    "AccountApi.getAccountEndpointCosts": () => api.AccountApi.getAccountEndpointCosts(),
    "AccountApi.upgradeAccountApiUsageLevel": () => api.AccountApi.upgradeAccountApiUsageLevel(),
    "ApiKeysApi.createApiKey": () => api.ApiKeysApi.createApiKey({ name: "own", public_key: publicKey() }),
    "ApiKeysApi.deleteApiKey": async () => {
      const { data } = await api.ApiKeysApi.generateApiKey({ name: "short-lived" });
      return api.ApiKeysApi.deleteApiKey(data.api_key_id);
    },
    "ApiKeysApi.generateApiKey": () => api.ApiKeysApi.generateApiKey({ name: "made", scopes: ["read"] }),
    "ApiKeysApi.getApiKeys": () => api.ApiKeysApi.getApiKeys(),
    "EventsApi.getEvent": () => api.EventsApi.getEvent(EVENT, true),
    "EventsApi.getEventFeeChanges": () => api.EventsApi.getEventFeeChanges(),
    "EventsApi.getEventForecastPercentilesHistory": () =>
      api.EventsApi.getEventForecastPercentilesHistory(EVENT, "SANDBOX", [1_000, 5_000, 9_000], START, END, 60),
    "EventsApi.getEventMetadata": () => api.EventsApi.getEventMetadata(EVENT),
    "EventsApi.getEvents": () => api.EventsApi.getEvents(5, undefined, true, true, "open"),
    "EventsApi.getMarketCandlesticksByEvent": () =>
      api.EventsApi.getMarketCandlesticksByEvent(EVENT, "SANDBOX", START, END, 60),
    "EventsApi.getMultivariateEvents": () => api.EventsApi.getMultivariateEvents(10, undefined, "SANDBOXMVE"),
    "ExchangeApi.getExchangeSchedule": () => api.ExchangeApi.getExchangeSchedule(),
    "ExchangeApi.getExchangeStatus": () => api.ExchangeApi.getExchangeStatus(),
    "ExchangeApi.getSeriesFeeChanges": () => api.ExchangeApi.getSeriesFeeChanges(undefined, true),
    "ExchangeApi.getUserDataTimestamp": () => api.ExchangeApi.getUserDataTimestamp(),
    "HistoricalApi.getFillsHistorical": () => api.HistoricalApi.getFillsHistorical(),
    "HistoricalApi.getHistoricalCutoff": () => api.HistoricalApi.getHistoricalCutoff(),
    "HistoricalApi.getHistoricalMarket": () => api.HistoricalApi.getHistoricalMarket(names.archived),
    "HistoricalApi.getHistoricalMarkets": () =>
      api.HistoricalApi.getHistoricalMarkets(10, undefined, undefined, undefined, "AVONHIGH"),
    "HistoricalApi.getHistoricalOrders": () => api.HistoricalApi.getHistoricalOrders(),
    "HistoricalApi.getHistoricalPositions": () => api.HistoricalApi.getHistoricalPositions(),
    "HistoricalApi.getMarketCandlesticksHistorical": () =>
      api.HistoricalApi.getMarketCandlesticksHistorical(names.archived, 0, END, 1440),
    "HistoricalApi.getTradesHistorical": () =>
      api.HistoricalApi.getTradesHistorical(undefined, undefined, undefined, 10),
    "IncentiveProgramsApi.getIncentivePrograms": () => api.IncentiveProgramsApi.getIncentivePrograms("active"),
    "LiveDataApi.getEventLiveData": () => api.LiveDataApi.getEventLiveData(EVENT, "1h"),
    "LiveDataApi.getGameStats": () => api.LiveDataApi.getGameStats(names.game),
    "LiveDataApi.getLiveData": () => api.LiveDataApi.getLiveData("basketball_game", names.game),
    "LiveDataApi.getLiveDataByMilestone": () => api.LiveDataApi.getLiveDataByMilestone(names.game, true),
    "LiveDataApi.getLiveDatas": () => api.LiveDataApi.getLiveDatas([names.game]),
    "LiveDataApi.getWeatherIndex": () =>
      api.LiveDataApi.getWeatherIndex("port-avon", undefined, undefined, 3_600, true),
    "LiveDataApi.getWeatherIndexCalibrations": () => api.LiveDataApi.getWeatherIndexCalibrations("port-avon"),
    "MarketApi.batchGetMarketCandlesticks": () =>
      api.MarketApi.batchGetMarketCandlesticks(`${MARKET},SANDBOX-LIVE-T55`, START, END, 60, true),
    "MarketApi.getMarket": () => api.MarketApi.getMarket(MARKET),
    "MarketApi.getMarketCandlesticks": () =>
      api.MarketApi.getMarketCandlesticks("SANDBOX", MARKET, START, END, 60, true),
    "MarketApi.getMarketOrderbook": () => api.MarketApi.getMarketOrderbook(MARKET, 3),
    "MarketApi.getMarketOrderbooks": () => api.MarketApi.getMarketOrderbooks([MARKET, "SANDBOX-LIVE-T55"]),
    "MarketApi.getMarkets": () => api.MarketApi.getMarkets(5, undefined, EVENT),
    "MarketApi.getSeries": () => api.MarketApi.getSeries("SANDBOX", true),
    "MarketApi.getSeriesList": () => api.MarketApi.getSeriesList(undefined, undefined, true, true),
    "MarketApi.getTrades": () => api.MarketApi.getTrades(10),
    "MilestoneApi.getMilestone": () => api.MilestoneApi.getMilestone(names.game),
    "MilestoneApi.getMilestones": () => api.MilestoneApi.getMilestones(10),
    "MultivariateApi.createMarketInMultivariateEventCollection": () =>
      api.MultivariateApi.createMarketInMultivariateEventCollection(names.collection, {
        selected_markets: [
          { market_ticker: MARKET, event_ticker: EVENT, side: "yes" },
          { market_ticker: "SANDBOX-LIVE-T55", event_ticker: EVENT, side: "no" },
        ],
        with_market_payload: true,
      }),
    "MultivariateApi.getMultivariateEventCollection": () =>
      api.MultivariateApi.getMultivariateEventCollection(names.collection),
    "MultivariateApi.getMultivariateEventCollections": () =>
      api.MultivariateApi.getMultivariateEventCollections("open"),
    "OrderGroupsApi.createOrderGroup": () => api.OrderGroupsApi.createOrderGroup({ contracts_limit: 5 }),
    "OrderGroupsApi.deleteOrderGroup": async () => api.OrderGroupsApi.deleteOrderGroup(await group()),
    "OrderGroupsApi.getOrderGroup": async () => api.OrderGroupsApi.getOrderGroup(await group()),
    "OrderGroupsApi.getOrderGroups": () => api.OrderGroupsApi.getOrderGroups(),
    "OrderGroupsApi.resetOrderGroup": async () => api.OrderGroupsApi.resetOrderGroup(await group()),
    "OrderGroupsApi.triggerOrderGroup": async () => api.OrderGroupsApi.triggerOrderGroup(await group()),
    "OrderGroupsApi.updateOrderGroupLimit": async () =>
      api.OrderGroupsApi.updateOrderGroupLimit(await group(), { contracts_limit: 20 }),
    "OrdersApi.amendOrderV2": async () =>
      api.OrdersApi.amendOrderV2(await place(), { ticker: MARKET, side: "bid", price: "0.02", count: "4.00" }),
    "OrdersApi.batchCancelOrdersV2": async () =>
      api.OrdersApi.batchCancelOrdersV2({ orders: [{ order_id: await place() }] }),
    "OrdersApi.batchCreateOrdersV2": () => api.OrdersApi.batchCreateOrdersV2({ orders: [order(), order()] }),
    "OrdersApi.cancelOrderV2": async () => api.OrdersApi.cancelOrderV2(await place()),
    "OrdersApi.createOrderV2": () => api.OrdersApi.createOrderV2(order()),
    "OrdersApi.decreaseOrderV2": async () => api.OrdersApi.decreaseOrderV2(await place(), { reduce_by: "1.00" }),
    "OrdersApi.cancelAllOrders": () => api.OrdersApi.cancelAllOrders(),
    "OrdersApi.getOrder": async () => api.OrdersApi.getOrder(await place()),
    "OrdersApi.getOrderQueuePosition": async () => api.OrdersApi.getOrderQueuePosition(await place()),
    "OrdersApi.getOrderQueuePositions": () => api.OrdersApi.getOrderQueuePositions(MARKET),
    "OrdersApi.getOrders": () => api.OrdersApi.getOrders(),
    "PortfolioApi.applySubaccountTransfer": async () => {
      const { data } = await api.PortfolioApi.createSubaccount();
      return api.PortfolioApi.applySubaccountTransfer({
        client_transfer_id: randomUUID(),
        from_subaccount: 0,
        to_subaccount: data.subaccount_number,
        amount_cents: 100,
      });
    },
    "PortfolioApi.createSubaccount": () => api.PortfolioApi.createSubaccount(),
    "PortfolioApi.getBalance": () => api.PortfolioApi.getBalance(),
    "PortfolioApi.getDeposits": () => api.PortfolioApi.getDeposits(),
    "PortfolioApi.getFills": () => api.PortfolioApi.getFills(),
    "PortfolioApi.getIntraExchangeInstanceTransfer": async () =>
      api.PortfolioApi.getIntraExchangeInstanceTransfer((await transfer()).data.transfer_id),
    "PortfolioApi.getIntraExchangeInstanceTransfers": () => api.PortfolioApi.getIntraExchangeInstanceTransfers(),
    "PortfolioApi.getPortfolioRestingOrderTotalValue": () => api.PortfolioApi.getPortfolioRestingOrderTotalValue(),
    "PortfolioApi.getPositions": () => api.PortfolioApi.getPositions(),
    "PortfolioApi.getSettlements": () => api.PortfolioApi.getSettlements(),
    "PortfolioApi.getSubaccountBalances": () => api.PortfolioApi.getSubaccountBalances(),
    "PortfolioApi.getSubaccountNetting": () => api.PortfolioApi.getSubaccountNetting(),
    "PortfolioApi.getSubaccountTransfers": () => api.PortfolioApi.getSubaccountTransfers(),
    "PortfolioApi.getTargetBalanceAllocation": () => api.PortfolioApi.getTargetBalanceAllocation(),
    "PortfolioApi.getWithdrawals": () => api.PortfolioApi.getWithdrawals(),
    "PortfolioApi.intraExchangeInstanceTransfer": transfer,
    "PortfolioApi.setTargetBalanceAllocation": () =>
      api.PortfolioApi.setTargetBalanceAllocation({ allocations: [{ exchange_index: 0, percent: 100 }] }),
    "PortfolioApi.updateSubaccountNetting": () =>
      api.PortfolioApi.updateSubaccountNetting({ subaccount_number: 0, enabled: true }),
    "SearchApi.getFiltersForSports": () => api.SearchApi.getFiltersForSports(),
    "SearchApi.getTagsForSeriesCategories": () => api.SearchApi.getTagsForSeriesCategories(),
    "StructuredTargetsApi.getStructuredTarget": () => api.StructuredTargetsApi.getStructuredTarget(names.target),
    "StructuredTargetsApi.getStructuredTargets": () =>
      api.StructuredTargetsApi.getStructuredTargets(undefined, "basketball_team"),
  };

  it("shares every operation but those of requests for quotes and of clearing members", () => {
    expect(methodsOfClient()).toEqual(Object.keys(calls).sort());
    expect(classesOfClient()).toEqual(expect.arrayContaining([...excused]));
  });

  it.each(Object.keys(calls).filter((name) => !name.startsWith("ApiKeysApi.delete")))("%s", async (name) => {
    const { status, data } = await calls[name]!();
    expect(status).toBeGreaterThanOrEqual(200);
    expect(status).toBeLessThan(300);
    // A list that a generated world should fill is not empty.
    const lists = filled[name] ?? [];
    for (const list of lists) expect((data as Record<string, unknown[]>)[list]!.length, list).toBeGreaterThan(0);
  });

  it("ends a key that it made", async () => {
    expect((await calls["ApiKeysApi.deleteApiKey"]!()).status).toBe(204);
  });

  it("reads the figures as the sandbox has them", async () => {
    const limits = (await api.AccountApi.getAccountApiLimits()).data;
    expect(limits).toMatchObject({ usage_tier: "premier", read: { refill_rate: 1200, bucket_capacity: 1200 } });
    expect((await api.ExchangeApi.getUserDataTimestamp()).data.as_of_time).toMatch(/^2026-10-15T15:00:/);
    expect((await api.HistoricalApi.getHistoricalCutoff()).data.market_settled_ts).toBe("2026-08-31T00:00:00Z");
    expect((await api.MarketApi.getMarket(MARKET)).data.market.status).toBe("active");
    const several = (await api.MarketApi.getMarketOrderbooks([MARKET, "SANDBOX-LIVE-T55"])).data.orderbooks;
    expect(several.map(({ ticker }) => ticker)).toEqual([MARKET, "SANDBOX-LIVE-T55"]);
  });
});

/** Lists that a generated world has something for. */
const filled: Readonly<Record<string, readonly string[]>> = {
  "EventsApi.getEvents": ["events", "milestones"],
  "EventsApi.getEventForecastPercentilesHistory": ["forecast_history"],
  "HistoricalApi.getHistoricalMarkets": ["markets"],
  "IncentiveProgramsApi.getIncentivePrograms": ["incentive_programs"],
  "LiveDataApi.getLiveDatas": ["live_datas"],
  "LiveDataApi.getWeatherIndex": ["timeseries"],
  "LiveDataApi.getWeatherIndexCalibrations": ["calibrations"],
  "MarketApi.getSeriesList": ["series"],
  "MarketApi.getTrades": ["trades"],
  "MilestoneApi.getMilestones": ["milestones"],
  "MultivariateApi.getMultivariateEventCollections": ["multivariate_contracts"],
  "PortfolioApi.getDeposits": ["deposits"],
  "PortfolioApi.getWithdrawals": ["withdrawals"],
  "PortfolioApi.getFills": ["fills"],
  "PortfolioApi.getSettlements": ["settlements"],
  "StructuredTargetsApi.getStructuredTargets": ["structured_targets"],
};

interface Names {
  readonly archived: string;
  readonly game: string;
  readonly target: string;
  readonly collection: string;
}

async function namesOf(api: Clients): Promise<Names> {
  const [archived, games, targets, collections] = await Promise.all([
    api.HistoricalApi.getHistoricalMarkets(1, undefined, undefined, undefined, "AVONHIGH"),
    api.MilestoneApi.getMilestones(1, undefined, "Sports"),
    api.StructuredTargetsApi.getStructuredTargets(),
    api.MultivariateApi.getMultivariateEventCollections("open"),
  ]);
  return {
    archived: archived.data.markets[0]?.ticker ?? "",
    game: games.data.milestones[0]?.id ?? "",
    target: targets.data.structured_targets?.[0]?.id ?? "",
    collection: collections.data.multivariate_contracts[0]?.collection_ticker ?? "",
  };
}
