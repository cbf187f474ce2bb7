import { describe, expect, it } from "vitest";
import { createEngine } from "../../../../src/sandbox/engine/engine.js";
import { portfolioRoutes } from "../../../../src/sandbox/rest/routes/portfolio.js";
import type { Json } from "../../../../src/sandbox/types.js";
import { DOLLAR } from "../../../../src/units/price.js";
import { MINUTE, SECOND } from "../../../../src/units/time.js";
import { ADVANCED, type Answer, caller } from "../../../support/call.js";
import { complaints, whyNoSpecification } from "../../../support/openapi.js";
import { lostBy } from "../../../support/orders.js";
import { MEMBER, OTHER, START, tinyMarket, tinyWorld } from "../../../support/tiny-world.js";

const SUB = "/portfolio/subaccounts";
const INSTANCE = "/portfolio/intra_exchange_instance_transfer";
const base = { ticker: "T", time_in_force: "good_till_canceled", self_trade_prevention_type: "taker_at_cross" };
const uuid = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`;

function exchange(balance = 100) {
  const tiny = tinyWorld([tinyMarket({ ticker: "T", close: START + MINUTE })], { feeMultiplier: 0 });
  const engine = createEngine({ world: tiny.world, seed: "1", makers: false });
  for (const member of [MEMBER, OTHER]) engine.addAccount({ ...member, balance: balance * DOLLAR });
  engine.step(tiny.clock.now());
  const call = caller(portfolioRoutes(engine, ADVANCED), tiny.world);
  const send = (method: string, target: string, body?: Json, account = MEMBER) =>
    call({ method, target, account, ...(body === undefined ? {} : { body }) });
  const transfer = (from_subaccount: number, to_subaccount: number, amount_cents: number, id = 1) =>
    send("POST", `${SUB}/transfer`, { client_transfer_id: uuid(id), from_subaccount, to_subaccount, amount_cents });
  const place = (side: string, price: string, count: string, more: Record<string, Json> = {}, account = MEMBER) =>
    send("POST", "/portfolio/events/orders", { ...base, side, price, count, ...more }, account);
  const get = async (target: string) => (await send("GET", target)).body;
  return { ...tiny, engine, send, transfer, place, get };
}

function codeOf({ status, body }: Answer): string {
  return `${status} ${body?.error?.code ?? body?.code}`;
}

describe("subaccounts", () => {
  it("are opened one after the other, up to sixty-three beside the primary account", async () => {
    const { send, get } = exchange();
    for (let n = 1; n <= 63; n += 1) {
      expect(await send("POST", SUB, {})).toEqual({ status: 201, body: { subaccount_number: n } });
    }
    expect(codeOf(await send("POST", SUB))).toBe("400 invalid_parameters");
    const { subaccount_balances: rows } = await get(`${SUB}/balances`);
    expect(rows).toHaveLength(64);
    expect(rows[63]).toMatchObject({ balance: "0.0000", exchange_index: 0, subaccount_number: 63 });
    expect(codeOf(await send("POST", SUB, { exchange_index: 2 }))).toBe("400 invalid_parameters");
  });

  it("that do not exist have no list either: they are refused as for the balance", async () => {
    const { send } = exchange();
    const refused = await send("GET", "/portfolio/balance?subaccount=9");
    expect(codeOf(refused)).toBe("400 invalid_parameters");
    for (const list of ["fills", "orders", "positions", "settlements"]) {
      expect(await send("GET", `/portfolio/${list}?subaccount=9`)).toEqual(refused);
      if (list !== "settlements") expect(await send("GET", `/historical/${list}?subaccount=9`)).toEqual(refused);
    }
  });

  it("are given money from one another, once for each client transfer id", async () => {
    const { send, transfer, get, engine } = exchange();
    await send("POST", SUB);
    expect(await transfer(0, 1, 2_550)).toEqual({ status: 200, body: {} });
    expect(codeOf(await transfer(0, 1, 2_550))).toBe("409 transfer_already_exists");
    expect(codeOf(await transfer(1, 0, 2_551, 2))).toBe("400 insufficient_balance");
    expect((await transfer(1, 0, 50, 2)).status).toBe(200);
    const { subaccount_balances: rows } = await get(`${SUB}/balances`);
    expect(rows.map((row: { balance: string }) => row.balance)).toEqual(["75.0000", "25.0000"]);
    expect((await get("/portfolio/balance?subaccount=1")).balance).toBe(2_500);
    const { transfers } = await get(`${SUB}/transfers`);
    expect(transfers.map((row: { amount_cents: number }) => row.amount_cents).sort()).toEqual([2_550, 50]);
    expect(lostBy(engine)).toBe(0n);
  });

  it.each<[Record<string, Json>, string]>([
    [{ client_transfer_id: "x" }, "400 invalid_parameters"],
    [{ client_transfer_id: null }, "400 bad_request"],
    [{ amount_cents: 0 }, "400 invalid_parameters"],
    [{ amount_cents: -5 }, "400 invalid_parameters"],
    [{ amount_cents: "5" }, "400 bad_request"],
    [{ to_subaccount: 0 }, "400 invalid_parameters"],
    [{ to_subaccount: 2 }, "400 invalid_parameters"],
    [{ exchange_index: 1 }, "400 invalid_parameters"],
    [{ amount_cents: 10_001 }, "400 insufficient_balance"],
  ])("move no money by %o, and the id stays unused", async (wrong, code) => {
    const { send, transfer } = exchange();
    await send("POST", SUB);
    const right = { client_transfer_id: uuid(1), from_subaccount: 0, to_subaccount: 1, amount_cents: 100 };
    expect(codeOf(await send("POST", `${SUB}/transfer`, { ...right, ...wrong }))).toBe(code);
    expect((await transfer(0, 1, 10_000)).status).toBe(200);
  });

  it("list their transfers newest first, a page at a time, each once", async () => {
    const { send, transfer, get, clock } = exchange();
    await send("POST", SUB);
    for (let n = 1; n <= 5; n += 1) {
      await transfer(0, 1, n, n);
      clock.advance(SECOND);
    }
    const amounts: number[] = [];
    let cursor = "";
    do {
      const page = await get(`${SUB}/transfers?limit=2&cursor=${cursor}`);
      amounts.push(...page.transfers.map((row: { amount_cents: number }) => row.amount_cents));
      cursor = page.cursor;
    } while (cursor !== "");
    expect(amounts).toEqual([5, 4, 3, 2, 1]);
    expect((await send("GET", `${SUB}/transfers?limit=1001`)).status).toBe(400);
  });

  it("have orders, fills, positions and settlements of their own, by default of all or of the primary one", async () => {
    const { send, transfer, place, get, engine, clock } = exchange();
    await send("POST", SUB);
    await transfer(0, 1, 5_000);
    const first = (await place("bid", "0.40", "10")).body.order_id;
    const second = (await place("bid", "0.40", "10", { subaccount: 1 })).body.order_id;
    await place("ask", "0.40", "15", {}, OTHER);
    const numbers = async (target: string, list: string) =>
      (await get(target))[list].map((row: { subaccount_number: number }) => row.subaccount_number);
    expect((await numbers("/portfolio/orders", "orders")).sort()).toEqual([0, 1]);
    expect(await numbers("/portfolio/orders?subaccount=1", "orders")).toEqual([1]);
    expect((await numbers("/portfolio/fills", "fills")).sort()).toEqual([0, 1]);
    expect(await numbers("/portfolio/fills?subaccount=0", "fills")).toEqual([0]);
    const held = async (query: string) =>
      (await get(`/portfolio/positions${query}`)).market_positions.map(
        (row: { position_fp: string }) => row.position_fp,
      );
    expect([await held(""), await held("?subaccount=1")]).toEqual([["10.00"], ["5.00"]]);
    const queued = async (query: string) =>
      (await get(`/portfolio/orders/queue_positions?market_tickers=T${query}`)).queue_positions.length;
    expect([await queued(""), await queued("&subaccount=1")]).toEqual([0, 1]);
    expect((await get(`/portfolio/orders/${second}`)).order).toMatchObject({ status: "resting", subaccount_number: 1 });
    expect((await get(`/portfolio/orders/${first}`)).order.status).toBe("executed");
    clock.advance(10 * MINUTE);
    engine.step(clock.now());
    expect((await get("/portfolio/settlements")).settlements).toHaveLength(2);
    expect((await get("/portfolio/settlements?subaccount=1")).settlements).toMatchObject([{ yes_count_fp: "5.00" }]);
    expect((await get("/portfolio/balance?subaccount=1")).balance_dollars).toBe("53.0000");
    expect(lostBy(engine)).toBe(0n);
  });

  it("are meant by changes of orders when they name them, the primary one when they do not", async () => {
    const { send, transfer, place, get } = exchange();
    await send("POST", SUB);
    await transfer(0, 1, 5_000);
    const own = { subaccount: 1 };
    const id = (await place("bid", "0.40", "10", own)).body.order_id;
    const path = `/portfolio/events/orders/${id}`;
    const amended = { ticker: "T", side: "bid", price: "0.41", count: "10" };
    expect(codeOf(await send("DELETE", path))).toBe("404 not_found");
    expect(codeOf(await send("POST", `${path}/amend`, amended))).toBe("404 not_found");
    expect(codeOf(await send("POST", `${path}/decrease`, { reduce_by: "1" }))).toBe("404 not_found");
    expect((await send("POST", `${path}/amend?subaccount=1`, amended)).status).toBe(200);
    expect((await send("POST", `${path}/decrease?subaccount=1`, { reduce_by: "1" })).status).toBe(200);
    await send("DELETE", "/portfolio/events/orders?subaccount=0");
    expect((await get(`/portfolio/orders/${id}`)).order.status).toBe("resting");
    expect((await send("DELETE", `${path}?subaccount=1`)).status).toBe(200);
    const again = (await place("bid", "0.40", "10", own)).body.order_id;
    const batch = { orders: [{ order_id: again }, { order_id: again, subaccount: 1 }] };
    const { orders } = (await send("DELETE", "/portfolio/events/orders/batched", batch)).body;
    expect(orders).toMatchObject([{ error: { code: "not_found" } }, { reduced_by: "10.00" }]);
    const last = (await place("bid", "0.40", "10", own)).body.order_id;
    await send("DELETE", "/portfolio/events/orders");
    expect((await get(`/portfolio/orders/${last}`)).order.status).toBe("canceled");
  });

  it("share one list of client ids, and do not trade with each other", async () => {
    const { send, transfer, place } = exchange();
    await send("POST", SUB);
    await transfer(0, 1, 5_000);
    await place("ask", "0.40", "10", { client_order_id: "one" });
    const same = { client_order_id: "one", subaccount: 1 };
    expect(codeOf(await place("bid", "0.40", "10", same))).toBe("409 order_already_exists");
    const { body } = await place("bid", "0.40", "10", { subaccount: 1 });
    expect(body).toMatchObject({ fill_count: "0.00", remaining_count: "0.00" });
    const spent = { subaccount: 1 };
    expect(codeOf(await place("bid", "0.99", "60", spent))).toBe("400 insufficient_balance");
    expect(codeOf(await place("bid", "0.40", "1", { subaccount: 7 }))).toBe("400 invalid_parameters");
  });

  it("say for themselves whether they net", async () => {
    const { send, get } = exchange();
    await send("POST", SUB);
    expect((await send("PUT", `${SUB}/netting`, { subaccount_number: 1, enabled: false })).status).toBe(200);
    expect((await get(`${SUB}/netting`)).netting_configs).toEqual([
      { enabled: true, exchange_index: 0, subaccount_number: 0 },
      { enabled: false, exchange_index: 0, subaccount_number: 1 },
    ]);
    expect(codeOf(await send("PUT", `${SUB}/netting`, { subaccount_number: 1 }))).toBe("400 bad_request");
    expect(codeOf(await send("PUT", `${SUB}/netting`, { subaccount_number: 9, enabled: true }))).toBe(
      "400 invalid_parameters",
    );
  });
});

describe("money between the instances", () => {
  it("goes to the margined contracts and back, and is found by its id", async () => {
    const { send, get, engine } = exchange();
    const there = { source: "event_contract", destination: "margined", amount: 123_456 };
    const { status, body } = await send("POST", INSTANCE, { ...there, client_transfer_id: uuid(1) });
    expect(status).toBe(200);
    expect((await get("/portfolio/balance")).balance_dollars).toBe("87.6544");
    expect(codeOf(await send("POST", INSTANCE, { ...there, client_transfer_id: uuid(1) }))).toBe(
      "409 transfer_already_exists",
    );
    expect(await get(`${INSTANCE}s/${body.transfer_id}`)).toMatchObject({
      transfer: { amount: "12.3456", destination: "margined", source: "event_contract", status: "complete" },
    });
    const back = { source: "margined", destination: "event_contract" };
    expect(codeOf(await send("POST", INSTANCE, { ...back, amount: 123_457 }))).toBe("400 insufficient_balance");
    expect((await send("POST", INSTANCE, { ...back, amount: 123_456 })).status).toBe(200);
    expect((await get("/portfolio/balance")).balance_dollars).toBe("100.0000");
    expect((await get(`${INSTANCE}s?limit=1`)).transfers).toHaveLength(1);
    expect(codeOf(await send("GET", `${INSTANCE}s/none`))).toBe("404 not_found");
    expect(lostBy(engine)).toBe(0n);
  });

  it("goes between subaccounts within the event contracts alone", async () => {
    const { send, get } = exchange();
    await send("POST", SUB);
    const within = { source: "event_contract", destination: "event_contract", amount: 10_000 };
    expect((await send("POST", INSTANCE, { ...within, destination_subaccount: 1 })).status).toBe(200);
    expect((await get("/portfolio/balance?subaccount=1")).balance_dollars).toBe("1.0000");
    for (const wrong of [
      within,
      { ...within, destination: "margined", source_subaccount: 1 },
      { ...within, destination: "elsewhere" },
      { ...within, destination_subaccount: 1, amount: 0 },
      { ...within, destination_subaccount: 1, destination_exchange_shard: 1 },
    ]) {
      expect(codeOf(await send("POST", INSTANCE, wrong))).toBe("400 invalid_parameters");
    }
  });

  it("may be spread over the one shard or not at all", async () => {
    const { send, get } = exchange();
    const path = "/portfolio/target_balance_allocation";
    expect(await get(path)).toEqual({ allocations: [], resting_margin_reservation: "sum" });
    const all = { allocations: [{ exchange_index: 0, percent: 100 }], resting_margin_reservation: "max" };
    expect((await send("POST", path, all)).body).toEqual({});
    expect(await get(path)).toEqual(all);
    for (const allocations of [
      [{ exchange_index: 0, percent: 99 }],
      [{ exchange_index: 1, percent: 100 }],
      [
        { exchange_index: 0, percent: 50 },
        { exchange_index: 0, percent: 50 },
      ],
    ]) {
      expect(codeOf(await send("POST", path, { allocations }))).toBe("400 invalid_parameters");
    }
    expect(await get(path)).toEqual(all);
  });
});

describe("the one shard", () => {
  it("is found by its number, by minus one and by saying nothing; any other is refused", async () => {
    const { send, place } = exchange();
    for (const exchange_index of [0, -1])
      expect((await place("bid", "0.40", "1", { exchange_index })).status).toBe(201);
    expect(codeOf(await place("bid", "0.40", "1", { exchange_index: 2 }))).toBe("400 invalid_parameters");
    for (const path of ["balance", "orders", "fills", "positions"]) {
      expect((await send("GET", `/portfolio/${path}?exchange_index=0`)).status).toBe(200);
      expect(codeOf(await send("GET", `/portfolio/${path}?exchange_index=3`))).toBe("400 invalid_parameters");
    }
  });
});

describe("answers about subaccounts and transfers", () => {
  it.skipIf(whyNoSpecification !== null)(
    `have the shape of the specification (${whyNoSpecification ?? "held against it"})`,
    async () => {
      const { send, transfer, get } = exchange();
      const made = await send("POST", SUB, {});
      const moved = await transfer(0, 1, 100);
      const out = await send("POST", INSTANCE, { source: "event_contract", destination: "margined", amount: 100 });
      const one = `${INSTANCE}s/${out.body.transfer_id}`;
      const found = [
        ...complaints("POST", SUB, 201, made.body),
        ...complaints("POST", `${SUB}/transfer`, 200, moved.body),
        ...complaints("GET", `${SUB}/transfers`, 200, await get(`${SUB}/transfers`)),
        ...complaints("GET", `${SUB}/balances`, 200, await get(`${SUB}/balances`)),
        ...complaints("GET", `${SUB}/netting`, 200, await get(`${SUB}/netting`)),
        ...complaints("POST", INSTANCE, 200, out.body),
        ...complaints("GET", `${INSTANCE}s`, 200, await get(`${INSTANCE}s`)),
        ...complaints("GET", `${INSTANCE}s/{transfer_id}`, 200, await get(one)),
        ...complaints(
          "GET",
          "/portfolio/target_balance_allocation",
          200,
          await get("/portfolio/target_balance_allocation"),
        ),
      ];
      expect(found).toEqual([]);
    },
  );
});
