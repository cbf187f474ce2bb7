import axios from "axios";
import { Configuration, OrdersApi, PortfolioApi } from "kalshi-typescript";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../../src/sandbox/sandbox.js";

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ seed: "peer" });
});
afterAll(() => sandbox.close());

function configuration(): Configuration {
  return new Configuration({
    apiKey: sandbox.ready.key_id,
    privateKeyPem: sandbox.privateKey,
    basePath: sandbox.ready.rest_url,
  });
}

// One axios instance each: the exchange's client adds an interceptor per API object, and on a shared instance they sign twice.
// The package sees axios' types for CommonJS and this file those for modules; it is the same object.
const instance = () => axios.create() as unknown as ConstructorParameters<typeof PortfolioApi>[2];
const portfolio = () => new PortfolioApi(configuration(), undefined, instance());
const orders = () => new OrdersApi(configuration(), undefined, instance());

/** A market of the lasting event that has quotes on both sides. */
function quoted(): string {
  for (const { ticker } of sandbox.world.marketsOf("SANDBOX-LIVE")) {
    const view = sandbox.engine.ticker(ticker);
    if (view?.yesBid != null && view.yesAsk !== null && view.yesAsk < 950_000) return ticker;
  }
  throw new Error("no market has quotes on both sides");
}

describe("the exchange's own client, over a real socket", () => {
  it("reads the balance, fills, positions and settlements of an account with a past", async () => {
    const api = portfolio();
    const { data: balance } = await api.getBalance();
    expect(balance.balance).toBeGreaterThan(100_000);
    const { data: fills } = await api.getFills();
    expect(fills.fills.length).toBe(100);
    const rest = await api.getFills(undefined, undefined, undefined, undefined, 1000, fills.cursor);
    const ids = [...fills.fills, ...rest.data.fills].map((fill) => fill.trade_id);
    expect(new Set(ids).size).toBe(ids.length);
    const { data: settlements } = await api.getSettlements();
    expect(settlements.settlements.length).toBeGreaterThan(10);
    const { data: positions } = await api.getPositions();
    expect(positions.market_positions).toEqual([]);
  });

  it("creates an order, finds it resting, cancels it, and finds it no more", async () => {
    const api = orders();
    const { status, data: made } = await api.createOrderV2({
      ticker: "SANDBOX-LIVE-T50",
      client_order_id: "from-the-peer",
      side: "bid",
      count: "1.50",
      price: "0.0100",
      time_in_force: "good_till_canceled",
      self_trade_prevention_type: "taker_at_cross",
    });
    expect(status).toBe(201);
    expect(made.remaining_count).toBe("1.50");
    const { data: read } = await api.getOrder(made.order_id);
    expect(read.order).toMatchObject({
      status: "resting",
      client_order_id: "from-the-peer",
      ticker: "SANDBOX-LIVE-T50",
    });
    const { data: cancelled } = await api.cancelOrderV2(made.order_id);
    expect(cancelled.reduced_by).toBe("1.50");
    await expect(api.cancelOrderV2(made.order_id)).rejects.toMatchObject({ response: { status: 404 } });
  });

  it("trades with the makers and sees the fill, its fee and the position", async () => {
    const ticker = quoted();
    const { data: made } = await orders().createOrderV2({
      ticker,
      client_order_id: "taker-from-the-peer",
      side: "bid",
      count: "2.00",
      price: "0.9900",
      time_in_force: "immediate_or_cancel",
      self_trade_prevention_type: "taker_at_cross",
    });
    expect(made.fill_count).toBe("2.00");
    const api = portfolio();
    const { data } = await api.getFills(undefined, made.order_id);
    expect(data.fills.reduce((sum, fill) => sum + Number(fill.count_fp), 0)).toBe(2);
    const { data: positions } = await api.getPositions();
    expect(positions.market_positions).toMatchObject([{ ticker, position_fp: "2.00" }]);
  });
});
