import axios from "axios";
import { AccountApi, Configuration, EventsApi, ExchangeApi, HistoricalApi, MarketApi } from "kalshi-typescript";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../../src/sandbox/sandbox.js";

// Each API object signs through an axios of its own: on one they share, every object would sign once more. The client is typed by
// axios for CommonJS, which differs in name only.
type Axios = NonNullable<ConstructorParameters<typeof MarketApi>[2]>;
const ownAxios = () => axios.create() as unknown as Axios;

describe("the exchange's own client for TypeScript", () => {
  let sandbox: Sandbox;
  let configuration: Configuration;
  const start = Date.UTC(2026, 6, 1) / 1000;
  const end = Date.UTC(2026, 9, 16) / 1000;

  beforeAll(async () => {
    sandbox = await startSandbox({ seed: "client", speed: 0.001 });
    configuration = new Configuration({
      apiKey: sandbox.ready.key_id,
      privateKeyPem: sandbox.privateKey,
      basePath: sandbox.ready.rest_url,
    });
  });
  afterAll(() => sandbox?.close());

  const markets = () => new MarketApi(configuration, undefined, ownAxios());
  const historical = () => new HistoricalApi(configuration, undefined, ownAxios());
  const events = () => new EventsApi(configuration, undefined, ownAxios());

  it("signs in, and reads limits and costs", async () => {
    const account = new AccountApi(configuration, undefined, ownAxios());
    const limits = (await account.getAccountApiLimits()).data;
    expect(limits).toMatchObject({ usage_tier: "premier", read: { refill_rate: 1200, bucket_capacity: 1200 } });
    expect((await account.getAccountEndpointCosts()).data.default_cost).toBe(10);
  });

  it("reads the state of the exchange", async () => {
    const exchange = new ExchangeApi(configuration, undefined, ownAxios());
    expect((await exchange.getExchangeStatus()).data.trading_active).toBe(true);
    expect((await exchange.getExchangeSchedule()).data.schedule.standard_hours).toHaveLength(1);
    expect((await exchange.getUserDataTimestamp()).data.as_of_time).toMatch(/^2026-10-15T15:00:/);
  });

  it("reads series, events and markets", async () => {
    const api = markets();
    expect((await api.getSeriesList()).data.series).toHaveLength(6);
    expect((await api.getSeries("SANDBOX")).data.series.fee_type).toBe("quadratic_with_maker_fees");
    const { data } = await api.getMarkets(5, undefined, "SANDBOX-LIVE");
    expect(data.markets.map(({ ticker }) => ticker)).toHaveLength(5);
    expect((await api.getMarket("SANDBOX-LIVE-T50")).data.market.status).toBe("active");
    const event = (await events().getEvent("SANDBOX-LIVE", true)).data.event;
    expect(event.markets).toHaveLength(5);
    const list = (await events().getEvents(5, undefined, true, false, "open")).data;
    expect(list.events).toHaveLength(5);
  });

  it("reads books, one and several", async () => {
    const one = (await markets().getMarketOrderbook("SANDBOX-LIVE-T50", 3)).data.orderbook_fp;
    expect(one.yes_dollars.length).toBeLessThanOrEqual(3);
    const several = (await markets().getMarketOrderbooks(["SANDBOX-LIVE-T50", "SANDBOX-LIVE-T55"])).data.orderbooks;
    expect(several.map(({ ticker }) => ticker)).toEqual(["SANDBOX-LIVE-T50", "SANDBOX-LIVE-T55"]);
  });

  it("reads trades and candles of both tiers", async () => {
    expect((await markets().getTrades(10)).data.trades).toHaveLength(10);
    expect((await historical().getTradesHistorical(undefined, undefined, undefined, 10)).data.trades).toHaveLength(10);
    const candles = await markets().getMarketCandlesticks("SANDBOX", "SANDBOX-LIVE-T50", start, end, 60, true);
    expect(candles.data.candlesticks.length).toBeGreaterThan(20);
    const cutoff = (await historical().getHistoricalCutoff()).data;
    expect(cutoff.market_settled_ts).toBe("2026-08-31T00:00:00Z");
    const old = (await historical().getHistoricalMarkets(1, undefined, undefined, undefined, "AVONHIGH")).data
      .markets[0];
    const ticker = old?.ticker ?? "";
    expect((await historical().getHistoricalMarket(ticker)).data.market.status).toBe("finalized");
    const oldCandles = await historical().getMarketCandlesticksHistorical(ticker, start, end, 1440);
    expect(oldCandles.data.ticker).toBe(ticker);
    const byEvent = await events().getMarketCandlesticksByEvent("SANDBOX-LIVE", "SANDBOX", start, end, 60);
    expect(byEvent.data.market_candlesticks).toHaveLength(5);
  });
});
