import { afterAll, beforeAll, describe, expect, expectTypeOf, it } from "vitest";
import { Client } from "../../src/client/http.js";
import { operations } from "../../src/exchange/operations/all.js";
import { apiOf } from "../../src/lab/api.js";
import { expectRejection } from "../support/errors.js";
import { type LabAndSandbox, labAndSandbox } from "../support/lab.js";

let running: LabAndSandbox;
beforeAll(async () => {
  running = await labAndSandbox({ seed: "api", speed: 0.001 });
});
afterAll(() => running?.close());

describe("lab.api", () => {
  it("has every operation, to be seen by completion", () => {
    expect(Object.keys(running.lab.api).sort()).toEqual(Object.keys(operations).sort());
  });

  it("asks one page, in integers", async () => {
    const { markets, cursor, extra } = await running.lab.api.getMarkets({ event_ticker: "SANDBOX-LIVE", limit: 2 });
    expect(markets).toHaveLength(2);
    expect(cursor).not.toBe("");
    expect(extra).toBeNull();
    const [market] = markets;
    expect(Number.isSafeInteger(market!.yes_bid) && Number.isSafeInteger(market!.close_time)).toBe(true);
    expect(market!.price_ranges[0]!.step).toBe(1_000);
  });

  it("asks page after page, the largest unless told otherwise", async () => {
    const sizes: number[] = [];
    const tickers = new Set<string>();
    for await (const { markets } of running.lab.api.getMarkets.pages({ event_ticker: "SANDBOX-LIVE", limit: 2 })) {
      sizes.push(markets.length);
      for (const { ticker } of markets) tickers.add(ticker);
    }
    expect([sizes, tickers.size]).toEqual([[2, 2, 1], 5]);
    for await (const { markets } of running.lab.api.getMarkets.pages({ event_ticker: "SANDBOX-LIVE" }))
      expect(markets).toHaveLength(5);
  });

  it("goes on from a cursor that was given", async () => {
    const ask = { event_ticker: "SANDBOX-LIVE", limit: 2 };
    const { markets, cursor } = await running.lab.api.getMarkets(ask);
    const rest: string[] = [];
    for await (const page of running.lab.api.getMarkets.pages({ ...ask, cursor: cursor! }))
      rest.push(...page.markets.map(({ ticker }) => ticker));
    expect(new Set([...rest, ...markets.map(({ ticker }) => ticker)]).size).toBe(5);
    expect(rest).toHaveLength(3);
  });

  it("gives pages of what has none: its one answer", async () => {
    const answers: unknown[] = [];
    for await (const answer of running.lab.api.getExchangeStatus.pages()) answers.push(answer);
    expect(answers).toMatchObject([{ trading_active: true }]);
  });

  it("gives the catalogue of series item by item too, the same as in one answer", async () => {
    const { api } = running.lab;
    const items: object[] = [];
    for await (const series of api.getSeriesList.items({ include_volume: true })) {
      expectTypeOf(series.fee_multiplier).toExtend<number | null>();
      items.push(series);
    }
    expect(items).toHaveLength(14);
    // Somebody may trade between the two questions.
    const still = ({ volume, ...rest }: { volume?: unknown }) => ({ ...rest, hasVolume: typeof volume === "number" });
    const { series } = await api.getSeriesList({ include_volume: true });
    expect(items.map(still)).toEqual(series.map(still));
    // @ts-expect-error: of one market there are no items
    expect(api.getMarket.items).toBeUndefined();
  });

  it("refuses before asking what the exchange would not understand, and says what it takes", async () => {
    const before = running.lab.client.usage.requests;
    const api = running.lab.api;
    await expectRejection(api.getMarkets({ limit: 1001 }), "BAD_ARGUMENT", /give 0 to 1000/);
    await expectRejection(api.getMarket({} as { ticker: string }), "BAD_ARGUMENT", /give ticker/);
    await expectRejection(api.getMarkets({ serie: "X" } as object), "BAD_ARGUMENT", /series_ticker/);
    await expectRejection(api.getMarketOrderbooks({ tickers: [] }), "BAD_ARGUMENT", /1 to 100 of them at a time/);
    await expectRejection(api.getTrades({ min_ts: "soon" }), "BAD_TIME", /RFC 3339/);
    expect(running.lab.client.usage.requests).toBe(before);
  });

  it("ends with the signal", async () => {
    const stop = new AbortController();
    stop.abort();
    await expectRejection(running.lab.api.getMarkets({}, { signal: stop.signal }), "INTERRUPTED", /run it again/);
  });

  it("places an order where trading is allowed, and on a client that only reads asks nothing", async () => {
    const order = {
      ticker: "SANDBOX-LIVE-T50",
      side: "bid",
      count: "1",
      price: "0.01",
      time_in_force: "good_till_canceled",
      self_trade_prevention_type: "taker_at_cross",
    };
    const placed = await running.lab.api.createOrderV2(order);
    expect(placed.remaining_count).toBe(100);
    const reader = new Client({ baseUrl: running.sandbox.ready.rest_url, signer: running.lab.client.signer! });
    const api = apiOf(reader);
    try {
      for (const write of [
        () => api.createOrderV2(order),
        () => api.cancelOrderV2({ order_id: placed.order_id }),
        () => api.deleteApiKey({ api_key: "some" }),
        () => api.createMarketInMultivariateEventCollection({ collection_ticker: "SANDBOX", selected_markets: [] }),
      ]) {
        await expectRejection(write(), "TRADING_DISABLED", /trading: true/);
      }
      expect(reader.usage.requests).toBe(0);
    } finally {
      await reader.close();
    }
    expect((await running.lab.api.cancelOrderV2({ order_id: placed.order_id })).reduced_by).toBe(100);
  });

  it("knows what each operation takes and answers, when it is compiled", () => {
    const { api } = running.lab;
    expectTypeOf<{ ticker: string }>().toExtend<Parameters<typeof api.getMarket>[0]>();
    // @ts-expect-error: a market is asked for by its ticker
    expectTypeOf<{ event_ticker: string }>().toExtend<Parameters<typeof api.getMarket>[0]>();
    expectTypeOf(() => api.getExchangeStatus()).toBeFunction();
    expectTypeOf(() => api.getMarkets()).toBeFunction();
    expectTypeOf<Awaited<ReturnType<typeof api.getTrades>>["trades"][number]["count"]>().toEqualTypeOf<number>();
    expectTypeOf(api.getMilestones.pages).toBeCallableWith({ category: "Sports" });
    // @ts-expect-error: the first page must be given its size
    expectTypeOf(api.getMilestones).toBeCallableWith({ category: "Sports" });
  });
});
