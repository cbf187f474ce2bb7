import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../../../src/sandbox/sandbox.js";
import { type Member, memberOf } from "../../support/sandbox-member.js";

const TICKER = "SANDBOX-LIVE-T50";
const ORDERS = "/portfolio/events/orders";

/** A sandbox of which nothing is remembered yet. */
async function fresh(): Promise<{ readonly sandbox: Sandbox; readonly member: Member } & AsyncDisposable> {
  const sandbox = await startSandbox({ seed: "stale", keyType: "ed25519", tier: "prestige" });
  const member = memberOf(sandbox.ready, sandbox.privateKey);
  return { sandbox, member, [Symbol.asyncDispose]: () => sandbox.close() };
}

describe("reads and writes of orders under faults", () => {
  let sandbox: Sandbox;
  let member: Member;
  beforeAll(async () => {
    sandbox = await startSandbox({ seed: "stale", keyType: "ed25519", tier: "prestige" });
    member = memberOf(sandbox.ready, sandbox.privateKey);
  });
  afterAll(() => sandbox?.close());
  afterEach(() => member.control("DELETE", "/faults"));

  const plan = (rule: object) => member.control("POST", "/faults", { rules: [rule] });
  const statusOf = async (id: string) => (await member.call("GET", `/portfolio/orders/${id}`)).body.order?.status;
  const restingIds = async () =>
    (await member.call("GET", "/portfolio/orders?status=resting")).body.orders.map(
      ({ order_id }: { order_id: string }) => order_id,
    );

  it("say `resting` of a cancelled order for a while, by itself and in the list, and then the truth", async () => {
    await plan({ path: "/portfolio/orders*", fault: "stale", ms: 1_500 });
    const id = (await member.bid(TICKER)).body.order_id;
    const cancelled = performance.now();
    expect((await member.call("DELETE", `${ORDERS}/${id}`)).status).toBe(200);
    // Two writes ago there was no such order; the state read is the one before the oldest of them.
    expect(await restingIds()).not.toContain(id);
    await member.control("DELETE", "/faults");
    await plan({ path: "/portfolio/orders*", fault: "stale", ms: 1_500 });
    const other = (await member.bid(TICKER)).body.order_id;
    await expect.poll(() => statusOf(other), { timeout: 5_000 }).toBe("resting");
    expect(performance.now() - cancelled).toBeGreaterThan(1_400);
    await member.call("DELETE", `${ORDERS}/${other}`);
    expect(await statusOf(other)).toBe("resting");
    expect(await restingIds()).toContain(other);
    // It is dead all the same: a second cancel finds nothing, and whoever reads elsewhere sees the truth.
    expect((await member.call("DELETE", `${ORDERS}/${other}`)).status).toBe(404);
    const account = sandbox.engine.accounts().find(({ orders }) => orders.has(other));
    expect(account?.orders.get(other)?.status).toBe("canceled");
    await expect.poll(() => statusOf(other), { timeout: 5_000 }).toBe("canceled");
    expect(await restingIds()).not.toContain(other);
  });

  it("are not stale unless asked for", async () => {
    const id = (await member.bid(TICKER)).body.order_id;
    expect(await statusOf(id)).toBe("resting");
    await member.call("DELETE", `${ORDERS}/${id}`);
    expect(await statusOf(id)).toBe("canceled");
  });

  it("place the order although the answer is 503, when the fault says so", async () => {
    await plan({ path: ORDERS, method: "POST", fault: "status", status: 503, applied: true, count: 1 });
    const lost = await member.bid(TICKER, { client_order_id: "lost-answer" });
    expect(lost.status).toBe(503);
    const { orders } = (await member.call("GET", "/portfolio/orders?status=resting")).body;
    expect(orders).toMatchObject([{ client_order_id: "lost-answer", status: "resting" }]);
    const again = await member.bid(TICKER, { client_order_id: "lost-answer" });
    expect(again.status).toBe(409);
    await member.call("DELETE", `${ORDERS}/${orders[0].order_id}`);
  });

  it("place no order when it is only refused", async () => {
    await plan({ path: ORDERS, method: "POST", fault: "status", status: 503, count: 1 });
    expect((await member.bid(TICKER, { client_order_id: "refused" })).status).toBe(503);
    expect(await restingIds()).toEqual([]);
    expect((await member.bid(TICKER, { client_order_id: "refused" })).status).toBe(201);
  });

  it("meet 429 in bursts", async () => {
    await plan({ path: "/portfolio/balance", fault: "status", status: 429, every: 4, burst: 3, count: 6 });
    const statuses: number[] = [];
    for (let n = 0; n < 12; n += 1) statuses.push((await member.call("GET", "/portfolio/balance")).status);
    expect(statuses).toEqual([200, 200, 200, 429, 429, 429, 200, 429, 429, 429, 200, 200]);
  });

  it("show fills, positions and balance of every subaccount as they were, and say as of when", async () => {
    await using own = await fresh();
    const { sandbox, member } = own;
    const plan = (rule: object) => member.control("POST", "/faults", { rules: [rule] });
    const { subaccount_number: sub } = (await member.call("POST", "/portfolio/subaccounts", {})).body;
    const money = {
      client_transfer_id: "0a0a0a0a-0000-4000-8000-00000000000c",
      from_subaccount: 0,
      to_subaccount: sub,
    };
    await member.call("POST", "/portfolio/subaccounts/transfer", { ...money, amount_cents: 9_000 });
    const read = async () => {
      const rows = [];
      for (const of of [0, sub]) {
        const query = `?subaccount=${of}`;
        const { fills } = (await member.call("GET", `/portfolio/fills${query}&limit=1`)).body;
        const { market_positions } = (await member.call("GET", `/portfolio/positions${query}&ticker=${TICKER}`)).body;
        const { balance_dollars } = (await member.call("GET", `/portfolio/balance${query}`)).body;
        rows.push({ fills, market_positions, balance_dollars });
      }
      return rows;
    };
    const asOf = async () => Date.parse((await member.call("GET", "/exchange/user_data_timestamp")).body.as_of_time);
    const before = await read();
    // The longest lag that a rule may have: nothing is shown of what follows until the rule goes.
    await plan({ path: "/portfolio/*", fault: "stale", ms: 3_600_000 });
    const began = await asOf();
    expect((await member.call("POST", "/portfolio/subaccounts", {})).status).toBe(201);
    for (const subaccount of [0, sub]) {
      const taken = await member.bid(TICKER, { subaccount, price: "0.9900", count: "2" });
      expect(taken.body.fill_count).toBe("2.00");
    }
    expect(await read()).toEqual(before);
    const shown = await asOf();
    expect(shown).toBeGreaterThanOrEqual(began);
    expect(await asOf()).toBe(shown);
    await member.control("DELETE", "/faults");
    const after = await read();
    for (const [at, row] of after.entries()) {
      expect(row.fills[0].trade_id).not.toBe(before[at]?.fills[0]?.trade_id);
      expect(row.market_positions).not.toEqual(before[at]?.market_positions);
      expect(row.balance_dollars).not.toBe(before[at]?.balance_dollars);
    }
    expect(await asOf()).toBeGreaterThan(shown);
    const { cash, escrow, fees, deposited } = sandbox.engine.audit();
    expect(cash + escrow + fees).toBe(deposited);
  });
});
