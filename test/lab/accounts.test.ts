import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readTable } from "../../src/datasets/read.js";
import { connect } from "../../src/lab/connect.js";
import type { Lab } from "../../src/lab/lab.js";
import type { LogEntry } from "../../src/sandbox/rest/server.js";
import { type Sandbox, startSandbox } from "../../src/sandbox/sandbox.js";
import { expectRejection } from "../support/errors.js";
import { pemOf } from "../support/keys.js";
import { connectionTo } from "../support/lab.js";

const TICKER = "SANDBOX-LIVE-T55";
const folder = mkdtempSync(join(tmpdir(), "kalshi-lab-accounts-"));

let sandbox: Sandbox;
/** RSA, with a past; and Ed25519, opened just now. */
let [first, second] = [] as Lab[] as [Lab, Lab];
let userOf: { readonly first: string; readonly second: string };

/** A second account of the sandbox, connected to with a key of its own. */
async function openAccount(balance: number): Promise<{ lab: Lab; userId: string }> {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const { keyId, userId } = sandbox.addKey(String(publicKey.export({ type: "spki", format: "pem" })), { balance });
  const { env, restUrl, wsUrl } = connectionTo(sandbox);
  return { lab: await connect({ env, restUrl, wsUrl, keyId, privateKey: pemOf(privateKey) }), userId };
}

async function answered(): Promise<readonly LogEntry[]> {
  const answer = (await (await fetch(`${sandbox.ready.control_url}/log`)).json()) as { entries: readonly LogEntry[] };
  return answer.entries;
}

/** How many answers a user got from a path since the log had so many entries. */
async function countsSince(entries: number, path: string): Promise<Readonly<Record<string, number>>> {
  const counts: Record<string, number> = {};
  for (const entry of (await answered()).slice(entries)) {
    if (!entry.path.endsWith(path) || entry.status !== 200) continue;
    counts[entry.user_id ?? "nobody"] = (counts[entry.user_id ?? "nobody"] ?? 0) + 1;
  }
  return counts;
}

beforeAll(async () => {
  sandbox = await startSandbox({ seed: "two accounts" });
  first = await connect(connectionTo(sandbox));
  const opened = await openAccount(50_000_000);
  second = opened.lab;
  await first.balance();
  const mine = (await answered()).findLast(({ path }) => path.endsWith("/portfolio/balance"))!.user_id!;
  userOf = { first: mine, second: opened.userId };
});

afterAll(async () => {
  await first.close();
  await second.close();
  await sandbox.close();
  rmSync(folder, { recursive: true, force: true });
});

describe("two accounts in one process", () => {
  it("sign each request with their own key, asked side by side", async () => {
    const before = (await answered()).length;
    const asking: Promise<unknown>[] = [];
    for (let n = 0; n < 40; n += 1) {
      asking.push(first.client.json({ path: "/portfolio/balance", access: "signed" }));
      if (n % 2 === 0) asking.push(second.client.json({ path: "/portfolio/balance", access: "signed" }));
    }
    await Promise.all(asking);
    // The exchange holds each signature against the key that the request names.
    expect(await countsSince(before, "/portfolio/balance")).toEqual({ [userOf.first]: 40, [userOf.second]: 20 });
    expect(first.client.signer!.keyType).toBe("rsa");
    expect(second.client.signer!.keyType).toBe("ed25519");
    expect([first.client.usage.limited, second.client.usage.limited]).toEqual([0, 0]);
  });

  it("sign public questions with their own key too", async () => {
    const before = (await answered()).length;
    const ask = (lab: Lab) => lab.client.json({ path: "/markets", query: { limit: 1 }, access: "public" });
    await Promise.all([ask(first), ask(second), ask(second)]);
    expect(await countsSince(before, "/markets")).toEqual({ [userOf.first]: 1, [userOf.second]: 2 });
  });

  it("spend from token buckets of their own, which two connections of one account share", async () => {
    expect(first.client.read).not.toBe(second.client.read);
    expect(first.client.write).not.toBe(second.client.write);
    const held = await first.client.read.reserve(first.client.read.available);
    try {
      expect(first.client.read.available).toBeLessThan(100);
      expect(second.client.read.available).toBeGreaterThan(1_000);
      // While the one is out of tokens, the other does not wait.
      await second.balance();
      const again = await connect(connectionTo(sandbox));
      expect(again.client.read).toBe(first.client.read);
      await again.close();
    } finally {
      held.release();
    }
  });

  it("have their own money, orders and fills, also when they are downloaded side by side", async () => {
    const past = (await first.fills()).array("fill_id") as string[];
    expect(past.length).toBeGreaterThan(10);
    expect((await second.fills()).numRows()).toBe(0);
    const order = { ticker: TICKER, side: "bid", count: 3, price: "0.99", timeInForce: "immediate_or_cancel" } as const;
    const placed = await second.trading.place(order);
    expect(placed.fill_count).toBeGreaterThan(0);
    const paths = [join(folder, "first.csv"), join(folder, "second.csv")] as const;
    await Promise.all([first.fills().save(paths[0]), second.fills().save(paths[1])]);
    const [theirs, mine] = [await readTable(paths[0]), await readTable(paths[1])];
    expect(new Set(mine.array("order_id"))).toEqual(new Set([placed.order_id]));
    expect((theirs.array("fill_id") as string[]).toSorted()).toEqual(past.toSorted());
    const money = async (lab: Lab) => (await lab.balance()).get("balance", 0) as number;
    expect(await money(second)).toBeLessThan(50);
    expect(await money(first)).not.toBe(await money(second));
    expect((await first.orders()).array("order_id")).not.toContain(placed.order_id);
  });

  it("end apart: one that is closed leaves the other's requests and live data going", async () => {
    const { lab: third } = await openAccount(1_000_000);
    const live = await second.live({ ticker: TICKER });
    const closing = third.close();
    const asked = second.client.json({ path: "/portfolio/balance", access: "signed" });
    await closing;
    expect(await asked).toMatchObject({ balance: expect.any(Number) as number });
    await expectRejection(third.balance(), "INTERRUPTED", /run it again/);
    let events = 0;
    for await (const _ of live) {
      events += 1;
      if (events === 3) break;
    }
    expect(events).toBe(3);
    expect((await second.balance()).numRows()).toBe(1);
    await live.close();
  });
});
