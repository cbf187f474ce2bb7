import { createHash, generateKeyPairSync } from "node:crypto";
import { existsSync, readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../../src/sandbox/sandbox.js";
import { expectRejection } from "../support/errors.js";
import { get, getSigned, signedHeaders } from "../support/sandbox-call.js";

const BALANCE = "/trade-api/v2/portfolio/balance";

/** A wall clock that a test moves; it starts at the machine's, since `fetch` has no other. */
class Wall {
  #offset = 0;
  #frozen = Date.now() * 1000;
  now(): number {
    return this.#frozen + this.#offset;
  }
  pass(seconds: number): void {
    this.#offset += seconds * 1_000_000;
  }
}

describe("a sandbox", () => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await startSandbox({ seed: "sandbox-test", unsignedPerSecond: 10_000 });
  });
  afterAll(() => sandbox?.close());

  it("says where it is, what time it has, and where its key lies, readable by its owner alone", () => {
    const { rest_url, ws_url, control_url, key_id, private_key_path, now, pid } = sandbox.ready;
    expect(rest_url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/trade-api\/v2$/);
    expect(ws_url).toMatch(/^ws:\/\/127\.0\.0\.1:\d+\/trade-api\/ws\/v2$/);
    expect(control_url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(key_id).toMatch(/^[0-9a-f-]{36}$/);
    expect(now).toMatch(/^2026-10-15T15:00:/);
    expect(pid).toBe(process.pid);
    expect(readFileSync(private_key_path, "utf8")).toBe(sandbox.privateKey);
    expect(sandbox.privateKey).toMatch(/^-----BEGIN RSA PRIVATE KEY-----/);
    expect(statSync(private_key_path).mode & 0o777).toBe(0o600);
  });

  it("keeps the four refusals of signed operations apart", async () => {
    const good = { id: sandbox.ready.key_id, pem: sandbox.privateKey };
    const ask = async (headers: Record<string, string>) => {
      const { status, text } = await get(sandbox, "/portfolio/balance", { headers });
      return `${status} ${text}`;
    };
    const signed = signedHeaders(good, "GET", BALANCE);
    const { "KALSHI-ACCESS-SIGNATURE": _, ...unsigned } = signed;
    expect(await ask(unsigned)).toBe(
      '401 {"error":{"code":"signature_is_missing_from_headers","message":"signature is missing from headers"}}',
    );
    expect(await ask(signedHeaders(good, "GET", BALANCE, Date.now() - 30_000))).toBe(
      '401 {"error":{"code":"header_timestamp_expired","message":"header timestamp expired"}}',
    );
    expect(await ask(signedHeaders({ ...good, id: "nobody" }, "GET", BALANCE))).toBe(
      '401 {"error":{"code":"authentication_error","details":"NOT_FOUND","message":"authentication_error"}}',
    );
    expect(await ask(signedHeaders(good, "GET", `${BALANCE}?limit=1`))).toBe(
      '401 {"error":{"code":"authentication_error","details":"INCORRECT_API_KEY_SIGNATURE","message":"authentication_error"}}',
    );
  });

  it("answers public operations whatever the headers say", async () => {
    const headers = { "KALSHI-ACCESS-KEY": "nobody", "KALSHI-ACCESS-TIMESTAMP": "1", "KALSHI-ACCESS-SIGNATURE": "x" };
    expect((await get(sandbox, "/exchange/status", { headers })).status).toBe(200);
  });

  it("dates its answers by the wall, not by its own clock", async () => {
    const { headers } = await get(sandbox, "/exchange/status");
    expect(Math.abs(Date.parse(headers.get("date") ?? "") - Date.now())).toBeLessThan(5_000);
  });

  it("knows no other paths, and says when only the method is wrong", async () => {
    expect((await get(sandbox, "/nothing")).text).toBe('{"error":{"code":"not_found","message":"not found"}}');
    expect((await get(sandbox, "/markets/%E0%A4%A")).status).toBe(404);
    expect((await get(sandbox, "/exchange/status", { method: "POST" })).status).toBe(405);
    expect((await fetch(sandbox.ready.rest_url.replace("/trade-api/v2", "/markets"))).status).toBe(404);
  });

  it("opens accounts of their own for further keys, Ed25519 too", async () => {
    const pair = generateKeyPairSync("ed25519", {
      publicKeyEncoding: { type: "spki", format: "pem" },
      privateKeyEncoding: { type: "pkcs8", format: "pem" },
    });
    const { keyId, userId } = sandbox.addKey(pair.publicKey);
    const headers = signedHeaders({ id: keyId, pem: pair.privateKey }, "GET", "/trade-api/v2/account/limits");
    expect((await get(sandbox, "/account/limits", { headers })).status).toBe(200);
    const log = await control<{ entries: { path: string; user_id: string | null }[] }>(sandbox, "/log");
    expect(log.entries.at(-1)).toMatchObject({ path: "/trade-api/v2/account/limits", status: 200, user_id: userId });
  });

  it("shows its own books beside the exchange, level for level what the exchange serves while it is frozen", async () => {
    await control(sandbox, "/freeze", "POST");
    const { body } = await get<{ orderbook_fp: unknown }>(sandbox, "/markets/SANDBOX-LIVE-T50/orderbook");
    const { books } = await control<{ books: { ticker: string }[] }>(sandbox, "/books?tickers=SANDBOX-LIVE-T50,NOBODY");
    expect(books).toEqual([{ ticker: "SANDBOX-LIVE-T50", ...(body.orderbook_fp as object) }]);
    await control(sandbox, "/thaw", "POST");
  });

  it("moves its cutoffs when told", async () => {
    const own = await startSandbox({ seed: "cutoff" });
    await control(own, "/cutoff?date=2026-09-05T11:00:00Z", "POST");
    const { body } = await get(own, "/historical/cutoff");
    expect(body).toMatchObject({
      market_settled_ts: "2026-09-05T00:00:00Z",
      orders_updated_ts: "2026-10-01T00:00:00Z",
    });
    await own.close();
  });

  it("refuses by its control what it cannot read, and goes on", async () => {
    const ask = (path: string, method: string) => fetch(sandbox.ready.control_url + path, { method });
    expect((await ask("/cutoff?date=soon", "POST")).status).toBe(400);
    expect((await ask("/nothing", "GET")).status).toBe(404);
    expect((await ask("/log", "GET")).status).toBe(200);
  });

  it("removes its key and lets go of its port when closed", async () => {
    const own = await startSandbox({ keyType: "ed25519" });
    expect(own.privateKey).toMatch(/^-----BEGIN PRIVATE KEY-----/);
    const port = Number(new URL(own.ready.rest_url).port);
    expect((await getSigned(own, "/account/limits")).status).toBe(200);
    await own.close();
    expect(existsSync(own.ready.private_key_path)).toBe(false);
    const next = await startSandbox({ port, keyType: "ed25519" });
    expect(new URL(next.ready.rest_url).port).toBe(String(port));
    await next.close();
  });

  it("says so when its port is taken, and leaves nothing behind", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => other.once("listening", resolve));
    const { port } = other.address() as AddressInfo;
    await expectRejection(startSandbox({ port, keyType: "ed25519" }), "PORT_IN_USE", /another port/);
    await expectRejection(startSandbox({ controlPort: port, keyType: "ed25519" }), "PORT_IN_USE", /another port/);
    other.close();
  });

  it.each([
    [{ speed: -1 }, "BAD_ARGUMENT", /from 0/],
    [{ tier: "gold" as "prime" }, "BAD_ARGUMENT", /basic, advanced/],
    [{ port: 70_000 }, "BAD_ARGUMENT", /65535/],
    [{ cutoff: "2026-01-01T00:00:00Z" }, "BAD_ARGUMENT", /folder of data/],
    [{ clock: "yesterday" }, "BAD_TIME", /RFC 3339/],
  ] as const)("refuses %j with a hint", async (options, code, hint) => {
    await expectRejection(startSandbox(options), code, hint);
  });

  it("makes the same world of the same seed, and another of another", async () => {
    const digest = async (seed: string) => {
      const own = await startSandbox({ seed, keyType: "ed25519" });
      const { text } = await getSigned(own, "/historical/trades?limit=1000");
      await own.close();
      return createHash("sha256").update(text).digest("hex");
    };
    const [first, again, other] = [await digest("one"), await digest("one"), await digest("two")];
    expect(again).toBe(first);
    expect(other).not.toBe(first);
  });
});

describe("rate limits of a sandbox", () => {
  it("refuse in two shapes, without a word when to come back, until the bucket covers the cost", async () => {
    const wall = new Wall();
    const sandbox = await startSandbox({ tier: "basic", wall, unsignedPerSecond: 2, keyType: "ed25519" });
    const signed = () => getSigned(sandbox, "/account/limits", wall.now() / 1000);
    const statuses = [];
    for (let i = 0; i < 61; i += 1) statuses.push((await signed()).status);
    expect(statuses).toEqual([...Array(60).fill(200), 429]);
    const refused = await signed();
    expect(refused.text).toBe('{"error":"too many requests"}');
    expect([...refused.headers.keys()].filter((name) => /retry|ratelimit/i.test(name))).toEqual([]);
    wall.pass(0.05);
    expect((await signed()).status).toBe(200);
    expect((await signed()).status).toBe(429);

    const unsigned = [];
    for (let i = 0; i < 7; i += 1) unsigned.push(await get(sandbox, "/exchange/status"));
    expect(unsigned.map(({ status }) => status)).toEqual([...Array(6).fill(200), 429]);
    expect(unsigned.at(-1)?.text).toBe('{"error":{"code":"too_many_requests","message":"too many requests"}}');
    await sandbox.close();
  });

  it("bill a signed call of a public operation to the account", async () => {
    const wall = new Wall();
    const sandbox = await startSandbox({ tier: "basic", wall, unsignedPerSecond: 1, keyType: "ed25519" });
    const statuses = [];
    for (let i = 0; i < 61; i += 1) {
      statuses.push((await getSigned(sandbox, "/exchange/status", wall.now() / 1000)).status);
    }
    expect(statuses).toEqual([...Array(60).fill(200), 429]);
    await sandbox.close();
  });

  it("list every cost that is not the usual one", async () => {
    const sandbox = await startSandbox({ keyType: "ed25519" });
    const { body } = await get<{ default_cost: number; endpoint_costs: { cost: number }[] }>(
      sandbox,
      "/account/endpoint_costs",
    );
    expect(body.default_cost).toBe(10);
    expect(body.endpoint_costs).toContainEqual({
      cost: 2,
      method: "DELETE",
      path: "/trade-api/v2/portfolio/events/orders/:order_id",
    });
    expect(body.endpoint_costs.some(({ cost }) => cost === 10)).toBe(false);
    await sandbox.close();
  });
});

async function control<Body>(sandbox: Sandbox, path: string, method = "GET"): Promise<Body> {
  const response = await fetch(sandbox.ready.control_url + path, { method });
  expect(response.status).toBe(200);
  return (await response.json()) as Body;
}
