import { generateKeyPairSync, randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../../../../src/sandbox/sandbox.js";
import { type Answer, get, type Key, signedHeaders } from "../../../support/sandbox-call.js";

type Body = Record<string, unknown>;

const ORDER = {
  ticker: "SANDBOX-LIVE-T50",
  side: "bid",
  price: "0.01",
  count: "1",
  time_in_force: "good_till_canceled",
  self_trade_prevention_type: "taker_at_cross",
};

describe("an account's keys", () => {
  let sandbox: Sandbox;
  let first: Key;
  beforeAll(async () => {
    sandbox = await startSandbox({ seed: "keys", keyType: "ed25519" });
    first = { id: sandbox.ready.key_id, pem: sandbox.privateKey };
  });
  afterAll(() => sandbox?.close());

  const call = (key: Key, method: string, path: string, body?: unknown, one = sandbox): Promise<Answer<Body>> => {
    const plain = `/trade-api/v2${path}`.split("?")[0] as string;
    const headers = { ...signedHeaders(key, method, plain), "content-type": "application/json" };
    return get<Body>(one, path, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  };
  const generate = async (more: Body = {}): Promise<Key> => {
    const { status, body } = await call(first, "POST", "/api_keys/generate", {
      name: "made",
      key_type: "ed25519",
      ...more,
    });
    expect(status).toBe(201);
    return { id: String(body.api_key_id), pem: String(body.private_key) };
  };
  const place = (key: Key, more: Body = {}) =>
    call(key, "POST", "/portfolio/events/orders", { ...ORDER, client_order_id: randomUUID(), ...more });

  it.each([
    ["rsa", "BEGIN RSA PRIVATE KEY"],
    ["ed25519", "BEGIN PRIVATE KEY"],
  ])("can be made as %s, and sign from then on until they are deleted", async (key_type, head) => {
    const key = await generate({ key_type });
    expect(key.pem).toContain(head);
    expect((await call(key, "GET", "/portfolio/balance")).status).toBe(200);
    expect((await call(first, "DELETE", `/api_keys/${key.id}`)).status).toBe(204);
    const { status, body } = await call(key, "GET", "/portfolio/balance");
    expect([status, (body.error as Body).details]).toEqual([401, "NOT_FOUND"]);
    expect((await call(first, "DELETE", `/api_keys/${key.id}`)).status).toBe(404);
  });

  it("are listed with their names and scopes", async () => {
    const key = await generate({ name: "reader", scopes: ["read"] });
    const { api_keys } = (await call(first, "GET", "/api_keys")).body as { api_keys: Body[] };
    expect(api_keys).toContainEqual({ api_key_id: key.id, name: "reader", scopes: ["read"] });
    expect(api_keys).toContainEqual({ api_key_id: first.id, name: "sandbox", scopes: ["read", "write"] });
  });

  it("can be brought along, each public key once", async () => {
    const { publicKey, privateKey } = generateKeyPairSync("ed25519");
    const body = { name: "mine", public_key: String(publicKey.export({ type: "spki", format: "pem" })) };
    const created = await call(first, "POST", "/api_keys", body);
    expect(created.status).toBe(201);
    const key = {
      id: String(created.body.api_key_id),
      pem: String(privateKey.export({ type: "pkcs8", format: "pem" })),
    };
    expect((await call(key, "GET", "/portfolio/orders")).status).toBe(200);
    expect((await call(first, "POST", "/api_keys", body)).status).toBe(409);
    expect((await call(first, "POST", "/api_keys", { ...body, public_key: "none" })).status).toBe(400);
  });

  it("may do what their scopes say, and are refused with 403 otherwise", async () => {
    const reader = await generate({ scopes: ["read"] });
    expect((await call(reader, "GET", "/portfolio/fills")).status).toBe(200);
    expect((await place(reader)).status).toBe(403);
    expect((await call(reader, "POST", "/api_keys/generate", { name: "more" })).status).toBe(403);
    const trader = await generate({ scopes: ["read", "write::trade"] });
    expect((await place(trader)).status).toBe(201);
    expect((await call(trader, "POST", "/portfolio/subaccounts", {})).status).toBe(403);
    const accountant = await generate({ scopes: ["read::portfolio_balance"] });
    expect((await call(accountant, "GET", "/portfolio/balance")).status).toBe(200);
    expect((await call(accountant, "GET", "/portfolio/fills")).status).toBe(403);
    expect((await call(first, "POST", "/api_keys/generate", { name: "x", scopes: ["write"] })).status).toBe(400);
    expect((await call(first, "POST", "/api_keys/generate", { name: "x", scopes: ["all"] })).status).toBe(400);
  });

  it("of one subaccount see and trade that one alone", async () => {
    const opened = await call(first, "POST", "/portfolio/subaccounts", {});
    const own = opened.body.subaccount_number as number;
    const money = { client_transfer_id: randomUUID(), from_subaccount: 0, to_subaccount: own, amount_cents: 5_000 };
    expect((await call(first, "POST", "/portfolio/subaccounts/transfer", money)).status).toBe(200);
    const locked = await generate({ subaccount: own });

    const balance = (await call(locked, "GET", "/portfolio/balance")).body;
    expect(balance).toMatchObject({ balance: 5_000 });
    expect(balance).not.toHaveProperty("balance_breakdown");
    const placed = await place(locked);
    expect(placed.status).toBe(201);
    const orders = (await call(locked, "GET", "/portfolio/orders")).body.orders as Body[];
    expect(orders.map((one) => [one.order_id, one.subaccount_number])).toEqual([[placed.body.order_id, own]]);
    const theirs = String((await place(first)).body.order_id);
    expect((await call(locked, "GET", `/portfolio/orders/${theirs}`)).status).toBe(404);
    expect((await call(locked, "DELETE", `/portfolio/events/orders/${theirs}`)).status).toBe(404);

    const message = "this API key is restricted to a single sub-account and cannot access this endpoint";
    for (const refused of [
      await call(locked, "GET", "/portfolio/balance?subaccount=0"),
      await place(locked, { subaccount: 0 }),
      await call(locked, "GET", "/api_keys"),
      await call(locked, "GET", "/portfolio/subaccounts/balances"),
    ]) {
      expect([refused.status, (refused.body.error as Body).message]).toEqual([403, message]);
    }
    const taken = await call(locked, "DELETE", `/portfolio/events/orders/${String(placed.body.order_id)}`);
    expect(taken.status).toBe(200);
  });

  it("of their own making need the level premier, subaccounts the level advanced, which is granted to whoever has placed an order", async () => {
    const basic = await startSandbox({ seed: "keys", tier: "basic", keyType: "ed25519" });
    try {
      const key = { id: basic.ready.key_id, pem: basic.privateKey };
      const body = { name: "mine", public_key: "any" };
      expect((await call(key, "POST", "/api_keys", body, basic)).status).toBe(403);
      const limits = async () => (await call(key, "GET", "/account/limits", undefined, basic)).body;
      expect(await limits()).toMatchObject({ grants: [], usage_tier: "basic", write: { bucket_capacity: 100 } });
      const open = () => call(key, "POST", "/portfolio/subaccounts", {}, basic);
      expect((await open()).status).toBe(403);
      const upgraded = await call(key, "POST", "/account/api_usage_level/upgrade", {}, basic);
      expect([upgraded.status, upgraded.text]).toEqual([201, ""]);
      expect(await limits()).toMatchObject({
        grants: [{ exchange_instance: "event_contract", level: "advanced", source: "manual" }],
        usage_tier: "advanced",
        write: { bucket_capacity: 900, refill_rate: 300 },
      });
      expect(await open()).toMatchObject({ status: 201, body: { subaccount_number: 1 } });
    } finally {
      await basic.close();
    }
  });
});
