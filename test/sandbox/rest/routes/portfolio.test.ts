import { describe, expect, it } from "vitest";
import type { Engine } from "../../../../src/sandbox/engine/engine.js";
import { portfolioRoutes } from "../../../../src/sandbox/rest/routes/portfolio.js";
import type { Json } from "../../../../src/sandbox/types.js";
import { DAY, MINUTE, SECOND, toSeconds } from "../../../../src/units/time.js";
import { ADVANCED, caller } from "../../../support/call.js";
import { complaints, whyNoSpecification } from "../../../support/openapi.js";
import { MEMBER, OTHER, START, tinyEngine, tinyMarket, tinyWorld } from "../../../support/tiny-world.js";

const base = { side: "bid", time_in_force: "good_till_canceled", self_trade_prevention_type: "taker_at_cross" };

/** Two members and two quiet markets of one event, and a way to ask as either. */
function exchange() {
  const life = { seriesTicker: "CALM", eventTicker: "CALM-1", close: START + MINUTE, settled: START + 2 * MINUTE };
  const tiny = tinyWorld([tinyMarket({ ticker: "CALM-1-A", ...life }), tinyMarket({ ticker: "CALM-1-B", ...life })], {
    feeType: "quadratic_with_maker_fees",
  });
  const engine: Engine = tinyEngine(tiny);
  const call = caller(portfolioRoutes(engine, ADVANCED), tiny.world);
  let serial = 0;
  const create = (account: typeof MEMBER, order: Record<string, Json>) => {
    serial += 1;
    const body = { ...base, ticker: "CALM-1-A", client_order_id: `c-${serial}`, ...order };
    return call({ method: "POST", target: "/portfolio/events/orders", body, account });
  };
  const get = (target: string, account = MEMBER) => call({ target, account });
  const cancel = (id: string, account = MEMBER) =>
    call({ method: "DELETE", target: `/portfolio/events/orders/${id}`, account });
  return { ...tiny, engine, create, get, cancel };
}

/** An exchange where the member has bought, sold, cancelled and been paid. */
async function busy() {
  const made = exchange();
  const { create, cancel, engine, clock } = made;
  await create(OTHER, { side: "ask", price: "0.52", count: "3" });
  await create(OTHER, { side: "ask", price: "0.54", count: "1.25" });
  await create(MEMBER, { price: "0.60", count: "4.25" });
  await create(OTHER, { side: "bid", price: "0.70", count: "1" });
  await create(MEMBER, { side: "ask", price: "0.70", count: "1" });
  await create(OTHER, { ticker: "CALM-1-B", price: "0.20", count: "9" });
  await create(MEMBER, { ticker: "CALM-1-B", side: "ask", price: "0.20", count: "9" });
  const { body } = await create(MEMBER, { ticker: "CALM-1-B", price: "0.01", count: "5" });
  await cancel(body.order_id);
  await create(MEMBER, { price: "0.02", count: "5" });
  return { ...made, settleAll: () => engine.step(clock.advance(3 * MINUTE)) };
}

describe("creating and cancelling orders", () => {
  it("answers 201 with what filled, at what price and fee", async () => {
    const { create } = exchange();
    const resting = await create(OTHER, { side: "ask", price: "0.5200", count: "1.00" });
    expect(resting.status).toBe(201);
    expect(resting.body).toMatchObject({ fill_count: "0.00", remaining_count: "1.00" });
    expect(resting.body).not.toHaveProperty("average_fill_price");
    const taken = await create(MEMBER, { price: "0.99", count: "1", time_in_force: "immediate_or_cancel" });
    expect(taken.body).toEqual({
      average_fee_paid: "0.0175",
      average_fill_price: "0.5200",
      client_order_id: "c-2",
      fill_count: "1.00",
      order_id: expect.any(String),
      remaining_count: "0.00",
      ts_ms: expect.any(Number),
    });
  });

  it("refuses numbers where strings belong, with the decoder's own body", async () => {
    const { create } = exchange();
    expect(await create(MEMBER, { price: "0.50", count: 1 })).toEqual({
      status: 400,
      body: {
        code: "bad_request",
        details: "json: cannot unmarshal number into Go struct field CreateOrderV2Request.count of type string",
        message: "bad request",
      },
    });
    expect((await create(MEMBER, { price: 0.5, count: "1" })).body.details).toContain("CreateOrderV2Request.price");
  });

  it("refuses what is missing or no known word", async () => {
    const { create } = exchange();
    expect((await create(MEMBER, { price: "0.50" })).status).toBe(400);
    expect((await create(MEMBER, { price: "0.50", count: "1", side: "yes" })).status).toBe(400);
    expect((await create(MEMBER, { price: "0.50", count: "1", ticker: "NOSUCH" })).status).toBe(404);
    expect((await create(MEMBER, { price: "0.50", count: "0.001" })).body.error.code).toBe("invalid_order_size");
    expect((await create(MEMBER, { price: "half", count: "1" })).body.error.code).toBe("invalid_price");
  });

  it("withdraws what was left, and knows the order no more at the second try", async () => {
    const { create, cancel } = exchange();
    const { body } = await create(MEMBER, { price: "0.10", count: "2.50" });
    expect(await cancel(body.order_id)).toMatchObject({ status: 200, body: { reduced_by: "2.50" } });
    const again = await cancel(body.order_id);
    expect(again).toEqual({ status: 404, body: { error: { code: "not_found", message: "not found" } } });
    expect(await cancel(body.order_id, OTHER)).toEqual(again);
  });
});

describe("reading the portfolio", () => {
  it("lists fills newest first, a page at a time, each once", async () => {
    const { get, create } = exchange();
    for (let n = 0; n < 7; n += 1) {
      await create(OTHER, { side: "ask", price: "0.50", count: "1" });
      await create(MEMBER, { price: "0.50", count: "1" });
    }
    const seen: string[] = [];
    let cursor = "";
    let pages = 0;
    do {
      const { body } = await get(`/portfolio/fills?limit=3&cursor=${cursor}`);
      seen.push(...body.fills.map((fill: { trade_id: string }) => fill.trade_id));
      cursor = body.cursor;
      pages += 1;
    } while (cursor !== "");
    expect(pages).toBe(3);
    expect(new Set(seen).size).toBe(7);
  });

  it("tells both parties of a trade the same price and opposite sides", async () => {
    const { get } = await busy();
    const [mine, theirs] = [await get("/portfolio/fills"), await get("/portfolio/fills", OTHER)];
    const other = new Map(theirs.body.fills.map((fill: { trade_id: string }) => [fill.trade_id, fill]));
    expect(mine.body.fills).toHaveLength(4);
    for (const fill of mine.body.fills) {
      const { yes_price_dollars, count_fp } = fill;
      expect(other.get(fill.trade_id)).toMatchObject({ yes_price_dollars, count_fp, is_taker: !fill.is_taker });
    }
  });

  it("filters orders by status, market, event and time", async () => {
    const { get } = await busy();
    const tally = async (query: string) => (await get(`/portfolio/orders?${query}`)).body.orders.length;
    expect(await tally("status=resting")).toBe(1);
    expect(await tally("status=executed")).toBe(3);
    expect(await tally("status=canceled")).toBe(1);
    expect(await tally("ticker=CALM-1-B")).toBe(2);
    expect(await tally("event_ticker=CALM-1,OTHER")).toBe(5);
    expect(await tally("event_ticker=OTHER")).toBe(0);
    expect(await tally(`min_ts=${toSeconds(START) + 1}`)).toBe(0);
    expect(await tally(`max_ts=${toSeconds(START) + 1}`)).toBe(5);
    expect((await get("/portfolio/orders?subaccount=3")).status).toBe(400);
  });

  it("sums the market positions of an event", async () => {
    const { get } = await busy();
    const { body } = await get("/portfolio/positions");
    expect(body.market_positions).toMatchObject([
      { ticker: "CALM-1-B", position_fp: "-9.00", market_exposure_dollars: "7.200000" },
      { ticker: "CALM-1-A", position_fp: "3.25", total_traded_dollars: "2.535000" },
    ]);
    expect(body.event_positions).toHaveLength(1);
    expect(body.event_positions[0]).toMatchObject({ event_ticker: "CALM-1", total_cost_shares_fp: "14.25" });
  });

  it("shows settled positions only when asked for, and pays in whole cents beside exact costs", async () => {
    const { get, settleAll } = await busy();
    settleAll();
    expect((await get("/portfolio/positions")).body.market_positions).toEqual([]);
    const settled = (await get("/portfolio/positions?settlement_status=settled")).body.market_positions;
    expect(settled.map((one: { position_fp: string }) => one.position_fp)).toEqual(["0.00", "0.00"]);
    const { settlements } = (await get("/portfolio/settlements")).body;
    expect(settlements).toMatchObject([
      { ticker: "CALM-1-B", no_count_fp: "9.00", yes_count_fp: "0.00", revenue: 0, value: 100 },
      { ticker: "CALM-1-A", yes_count_fp: "3.25", revenue: 325 },
    ]);
  });

  it("cuts the balance to cents and shows it whole beside", async () => {
    const { get } = await busy();
    const { body } = await get("/portfolio/balance");
    expect(body.balance).toBe(Math.floor(Number(body.balance_dollars) * 100));
    expect(body.balance_breakdown).toEqual([{ balance: body.balance_dollars, exchange_index: 0 }]);
  });

  it("serves finished orders from one tier, and rows near the boundary from both", async () => {
    const { engine, get, world } = await busy();
    const account = engine.account(MEMBER.userId);
    const [executed, , , cancelled] = [...account.orders.values()];
    executed!.updated = world.cutoffs().ordersUpdated - DAY;
    cancelled!.updated = world.cutoffs().ordersUpdated - SECOND;
    const ids = async (path: string) => (await get(path)).body.orders.map((one: { order_id: string }) => one.order_id);
    const live = await ids("/portfolio/orders");
    const historical = await ids("/historical/orders");
    expect(live).not.toContain(executed!.id);
    expect(live).toContain(cancelled!.id);
    expect(historical.sort()).toEqual([executed!.id, cancelled!.id].sort());
    expect((await get(`/portfolio/orders/${executed!.id}`)).status).toBe(404);
  });

  it("refuses a limit out of range in the shape of parameters, and ignores a cursor it cannot read", async () => {
    const { get } = await busy();
    expect(await get("/portfolio/fills?limit=1001")).toMatchObject({ status: 400, body: { msg: expect.any(String) } });
    expect((await get("/portfolio/orders?limit=0")).status).toBe(400);
    const first = await get("/portfolio/orders?limit=2");
    expect(await get("/portfolio/orders?limit=2&cursor=rubbish")).toEqual(first);
  });
});

describe.skipIf(whyNoSpecification !== null)(
  `answers on the portfolio (${whyNoSpecification ?? "by openapi.yaml"})`,
  () => {
    it("have the shape that the specification gives them", async () => {
      const { create, cancel, get, settleAll } = await busy();
      const check = (method: string, path: string, answer: { status: number; body: unknown }) =>
        expect({ path, found: complaints(method, path, answer.status, answer.body) }).toEqual({ path, found: [] });
      const made = await create(MEMBER, { price: "0.03", count: "1" });
      check("POST", "/portfolio/events/orders", made);
      check("GET", "/portfolio/orders/{order_id}", await get(`/portfolio/orders/${made.body.order_id}`));
      check("DELETE", "/portfolio/events/orders/{order_id}", await cancel(made.body.order_id));
      for (const settled of [false, true]) {
        if (settled) settleAll();
        for (const list of ["balance", "fills", "orders", "settlements", "positions"]) {
          check("GET", `/portfolio/${list}`, await get(`/portfolio/${list}`));
        }
        check("GET", "/portfolio/positions", await get("/portfolio/positions?settlement_status=all"));
        for (const list of ["fills", "orders", "positions"]) {
          check("GET", `/historical/${list}`, await get(`/historical/${list}`));
        }
      }
    });
  },
);
