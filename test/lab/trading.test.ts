import { afterEach, describe, expect, it } from "vitest";
import { Client } from "../../src/client/http.js";
import type { KalshiError } from "../../src/errors.js";
import { Trading } from "../../src/lab/trading.js";
import { expectRejection } from "../support/errors.js";
import { type ScriptedClient, type Sent, type Step, scriptedClient } from "../support/scripted-client.js";

const order = { ticker: "A", side: "bid", count: 1, price: "0.56", clientOrderId: "mine-1" } as const;
const id = "0a0a0a0a-0000-4000-8000-000000000001";
const placed = { order_id: id, fill_count: "1.00", remaining_count: "0.00", ts_ms: 1 };
const canceled = { order_id: id, reduced_by: "2.00", ts_ms: 1 };
const refusal = (code: string, details?: string) => ({ error: { code, message: "no", details } });

let open: ScriptedClient | null = null;

afterEach(async () => {
  await open?.close();
  open = null;
});

/** Trading with an exchange that answers as scripted; a script is for one request after another. */
async function against(...steps: readonly Step[]): Promise<Trading> {
  open = await scriptedClient((_, count) => steps[Math.min(count, steps.length) - 1]!);
  return new Trading(open.client);
}

function sent(): readonly Sent[] {
  return open?.sent ?? [];
}

describe("an order", () => {
  it("goes out under the exchange's names, and its answer is read as exact integers", async () => {
    const trading = await against([201, { ...placed, average_fill_price: "0.5600", average_fee_paid: "0.0175" }]);
    const answer = await trading.place({
      ...order,
      count: "2.50",
      price: 0.56,
      expirationTime: "2026-11-01T00:00:00Z",
      postOnly: true,
      cancelOrderOnPause: true,
      subaccount: 3,
      orderGroupId: "group",
      exchangeIndex: 1,
    });
    expect(answer).toMatchObject({ fill_count: 100, remaining_count: 0, average_fill_price: 560_000, time: 1_000 });
    expect(sent()).toEqual([
      {
        line: "POST /portfolio/events/orders",
        body: {
          ticker: "A",
          client_order_id: "mine-1",
          side: "bid",
          count: "2.50",
          price: "0.5600",
          time_in_force: "good_till_canceled",
          self_trade_prevention_type: "taker_at_cross",
          expiration_time: 1_793_491_200,
          post_only: true,
          cancel_order_on_pause: true,
          subaccount: 3,
          order_group_id: "group",
          exchange_index: 1,
        },
      },
    ]);
  });

  it("gets a client id of its own unless it has one", async () => {
    const trading = await against([201, placed]);
    await trading.place({ ...order, clientOrderId: undefined });
    await trading.place({ ...order, clientOrderId: undefined });
    const ids = sent().map(({ body }) => Reflect.get(body as object, "client_order_id"));
    expect(new Set(ids).size).toBe(2);
    expect(ids[0]).toMatch(/^[0-9a-f-]{36}$/);
  });

  it.each([
    [{ side: "yes" }, "BAD_ARGUMENT", /"bid" to get longer YES/],
    [{ price: "56" }, "BAD_PRICE", /"0.56" for 56 cents/],
    [{ price: "-0.01" }, "BAD_PRICE", /dollars from 0 to 1/],
    [{ price: "a" }, "BAD_PRICE", /plain decimal/],
    [{ count: 0 }, "BAD_COUNT", /0.01 contracts or more/],
    [{ count: "-1" }, "BAD_COUNT", /0.01 contracts or more/],
    [{ count: "1.005" }, "BAD_COUNT", /two decimals/],
    [{ ticker: undefined }, "BAD_ARGUMENT", /give ticker/],
    [{ ticker: "" }, "BAD_ARGUMENT", /give text/],
    [{ postOnly: "yes" }, "BAD_ARGUMENT", /true or false/],
    [{ expirationTime: "soon" }, "BAD_TIME", /RFC 3339/],
  ] as const)("that cannot be meant is not sent: %o", async (wrong, code, hint) => {
    const trading = await against([201, placed]);
    await expectRejection(trading.place({ ...order, ...(wrong as object) }), code, hint);
    expect(sent()).toEqual([]);
  });

  it("is not sent on a connection that only reads, nor is anything else that changes something", async () => {
    const client = new Client({ baseUrl: "http://127.0.0.1:9/trade-api/v2" });
    const trading = new Trading(client);
    const { groups } = trading;
    const amendment = { ticker: "A", side: "bid", price: "0.5", count: 1 } as const;
    const calls = [
      () => trading.place(order),
      () => trading.placeBatch([order]),
      () => trading.cancel(id),
      () => trading.cancelBatch([id]),
      () => trading.cancelAll(),
      () => trading.amend(id, amendment),
      () => trading.decrease(id, { reduceBy: 1 }),
      () => groups.create(10),
      () => groups.setLimit(id, 10),
      () => groups.reset(id),
      () => groups.trigger(id),
      () => groups.remove(id),
    ];
    for (const call of calls) await expectRejection(call(), "TRADING_DISABLED", /connect\(\{ trading: true \}\)/);
    await client.close();
  });

  it.each([
    ["bad_request", 400, /the exchange names it above/],
    ["invalid_price", 400, /price_ranges/],
    ["invalid_order", 400, /do not go together/],
    ["invalid_order_size", 400, /steps of 0.01/],
    ["insufficient_balance", 400, /free money/],
    ["available_balance_too_low", 400, /free money/],
    ["order_id_and_client_order_id_mismatch", 400, /lab\.trading\.order/],
    ["order_side_mismatch", 400, /lab\.trading\.order/],
    ["order_ticker_mismatch", 400, /lab\.trading\.order/],
    ["fill_or_kill_insufficient_resting_volume", 400, /immediate_or_cancel/],
    ["FOK_INSUFFICIENT_VOLUME", 400, /immediate_or_cancel/],
    ["order_already_exists", 409, /used once for ever/],
    ["MARKET_INACTIVE", 409, /paused, closed/],
    ["MARKET_ALREADY_CLOSED", 400, /paused, closed/],
    ["trading_is_paused", 400, /Thursdays/],
    ["exchange_is_paused", 400, /Thursdays/],
    ["SELF_CROSS_ATTEMPT", 400, /your own/],
    ["POST_ONLY_CROSS", 400, /postOnly/],
    ["ORDER_GROUP_NOT_FOUND", 400, /groups\.list/],
    ["EXCEEDED_ORDER_GROUP_RISK_LIMIT", 400, /groups\.reset/],
    ["EXCEEDED_PER_MARKET_RISK_LIMIT", 400, /reduce the count/],
    ["EXCEEDED_SELL_POSITION_FLOOR", 400, /lab\.positions/],
    ["INVALID_AMEND_QTY_FOR_ORDER", 400, /what is filled/],
    ["EXPIRED", 400, /expirationTime/],
    ["IMMEDIATE_OR_CANCELLED", 400, /good_till_canceled/],
    ["CUSTOMER_ACCOUNT_NOT_FOUND", 400, /subtrader/],
    ["PERMISSION_DENIED_FOR_CUSTOMER_ACCOUNT", 400, /this key/],
    ["something_new", 400, /own words/],
  ] as const)("that is refused with %s says what to do about it, and is sent once", async (code, status, hint) => {
    const trading = await against([status, refusal(code)]);
    const error = await expectRejection(trading.place(order), "ORDER_REFUSED", hint);
    expect(error.context.code).toBe(code);
    expect(sent()).toHaveLength(1);
  });

  it("that was post-only and would have taken says so, where the code is the general one", async () => {
    const trading = await against([400, refusal("invalid_order", "post only cross")]);
    await expectRejection(trading.place(order), "ORDER_REFUSED", /postOnly/);
  });

  it.each([
    ["market_not_found", 404, "MARKET_NOT_FOUND", /lab\.search/],
    ["not_found", 404, "NOT_FOUND", /cancelled and executed orders are answered alike/],
    ["forbidden", 403, "FORBIDDEN", /scope/],
  ] as const)("that is answered with %s has that as its code", async (code, status, ours, hint) => {
    const trading = await against([status, refusal(code)]);
    await expectRejection(trading.place(order), ours, hint);
  });

  it("that never left this machine is said not to have been sent, and is not looked up", async () => {
    const trading = await against([201, placed]);
    await open?.close();
    const client = new Client({
      baseUrl: open!.client.baseUrl,
      signer: open!.client.signer ?? undefined,
      writes: true,
      retry: { attempts: 2, baseMs: 1, ceilingMs: 1 },
    });
    const error: KalshiError = await expectRejection(new Trading(client).place(order), "UNREACHABLE", /network/);
    expect(error.context.sent).toBe(false);
    await client.close();
    expect(trading.groups).toBeDefined();
  });
});

describe("a resting order", () => {
  it("is amended under its own ticker and side, to the count that it shall have in all", async () => {
    const trading = await against([200, { order_id: id, remaining_count: "4.00", ts_ms: 5 }]);
    const amended = await trading.amend(id, {
      ticker: "A",
      side: "ask",
      price: "0.57",
      count: 5,
      updatedClientOrderId: "mine-2",
      expirationTime: 0,
      subaccount: 2,
    });
    expect(amended).toMatchObject({ remaining_count: 400, fill_count: null, average_fill_price: null });
    expect(sent()).toEqual([
      {
        line: `POST /portfolio/events/orders/${id}/amend?subaccount=2`,
        body: {
          ticker: "A",
          side: "ask",
          price: "0.5700",
          count: "5.00",
          updated_client_order_id: "mine-2",
          expiration_time: 0,
        },
      },
    ]);
  });

  it("is decreased by or to a count", async () => {
    const trading = await against([200, { order_id: id, remaining_count: "4.00", ts_ms: 5 }]);
    expect(await trading.decrease(id, { reduceBy: "0.5", ticker: "A" })).toMatchObject({ remaining_count: 400 });
    await trading.decrease(id, { reduceTo: 0, subaccount: 1 });
    expect(sent()).toEqual([
      { line: `POST /portfolio/events/orders/${id}/decrease`, body: { reduce_by: "0.50", market_ticker: "A" } },
      { line: `POST /portfolio/events/orders/${id}/decrease?subaccount=1`, body: { reduce_to: "0.00" } },
    ]);
  });

  it.each([
    [{}, "BAD_ARGUMENT", /reduceBy, the contracts to take away, or reduceTo/],
    [{ reduceBy: 1, reduceTo: 1 }, "BAD_ARGUMENT", /reduceBy, the contracts to take away, or reduceTo/],
    [{ reduceBy: 0 }, "BAD_COUNT", /0.01 contracts or more/],
    [{ reduceTo: -1 }, "BAD_COUNT", /zero contracts or more/],
  ] as const)("is not decreased by what cannot be meant: %o", async (how, code, hint) => {
    const trading = await against([200, {}]);
    await expectRejection(trading.decrease(id, how), code, hint);
    expect(sent()).toEqual([]);
  });

  it.each<[Step, string]>([
    ["cut", "BAD_RESPONSE"],
    ["reset", "UNREACHABLE"],
    ["silence", "TIMED_OUT"],
    [[503, {}], "SERVER_FAILED"],
  ])("is amended and decreased once when the outcome is unknown (%o), and the error names it", async (step, code) => {
    const trading = await against(step);
    const amendment = { ticker: "A", side: "bid", price: "0.5", count: 1 } as const;
    const hint = new RegExp(`look it up .* order_id ${id}`);
    const error = await expectRejection(trading.amend(id, amendment), code as "TIMED_OUT", hint);
    expect(error.message).toMatch(/may or may not/);
    await expectRejection(trading.decrease(id, { reduceBy: 1 }), code as "TIMED_OUT", hint);
    expect(sent().map(({ line }) => line.split("/").at(-1))).toEqual(["amend", "decrease"]);
  });

  it("is decreased to a count a second time when the answer is lost, since that changes nothing further", async () => {
    const trading = await against("reset", [200, { order_id: id, remaining_count: "1.00", ts_ms: 5 }]);
    expect(await trading.decrease(id, { reduceTo: 1 })).toMatchObject({ remaining_count: 100 });
    expect(sent()).toHaveLength(2);
  });

  it("is uncertain when the second decrease is refused, which the first may have brought about", async () => {
    const trading = await against("cut", [404, refusal("not_found")]);
    await expectRejection(trading.decrease(id, { reduceTo: 0 }), "BAD_RESPONSE", new RegExp(id));
    expect(sent()).toHaveLength(2);
  });

  it("is withdrawn where it is said to be", async () => {
    const trading = await against([200, canceled]);
    const place = { subaccount: 1, exchangeIndex: 2, ticker: "A" };
    expect(await trading.cancel(id, place)).toMatchObject({ order_id: id, reduced_by: 200 });
    expect(sent()[0]?.line).toBe(`DELETE /portfolio/events/orders/${id}?subaccount=1&exchange_index=2&market_ticker=A`);
  });

  it("has contracts before it in the queue", async () => {
    const trading = await against([
      200,
      { queue_positions: [{ order_id: id, market_ticker: "A", queue_position_fp: "12.50" }] },
    ]);
    expect(await trading.queuePositions({ tickers: ["A", "B"] })).toEqual([
      { order_id: id, ticker: "A", queue_position: 1_250, extra: null },
    ]);
    expect(sent()[0]?.line).toBe("GET /portfolio/orders/queue_positions?market_tickers=A%2CB");
    await expectRejection(trading.queuePositions({}), "BAD_ARGUMENT", /give tickers or event/);
  });

  it("are all withdrawn at once, of one subaccount or of all", async () => {
    const trading = await against([204, undefined]);
    expect(await trading.cancelAll()).toBeUndefined();
    await trading.cancelAll({ subaccount: 4 });
    expect(sent().map(({ line }) => line)).toEqual([
      "DELETE /portfolio/events/orders",
      "DELETE /portfolio/events/orders?subaccount=4",
    ]);
  });
});

describe("a group of orders", () => {
  it("is made, listed, read, limited, triggered, reset and removed", async () => {
    open = await scriptedClient(({ line }) => {
      if (line === "POST /portfolio/order_groups/create") return [201, { order_group_id: id, subaccount: 1 }];
      if (line === "GET /portfolio/order_groups") {
        return [200, { order_groups: [{ id, contracts_limit_fp: "10.00", is_auto_cancel_enabled: true }] }];
      }
      if (line.startsWith("GET")) return [200, { is_auto_cancel_enabled: true, orders: ["x"] }];
      return [200, {}];
    });
    const { groups } = new Trading(open.client);
    expect(await groups.create("10", { subaccount: 1 })).toBe(id);
    expect(await groups.list()).toMatchObject([{ id, contracts_limit: 1_000, is_auto_cancel_enabled: true }]);
    expect(await groups.get(id)).toMatchObject({ orders: ["x"], contracts_limit: null });
    await groups.setLimit(id, 20);
    await groups.trigger(id);
    await groups.reset(id, { exchangeIndex: 2 });
    await groups.remove(id);
    expect(sent()).toEqual([
      { line: "POST /portfolio/order_groups/create", body: { subaccount: 1, contracts_limit_fp: "10.00" } },
      { line: "GET /portfolio/order_groups", body: undefined },
      { line: `GET /portfolio/order_groups/${id}`, body: undefined },
      { line: `PUT /portfolio/order_groups/${id}/limit`, body: { contracts_limit_fp: "20.00" } },
      { line: `PUT /portfolio/order_groups/${id}/trigger`, body: {} },
      { line: `PUT /portfolio/order_groups/${id}/reset?exchange_index=2`, body: {} },
      { line: `DELETE /portfolio/order_groups/${id}`, body: undefined },
    ]);
  });

  it("is uncertain after a lost answer, and needs a limit", async () => {
    const trading = await against("reset");
    await expectRejection(trading.groups.reset(id), "UNREACHABLE", /groups\.list\(\), order_group_id/);
    await expectRejection(trading.groups.create(0), "BAD_COUNT", /contracts or more/);
    expect(sent()).toHaveLength(1);
  });

  it("that does not exist is not found", async () => {
    const trading = await against([404, refusal("not_found")]);
    await expectRejection(trading.groups.remove(id), "NOT_FOUND", /check the id/);
  });
});
