import { afterEach, describe, expect, it } from "vitest";
import type { KalshiError } from "../../src/errors.js";
import type { LookupPolicy } from "../../src/lab/order-lookup.js";
import { Trading } from "../../src/lab/trading.js";
import { expectRejection } from "../support/errors.js";
import { type ScriptedClient, type Sent, type Step, scriptedClient } from "../support/scripted-client.js";

const quick: LookupPolicy = { graceMs: 1_000, baseMs: 1, ceilingMs: 1, deadlineMs: 20_000 };
const order = { ticker: "A", side: "bid", count: 2, price: "0.56", clientOrderId: "mine-1" } as const;
const id = "0a0a0a0a-0000-4000-8000-000000000001";
const placed = { order_id: id, client_order_id: "mine-1", fill_count: "0.00", remaining_count: "2.00", ts_ms: 7_000 };
const lost: readonly Step[] = ["cut", "reset", "silence", [503, {}], [201, []], [200, undefined]];

/** An order as the exchange lists it. */
function listed(fields: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    order_id: id,
    user_id: "u",
    client_order_id: "mine-1",
    ticker: "A",
    outcome_side: "yes",
    book_side: "bid",
    type: "limit",
    status: "resting",
    yes_price_dollars: "0.5600",
    no_price_dollars: "0.4400",
    fill_count_fp: "0.00",
    remaining_count_fp: "2.00",
    initial_count_fp: "2.00",
    taker_fill_cost_dollars: "0.000000",
    maker_fill_cost_dollars: "0.000000",
    taker_fees_dollars: "0.000000",
    maker_fees_dollars: "0.000000",
    created_time: "2001-10-15T00:00:07Z",
    last_update_time: "2001-10-15T00:00:08Z",
    ...fields,
  };
}

/** An exchange whose records say nothing new until its clock, a second a look, has gone on by `lag`. */
class Exchange {
  readonly writes: Sent[] = [];
  readonly lists: string[] = [];
  /** What the account really has, by client id. */
  readonly orders = new Map<string, Record<string, unknown>>();
  fills: Record<string, unknown>[] = [];
  looks = 0;
  lag = 0;
  stopped = false;
  /** The time of the records at a look; a second after another by default. */
  asOf = (look: number): string => `2001-10-15T00:00:${10 + look}Z`;
  write: (sent: Sent, count: number) => Step = () => [500, {}];

  answer(one: Sent): Step {
    const { line } = one;
    if (!line.startsWith("GET")) {
      this.writes.push(one);
      return this.write(one, this.writes.length);
    }
    if (line === "GET /exchange/user_data_timestamp") {
      if (!this.stopped) this.looks += 1;
      return [200, { as_of_time: this.asOf(this.looks) }];
    }
    this.lists.push(line);
    const visible = this.looks > this.lag ? [...this.orders.values()] : [];
    if (line.startsWith("GET /portfolio/fills")) return [200, { fills: this.fills, cursor: "" }];
    if (line.startsWith("GET /portfolio/orders?")) return [200, { orders: visible, cursor: "" }];
    const [found] = [...this.orders.values()].filter((one) => line.endsWith(String(one.order_id)));
    return found === undefined ? [404, { error: { code: "not_found", message: "no" } }] : [200, { order: found }];
  }
}

let open: ScriptedClient | null = null;

afterEach(async () => {
  await open?.close();
  open = null;
});

async function against(exchange: Exchange, policy = quick): Promise<Trading> {
  open = await scriptedClient((sent) => exchange.answer(sent));
  return new Trading(open.client, policy);
}

describe("an order whose answer is lost", () => {
  it.each(lost)("was placed when the account has it: said as if answered, and sent once (%o)", async (step) => {
    const exchange = new Exchange();
    exchange.write = () => {
      exchange.orders.set("mine-1", listed());
      return step;
    };
    expect(await (await against(exchange)).place(order)).toEqual({
      order_id: id,
      client_order_id: "mine-1",
      fill_count: 0,
      remaining_count: 200,
      average_fill_price: null,
      average_fee_paid: null,
      time: Date.parse("2001-10-15T00:00:07Z") * 1_000,
      extra: null,
    });
    expect(exchange.writes).toHaveLength(1);
    // An hour before what the records held: a window in the exchange's own time, whatever the clock here says.
    const since = Date.parse("2001-10-14T23:00:11Z") / 1_000;
    expect(exchange.lists[0]).toContain(`ticker=A&min_ts=${since}`);
  });

  it("has the average price and fee of its fills", async () => {
    const exchange = new Exchange();
    exchange.write = () => {
      exchange.orders.set("mine-1", listed({ fill_count_fp: "3.00", remaining_count_fp: "0.00", status: "executed" }));
      const fill = { order_id: id, ticker: "A", is_taker: true, fill_id: "f", trade_id: "f", no_price_dollars: "0" };
      exchange.fills = [
        { ...fill, count_fp: "1.00", yes_price_dollars: "0.5000", fee_cost: "0.017500" },
        { ...fill, count_fp: "2.00", yes_price_dollars: "0.5600", fee_cost: "0.034500" },
      ];
      return "cut";
    };
    const answer = await (await against(exchange)).place(order);
    // (0.50 + 2 × 0.56) ÷ 3 and 0.052 ÷ 3, to four decimals.
    expect(answer).toMatchObject({ fill_count: 300, average_fill_price: 540_000, average_fee_paid: 17_300 });
    expect(exchange.lists.at(-1)).toContain(`/portfolio/fills?order_id=${id}`);
  });

  it("has no averages while its fills are not listed, rather than wrong ones", async () => {
    const exchange = new Exchange();
    exchange.write = () => {
      exchange.orders.set("mine-1", listed({ fill_count_fp: "3.00", remaining_count_fp: "0.00" }));
      return "cut";
    };
    const answer = await (await against(exchange)).place(order);
    expect(answer).toMatchObject({ fill_count: 300, average_fill_price: null, average_fee_paid: null });
  });

  it("is waited for while the account's records lag behind", async () => {
    const exchange = new Exchange();
    exchange.lag = 2;
    exchange.write = () => {
      exchange.orders.set("mine-1", listed());
      return "reset";
    };
    const trading = await against(exchange, { ...quick, graceMs: 5_000 });
    expect(await trading.place(order)).toMatchObject({ order_id: id });
    expect([exchange.writes.length, exchange.looks]).toEqual([1, 3]);
  });

  it("is sent a second time, under the same client id, once the records have caught up without it", async () => {
    const exchange = new Exchange();
    exchange.write = (_, count) => (count === 1 ? [503, {}] : [201, placed]);
    const trading = await against(exchange, { ...quick, graceMs: 3_000 });
    expect(await trading.place(order)).toMatchObject({ order_id: id, remaining_count: 200 });
    expect(exchange.writes[1]).toEqual(exchange.writes[0]);
    // The records reached three seconds past the first look at the fourth.
    expect([exchange.writes.length, exchange.looks]).toEqual([2, 4]);
  });

  it("is absent only once the records have reached the moment of the loss, where they keep the time of day", async () => {
    const exchange = new Exchange();
    const before = [60, 30, -60].map((seconds) => new Date(Date.now() - seconds * 1_000).toISOString());
    exchange.asOf = (look) => before[look - 1]!;
    exchange.write = (_, count) => (count === 1 ? "reset" : [201, placed]);
    expect(await (await against(exchange)).place(order)).toMatchObject({ order_id: id });
    expect([exchange.writes.length, exchange.looks]).toEqual([2, 3]);
  });

  it("has arrived late when the second is told that its client id exists: looked up again", async () => {
    const exchange = new Exchange();
    exchange.write = (_, count) => {
      if (count === 1) return "reset";
      exchange.orders.set("mine-1", listed());
      return [409, { error: { code: "order_already_exists", message: "no" } }];
    };
    expect(await (await against(exchange)).place(order)).toMatchObject({ order_id: id });
    expect(exchange.writes).toHaveLength(2);
  });

  it("is refused when the second is refused, for the first has not arrived", async () => {
    const exchange = new Exchange();
    exchange.write = (_, count) =>
      count === 1 ? "reset" : [400, { error: { code: "insufficient_balance", message: "no" } }];
    await expectRejection((await against(exchange)).place(order), "ORDER_REFUSED", /free money/);
    expect(exchange.writes).toHaveLength(2);
  });

  it("is never sent a third time: the error names the id to look it up by", async () => {
    const exchange = new Exchange();
    exchange.write = () => "reset";
    const error = await expectRejection((await against(exchange)).place(order), "UNREACHABLE", /look it up .* mine-1/);
    expect(error.message).toMatch(/may or may not/);
    expect(exchange.writes).toHaveLength(2);
  });

  it("is uncertain, and sent once, when the records do not catch up in time", async () => {
    const exchange = new Exchange();
    exchange.stopped = true;
    exchange.write = () => [503, {}];
    const trading = await against(exchange, { ...quick, deadlineMs: 50 });
    await expectRejection(trading.place(order), "SERVER_FAILED", /look it up .* mine-1/);
    expect(exchange.writes).toHaveLength(1);
  });

  it("is uncertain, and sent once, when the records cannot be read", async () => {
    const exchange = new Exchange();
    exchange.write = () => "cut";
    const { answer } = exchange;
    exchange.answer = (sent) => (sent.line.startsWith("GET") ? [503, {}] : answer.call(exchange, sent));
    await expectRejection((await against(exchange)).place(order), "BAD_RESPONSE", /look it up .* mine-1/);
    expect(exchange.writes).toHaveLength(1);
  });
});

describe("a batch of orders", () => {
  const batch = [order, { ...order, clientOrderId: "mine-2" }, { ...order, clientOrderId: "mine-3", ticker: "B" }];
  const done = (own: string) => ({ ...placed, client_order_id: own });
  const namesOf = ({ body }: Sent): unknown =>
    (body as { orders: { client_order_id: string }[] }).orders.map((one) => one.client_order_id);

  it("has a result for each, in their order, errors as values", async () => {
    const exchange = new Exchange();
    exchange.write = () => [
      201,
      {
        orders: [
          { ...done("mine-1"), error: null },
          {
            client_order_id: null,
            ts_ms: null,
            error: { code: "invalid_order", message: "no", details: "post only cross" },
          },
          done("mine-3"),
        ],
      },
    ];
    const results = await (await against(exchange)).placeBatch(batch);
    expect(results.map((result) => result.order?.client_order_id ?? result.error?.code)).toEqual([
      "mine-1",
      "ORDER_REFUSED",
      "mine-3",
    ]);
    expect(results[0]?.order?.extra).toBeNull();
    expect(results[1]?.error?.message).toContain("order mine-2");
    expect(results[1]?.error?.hint).toMatch(/postOnly/);
    expect(results[1]?.error?.context).toMatchObject({ code: "invalid_order", details: "post only cross" });
    expect(exchange.writes).toHaveLength(1);
    expect(exchange.writes[0]?.line).toBe("POST /portfolio/events/orders/batched");
    expect(namesOf(exchange.writes[0]!)).toEqual(["mine-1", "mine-2", "mine-3"]);
  });

  it("whose answer is lost is looked up item by item; what is missing is sent again, and nothing else", async () => {
    const exchange = new Exchange();
    exchange.write = (_, count) => {
      if (count === 2) return [201, { orders: [done("mine-1"), done("mine-3")] }];
      exchange.orders.set("mine-2", listed({ client_order_id: "mine-2" }));
      return "reset";
    };
    const results = await (await against(exchange)).placeBatch(batch);
    expect(results.map(({ order }) => order?.client_order_id)).toEqual(["mine-1", "mine-2", "mine-3"]);
    expect(exchange.writes.map(namesOf)).toEqual([
      ["mine-1", "mine-2", "mine-3"],
      ["mine-1", "mine-3"],
    ]);
  });

  it("has an item that came late, which the second is told of by its client id: looked up again", async () => {
    const exchange = new Exchange();
    exchange.write = (_, count) => {
      if (count === 1) return "reset";
      exchange.orders.set("mine-2", listed({ client_order_id: "mine-2" }));
      const taken = { error: { code: "order_already_exists", message: "no" } };
      return [201, { orders: [done("mine-1"), taken, { error: { code: "invalid_price", message: "no" } }] }];
    };
    const results = await (await against(exchange)).placeBatch(batch);
    expect(results.map(({ order }) => order?.client_order_id ?? null)).toEqual(["mine-1", "mine-2", null]);
    expect(results[2]?.error).toMatchObject({ code: "ORDER_REFUSED", context: { code: "invalid_price" } });
    expect(results[2]?.error?.hint).toMatch(/grid/);
    expect(exchange.writes).toHaveLength(2);
  });

  it("whose answer lacks items is looked up, since nobody knows which is which", async () => {
    const exchange = new Exchange();
    exchange.write = () => {
      for (const own of ["mine-1", "mine-2", "mine-3"]) {
        exchange.orders.set(own, listed({ client_order_id: own, ticker: own === "mine-3" ? "B" : "A" }));
      }
      return [201, { orders: [done("mine-1")] }];
    };
    const results = await (await against(exchange)).placeBatch(batch);
    expect(results.map(({ order }) => order?.client_order_id)).toEqual(["mine-1", "mine-2", "mine-3"]);
    expect(exchange.writes).toHaveLength(1);
  });

  it("says of an answer that lacks items that nobody knows what became of the orders, where none of them is found", async () => {
    const exchange = new Exchange();
    exchange.write = () => [201, { orders: [done("mine-1")] }];
    const results = await (await against(exchange)).placeBatch(batch);
    for (const [at, { error }] of results.entries()) {
      expect(error).toMatchObject({ code: "BAD_RESPONSE", context: { asked: expect.any(Number) as number } });
      expect(error!.message).toMatch(/the answer to a batch of \d has 1 items/);
      expect(error!.hint).toMatch(new RegExp(`look it up before sending it again: .* mine-${at + 1}`));
    }
  });

  it("tells of each item that stays uncertain by its own id", async () => {
    const exchange = new Exchange();
    exchange.write = (_, count) => {
      if (count === 1) exchange.orders.set("mine-1", listed());
      return "reset";
    };
    const results = await (await against(exchange)).placeBatch(batch);
    expect(results[0]?.order?.order_id).toBe(id);
    expect(results.slice(1).map(({ error }) => error?.context.client_order_id)).toEqual(["mine-2", "mine-3"]);
    expect(results[1]?.error?.hint).toMatch(/look it up .* mine-2/);
    expect(exchange.writes).toHaveLength(2);
  });

  it("is refused before it is sent when it is empty, has an id twice, or is larger than the bucket", async () => {
    const exchange = new Exchange();
    const trading = await against(exchange);
    const limits = { bucket_capacity: 100, refill_rate: 100 };
    const { answer } = exchange;
    exchange.answer = (sent) => {
      if (sent.line === "GET /account/limits")
        return [200, { read: limits, write: limits, usage_tier: "basic", grants: [] }];
      if (sent.line === "GET /account/endpoint_costs") return [200, { default_cost: 10, endpoint_costs: [] }];
      return answer.call(exchange, sent);
    };
    await expectRejection(trading.placeBatch([]), "BAD_ARGUMENT", /at least one/);
    await expectRejection(trading.cancelBatch([]), "BAD_ARGUMENT", /at least one/);
    await expectRejection(trading.placeBatch([order, order]), "BAD_ARGUMENT", /clientOrderId can stand once/);
    await expectRejection(trading.cancelBatch([id, id]), "BAD_ARGUMENT", /order id can stand once/);
    const many = Array.from({ length: 11 }, (_, at) => ({ ...order, clientOrderId: `mine-${at}` }));
    const error: KalshiError = await expectRejection(
      trading.placeBatch(many),
      "OVER_CAPACITY",
      /10 fit into one batch/,
    );
    expect(error.context).toMatchObject({ bucket: "write", items: 11, cost: 110, capacity: 100 });
    expect(exchange.writes).toEqual([]);
  });

  it("of cancellations has a result for each, and is not sent twice", async () => {
    const exchange = new Exchange();
    const other = "0a0a0a0a-0000-4000-8000-000000000002";
    exchange.write = (_, count) =>
      count > 1
        ? "reset"
        : [
            200,
            {
              orders: [
                { order_id: id, reduced_by: "2.00", ts_ms: 1 },
                { order_id: other, reduced_by: "0.00", error: { code: "not_found", message: "not found" } },
              ],
            },
          ];
    const trading = await against(exchange);
    const results = await trading.cancelBatch([id, other], { ticker: "A" });
    expect(results[0]?.order?.reduced_by).toBe(200);
    expect(results[1]?.error).toMatchObject({ code: "NOT_FOUND" });
    expect(results[1]?.error?.hint).toMatch(/answered alike/);
    expect(exchange.writes[0]).toEqual({
      line: "DELETE /portfolio/events/orders/batched",
      body: {
        orders: [
          { order_id: id, market_ticker: "A" },
          { order_id: other, market_ticker: "A" },
        ],
      },
    });
    await expectRejection(trading.cancelBatch([id, other]), "UNREACHABLE", new RegExp(`${id} ${other}`));
    expect(exchange.writes).toHaveLength(2);
  });
});

describe("a cancellation whose answer is lost", () => {
  const ended = { status: "canceled", remaining_count_fp: "0.00", fill_count_fp: "0.50" };

  it.each(lost)("was done when the order is cancelled, and is sent once (%o)", async (step) => {
    const exchange = new Exchange();
    exchange.write = () => {
      exchange.orders.set("mine-1", listed(ended));
      return step;
    };
    expect(await (await against(exchange)).cancel(id)).toEqual({
      order_id: id,
      client_order_id: "mine-1",
      reduced_by: 150,
      time: Date.parse("2001-10-15T00:00:08Z") * 1_000,
      extra: null,
    });
    expect(exchange.writes).toHaveLength(1);
  });

  it("is sent a second time once the records have caught up and the order still rests", async () => {
    const exchange = new Exchange();
    exchange.orders.set("mine-1", listed());
    exchange.write = (_, count) => (count === 1 ? "reset" : [200, { order_id: id, reduced_by: "2.00", ts_ms: 1 }]);
    expect(await (await against(exchange)).cancel(id)).toMatchObject({ reduced_by: 200 });
    expect([exchange.writes.length, exchange.looks]).toEqual([2, 2]);
  });

  it("had arrived when the second finds nothing to cancel", async () => {
    const exchange = new Exchange();
    exchange.orders.set("mine-1", listed());
    exchange.write = (_, count) => {
      if (count === 1) return "reset";
      exchange.orders.set("mine-1", listed(ended));
      return [404, { error: { code: "not_found", message: "no" } }];
    };
    expect(await (await against(exchange)).cancel(id)).toMatchObject({ reduced_by: 150 });
  });

  it("came too late when the order is executed: not found, as the exchange would have said", async () => {
    const exchange = new Exchange();
    exchange.orders.set("mine-1", listed({ status: "executed", fill_count_fp: "2.00", remaining_count_fp: "0.00" }));
    exchange.write = () => "cut";
    await expectRejection((await against(exchange)).cancel(id), "NOT_FOUND", /lab\.fills/);
    expect(exchange.writes).toHaveLength(1);
  });

  it("is uncertain when the order cannot be read, or still rests after the second", async () => {
    const exchange = new Exchange();
    exchange.write = () => "reset";
    const trading = await against(exchange);
    await expectRejection(trading.cancel(id), "UNREACHABLE", new RegExp(`order_id ${id}`));
    expect(exchange.writes).toHaveLength(1);
    exchange.orders.set("mine-1", listed());
    await expectRejection(trading.cancel(id), "UNREACHABLE", new RegExp(`order_id ${id}`));
    expect(exchange.writes).toHaveLength(3);
  });
});
