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
