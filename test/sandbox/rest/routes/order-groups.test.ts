import { describe, expect, it } from "vitest";
import { createEngine } from "../../../../src/sandbox/engine/engine.js";
import { portfolioRoutes } from "../../../../src/sandbox/rest/routes/portfolio.js";
import type { EngineEvent, Json } from "../../../../src/sandbox/types.js";
import { DOLLAR } from "../../../../src/units/price.js";
import { SECOND } from "../../../../src/units/time.js";
import { frameComplaints, whyNoFrames } from "../../../support/asyncapi.js";
import { ADVANCED, type Answer, caller } from "../../../support/call.js";
import { complaints, whyNoSpecification } from "../../../support/openapi.js";
import { MEMBER, OTHER, tinyMarket, tinyWorld } from "../../../support/tiny-world.js";

const GROUPS = "/portfolio/order_groups";
const base = { ticker: "T", time_in_force: "good_till_canceled", self_trade_prevention_type: "taker_at_cross" };

function exchange() {
  const tiny = tinyWorld([tinyMarket({ ticker: "T" })]);
  const engine = createEngine({ world: tiny.world, seed: "1", makers: false });
  for (const member of [MEMBER, OTHER]) engine.addAccount({ ...member, balance: 10_000 * DOLLAR });
  engine.openSubaccount(MEMBER.userId);
  engine.step(tiny.clock.now());
  const call = caller(portfolioRoutes(engine, ADVANCED), tiny.world);
  const events: EngineEvent[] = [];
  engine.on((event) => events.push(event));
  const send = (method: string, target: string, body?: Json, account = MEMBER) =>
    call({ method, target, account, ...(body === undefined ? {} : { body }) });
  return {
    ...tiny,
    engine,
    send,
    create: async (contracts_limit: number, more: Record<string, Json> = {}) =>
      (await send("POST", `${GROUPS}/create`, { contracts_limit, ...more })).body.order_group_id as string,
    place: (side: string, price: string, count: string, more: Record<string, Json> = {}, account = MEMBER) =>
      send("POST", "/portfolio/events/orders", { ...base, side, price, count, ...more }, account),
    order: async (id: string) => (await send("GET", `/portfolio/orders/${id}`)).body.order,
    group: async (id: string) => (await send("GET", `${GROUPS}/${id}`)).body,
    told: () => events.flatMap((event) => (event.type === "order_group" ? [event.message] : [])),
  };
}

function codeOf({ status, body }: Answer): string {
  return `${status} ${body.error?.code ?? body.code}`;
}

describe("an order group", () => {
  it("is made with a limit in either form, read back, and listed", async () => {
    const { send, create, told } = exchange();
    const made = await send("POST", `${GROUPS}/create`, { contracts_limit: 10 });
    const id = made.body.order_group_id;
    expect(made).toEqual({ status: 201, body: { exchange_index: 0, order_group_id: id, subaccount: 0 } });
    const second = await create(1, { contracts_limit_fp: "1.00", subaccount: 1 });
    const third = (await send("POST", `${GROUPS}/create`, { contracts_limit_fp: "2.50" })).body.order_group_id;
    const limits = { contracts_limit_fp: "10.00", exchange_index: 0, is_auto_cancel_enabled: true };
    expect((await send("GET", `${GROUPS}/${id}`)).body).toEqual({ ...limits, orders: [] });
    const ids = async (query: string) =>
      (await send("GET", `${GROUPS}${query}`)).body.order_groups.map((group: { id: string }) => group.id);
    expect(await ids("")).toEqual([id, second, third]);
    expect(await ids("?subaccount=1")).toEqual([second]);
    expect((await send("GET", GROUPS, undefined, OTHER)).body).toEqual({ order_groups: [] });
    expect(told()[0]).toMatchObject({ contracts_limit_fp: "10.00", event_type: "created", order_group_id: id });
  });

  it.each<[Record<string, Json>, string]>([
    [{}, "400 invalid_parameters"],
    [{ contracts_limit: 0 }, "400 invalid_parameters"],
    [{ contracts_limit: 1_000_001 }, "400 invalid_parameters"],
    [{ contracts_limit: 2, contracts_limit_fp: "3.00" }, "400 invalid_parameters"],
    [{ contracts_limit_fp: "1.001" }, "400 invalid_parameters"],
    [{ contracts_limit: "2" }, "400 bad_request"],
    [{ contracts_limit: 2, subaccount: 5 }, "400 invalid_parameters"],
    [{ contracts_limit: 2, exchange_index: 1 }, "400 invalid_parameters"],
  ])("is not made of %o", async (body, code) => {
    const { send } = exchange();
    expect(codeOf(await send("POST", `${GROUPS}/create`, body))).toBe(code);
  });

  it("cancels its resting orders once its fills exceed the limit, and takes none until it is reset", async () => {
    const { create, place, order, group, send, told } = exchange();
    const id = await create(5);
    const mine = { order_group_id: id };
    const one = (await place("bid", "0.50", "10", mine)).body.order_id;
    const two = (await place("bid", "0.40", "10", mine)).body.order_id;
    const free = (await place("bid", "0.39", "10")).body.order_id;
    expect((await group(id)).orders).toEqual([one, two]);
    expect((await order(one)).order_group_id).toBe(id);
    await place("ask", "0.50", "5", {}, OTHER);
    expect((await group(id)).orders).toEqual([one, two]);
    await place("ask", "0.50", "0.01", {}, OTHER);
    expect((await group(id)).orders).toEqual([]);
    expect(await order(one)).toMatchObject({ fill_count_fp: "5.01", remaining_count_fp: "0.00", status: "canceled" });
    expect([(await order(two)).status, (await order(free)).status]).toEqual(["canceled", "resting"]);
    expect(codeOf(await place("bid", "0.50", "1", mine))).toBe("400 exceeded_order_group_risk_limit");
    expect((await send("PUT", `${GROUPS}/${id}/reset`, {})).body).toEqual({});
    expect((await place("bid", "0.50", "1", mine)).status).toBe(201);
    expect(told().map(({ event_type }) => event_type)).toEqual(["created", "triggered", "reset"]);
  });

  it("counts what its orders take, and stops the rest of the order that exceeded", async () => {
    const { create, place, order } = exchange();
    const id = await create(2);
    await place("ask", "0.50", "3", {}, OTHER);
    const { body } = await place("bid", "0.50", "8", { order_group_id: id });
    expect(body.fill_count).toBe("3.00");
    expect(await order(body.order_id)).toMatchObject({ fill_count_fp: "3.00", status: "canceled" });
  });

  it("forgets a fill after fifteen seconds of the exchange's clock", async () => {
    for (const [wait, status] of [
      [15 * SECOND - 1_000, "canceled"],
      [15 * SECOND + 1_000, "resting"],
    ] as const) {
      const { create, place, order, clock } = exchange();
      const one = (await place("bid", "0.50", "20", { order_group_id: await create(5) })).body.order_id;
      await place("ask", "0.50", "4", {}, OTHER);
      clock.advance(wait);
      await place("ask", "0.50", "4", {}, OTHER);
      expect((await order(one)).status).toBe(status);
    }
  });

  it("triggers when asked to, and at once when its limit falls below what has filled", async () => {
    const { create, place, order, send, told } = exchange();
    const id = await create(10);
    const one = (await place("bid", "0.50", "20", { order_group_id: id })).body.order_id;
    await place("ask", "0.50", "4", {}, OTHER);
    await send("PUT", `${GROUPS}/${id}/limit`, { contracts_limit_fp: "4.00" });
    expect((await order(one)).status).toBe("resting");
    expect((await send("PUT", `${GROUPS}/${id}/limit`, { contracts_limit: 3 })).body).toEqual({});
    expect((await order(one)).status).toBe("canceled");
    await send("PUT", `${GROUPS}/${id}/reset`);
    const two = (await place("bid", "0.50", "1", { order_group_id: id })).body.order_id;
    await send("PUT", `${GROUPS}/${id}/trigger`);
    expect((await order(two)).status).toBe("canceled");
    expect(told().map(({ event_type, contracts_limit_fp }) => [event_type, contracts_limit_fp])).toEqual([
      ["created", "10.00"],
      ["limit_updated", "4.00"],
      ["limit_updated", "3.00"],
      ["triggered", undefined],
      ["reset", undefined],
      ["triggered", undefined],
    ]);
  });

  it("is gone with its orders when it is deleted, and was never another member's", async () => {
    const { create, place, order, send, told } = exchange();
    const id = await create(10);
    const one = (await place("bid", "0.50", "20", { order_group_id: id })).body.order_id;
    expect(codeOf(await send("DELETE", `${GROUPS}/${id}`, undefined, OTHER))).toBe("404 not_found");
    expect(codeOf(await send("DELETE", `${GROUPS}/${id}?exchange_index=2`))).toBe("400 invalid_parameters");
    expect(codeOf(await send("DELETE", `${GROUPS}/${id}?subaccount=1`))).toBe("404 not_found");
    expect((await send("DELETE", `${GROUPS}/${id}`)).body).toEqual({});
    expect((await order(one)).status).toBe("canceled");
    expect(codeOf(await send("GET", `${GROUPS}/${id}`))).toBe("404 not_found");
    expect(codeOf(await place("bid", "0.50", "1", { order_group_id: id }))).toBe("404 order_group_not_found");
    expect(told().at(-1)).toMatchObject({ event_type: "deleted" });
  });

  it("takes orders of its own subaccount alone", async () => {
    const { create, place } = exchange();
    const id = await create(10, { subaccount: 1 });
    expect(codeOf(await place("bid", "0.50", "1", { order_group_id: id }))).toBe("404 order_group_not_found");
    const own = { order_group_id: id, subaccount: 1 };
    expect(codeOf(await place("bid", "0.50", "1", own))).toBe("400 insufficient_balance");
  });

  it.skipIf(whyNoSpecification !== null || whyNoFrames !== null)(
    `has the shape of the specifications (${whyNoSpecification ?? whyNoFrames ?? "held against them"})`,
    async () => {
      const { send, create, place, told, group } = exchange();
      const id = await create(3);
      await place("bid", "0.50", "1", { order_group_id: id });
      const one = `${GROUPS}/{order_group_id}`;
      const found = [
        ...complaints(
          "POST",
          `${GROUPS}/create`,
          201,
          (await send("POST", `${GROUPS}/create`, { contracts_limit: 1 })).body,
        ),
        ...complaints("GET", GROUPS, 200, (await send("GET", GROUPS)).body),
        ...complaints("GET", one, 200, await group(id)),
        ...complaints(
          "PUT",
          `${one}/limit`,
          200,
          (await send("PUT", `${GROUPS}/${id}/limit`, { contracts_limit: 4 })).body,
        ),
        ...complaints("PUT", `${one}/trigger`, 200, (await send("PUT", `${GROUPS}/${id}/trigger`)).body),
        ...complaints("PUT", `${one}/reset`, 200, (await send("PUT", `${GROUPS}/${id}/reset`)).body),
        ...complaints("DELETE", one, 200, (await send("DELETE", `${GROUPS}/${id}`)).body),
        ...told().flatMap((msg) => {
          const frame = JSON.parse(JSON.stringify({ type: "order_group_updates", sid: 1, seq: 1, msg }));
          return frameComplaints("orderGroupUpdatesPayload", frame);
        }),
      ];
      expect(found).toEqual([]);
    },
  );
});
