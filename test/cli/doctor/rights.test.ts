import { afterEach, describe, expect, it } from "vitest";
import type { ScriptedServer } from "../../support/scripted-http.js";
import {
  type Answered,
  type Examined,
  examined,
  forbidden,
  keyList,
  smallExchange,
} from "../../support/small-exchange.js";

const servers: ScriptedServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function examineWith(answers: Readonly<Record<string, Answered>>, trading = false): Promise<Examined> {
  const { server, options } = await smallExchange({ answers });
  servers.push(server);
  return examined({ ...options, trading });
}

const withKey = (key: Readonly<Record<string, unknown>>, attestedFor?: number | null, trading?: boolean) =>
  examineWith({ "/api_keys": keyList(key, attestedFor) }, trading);

describe("the scopes of a key", () => {
  it("are told, without a complaint where it only reads and only reading is wanted", async () => {
    const { problem, step } = await withKey({ scopes: ["read"] });
    expect(problem).toBeNull();
    expect(step("scopes")).toMatchObject({ status: "ok", found: "read; orders would need `write`", hint: null });
  });

  it.each([[["read"]], [["read", "write::transfer"]]])("warn when trading is wanted and they are %j", async (own) => {
    const { problem, step } = await withKey({ scopes: own }, 90, true);
    expect(problem).toBeNull();
    expect(step("scopes")).toMatchObject({ status: "warn", found: `${own.join(", ")}; \`write\` is missing` });
    expect(step("scopes").hint).toMatch(/403.*`read` and `write`/);
  });

  it.each([[["read", "write"]], [["read", "write::trade"]]])("suffice for trading when they are %j", async (own) => {
    expect((await withKey({ scopes: own }, 90, true)).step("scopes")).toMatchObject({ status: "ok", hint: null });
  });

  it("name the one that is missing when the portfolio may not be read", async () => {
    const { problem, went, step } = await examineWith({
      "/portfolio/balance": forbidden("insufficient scope"),
      "/api_keys": keyList({ scopes: ["write::trade"] }),
    });
    expect(went.slice(3)).toEqual(["signature ok", "scopes failed", "region ok", "limits ok"]);
    expect(problem).toMatchObject({ code: "FORBIDDEN", context: { missing: "read" } });
    expect(problem!.message).toMatch(/its scopes are write::trade, and `read` is missing \(403 .*insufficient scope/);
    expect(step("scopes").hint).toMatch(/make a key with the scope `read`/);
  });

  it("are left open when nothing may be read at all", async () => {
    const no = forbidden("no");
    const answers = { "/portfolio/balance": no, "/api_keys": no, "/account/limits": no };
    const { problem, went } = await examineWith(answers);
    expect(went.slice(3)).toEqual(["signature ok", "scopes failed", "region skipped", "limits failed"]);
    expect(problem).toMatchObject({
      code: "FORBIDDEN",
      hint: expect.stringMatching(/scope.*subaccount.*region/) as string,
    });
  });

  it("say so when the exchange lists other keys only, has no list, or gives no list", async () => {
    const others = await withKey({ api_key_id: "yet another" });
    expect(others.step("scopes")).toMatchObject({
      status: "ok",
      found: expect.stringMatching(/not this one/) as string,
    });
    const none = await examineWith({ "/api_keys": [404, {}] });
    expect(none.problem).toBeNull();
    expect(none.went.slice(4)).toEqual(["scopes skipped", "region skipped", "limits ok"]);
    const other = await examineWith({ "/api_keys": [200, { keys: [] }] });
    expect(other.problem).toMatchObject({ code: "BAD_RECORD", hint: expect.stringMatching(/shape|update/) as string });
    expect(other.went.slice(4)).toEqual(["scopes failed", "region skipped", "limits ok"]);
    const closed = await examineWith({ "/api_keys": forbidden("no") });
    expect(closed.problem).toBeNull();
    expect(closed.went.slice(4)).toEqual(["scopes warn", "region skipped", "limits ok"]);
    expect(closed.step("scopes").hint).toMatch(/a key with the scope `read` tells/);
  });
});

describe("the lock of a key to a subaccount", () => {
  const message = "this key is restricted to a single sub-account and cannot access this endpoint";

  it("is told with what it means, as a second line beside the scopes", async () => {
    const { problem, steps } = await withKey({ subaccount: 3 });
    expect(problem).toBeNull();
    const [first, second] = steps.filter(({ step }) => step === "scopes");
    expect(first).toMatchObject({ status: "ok", found: "read, write" });
    expect(second).toMatchObject({ status: "warn", found: "the key is locked to subaccount 3" });
    expect(second!.hint).toMatch(/that one alone/);
  });

  it.each([
    ["as the list of keys has it", keyList({ subaccount: 0 }), /locked to subaccount 0/],
    ["as the exchange's refusal has it", forbidden(message), /locked to one subaccount/],
  ])("is named when it closes the portfolio, %s", async (_, list, found) => {
    const { problem } = await examineWith({ "/portfolio/balance": forbidden(message), "/api_keys": list });
    expect(problem).toMatchObject({ code: "FORBIDDEN", message: expect.stringMatching(found) as string });
    expect(problem!.hint).toMatch(/without the lock to a subaccount/);
  });

  it("is named when it closes the list of keys alone", async () => {
    const { problem, step } = await examineWith({ "/api_keys": forbidden(message) });
    expect(problem).toBeNull();
    expect(step("scopes")).toMatchObject({ status: "warn", found: expect.stringMatching(/locked to one/) as string });
    expect(step("scopes").hint).toMatch(/that subaccount alone/);
  });
});

describe("the attestation of the account's location", () => {
  it.each([
    ["never given", null, /never attested.*sports, elections and entertainment/],
    ["lapsed", -2, /lapsed on \d{4}-\d\d-\d\d.*sports/],
    ["about to lapse", 13.5, /attested until \d{4}-\d\d-\d\d, 13 days from now.*sports/],
  ])("is a warning with what it means when it is %s", async (_, days, found) => {
    const { problem, step } = await withKey({}, days);
    expect(problem).toBeNull();
    expect(step("region")).toMatchObject({ status: "warn", found: expect.stringMatching(found) as string });
    expect(step("region").hint).toMatch(/attest the account's location/);
    // A key that cannot trade needs none.
    expect((await withKey({ scopes: ["read"] }, days)).step("region").status).toBe("ok");
  });

  it("is told with its date when it holds for longer than two weeks", async () => {
    const { step } = await withKey({}, 15);
    expect(step("region")).toMatchObject({ status: "ok", hint: null });
    expect(step("region").found).toMatch(/^the account's location is attested until \d{4}-\d\d-\d\d$/);
  });
});
