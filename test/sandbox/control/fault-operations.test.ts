import { request } from "node:http";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../../../src/sandbox/sandbox.js";
import { type Member, memberOf } from "../../support/sandbox-member.js";

const PATH = "/exchange/status";

describe("the control port's operations on faults", () => {
  let sandbox: Sandbox;
  let member: Member;
  beforeAll(async () => {
    sandbox = await startSandbox({ seed: "control", keyType: "ed25519", tier: "prestige", unsignedPerSecond: 10_000 });
    member = memberOf(sandbox.ready, sandbox.privateKey);
  });
  afterAll(() => sandbox?.close());
  afterEach(() => member.control("DELETE", "/faults"));

  const add = async (rule: object) => (await member.control("POST", "/faults/rules", rule)).body.id as number;
  const status = async () => (await member.call("GET", PATH)).status;
  const list = async () => (await member.control("GET", "/faults")).body.faults;

  it("add rules one by one, switch each, and take each away", async () => {
    const first = await add({ path: PATH, fault: "status", status: 500 });
    const second = await add({ path: PATH, fault: "status", status: 504, off: true });
    expect([first, second]).toEqual([0, 1]);
    expect(await status()).toBe(500);
    await member.control("POST", `/faults/rules/${first}/off`);
    expect(await status()).toBe(200);
    await member.control("POST", `/faults/rules/${second}/on`);
    expect(await status()).toBe(504);
    expect(await list()).toEqual([
      { id: 0, injected: 1, matched: 1, on: false, rule: { path: PATH, fault: "status", status: 500 } },
      { id: 1, injected: 1, matched: 1, on: true, rule: { path: PATH, fault: "status", status: 504, off: true } },
    ]);
    expect((await member.control("DELETE", `/faults/rules/${second}`)).status).toBe(200);
    expect(await status()).toBe(200);
    // A number is not given twice.
    expect(await add({ path: PATH, fault: "html" })).toBe(2);
    for (const gone of [`/faults/rules/${second}`, "/faults/rules/99", "/faults/rules/x"]) {
      expect((await member.control("DELETE", gone)).status).toBe(404);
    }
  });

  it("refuse a rule that is wrong, and keep those there are", async () => {
    await add({ path: PATH, fault: "status", status: 500 });
    const wrong = await member.control("POST", "/faults/rules", { path: PATH, fault: "status", status: 7 });
    expect(wrong).toMatchObject({ status: 400, body: { code: "BAD_ARGUMENT", error: /the rule\.status is 7/ } });
    expect((await member.control("POST", "/faults/rules", "{")).status).toBe(400);
    expect(await list()).toHaveLength(1);
  });

  it("tell what was done to whom, newest last, and nothing of what did not strike", async () => {
    const before = (await member.control("GET", "/faults/log")).body.total;
    await add({ path: PATH, fault: "delay", ms: 1 });
    await add({ path: PATH, fault: "empty_page" });
    await add({ path: "/portfolio/balance", fault: "status", status: 502 });
    await status();
    await member.call("GET", "/portfolio/balance");
    const { body } = await member.control("GET", "/faults/log?limit=2");
    expect(body.total).toBe(before + 2);
    const user = sandbox.engine.accounts().find(({ house }) => !house)?.userId;
    const nobody = { session: null, channel: null, type: null, ticker: null, sid: null, seq: null };
    expect(body.strikes).toMatchObject([
      { rule: 0, fault: "delay", request: `GET ${PATH}`, user_id: user, ...nobody },
      { rule: 2, fault: "status", request: "GET /portfolio/balance", user_id: user, ...nobody },
    ]);
  });

  it.each([
    ["a name that leads to loopback", { host: "rebound.example:80" }],
    ["a page of another site", { origin: "http://rebound.example" }],
    ["a page of another port", { origin: "http://127.0.0.1:1" }],
    ["a page that has no origin to name", { origin: "null" }],
    ["what a browser calls cross-site", { "sec-fetch-site": "cross-site" }],
  ])("refuse %s, and change nothing", async (_, headers: Record<string, string>) => {
    await add({ path: PATH, fault: "status", status: 500 });
    const { port } = new URL(sandbox.ready.control_url);
    const answered = await new Promise<number>((resolve, reject) => {
      const asked = request({ host: "127.0.0.1", port, method: "DELETE", path: "/faults", headers }, (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      });
      asked.on("error", reject).end();
    });
    expect(answered).toBe(403);
    expect(await list()).toHaveLength(1);
  });

  it("never tell a private key", async () => {
    for (const path of ["/stats", "/log", "/faults", "/faults/log", "/books"]) {
      expect((await member.control("GET", path)).text).not.toMatch(/PRIVATE KEY/);
    }
  });
});
