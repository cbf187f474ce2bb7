import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connect } from "../../src/lab/connect.js";
import type { Lab } from "../../src/lab/lab.js";
import { type Sandbox, startSandbox } from "../../src/sandbox/sandbox.js";
import { type AlteringProxy, alteringProxy, CUT } from "../support/altering-proxy.js";
import { connectionTo } from "../support/lab.js";

const ORDERS = "/trade-api/v2/portfolio/events/orders";
const order = { ticker: "SANDBOX-LIVE-T55", side: "bid", count: "2.50", price: "0.02" } as const;

describe("an answer of the sandbox that is cut on its way", () => {
  let sandbox: Sandbox;
  let proxy: AlteringProxy;
  let lab: Lab;
  let cuts = 0;
  /** What was done that changes something. */
  const writes: string[] = [];

  beforeAll(async () => {
    sandbox = await startSandbox({ tier: "premier" });
    proxy = await alteringProxy(sandbox);
    proxy.alter = (path, _, method) => {
      if (method === "GET") return undefined;
      writes.push(`${method} ${path}`);
      if (cuts === 0) return undefined;
      cuts -= 1;
      return CUT;
    };
    lab = await connect({ ...connectionTo(sandbox), restUrl: proxy.restUrl });
  });

  afterAll(async () => {
    await lab.close();
    await proxy.close();
    await sandbox.close();
  });

  it("leaves one order, of which place tells as if it had been answered", async () => {
    const known = await lab.trading.place(order);
    cuts = 1;
    const told = await lab.trading.place(order);
    expect(writes.splice(0)).toEqual([`POST ${ORDERS}`, `POST ${ORDERS}`]);
    const mine = (await lab.orders({ ticker: order.ticker })).objects() as { order_id: string; status: string }[];
    const resting = mine.filter(({ status }) => status === "resting").map(({ order_id }) => order_id);
    expect(new Set(resting)).toEqual(new Set([known.order_id, told.order_id]));
    expect({ ...told, order_id: known.order_id, client_order_id: known.client_order_id, time: known.time }).toEqual(
      known,
    );
    for (const id of resting) await lab.trading.cancel(id);
  });

  it("leaves one fill, with the average price and fee that the exchange would have told", async () => {
    const taking = { ...order, count: "1", price: "0.99", timeInForce: "immediate_or_cancel" } as const;
    cuts = 1;
    const told = await lab.trading.place(taking);
    expect(told.fill_count).toBe(100);
    const fills = (await lab.fills({ ticker: order.ticker })).objects() as {
      order_id: string;
      yes_price: number;
      fee_cost: number;
      count: number;
    }[];
    const mine = fills.filter(({ order_id }) => order_id === told.order_id);
    const money = mine.reduce((sum, { yes_price, count }) => sum + yes_price * count, 0);
    const fees = mine.reduce((sum, { fee_cost }) => sum + fee_cost, 0);
    expect((told.average_fill_price ?? 0) / 1_000_000).toBeCloseTo(money, 4);
    expect((told.average_fee_paid ?? 0) / 1_000_000).toBeCloseTo(fees, 4);
  });

  it("leaves one cancellation, of which cancel tells as if it had been answered", async () => {
    const { order_id: id } = await lab.trading.place(order);
    cuts = 1;
    expect(await lab.trading.cancel(id)).toMatchObject({ order_id: id, reduced_by: 250 });
    expect(writes.slice(-2)).toEqual([`POST ${ORDERS}`, `DELETE ${ORDERS}/${id}`]);
  });
});
