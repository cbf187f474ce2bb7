import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../../../src/sandbox/sandbox.js";
import { type Member, memberOf } from "../../support/sandbox-member.js";
import type { Client } from "../../support/socket.js";
import { subscribe } from "../../support/socket-stage.js";

const TICKER = "SANDBOX-LIVE-T50";
const OWN = ["fill", "user_orders", "market_positions", "order_group_updates"];

describe("what a key may hear on the socket", () => {
  let sandbox: Sandbox;
  let owner: Member;
  const clients: Client[] = [];
  beforeAll(async () => {
    sandbox = await startSandbox({ seed: "grants", keyType: "ed25519", tier: "prestige", speed: 0 });
    // Nobody but the owner does anything.
    sandbox.engine.freeze();
    owner = memberOf(sandbox.ready, sandbox.privateKey);
  });
  afterAll(async () => {
    for (const { socket } of clients) socket.terminate();
    await sandbox?.close();
  });

  async function keyed(grant: object): Promise<Member & { readonly keyId: string }> {
    const made = await owner.call("POST", "/api_keys/generate", { name: "made", key_type: "ed25519", ...grant });
    expect(made.status).toBe(201);
    const keyId: string = made.body.api_key_id;
    return { ...memberOf({ ...sandbox.ready, key_id: keyId }, made.body.private_key), keyId };
  }

  async function listening(member: Member, channels: readonly string[]): Promise<Client> {
    const client = await member.connect();
    clients.push(client);
    subscribe(client, [...channels], { market_ticker: TICKER });
    await client.settled();
    return client;
  }

  /** The frames of a channel with the subaccount that each is about. */
  const heard = ({ frames }: Client, type: string) =>
    frames.filter((frame) => frame.type === type).map(({ msg }) => msg.subaccount ?? msg.subaccount_number);

  it("is one subaccount's data alone where it is locked to one, also in the deltas that its orders cause", async () => {
    const { subaccount_number: sub } = (await owner.call("POST", "/portfolio/subaccounts", {})).body;
    const transfer = {
      client_transfer_id: "0a0a0a0a-0000-4000-8000-00000000000b",
      from_subaccount: 0,
      to_subaccount: sub,
    };
    expect(
      (await owner.call("POST", "/portfolio/subaccounts/transfer", { ...transfer, amount_cents: 9_000 })).status,
    ).toBe(200);
    const channels = [...OWN, "orderbook_delta"];
    const locked = await listening(await keyed({ subaccount: sub }), channels);
    const primary = await listening(await keyed({ subaccount: 0 }), channels);
    const all = await listening(owner, channels);
    for (const subaccount of [0, sub]) {
      expect(
        (await owner.call("POST", "/portfolio/order_groups/create", { contracts_limit: 5, subaccount })).status,
      ).toBe(201);
      // One that rests, and one that takes what the makers have laid out.
      expect((await owner.bid(TICKER, { subaccount, client_order_id: `rests-${subaccount}` })).status).toBe(201);
      const taken = await owner.bid(TICKER, { subaccount, price: "0.9900", count: "2" });
      expect(Number(taken.body.fill_count)).toBe(2);
    }
    for (const client of [locked, primary, all]) await client.settled();
    for (const type of ["fill", "user_order", "market_position"]) {
      expect(new Set(heard(all, type)), type).toEqual(new Set([0, sub]));
      expect(new Set(heard(locked, type)), type).toEqual(new Set([sub]));
      expect(new Set(heard(primary, type)), type).toEqual(new Set([0]));
    }
    const groups = (client: Client) => client.frames.filter(({ type }) => type === "order_group_updates").length;
    expect([groups(all), groups(locked), groups(primary)]).toEqual([2, 1, 1]);
    const deltas = (client: Client) => client.frames.filter(({ type }) => type === "orderbook_delta");
    const named = (client: Client) => deltas(client).flatMap(({ msg }) => msg.client_order_id ?? []);
    expect(deltas(locked).length).toBe(deltas(all).length);
    expect(named(all)).toEqual(expect.arrayContaining(["rests-0", `rests-${sub}`]));
    expect(named(locked)).toContain(`rests-${sub}`);
    expect(named(locked)).not.toContain("rests-0");
    expect(named(primary)).toContain("rests-0");
    expect(named(primary)).not.toContain(`rests-${sub}`);
    expect(new Set(deltas(locked).flatMap(({ msg }) => msg.subaccount ?? []))).toEqual(new Set([sub]));
  });

  it("is nothing of its owner's without the scope `read`: error 9, while public channels are served", async () => {
    const member = await keyed({ scopes: ["read::portfolio_balance"] });
    for (const channel of OWN) {
      const client = await listening(member, [channel, "trade"]);
      expect(client.frames).toMatchObject([{ type: "error", id: 1, msg: { code: 9, msg: "Authentication required" } }]);
    }
    const open = await listening(member, ["trade", "orderbook_delta"]);
    expect(open.frames.map(({ type }) => type)).toEqual(["subscribed", "subscribed", "orderbook_snapshot"]);
  });

  it("ends with the key: connections are closed when it is deleted, those of other keys stay", async () => {
    const member = await keyed({});
    const first = await listening(member, ["user_orders"]);
    const second = await listening(member, ["trade"]);
    const other = await listening(owner, ["user_orders"]);
    expect((await owner.call("DELETE", `/api_keys/${member.keyId}`)).status).toBe(204);
    await owner.bid(TICKER);
    expect([await first.closed, await second.closed]).toEqual([1008, 1008]);
    expect(heard(first, "user_order")).toEqual([]);
    await other.find(({ type }) => type === "user_order");
    expect(other.socket.readyState).toBe(other.socket.OPEN);
    await expect(member.connect()).rejects.toThrow(/401/);
  });
});
