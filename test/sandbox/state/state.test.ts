import { generateKeyPairSync } from "node:crypto";
import { appendFileSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { Engine } from "../../../src/sandbox/engine/engine.js";
import { type Sandbox, startSandbox } from "../../../src/sandbox/sandbox.js";
import { fromPlain, toPlain } from "../../../src/sandbox/state/plain.js";
import { Random } from "../../../src/sandbox/world/random.js";
import { expectRejection } from "../../support/errors.js";
import { type Member, memberOf } from "../../support/sandbox-member.js";
import { sandboxProcess } from "../../support/sandbox-process.js";

const TICKERS = ["SANDBOX-LIVE-T50", "SANDBOX-LIVE-T60", "SANDBOX-LIVE-T40"];
const ORDERS = "/portfolio/events/orders";
const root = mkdtempSync(join(tmpdir(), "kalshi-state-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let folders = 0;
function folder(): string {
  folders += 1;
  return join(root, String(folders));
}

/** What a member was told, and has a right to find again. */
interface Acknowledged {
  readonly placed: Map<string, { readonly client: string; readonly filled: string }>;
  readonly cancelled: Set<string>;
}

// biome-ignore lint/suspicious/noExplicitAny: a test looks into answers freely
async function all(member: Member, path: string, key: string): Promise<any[]> {
  const rows = [];
  let cursor = "";
  do {
    const { status, body, text } = await member.call("GET", `${path}?limit=1000&cursor=${cursor}`);
    if (status !== 200) throw new Error(text);
    rows.push(...body[key]);
    cursor = body.cursor;
  } while (cursor !== "");
  return rows;
}

/** Places and cancels at random until the process is gone. */
async function trade(member: Member, random: Random, known: Acknowledged): Promise<void> {
  for (;;) {
    try {
      const open = [...known.placed.keys()].filter((id) => !known.cancelled.has(id));
      if (open.length > 0 && random.next() < 0.3) {
        const id = open[random.integer(0, open.length - 1)]!;
        const { status } = await member.call("DELETE", `${ORDERS}/${id}`);
        if (status === 200) known.cancelled.add(id);
        continue;
      }
      // Some rest far below, some take what is there.
      const takes = random.next() < 0.4;
      const client = `c-${random.uuid()}`;
      const { status, body } = await member.bid(TICKERS[random.integer(0, TICKERS.length - 1)]!, {
        client_order_id: client,
        count: String(random.integer(1, 3)),
        price: takes ? "0.9900" : `0.0${random.integer(1, 3)}00`,
      });
      if (status === 201) known.placed.set(body.order_id, { client, filled: body.fill_count });
    } catch {
      return;
    }
  }
}

function expectNoneLost(
  rows: readonly { order_id: string; client_order_id: string; status: string; fill_count_fp: string }[],
  known: Acknowledged,
) {
  const byId = new Map(rows.map((row) => [row.order_id, row]));
  expect(byId.size).toBe(rows.length);
  for (const [id, { client, filled }] of known.placed) {
    const row = byId.get(id);
    expect(row, `order ${id}`).toMatchObject({ client_order_id: client });
    expect(Number(row?.fill_count_fp)).toBeGreaterThanOrEqual(Number(filled));
    if (known.cancelled.has(id)) expect(row?.status).toBe("canceled");
  }
}

function expectAudit(engine: Engine) {
  const { cash, escrow, fees, deposited } = engine.audit();
  expect(cash + escrow + fees).toBe(deposited);
}

describe("a sandbox that keeps its state", () => {
  it("has every order, cancel and fill that was acknowledged, none twice, after it was killed at any moment", async () => {
    const dir = folder();
    const known: Acknowledged = { placed: new Map(), cancelled: new Set() };
    const random = new Random("kills");
    let keyId = "";
    for (let kill = 0; kill < 3; kill += 1) {
      const sandbox = await sandboxProcess(["--state", dir, "--tier", "prestige"]);
      if (kill > 0) expect(sandbox.ready.key_id).toBe(keyId);
      keyId = sandbox.ready.key_id;
      expectNoneLost(await all(sandbox.member, "/portfolio/orders", "orders"), known);
      const more = 60 + random.integer(0, 60);
      const goal = known.placed.size + more;
      const trading = trade(sandbox.member, random, known);
      await expect.poll(() => known.placed.size, { timeout: 30_000, interval: 1 }).toBeGreaterThanOrEqual(goal);
      await sandbox.end("SIGKILL");
      await trading;
    }
    const again = await startSandbox({ state: dir, tier: "prestige" });
    const member = memberOf(again.ready, again.privateKey);
    const orders = await all(member, "/portfolio/orders", "orders");
    expectNoneLost(orders, known);
    const fills = await all(member, "/portfolio/fills", "fills");
    expect(new Set(fills.map(({ trade_id, order_id }) => `${trade_id} ${order_id}`)).size).toBe(fills.length);
    expect(fills.length).toBeGreaterThan(10);
    for (const order of orders) {
      const own = fills.filter(({ order_id }) => order_id === order.order_id);
      const sum = own.reduce((total, { count_fp }) => total + Number(count_fp), 0);
      expect(sum, order.order_id).toBeCloseTo(Number(order.fill_count_fp), 6);
    }
    expectAudit(again.engine);
    const [used] = known.placed.values();
    expect((await member.bid(TICKERS[0]!, { client_order_id: used!.client })).status).toBe(409);
    await again.close();
  }, 180_000);

  /** A sandbox whose makers stand still, so that what it has can be compared before and after. */
  async function still(dir: string, more: object = {}): Promise<{ sandbox: Sandbox; member: Member }> {
    const sandbox = await startSandbox({ state: dir, keyType: "ed25519", speed: 0, ...more });
    sandbox.engine.freeze();
    return { sandbox, member: memberOf(sandbox.ready, sandbox.privateKey) };
  }

  it("finds money, orders, positions, groups, subaccounts and transfers as they were, and its clock goes on", async () => {
    const dir = folder();
    const first = await still(dir);
    const group = (await first.member.call("POST", "/portfolio/order_groups/create", { contracts_limit: 50 })).body;
    await first.member.bid(TICKERS[0]!, { price: "0.0300", count: "2.50" });
    await first.member.bid(TICKERS[0]!, { price: "0.9900", count: "4" });
    await first.member.bid(TICKERS[1]!, { price: "0.0200", order_group_id: group.order_group_id });
    await first.member.call("POST", "/portfolio/subaccounts");
    await first.member.call("POST", "/portfolio/subaccounts/transfer", {
      client_transfer_id: "0a0a0a0a-0000-4000-8000-00000000000a",
      from_subaccount: 0,
      to_subaccount: 1,
      amount_cents: 2_500,
    });
    const paths = [
      "/portfolio/orders?limit=1000",
      "/portfolio/fills?limit=1000",
      "/portfolio/positions",
      "/portfolio/settlements?limit=1000",
      "/portfolio/order_groups",
      "/portfolio/subaccounts/balances",
      "/portfolio/subaccounts/transfers",
      "/portfolio/orders?status=resting",
    ];
    const seen = async ({ member }: { member: Member }) => {
      const answers = [];
      for (const path of paths) {
        const { status, text } = await member.call("GET", path);
        expect(status, path).toBe(200);
        answers.push(text);
      }
      const { balance_dollars } = (await member.call("GET", "/portfolio/balance")).body;
      return { answers, balance_dollars };
    };
    const before = await seen(first);
    expect(before.answers[4]).toContain(group.order_group_id);
    expect(before.answers[6]).toContain("2500");
    const now = first.sandbox.world.clock.now();
    await first.sandbox.close();
    const second = await still(dir);
    expect(second.sandbox.ready.key_id).toBe(first.sandbox.ready.key_id);
    expect(second.sandbox.world.clock.now()).toBeGreaterThanOrEqual(now);
    expect(await seen(second)).toEqual(before);
    expectAudit(second.sandbox.engine);
    await second.sandbox.close();
  }, 60_000);

  it("puts resting orders back in the order they stood, an amended one at the end", async () => {
    const dir = folder();
    const first = await still(dir);
    const ids: string[] = [];
    for (let n = 0; n < 4; n += 1) {
      ids.push((await first.member.bid(TICKERS[0]!, { price: "0.0100", count: "5" })).body.order_id);
    }
    const amend = (id: string, count: string) =>
      first.member.call("POST", `${ORDERS}/${id}/amend`, { ticker: TICKERS[0], side: "bid", price: "0.0100", count });
    expect((await amend(ids[0]!, "9")).status).toBe(200);
    expect((await amend(ids[2]!, "3")).status).toBe(200);
    const queue = async ({ sandbox }: { sandbox: Sandbox }) => {
      const { userId } = sandbox.engine.accounts().find(({ house }) => !house)!;
      const ahead = ids.map((id) => ({ id, count: sandbox.engine.ahead(userId, id).count }));
      return ahead.sort((a, b) => a.count - b.count).map(({ id }) => id);
    };
    expect(await queue(first)).toEqual([ids[1], ids[2], ids[3], ids[0]]);
    await first.sandbox.close();
    const second = await still(dir);
    expect(await queue(second)).toEqual([ids[1], ids[2], ids[3], ids[0]]);
    expect(second.sandbox.engine.book(TICKERS[0]!)?.yes[0]?.[0]).toBe(10_000);
    const cancelled = await second.member.call("DELETE", `${ORDERS}/${ids[1]}`);
    expect(cancelled.status).toBe(200);
    await second.sandbox.close();
  }, 60_000);

  it("has the keys that were made, what they may, and not those that were deleted, after it was killed", async () => {
    const dir = folder();
    const first = await sandboxProcess(["--state", dir]);
    const make = async (more: object) => {
      const body = { name: "made", key_type: "ed25519", ...more };
      const made = await first.member.call("POST", "/api_keys/generate", body);
      expect(made.status).toBe(201);
      return { key_id: made.body.api_key_id as string, pem: made.body.private_key as string };
    };
    const reader = await make({ name: "reader", scopes: ["read"] });
    const locked = await make({ subaccount: 0 });
    const deleted = await make({});
    const { publicKey, privateKey } = generateKeyPairSync("ed25519");
    const own = await first.member.call("POST", "/api_keys", {
      name: "mine",
      public_key: String(publicKey.export({ type: "spki", format: "pem" })),
    });
    const owner = first.ready.key_id;
    expect((await first.member.call("DELETE", `/api_keys/${deleted.key_id}`)).status).toBe(204);
    const before = (await first.member.call("GET", "/api_keys")).body.api_keys;
    expect(before).toHaveLength(4);
    // The first key too may be deleted, by another.
    const mine = { key_id: own.body.api_key_id, pem: String(privateKey.export({ type: "pkcs8", format: "pem" })) };
    const asMine = memberOf({ ...first.ready, key_id: mine.key_id }, mine.pem);
    expect((await asMine.call("DELETE", `/api_keys/${owner}`)).status).toBe(204);
    await first.end("SIGKILL");
    for (let start = 0; start < 2; start += 1) {
      const again = await startSandbox({ state: dir });
      try {
        const as = ({ key_id, pem }: { key_id: string; pem: string }) => memberOf({ ...again.ready, key_id }, pem);
        const listed = (await as(mine).call("GET", "/api_keys")).body.api_keys;
        expect(listed).toEqual(before.filter((key: { api_key_id: string }) => key.api_key_id !== owner));
        expect((await as(reader).call("GET", "/portfolio/fills")).status).toBe(200);
        expect((await as(reader).bid(TICKERS[0]!)).status).toBe(403);
        expect((await as(locked).call("GET", "/api_keys")).status).toBe(403);
        expect((await as(deleted).call("GET", "/portfolio/fills")).status).toBe(401);
        expect(again.ready.key_id).toBe(owner);
        expect((await memberOf(again.ready, again.privateKey).call("GET", "/portfolio/fills")).status).toBe(401);
      } finally {
        await again.close();
      }
    }
  }, 60_000);

  it("has the combos that were made, with what is held of them, after it was killed", async () => {
    const dir = folder();
    const first = await sandboxProcess(["--state", dir, "--speed", "0"]);
    const path = "/multivariate_event_collections";
    const collection = (await first.member.call("GET", `${path}?status=open`)).body.multivariate_contracts[0];
    const event_ticker = "SANDBOX-LIVE";
    const selected_markets = ["T45", "T55"].map((leg) => ({
      event_ticker,
      market_ticker: `${event_ticker}-${leg}`,
      side: "yes",
    }));
    const make = (member: Member) =>
      member.call("POST", `${path}/${collection.collection_ticker}`, { selected_markets, with_market_payload: true });
    const made = (await make(first.member)).body;
    const ticker: string = made.market_ticker;
    const { order_id } = (await first.member.bid(ticker, { price: "0.0010" })).body;
    expect((await first.member.control("POST", "/clock?by=10")).status).toBe(200);
    expect((await first.member.bid(ticker, { price: "0.9990", count: "2" })).body.fill_count).toBe("2.00");
    const position = async (member: Member) =>
      (await member.call("GET", `/portfolio/positions?ticker=${ticker}`)).body.market_positions;
    const held = await position(first.member);
    await first.end("SIGKILL");
    for (let start = 0; start < 2; start += 1) {
      const again = await still(dir, { keyType: "rsa" });
      try {
        const { market } = (await again.member.call("GET", `/markets/${ticker}`)).body;
        expect(market).toMatchObject({
          ticker,
          status: "active",
          close_time: made.market.close_time,
          mve_selected_legs: made.market.mve_selected_legs,
        });
        expect(await position(again.member)).toEqual(held);
        expect((await again.member.call("GET", `/portfolio/orders/${order_id}`)).body.order.status).toBe("resting");
        expect((await make(again.member)).body.market_ticker).toBe(ticker);
        expectAudit(again.sandbox.engine);
      } finally {
        await again.sandbox.close();
      }
    }
  }, 60_000);

  it("has what the control port did to markets, after it was killed", async () => {
    const dir = folder();
    const first = await sandboxProcess(["--state", dir, "--speed", "0"]);
    const operate = async (name: string, ticker: string, body: object = {}) =>
      expect((await first.member.control("POST", `/markets/${ticker}/${name}`, body)).status, name).toBe(200);
    const markets = ["T50", "T70", "T35", "T55", "T45"].map((name) => `SANDBOX-LIVE-${name}`);
    const [paused, early, determined, titled, fine] = markets as [string, string, string, string, string];
    const shown = async (member: Member) => {
      const rows = [];
      for (const ticker of markets) {
        const { body, text } = await member.call("GET", `/markets/${ticker}`);
        const { market } = body;
        expect(market, text).toBeDefined();
        const { status, close_time, result, updated_time, settlement_value_dollars } = market;
        const { price_level_structure, price_ranges, yes_sub_title } = market;
        const made = { price_level_structure, price_ranges, yes_sub_title };
        rows.push({ ticker, status, close_time, result, updated_time, settlement_value_dollars, ...made });
      }
      return rows;
    };
    const planned = await shown(first.member);
    await operate("pause", paused);
    await operate("close-early", early);
    await operate("close-early", determined);
    await operate("determine", determined, { result: "scalar", settlement_value: "0.3700" });
    await operate("dispute", determined);
    await operate("metadata", titled, { yes_sub_title: "another title" });
    await operate("price-structure", fine, { price_level_structure: "deci_cent" });
    const before = await shown(first.member);
    expect(before.map(({ status }) => status)).toEqual(["inactive", "closed", "disputed", "active", "active"]);
    expect(before).not.toEqual(planned);
    await first.end("SIGKILL");
    const again = await still(dir, { keyType: "rsa" });
    try {
      expect(await shown(again.member)).toEqual(before);
      expect((await again.member.bid(paused)).status).toBe(400);
      expect((await again.member.bid(fine, { price: "0.0010" })).status).toBe(201);
      // What was begun can be gone on with.
      const resume = await again.member.control("POST", `/markets/${paused}/resume`);
      expect(resume.status).toBe(200);
      expect((await again.member.bid(paused)).status).toBe(201);
      expect((await again.member.control("POST", `/markets/${determined}/uphold`)).status).toBe(200);
    } finally {
      await again.sandbox.close();
    }
  }, 60_000);

  it("cuts off what a crash has left unfinished at the end, and says so", async () => {
    const dir = folder();
    const first = await still(dir);
    const { order_id } = (await first.member.bid(TICKERS[0]!)).body;
    await first.sandbox.close();
    const journal = readdirSync(dir).find((name) => name.startsWith("journal-"))!;
    appendFileSync(join(dir, journal), Buffer.from([200, 0, 0, 0, 1, 2, 3]));
    const warned = new Promise<string>((resolve) => {
      process.on("warning", (warning) => {
        if (Reflect.get(warning, "code") === "SANDBOX_STATE_CUT") resolve(warning.message);
      });
    });
    const second = await still(dir);
    expect(await warned).toMatch(/^7 bytes of an unfinished record/);
    expect((await second.member.call("GET", `/portfolio/orders/${order_id}`)).body.order.status).toBe("resting");
    await second.sandbox.close();
  }, 60_000);

  it("is refused to another world, to a second sandbox, and where its beginning is gone", async () => {
    const dir = folder();
    const { sandbox } = await still(dir);
    await expectRejection(startSandbox({ state: dir }), "FOLDER_LOCKED", /./);
    await sandbox.close();
    await expectRejection(startSandbox({ state: dir, seed: "another" }), "CHECKPOINT_MISMATCH", /empty folder/);
    const journal = readdirSync(dir).find((name) => name.startsWith("journal-"))!;
    writeFileSync(join(dir, journal), "junk");
    await expectRejection(startSandbox({ state: dir }), "CHECKPOINT_DAMAGED", /another folder/);
  }, 60_000);

  it("lets its owner alone read the key", async () => {
    const dir = folder();
    const { sandbox } = await still(dir);
    const path = sandbox.ready.private_key_path;
    expect(path).toBe(join(dir, "private-key.pem"));
    expect(statSync(path).mode & 0o777).toBe(0o600);
    await sandbox.close();
    expect(statSync(path).size).toBeGreaterThan(50);
  });
});

describe("a value of the engine as JSON", () => {
  it("comes back as it was: amounts, maps and sets too", () => {
    const value = { a: 12n, b: new Map([["x", { y: new Set([1, 2]) }]]), c: [null, "s", 0.5, true], d: new Map() };
    expect(fromPlain(JSON.parse(JSON.stringify(toPlain(value))))).toEqual(value);
  });
});
