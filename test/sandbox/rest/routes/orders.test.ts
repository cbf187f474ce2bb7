import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { available } from "../../../../src/sandbox/engine/accounts.js";
import type { Engine } from "../../../../src/sandbox/engine/engine.js";
import { Router } from "../../../../src/sandbox/rest/router.js";
import { portfolioRoutes } from "../../../../src/sandbox/rest/routes/portfolio.js";
import type { EngineEvent, Json } from "../../../../src/sandbox/types.js";
import { MINUTE } from "../../../../src/units/time.js";
import { ADVANCED, type Answer, caller } from "../../../support/call.js";
import { complaints, whyNoSpecification } from "../../../support/openapi.js";
import { MEMBER, OTHER, START, tinyEngine, tinyMarket, tinyWorld } from "../../../support/tiny-world.js";

const ORDERS = "/portfolio/events/orders";
const base = { side: "bid", time_in_force: "good_till_canceled", self_trade_prevention_type: "taker_at_cross" };

/** Two members, two quiet markets of an event, and what was told of their books and orders. */
function exchange() {
  const life = { seriesTicker: "CALM", eventTicker: "CALM-1", close: START + MINUTE, settled: START + 2 * MINUTE };
  const tiny = tinyWorld([tinyMarket({ ticker: "CALM-1-A", ...life }), tinyMarket({ ticker: "CALM-1-B", ...life })], {
    feeType: "quadratic_with_maker_fees",
  });
  const engine: Engine = tinyEngine(tiny);
  const routes = portfolioRoutes(engine, ADVANCED);
  const call = caller(routes, tiny.world);
  const events: EngineEvent[] = [];
  engine.on((event) => events.push(event));
  let serial = 0;
  const asked = (order: Record<string, Json>) => {
    serial += 1;
    return { ...base, ticker: "CALM-1-A", client_order_id: `c-${serial}`, ...order };
  };
  return {
    ...tiny,
    engine,
    events,
    asked,
    routes: new Router(routes),
    create: (account: typeof MEMBER, order: Record<string, Json>) =>
      call({ method: "POST", target: ORDERS, body: asked(order), account }),
    amend: (id: string, body: Record<string, Json>, account = MEMBER) => {
      const whole = { ticker: "CALM-1-A", side: "bid", price: "0.40", count: "5", ...body };
      return call({ method: "POST", target: `${ORDERS}/${id}/amend`, body: whole, account });
    },
    decrease: (id: string, body: Json, account = MEMBER) =>
      call({ method: "POST", target: `${ORDERS}/${id}/decrease`, body, account }),
    send: (method: string, target: string, body?: Json, account = MEMBER) =>
      call({ method, target, account, ...(body === undefined ? {} : { body }) }),
    get: (target: string, account = MEMBER) => call({ target, account }),
  };
}

function codeOf({ status, body }: Answer): string {
  return `${status} ${body.error?.code ?? body.code}`;
}

/** A book as somebody has it who heard every change of it. */
function heard(events: readonly EngineEvent[], ticker: string): unknown {
  const sides = { yes: new Map<number, number>(), no: new Map<number, number>() };
  for (const event of events) {
    if (event.type !== "delta" || event.ticker !== ticker) continue;
    const levels = sides[event.side];
    const left = (levels.get(event.price) ?? 0) + event.delta;
    expect(left).toBeGreaterThanOrEqual(0);
    if (left === 0) levels.delete(event.price);
    else levels.set(event.price, left);
  }
  const sorted = (levels: Map<number, number>) => [...levels].sort((a, b) => a[0] - b[0]);
  return { yes: sorted(sides.yes), no: sorted(sides.no) };
}

describe("amending an order", () => {
  it("that only becomes smaller keeps its place; any other change goes to the end of the queue", async () => {
    const { create, amend, get } = exchange();
    const { body: first } = await create(MEMBER, { price: "0.40", count: "5" });
    await create(OTHER, { price: "0.40", count: "3" });
    const ahead = async () => (await get(`/portfolio/orders/${first.order_id}/queue_position`)).body;
    expect((await amend(first.order_id, { count: "4" })).body).toMatchObject({
      remaining_count: "4.00",
      fill_count: "0.00",
      average_fill_price: null,
      average_fee_paid: null,
    });
    expect(await ahead()).toEqual({ queue_position_fp: "0.00" });
    await amend(first.order_id, { count: "4.5" });
    expect(await ahead()).toEqual({ queue_position_fp: "3.00" });
    await amend(first.order_id, { price: "0.41", count: "4.5" });
    expect(await ahead()).toEqual({ queue_position_fp: "0.00" });
    const { order } = (await get(`/portfolio/orders/${first.order_id}`)).body;
    expect(order).toMatchObject({ yes_price_dollars: "0.4100", initial_count_fp: "4.50", remaining_count_fp: "4.50" });
  });

  it("to a price that crosses takes what is there, and rests with what is left of the count", async () => {
    const { create, amend, get, engine } = exchange();
    await create(OTHER, { side: "ask", price: "0.50", count: "2" });
    await create(OTHER, { side: "ask", price: "0.52", count: "1" });
    const { body: mine } = await create(MEMBER, { price: "0.40", count: "5" });
    expect((await amend(mine.order_id, { price: "0.51", count: "5" })).body).toMatchObject({
      fill_count: "2.00",
      remaining_count: "3.00",
      average_fill_price: "0.5000",
      average_fee_paid: "0.0175",
    });
    // What is filled counts: five in all are three more.
    expect((await amend(mine.order_id, { price: "0.52", count: "5" })).body).toMatchObject({
      fill_count: "1.00",
      remaining_count: "2.00",
      average_fill_price: "0.5200",
      average_fee_paid: "0.0175",
    });
    const { order } = (await get(`/portfolio/orders/${mine.order_id}`)).body;
    expect(order).toMatchObject({ status: "resting", fill_count_fp: "3.00", taker_fill_cost_dollars: "1.520000" });
    expect(engine.account(MEMBER.userId).positions.get("CALM-1-A")?.count).toBe(300);
  });

  it("needs money for what it becomes, not for what it was besides", async () => {
    const { create, amend, engine } = exchange();
    const { body: mine } = await create(MEMBER, { price: "0.40", count: "20000" });
    expect((await amend(mine.order_id, { price: "0.41", count: "20000" })).status).toBe(200);
    expect(codeOf(await amend(mine.order_id, { price: "0.51", count: "20000" }))).toBe("400 insufficient_balance");
    expect(available(engine.account(MEMBER.userId))).toBeGreaterThan(0n);
  });

  it("to the count that is filled cancels it; below is refused", async () => {
    const { create, amend, get } = exchange();
    const { body: mine } = await create(MEMBER, { price: "0.40", count: "5" });
    await create(OTHER, { side: "ask", price: "0.40", count: "2" });
    expect(codeOf(await amend(mine.order_id, { count: "1.99" }))).toBe("400 invalid_amend_qty_for_order");
    expect((await amend(mine.order_id, { count: "2" })).body).toMatchObject({
      remaining_count: "0.00",
      fill_count: "0.00",
    });
    expect((await get(`/portfolio/orders/${mine.order_id}`)).body.order).toMatchObject({ status: "canceled" });
    expect(codeOf(await amend(mine.order_id, {}))).toBe("404 not_found");
  });

  it("to no count at all cancels one of which nothing is filled, and gives its money back", async () => {
    const { create, amend, get, engine } = exchange();
    const before = available(engine.account(MEMBER.userId));
    const { body: mine } = await create(MEMBER, { price: "0.40", count: "5" });
    expect(codeOf(await amend(mine.order_id, { count: "-1" }))).toBe("400 invalid_order_size");
    expect((await amend(mine.order_id, { count: "0" })).body).toMatchObject({ remaining_count: "0.00" });
    expect((await get(`/portfolio/orders/${mine.order_id}`)).body.order).toMatchObject({
      status: "canceled",
      remaining_count_fp: "0.00",
    });
    expect(available(engine.account(MEMBER.userId))).toBe(before);
    expect(codeOf(await create(MEMBER, { price: "0.40", count: "0" }))).toBe("400 invalid_order_size");
  });

  it("tells counts only where it has filled something or changed what rests", async () => {
    const { create, amend } = exchange();
    const { body: mine } = await create(MEMBER, { price: "0.40", count: "5" });
    const untold = { remaining_count: null, fill_count: null };
    expect((await amend(mine.order_id, { price: "0.41", count: "5" })).body).toMatchObject(untold);
    expect((await amend(mine.order_id, { price: "0.41", count: "5" })).body).toMatchObject(untold);
    await create(OTHER, { side: "ask", price: "0.43", count: "2" });
    const refilled = await amend(mine.order_id, { price: "0.43", count: "7" });
    expect(refilled.body).toMatchObject({ remaining_count: "5.00", fill_count: "2.00" });
  });

  it("changes its client id, which is then used up as the one before it, and its expiry", async () => {
    const { create, amend, get } = exchange();
    const { body: mine } = await create(MEMBER, { price: "0.40", count: "5", client_order_id: "one" });
    const soon = START / 1_000_000 + 30;
    await amend(mine.order_id, { updated_client_order_id: "two", expiration_time: soon });
    const read = async () => (await get(`/portfolio/orders/${mine.order_id}`)).body.order;
    expect(await read()).toMatchObject({
      client_order_id: "two",
      expiration_time: new Date(soon * 1_000).toISOString().replace(".000", ""),
    });
    await amend(mine.order_id, { count: "6" });
    expect(await read()).toHaveProperty("expiration_time");
    await amend(mine.order_id, { count: "6", expiration_time: 0 });
    expect(await read()).not.toHaveProperty("expiration_time");
    for (const used of ["one", "two"]) {
      expect(codeOf(await create(MEMBER, { price: "0.40", count: "1", client_order_id: used }))).toBe(
        "409 order_already_exists",
      );
    }
    expect(codeOf(await amend(mine.order_id, { updated_client_order_id: "one" }))).toBe("409 order_already_exists");
  });

  it.each<[Record<string, Json>, string]>([
    [{ ticker: "CALM-1-B" }, "400 order_ticker_mismatch"],
    [{ side: "ask" }, "400 order_side_mismatch"],
    [{ client_order_id: "not-mine" }, "400 order_id_and_client_order_id_mismatch"],
    [{ price: "0.405" }, "400 invalid_price"],
    [{ count: "-1" }, "400 invalid_order_size"],
    [{ count: "1.001" }, "400 invalid_order_size"],
    ...["1.", ".5", "1.010", "+1", "1e1", " 1", "."].map(
      (count) => [{ count }, "400 invalid_order_size"] satisfies [Record<string, Json>, string],
    ),
    ...["0.5", "0.41000", "0.", ".41", "1", "-0.41"].map(
      (price) => [{ price }, "400 invalid_price"] satisfies [Record<string, Json>, string],
    ),
    [{ count: 5 }, "400 bad_request"],
    [{ price: null }, "400 bad_request"],
    [{ expiration_time: 1 }, "400 invalid_order"],
    [{ count: "900000" }, "400 insufficient_balance"],
  ])("is refused, and nothing changes: %o", async (body, code) => {
    const { create, amend, get, engine } = exchange();
    const { body: mine } = await create(MEMBER, { price: "0.40", count: "5" });
    const read = async () => [(await get(`/portfolio/orders/${mine.order_id}`)).body, engine.book("CALM-1-A")];
    const before = await read();
    expect(codeOf(await amend(mine.order_id, body))).toBe(code);
    expect(await read()).toEqual(before);
  });

  it("and decreasing find no order of somebody else, and none after the close", async () => {
    const { create, amend, decrease, clock } = exchange();
    const { body: mine } = await create(MEMBER, { price: "0.40", count: "5" });
    expect(codeOf(await amend(mine.order_id, {}, OTHER))).toBe("404 not_found");
    expect(codeOf(await decrease(mine.order_id, { reduce_by: "1" }, OTHER))).toBe("404 not_found");
    clock.advance(MINUTE);
    expect(codeOf(await amend(mine.order_id, {}))).toBe("400 MARKET_INACTIVE");
    expect(codeOf(await decrease(mine.order_id, { reduce_by: "1" }))).toBe("400 MARKET_INACTIVE");
  });
});

describe("decreasing an order", () => {
  it("by or to a count leaves it in its place with less collateral, to nothing cancels it", async () => {
    const { create, decrease, get, engine, events } = exchange();
    const { body: mine } = await create(MEMBER, { price: "0.40", count: "5" });
    await create(OTHER, { price: "0.40", count: "3" });
    const reserved = () => engine.account(MEMBER.userId).reserved.get("CALM-1-A") ?? 0n;
    const before = reserved();
    const { status, body } = await decrease(mine.order_id, { reduce_by: "1.50" });
    expect([status, body.remaining_count, body.order_id]).toEqual([200, "3.50", mine.order_id]);
    expect((await decrease(mine.order_id, { reduce_to: "2" })).body.remaining_count).toBe("2.00");
    expect(reserved() * 5n).toBeLessThanOrEqual(before * 2n + 100_000n);
    expect((await get(`/portfolio/orders/${mine.order_id}/queue_position`)).body.queue_position_fp).toBe("0.00");
    const { order } = (await get(`/portfolio/orders/${mine.order_id}`)).body;
    expect(order).toMatchObject({ status: "resting", initial_count_fp: "5.00", remaining_count_fp: "2.00" });
    const told = events.findLast((event) => event.type === "order" && event.userId === MEMBER.userId);
    expect(told).toMatchObject({ message: { last_update_reason: "Decrease" } });
    expect((await decrease(mine.order_id, { reduce_to: "0" })).body.remaining_count).toBe("0.00");
    expect((await get(`/portfolio/orders/${mine.order_id}`)).body.order.status).toBe("canceled");
    expect(reserved()).toBe(0n);
  });

  it.each<[Json, string]>([
    [{}, "400 invalid_order"],
    [{ reduce_by: "1", reduce_to: "1" }, "400 invalid_order"],
    [{ reduce_by: "0" }, "400 invalid_order_size"],
    [{ reduce_by: "6" }, "400 invalid_order_size"],
    [{ reduce_to: "5" }, "400 invalid_order_size"],
    [{ reduce_by: 1 }, "400 bad_request"],
  ])("is refused, and nothing changes: %o", async (body, code) => {
    const { create, decrease, engine } = exchange();
    const { body: mine } = await create(MEMBER, { price: "0.40", count: "5" });
    const before = engine.book("CALM-1-A");
    expect(codeOf(await decrease(mine.order_id, body))).toBe(code);
    expect(engine.book("CALM-1-A")).toEqual(before);
  });
});

describe("a batch", () => {
  it("places each order by itself, and answers in the order asked", async () => {
    const { send, asked, get } = exchange();
    const orders = [
      asked({ price: "0.40", count: "1" }),
      asked({ price: "0.405", count: "1" }),
      asked({ price: "0.30", count: "2", ticker: "NONE" }),
      asked({ price: "0.30", count: "2" }),
    ];
    const { status, body } = await send("POST", `${ORDERS}/batched`, { orders });
    expect(status).toBe(201);
    expect(body.orders).toMatchObject([
      { client_order_id: "c-1", remaining_count: "1.00" },
      { error: { code: "invalid_price", message: "invalid price" } },
      { error: { code: "market_not_found" } },
      { client_order_id: "c-4", remaining_count: "2.00" },
    ]);
    expect(Object.keys(body.orders[1])).toEqual(["error"]);
    expect((await get("/portfolio/orders?status=resting")).body.orders).toHaveLength(2);
  });

  it("that cannot be decoded places nothing", async () => {
    const { send, asked, engine } = exchange();
    const orders = [asked({ price: "0.40", count: "1" }), asked({ price: "0.40", count: 1 })];
    expect(codeOf(await send("POST", `${ORDERS}/batched`, { orders }))).toBe("400 bad_request");
    for (const body of [{}, { orders: [] }, { orders: "x" }]) {
      expect(codeOf(await send("POST", `${ORDERS}/batched`, body))).toBe("400 bad_request");
      expect(codeOf(await send("DELETE", `${ORDERS}/batched`, body))).toBe("400 bad_request");
    }
    expect(engine.account(MEMBER.userId).orders.size).toBe(0);
  });

  it("cancels each order by itself", async () => {
    const { send, create } = exchange();
    const [one, two] = [
      await create(MEMBER, { price: "0.40", count: "1" }),
      await create(OTHER, { price: "0.40", count: "1" }),
    ];
    const orders = [one, two, one].map(({ body }) => ({ order_id: body.order_id }));
    const { status, body } = await send("DELETE", `${ORDERS}/batched`, { orders });
    expect(status).toBe(200);
    const gone = { reduced_by: "0.00", error: { code: "not_found" } };
    expect(body.orders).toMatchObject([
      { order_id: one.body.order_id, reduced_by: "1.00" },
      { order_id: two.body.order_id, ...gone },
      { order_id: one.body.order_id, ...gone },
    ]);
  });

  it("costs as much as all its orders, an empty one as one", () => {
    const { routes } = exchange();
    const costOf = (method: string, count: number) => {
      const match = routes.find(method, `${ORDERS}/batched`);
      if (typeof match === "string" || typeof match.route.cost === "number") throw new Error("no cost by item");
      return match.route.cost({ orders: Array.from({ length: count }, () => ({})) });
    };
    expect([costOf("POST", 25), costOf("DELETE", 25), costOf("POST", 0)]).toEqual([250, 50, 10]);
  });
});

describe("an order that is named with its market", () => {
  it("is cancelled or decreased only where that is its market", async () => {
    const { send, create, decrease } = exchange();
    const { order_id } = (await create(MEMBER, { price: "0.40", count: "5" })).body;
    const path = `${ORDERS}/${order_id}`;
    expect(codeOf(await send("DELETE", `${path}?market_ticker=CALM-1-B`))).toBe("400 order_ticker_mismatch");
    expect(codeOf(await decrease(order_id, { reduce_by: "1", market_ticker: "CALM-1-B" }))).toBe(
      "400 order_ticker_mismatch",
    );
    const batch = { orders: [{ order_id, market_ticker: "CALM-1-B" }] };
    expect((await send("DELETE", `${ORDERS}/batched`, batch)).body.orders).toMatchObject([
      { error: { code: "order_ticker_mismatch" }, reduced_by: "0.00" },
    ]);
    expect((await decrease(order_id, { reduce_by: "1", market_ticker: "CALM-1-A" })).status).toBe(200);
    expect((await send("DELETE", `${path}?market_ticker=CALM-1-A`)).body.reduced_by).toBe("4.00");
  });
});

describe("cancelling everything and asking for the queue", () => {
  it("withdraws every order of the account, nobody else's, and answers without a body", async () => {
    const { send, create, engine } = exchange();
    await create(MEMBER, { price: "0.40", count: "1" });
    await create(MEMBER, { price: "0.30", count: "1", ticker: "CALM-1-B" });
    await create(OTHER, { price: "0.20", count: "1" });
    expect((await send("DELETE", ORDERS)).status).toBe(204);
    expect([engine.account(MEMBER.userId).resting.size, engine.account(OTHER.userId).resting.size]).toEqual([0, 1]);
    expect(available(engine.account(MEMBER.userId))).toBe(engine.account(MEMBER.userId).cash);
  });

  it("tells how many contracts stand before each order, by markets or by event", async () => {
    const { create, get } = exchange();
    await create(OTHER, { price: "0.40", count: "1.25" });
    const mine = await create(MEMBER, { price: "0.40", count: "1" });
    const other = await create(MEMBER, { price: "0.30", count: "1", ticker: "CALM-1-B" });
    const first = { order_id: mine.body.order_id, market_ticker: "CALM-1-A", queue_position_fp: "1.25" };
    const second = { order_id: other.body.order_id, market_ticker: "CALM-1-B", queue_position_fp: "0.00" };
    const ask = async (query: string) => (await get(`/portfolio/orders/queue_positions${query}`)).body;
    expect(await ask("?market_tickers=CALM-1-A")).toEqual({ queue_positions: [first] });
    expect(await ask("?event_ticker=CALM-1")).toEqual({ queue_positions: [first, second] });
    expect(await ask("?market_tickers=NONE")).toEqual({ queue_positions: [] });
    expect(await ask("")).toMatchObject({ error: { code: "invalid_parameters" } });
    expect(codeOf(await get(`/portfolio/orders/${mine.body.order_id}/queue_position`, OTHER))).toBe("404 not_found");
  });
});

describe("changes of orders", () => {
  it("conserve money, and the book is what its changes said, whatever members do", () => {
    const act = fc.record({
      who: fc.constantFrom(MEMBER, OTHER),
      does: fc.constantFrom("place" as const, "place" as const, "amend" as const, "decrease" as const),
      pick: fc.nat({ max: 5 }),
      side: fc.constantFrom("bid" as const, "ask" as const),
      cents: fc.integer({ min: 1, max: 99 }),
      hundredths: fc.integer({ min: 1, max: 90_000 }),
      selfTrade: fc.constantFrom("taker_at_cross" as const, "maker" as const),
    });
    fc.assert(
      fc.property(fc.array(act, { maxLength: 60 }), (acts) => {
        const { engine, events } = exchange();
        for (const [at, { who, does, pick, side, cents, hundredths, selfTrade }] of acts.entries()) {
          const resting = [...engine.account(who.userId).resting];
          const order = resting[pick % Math.max(1, resting.length)];
          const terms = { price: cents * 10_000, count: hundredths, expires: null };
          try {
            if (does === "place" || order === undefined) {
              const timeInForce = "good_till_canceled" as const;
              const rules = { timeInForce, selfTrade, postOnly: false, reduceOnly: false, cancelOnPause: false };
              engine.place(who.userId, "CALM-1-A", { ...terms, ...rules, side, clientOrderId: `c-${at}` });
            } else if (does === "amend") {
              engine.amend(who.userId, order.id, () => ({ ...terms, clientOrderId: order.clientOrderId }));
            } else {
              engine.decrease(who.userId, order.id, ({ remaining }) => Math.min(hundredths, remaining));
            }
          } catch (error) {
            expect(error).toHaveProperty("reply.status", 400);
          }
          const { cash, escrow, fees, deposited } = engine.audit();
          expect(cash + escrow + fees).toBe(deposited);
          expect(heard(events, "CALM-1-A")).toEqual(engine.book("CALM-1-A"));
        }
        for (const account of [MEMBER, OTHER].map(({ userId }) => engine.account(userId))) {
          expect(available(account)).toBeGreaterThanOrEqual(-10_000n * BigInt(account.fills.length));
          for (const one of account.orders.values()) {
            expect(one.status === "resting").toBe(account.resting.has(one));
            const fills = account.fills.filter(({ orderId }) => orderId === one.id);
            expect(fills.reduce((sum, { count }) => sum + count, 0)).toBe(one.filled);
            expect(one.filled + one.remaining).toBeLessThanOrEqual(one.initial);
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it.skipIf(whyNoSpecification !== null)("are answered in the shape of the specification", async () => {
    const { create, amend, decrease, send, get, asked } = exchange();
    await create(OTHER, { side: "ask", price: "0.50", count: "1" });
    const { body: mine } = await create(MEMBER, { price: "0.40", count: "5" });
    const id = mine.order_id;
    const one = "/portfolio/orders/{order_id}/queue_position";
    const orders = [asked({ price: "0.10", count: "1" }), asked({ price: "2", count: "1" })];
    const answers: [string, string, Answer][] = [
      ["POST", `${ORDERS}/{order_id}/amend`, await amend(id, {})],
      ["POST", `${ORDERS}/{order_id}/amend`, await amend(id, { price: "0.60" })],
      ["POST", `${ORDERS}/{order_id}/decrease`, await decrease(id, { reduce_by: "1" })],
      ["GET", one, await get(one.replace("{order_id}", id))],
      ["GET", "/portfolio/orders/queue_positions", await get("/portfolio/orders/queue_positions?event_ticker=CALM-1")],
      ["POST", `${ORDERS}/batched`, await send("POST", `${ORDERS}/batched`, { orders })],
      [
        "DELETE",
        `${ORDERS}/batched`,
        await send("DELETE", `${ORDERS}/batched`, { orders: [{ order_id: id }, { order_id: "x" }] }),
      ],
    ];
    for (const [method, path, { status, body }] of answers) {
      expect([method, path, complaints(method, path, status, body)]).toEqual([method, path, []]);
    }
  });
});
