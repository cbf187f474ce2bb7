import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectRejection } from "../support/errors.js";
import { type LabAndSandbox, labAndSandbox } from "../support/lab.js";

const ticker = "SANDBOX-LIVE-T55";
const order = { ticker, side: "bid", count: "2.50", price: "0.02", postOnly: true } as const;

describe("trading with the sandbox", () => {
  let open: LabAndSandbox;

  beforeAll(async () => {
    open = await labAndSandbox({ tier: "premier" });
  });

  afterAll(() => open.close());

  it("amends, decreases and withdraws an order, which can be read at each step", async () => {
    const { trading } = open.lab;
    const { order_id: id } = await trading.place(order);
    expect(await trading.amend(id, { ticker, side: "bid", price: "0.03", count: 4 })).toMatchObject({
      order_id: id,
      remaining_count: 400,
      fill_count: 0,
    });
    expect(await trading.order(id)).toMatchObject({ yes_price: 30_000, remaining_count: 400, status: "resting" });
    expect(await trading.decrease(id, { reduceBy: "1.5", ticker })).toMatchObject({ remaining_count: 250 });
    expect(await trading.decrease(id, { reduceTo: 1 })).toMatchObject({ remaining_count: 100 });
    const [queued] = await trading.queuePositions({ tickers: [ticker] });
    expect(queued).toMatchObject({ order_id: id, ticker });
    expect(queued?.queue_position).toBeGreaterThanOrEqual(0);
    expect(await trading.cancel(id, { ticker })).toMatchObject({ reduced_by: 100 });
    expect(await trading.order(id)).toMatchObject({ status: "canceled", remaining_count: 0 });
  });

  it("says what is wrong in the exchange's code, and what to do", async () => {
    const { trading } = open.lab;
    const { order_id: id } = await trading.place(order);
    const amended = trading.amend(id, { ticker, side: "ask", price: "0.03", count: 4 });
    const error = await expectRejection(amended, "ORDER_REFUSED", /lab\.trading\.order/);
    expect(error.context.code).toBe("order_side_mismatch");
    await expectRejection(trading.decrease(id, { reduceTo: 9 }), "ORDER_REFUSED", /steps of 0.01/);
    await trading.cancel(id);
    await expectRejection(trading.decrease(id, { reduceTo: 0 }), "NOT_FOUND", /answered alike/);
    await expectRejection(trading.place({ ...order, ticker: "NONE" }), "MARKET_NOT_FOUND", /lab\.search/);
  });

  it("places and withdraws in batches, each order by itself, and everything at once", async () => {
    const { trading } = open.lab;
    const results = await trading.placeBatch([order, { ...order, price: "0.0155" }, { ...order, price: "0.03" }]);
    expect(results.map(({ error }) => error?.context.code ?? null)).toEqual([null, "invalid_price", null]);
    const [first, , third] = results.map((result) => result.order?.order_id ?? "");
    const canceled = await trading.cancelBatch([first!, first!.replace(/.$/, "x")]);
    expect(canceled.map((result) => result.order?.reduced_by ?? result.error?.code)).toEqual([250, "NOT_FOUND"]);
    await trading.cancelAll();
    expect(await trading.order(third!)).toMatchObject({ status: "canceled" });
  });

  it("pays for a batch by its orders, and refuses one that the bucket cannot hold before sending it", async () => {
    const { trading } = open.lab;
    const many = Array.from({ length: 361 }, () => order);
    const error = await expectRejection(trading.placeBatch(many), "OVER_CAPACITY", /360 fit into one batch/);
    expect(error.context).toMatchObject({ items: 361, cost: 3_610, capacity: 3_600 });
  });
});
