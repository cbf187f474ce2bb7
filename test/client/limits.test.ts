import { describe, expect, it } from "vitest";
import { type ApiRequest, Client, type ClientOptions } from "../../src/client/http.js";
import { closing, quick, serving } from "../support/against.js";
import { expectRejection } from "../support/errors.js";
import { answer, type Scripted, type ScriptedServer } from "../support/scripted-http.js";
import { aSigner } from "../support/signer.js";

const status: ApiRequest = { path: "/exchange/status", access: "public" };
const batched: ApiRequest = { method: "POST", path: "/portfolio/events/orders/batched", access: "signed", body: {} };

/** An exchange that tells these limits and answers everything else with an empty object. */
function stating(read: number, write: number, rest: Scripted = (_, response) => answer(response, 200, {})): Scripted {
  return (request, response, count) => {
    const path = request.url ?? "";
    if (path.endsWith("/account/limits")) {
      const bucket = (size: number): object => ({ bucket_capacity: size, refill_rate: size });
      answer(response, 200, { read: bucket(read), write: bucket(write) });
    } else if (path.endsWith("/account/endpoint_costs")) {
      const line = { method: "DELETE", path: "/trade-api/v2/portfolio/events/orders/batched", cost: 2 };
      answer(response, 200, { default_cost: 10, endpoint_costs: [line] });
    } else rest(request, response, count);
  };
}

describe("the limits of an account", () => {
  const clientOf = (server: ScriptedServer, options: Partial<ClientOptions> = {}): Client =>
    closing(new Client({ baseUrl: server.baseUrl, retry: quick, ...options }));

  it("bill a batch by its items, to the bucket that the exchange bills", async () => {
    const client = clientOf(await serving(stating(600, 100)), { signer: aSigner() });
    await client.learnLimits();
    await client.json({ ...batched, items: 7 });
    expect(client.write.available).toBeLessThan(50);
    // Two reads told the limits; what makes a key is billed to Read as well, and what withdraws orders is not.
    await client.json({ method: "POST", path: "/api_keys/generate", access: "signed", body: {} });
    await client.json({ ...batched, method: "DELETE", items: 10 });
    expect(client.usage.tokens).toBe(30);
    expect(client.costOf("DELETE", batched.path)).toBe(2);
  });

  it("refuse a batch that no bucket of the account can hold, before it is sent, and name the sizes", async () => {
    const server = await serving(stating(600, 100));
    const client = clientOf(server, { signer: aSigner() });
    await client.learnLimits();
    const asked = server.requests.length;
    const error = await expectRejection(
      client.json({ ...batched, items: 25 }),
      "OVER_CAPACITY",
      /10 fit into one batch/,
    );
    expect(error.message).toMatch(
      /a batch of 25 costs 250 tokens, and the write bucket .* holds 100; nothing was sent/,
    );
    expect(error.context).toMatchObject({ bucket: "write", items: 25, cost: 250, capacity: 100, fits: 10 });
    expect(server.requests.length).toBe(asked);
    expect(client.write.available).toBe(100);
    await client.json({ ...batched, items: 10 });
  });

  it("are asked for before a batch is refused by what was only assumed", async () => {
    const server = await serving(stating(1_200, 3_600));
    const client = clientOf(server, { signer: aSigner() });
    await client.json({ ...batched, items: 25 });
    expect(server.requests.map(({ url }) => url?.split("/").at(-1))).toEqual(["limits", "endpoint_costs", "batched"]);
  });

  it("refuse a single request that costs more than the bucket ever holds", async () => {
    const client = clientOf(await serving(stating(100, 100)), { signer: aSigner() });
    await client.learnLimits();
    const error = await expectRejection(
      client.json({ path: "/cfbenchmarks", access: "signed", cost: 150 }),
      "OVER_CAPACITY",
      /account\/limits/,
    );
    expect(error.message).toContain("it costs 150 tokens, and the read bucket of this account holds 100");
  });

  it("let a batch go that fits the account, and not our share of it", async () => {
    const client = clientOf(await serving(stating(600, 100)), { signer: aSigner() });
    await client.learnLimits(0.5);
    expect(client.write.size).toEqual({ capacity: 50, refillRate: 50, whole: 100 });
    await client.json({ ...batched, items: 9 });
    await expectRejection(client.json({ ...batched, items: 11 }), "OVER_CAPACITY", /10 fit/);
  });

  it("give back tokens taken ahead for a request that is not sent", async () => {
    const client = clientOf(await serving(stating(600, 100)), { signer: aSigner() });
    await client.learnLimits();
    const reserved = await client.write.reserve(100);
    await expectRejection(client.json({ ...batched, items: 25, reserved }), "OVER_CAPACITY", /fit/);
    expect(client.write.available).toBe(100);
  });

  it("are shared by the clients of one account in a process, and by no two accounts or hosts", async () => {
    const server = await serving(stating(600, 100));
    const other = await serving(stating(600, 100));
    const [a, same, b] = ["a", "a", "b"].map((id) => clientOf(server, { signer: aSigner(id) })) as [
      Client,
      Client,
      Client,
    ];
    const elsewhere = clientOf(other, { signer: aSigner("a") });
    expect(same.read).toBe(a.read);
    expect(same.write).toBe(a.write);
    expect(new Set([a.read, b.read, elsewhere.read, a.write, b.write, elsewhere.write]).size).toBe(6);
    await a.learnLimits();
    expect(same.read.size.capacity).toBe(600);
    expect(same.costOf("DELETE", batched.path)).toBe(2);
    expect(b.read.size.capacity).toBe(200);
  });

  it("of an address without a key are shared by all clients that send unsigned, and apart from those of accounts", async () => {
    const server = await serving((_, response) => answer(response, 200, {}));
    const [first, second] = [clientOf(server), clientOf(server)];
    const signed = clientOf(server, { signer: aSigner() });
    expect(second.read).toBe(first.read);
    expect(signed.read).not.toBe(first.read);
    for (let n = 0; n < 2; n += 1) for (const client of [first, second]) await client.json(status);
    const before = signed.read.available;
    await signed.json({ ...status, access: "unsigned" });
    expect(server.requests.at(-1)?.headers["kalshi-access-key"]).toBeUndefined();
    expect(signed.read.available).toBe(before);
    // Fifty tokens are five requests, and they are spent.
    expect(first.read.available).toBeLessThan(20);
    await signed.json(status);
    expect(server.requests.at(-1)?.headers["kalshi-access-key"]).toBeDefined();
  });

  it("are remembered from one client to the next", async () => {
    const server = await serving((_, response) => answer(response, 200, {}));
    for (let n = 0; n < 4; n += 1) {
      const client = clientOf(server);
      await client.json(status);
      await client.close();
    }
    expect(clientOf(server).read.available).toBeLessThan(25);
  });

  it("are less than they are said to be: every request ends well all the same, after few refusals", async () => {
    // A quarter of the stated capacity and half of the stated refill, by real time.
    const real = { level: 100, at: performance.now() };
    const server = await serving(
      stating(400, 100, (_, response) => {
        const now = performance.now();
        real.level = Math.min(100, real.level + (now - real.at) / 5);
        real.at = now;
        if (real.level < 10) return answer(response, 429, { error: "too many requests" });
        real.level -= 10;
        answer(response, 200, {});
      }),
    );
    const client = clientOf(server, { signer: aSigner(), retry: {} });
    await client.learnLimits();
    const answers = await Promise.all(Array.from({ length: 60 }, () => client.json(status)));
    expect(answers.length).toBe(60);
    // Thirty or so of the first burst, and then some whenever it tries for more.
    expect(client.usage.limited).toBeGreaterThan(0);
    expect(client.usage.limited).toBeLessThan(90);
    expect(client.usage.failed).toBe(0);
  });

  it("sign beside the thread from two thousand tokens a second on", async () => {
    const signer = aSigner();
    const ways: string[] = [];
    const watched = {
      ...signer,
      headers: (...args: Parameters<typeof signer.headers>) => {
        ways.push("here");
        return signer.headers(...args);
      },
      headersAsync: (...args: Parameters<typeof signer.headersAsync>) => {
        ways.push("beside");
        return signer.headersAsync(...args);
      },
    };
    const client = clientOf(await serving(stating(2_400, 100)), { signer: watched });
    await client.json(status);
    await client.learnLimits();
    await client.json(status);
    expect([ways[0], ways.at(-1)]).toEqual(["here", "beside"]);
  });
});
