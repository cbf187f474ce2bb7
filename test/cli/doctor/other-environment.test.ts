import { createPublicKey, verify } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import { type Environments, environmentOf, environments } from "../../../src/cli/doctor/other-environment.js";
import type { ScriptedServer } from "../../support/scripted-http.js";
import {
  type Answered,
  type Examined,
  examined,
  KEY_ID,
  type SmallExchange,
  smallExchange,
  unauthorized,
} from "../../support/small-exchange.js";

const servers: ScriptedServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

const unknown = (): Answered => unauthorized("NOT_FOUND");
/** Refuses for the signature, as the exchange does after it has found the key id. */
const knows = (): Answered => unauthorized("INCORRECT_API_KEY_SIGNATURE");

async function exchange(refuse: (request: IncomingMessage) => Answered | null, offsetMs = 0): Promise<SmallExchange> {
  const small = await smallExchange({ refuse, offsetMs });
  servers.push(small.server);
  return small;
}

interface Asked extends Examined {
  readonly here: SmallExchange;
  readonly there: SmallExchange;
}

/** Examines `env`, where the key is not known, with the other environment beside it. */
async function examineBeside(
  env: "demo" | "production",
  other: (request: IncomingMessage) => Answered | null,
): Promise<Asked> {
  const [here, there] = [await exchange(unknown), await exchange(other)];
  const [one, two] = [here.server.baseUrl, there.server.baseUrl];
  const known: Environments = env === "demo" ? { demo: one, production: two } : { production: one, demo: two };
  return { ...(await examined({ ...here.options, env }, known)), here, there };
}

describe("a key id that is not known", () => {
  it.each([
    ["production", "demo"],
    ["demo", "production"],
  ] as const)("to %s but to %s is told as a key of that environment", async (env, other) => {
    const { problem } = await examineBeside(env, knows);
    expect(problem).toMatchObject({ code: "KEY_UNKNOWN", context: { knownBy: other } });
    expect(problem!.message).toMatch(new RegExp(`^${env} does not know the key id ${KEY_ID}, but ${other} does`));
    expect(problem!.hint).toMatch(new RegExp(`--env ${other}.*KALSHI_ENV=${other}`));
  });

  it("to either environment is told as mistyped or deleted", async () => {
    const { problem } = await examineBeside("production", unknown);
    expect(problem).toMatchObject({ code: "KEY_UNKNOWN", context: { knownBy: null } });
    expect(problem!.message).toMatch(/neither does demo: mistyped or deleted/);
    expect(problem!.hint).toMatch(/copy the key id anew.*new key/);
  });

  it("leaves it open when the other environment gives no answer that tells", async () => {
    const { problem } = await examineBeside("production", () => [503, {}]);
    expect(problem!.message).toMatch(/mistyped, deleted, or of demo, which could not be asked \(SERVER_FAILED\)/);
    expect(problem!.hint).toMatch(/environment/);
    const there = await exchange(knows);
    await there.server.close();
    const here = await exchange(unknown);
    const known = { production: here.server.baseUrl, demo: there.server.baseUrl };
    const silent = await examined({ ...here.options, env: "production" }, known);
    expect(silent.problem!.message).toMatch(/could not be asked \(UNREACHABLE\)/);
  });

  it("tells the other environment the id alone: no signature that opens anything goes there", async () => {
    const { there, here } = await examineBeside("production", knows);
    expect(there.server.requests.length).toBe(1);
    const [{ headers, method, url }] = there.server.requests as [IncomingMessage];
    expect([method, url]).toEqual(["GET", "/trade-api/v2/portfolio/balance"]);
    expect(headers["kalshi-access-key"]).toBe(KEY_ID);
    const publicKey = createPublicKey(here.options.privateKey!);
    const signed = (path: string, sent = headers): boolean => {
      const text = `${String(sent["kalshi-access-timestamp"])}GET${path}`;
      return verify(null, Buffer.from(text), publicKey, Buffer.from(String(sent["kalshi-access-signature"]), "base64"));
    };
    expect(signed(url!)).toBe(false);
    expect(signed("/")).toBe(true);
    // The same check finds the signature that went to the key's own host good.
    const own = here.server.requests.find((request) => request.url === url)!;
    expect(signed(url!, own.headers)).toBe(true);
  });

  it("is asked of no other host when the base URL is none of the exchange's", async () => {
    const there = await exchange(knows);
    const here = await exchange(unknown);
    const known = { production: "https://external-api.invalid/trade-api/v2", demo: there.server.baseUrl };
    const { problem } = await examined({ ...here.options, env: "production" }, known);
    expect(problem!.message).toMatch(/^production does not know .*mistyped, deleted, or of demo \(/);
    expect(there.server.requests).toEqual([]);
  });

  it("does not go in the clear to another machine", async () => {
    const here = await exchange(unknown);
    const known = { production: here.server.baseUrl, demo: "http://demo.invalid/trade-api/v2" };
    const { problem } = await examined({ ...here.options, env: "production" }, known);
    expect(problem!.message).toMatch(/could not be asked \(KEY_WRONG_HOST\)/);
  });

  it("is found in the other environment also while the clock is off", async () => {
    const within = (offsetMs: number) => (request: IncomingMessage) => {
      const late = Date.now() + offsetMs - Number(request.headers["kalshi-access-timestamp"]);
      return Math.abs(late) > 10_000 ? unauthorized("", "header_timestamp_expired") : null;
    };
    const here = await exchange((request) => within(60_000)(request) ?? unknown(), 60_000);
    const there = await exchange((request) => within(60_000)(request) ?? knows(), 60_000);
    const known = { production: here.server.baseUrl, demo: there.server.baseUrl };
    const { problem } = await examined({ ...here.options, env: "production" }, known);
    expect(problem).toMatchObject({ code: "KEY_UNKNOWN", context: { knownBy: "demo" } });
    expect(problem!.hint).toMatch(/--env demo/);
  });
});

describe("the environment of a URL", () => {
  it.each([
    ["https://external-api.kalshi.com/trade-api/v2", "production"],
    ["https://api.elections.kalshi.com/trade-api/v2/", "production"],
    ["https://external-api.demo.kalshi.co/trade-api/v2", "demo"],
    ["https://demo-api.kalshi.co/trade-api/v2", "demo"],
    ["http://external-api.kalshi.com/trade-api/v2", null],
    ["https://external-api.kalshi.com.example/trade-api/v2", null],
    ["http://127.0.0.1:8080/trade-api/v2", null],
  ])("of %s is %s", (url, name) => {
    expect(environmentOf(url, environments)).toBe(name);
  });
});
