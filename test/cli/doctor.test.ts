import { generateKeyPairSync } from "node:crypto";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { DoctorStep } from "../../src/cli/doctor/step.js";
import type { ErrorCode } from "../../src/errors.js";
import { type Sandbox, startSandbox } from "../../src/sandbox/sandbox.js";
import { runCli } from "../support/cli.js";
import { freshPem, pemOf } from "../support/keys.js";
import { connectionTo } from "../support/lab.js";
import { answer, type ScriptedServer, scriptedServer } from "../support/scripted-http.js";
import {
  type Answered,
  examined,
  KEY_ID,
  type SmallExchange,
  type SmallExchangeOptions,
  smallExchange,
  unauthorized,
} from "../support/small-exchange.js";
import { variablesOf } from "../support/variables.js";

const WELL = ["host ok", "clock ok", "key ok", "signature ok", "scopes ok", "region ok", "limits ok"];
const WELL_WITH_FILE = WELL.toSpliced(3, 0, "file ok");
const REFUSED = [
  "host ok",
  "clock ok",
  "key ok",
  "signature failed",
  "scopes skipped",
  "region skipped",
  "limits skipped",
];
const UNTRIED = ["signature skipped", "scopes skipped", "region skipped", "limits skipped"];

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ seed: "doctor" });
});
afterAll(() => sandbox.close());

const servers: ScriptedServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function exchange(options: SmallExchangeOptions = {}): Promise<SmallExchange> {
  const small = await smallExchange(options);
  servers.push(small.server);
  return small;
}

describe("the doctor", () => {
  it("goes from host to limits and finds nothing wrong with a sandbox", async () => {
    const { problem, went, steps } = await examined(connectionTo(sandbox));
    expect(problem).toBeNull();
    expect(went).toEqual(WELL_WITH_FILE);
    const told = steps.map(({ found }) => found).join("\n");
    expect(told).toMatch(
      /rsa, id .*\nfor its owner alone.*\naccepted\nread, write\n.*attested until 20.*\n1200 read.*premier/,
    );
    expect(steps.every(({ hint, error }) => hint === null && error === null)).toBe(true);
  });

  it("starts the sandbox where it is to be one of our own, and takes it away again", async () => {
    const { problem, went, step } = await examined({ env: "sandbox" });
    expect(problem).toBeNull();
    expect(went).toEqual(WELL_WITH_FILE);
    const url = /^http:\S+/.exec(step("host").found)![0];
    const { problem: gone } = await examined({ env: "sandbox", restUrl: url });
    expect(gone).toMatchObject({ code: "UNREACHABLE", hint: expect.stringMatching(/sandbox still runs/) as string });
  });

  it("finds nothing wrong with a key given as text, which has no file", async () => {
    expect((await examined((await exchange()).options)).went).toEqual(WELL);
  });

  it.each<[string, Answered, ErrorCode, RegExp, RegExp]>([
    [
      "of another private key",
      unauthorized("INCORRECT_API_KEY_SIGNATURE"),
      "KEY_REFUSED",
      /knows the key id 1.*5, but not this private key \(ed25519\)/,
      /belong together.*RSA$/,
    ],
    [
      "of a type that is not taken",
      unauthorized("UNSUPPORTED_KEY_TYPE"),
      "KEY_REFUSED",
      /type ed25519.*UNSUPPORTED_KEY_TYPE/,
      /RSA or Ed25519/,
    ],
    [
      "dropped on the way",
      unauthorized("", "signature_is_missing_from_headers"),
      "KEY_MISSING",
      /did not get/,
      /proxy/,
    ],
    ["refused without a known reason", unauthorized("SOMETHING_NEW"), "KEY_REFUSED", /SOMETHING_NEW/, /new key/],
  ])(
    "names the cause when a key is %s, and never sends the reader to itself",
    async (_, refusal, code, found, hint) => {
      const { options } = await exchange({ refuse: () => refusal });
      const { problem, went, step } = await examined(options);
      expect(went).toEqual(REFUSED);
      expect(step("signature")).toMatchObject({ hint: problem!.hint, error: { code, hint: problem!.hint } });
      expect(problem).toMatchObject({ code, message: expect.stringMatching(found) as string });
      expect(problem!.hint).toMatch(hint);
      expect(problem!.hint).not.toMatch(/doctor/);
    },
  );

  it("takes a prefix that a proxy changes into account when a signature is refused", async () => {
    const server = await scriptedServer((request, response) => {
      if (request.url?.endsWith("/exchange/status") === true) answer(response, 200, {});
      else answer(response, ...unauthorized("INCORRECT_API_KEY_SIGNATURE"));
    });
    servers.push(server);
    const restUrl = `${new URL(server.baseUrl).origin}/kalshi/v2/`;
    const { problem } = await examined({ ...(await exchange()).options, restUrl });
    expect(problem).toMatchObject({
      code: "KEY_REFUSED",
      hint: expect.stringMatching(/`\/kalshi\/v2` was signed/) as string,
    });
  });

  it("tells that lost line breaks were put right, as a warning", async () => {
    const { options } = await exchange();
    const { problem, step } = await examined({ ...options, privateKey: freshPem().replaceAll("\n", " ") });
    expect(problem).toBeNull();
    expect(step("key")).toMatchObject({ status: "warn", error: null });
    expect(step("key").found).toMatch(/line breaks were lost/);
    expect(step("key").hint).toMatch(/line of its own/);
  });

  it("tests the key also when the host cannot be reached", async () => {
    const { server, options } = await exchange();
    await server.close();
    const { problem, went } = await examined(options);
    expect(went).toEqual(["host failed", "clock skipped", "key ok", ...UNTRIED]);
    expect(problem).toMatchObject({ code: "UNREACHABLE", hint: expect.stringMatching(/the host name/) as string });
  });

  it.each<[string, { readonly keyId?: undefined; readonly privateKey?: string }, ErrorCode, RegExp, RegExp]>([
    ["missing by half", { keyId: undefined }, "KEY_MISSING", /no key id/, /KALSHI_API_KEY_ID/],
    ["damaged", { privateKey: freshPem().slice(0, 90) }, "KEY_UNREADABLE", /cut off/, /first and last line/],
    ["a path", { privateKey: "/home/me/key.pem" }, "KEY_UNREADABLE", /is a path/, /KALSHI_PRIVATE_KEY_PATH/],
    [
      "of a type that no exchange takes",
      { privateKey: pemOf(generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey) },
      "KEY_WRONG_TYPE",
      /not accepted: ec/,
      /RSA.*Ed25519/,
    ],
  ])("tests the host also when the key is %s", async (_, given, code, found, hint) => {
    const { options } = await exchange();
    const { problem, went } = await examined({ ...options, ...given });
    expect(went).toEqual(["host ok", "clock ok", "key failed", ...UNTRIED]);
    expect(problem).toMatchObject({ code, message: expect.stringMatching(found) as string });
    expect(problem!.hint).toMatch(hint);
  });

  it("says that the base URL lacks its prefix when nothing of an exchange is there", async () => {
    const server = await scriptedServer((_, response) => answer(response, 404, {}));
    servers.push(server);
    const { options } = await exchange();
    const { problem, went } = await examined({ ...options, restUrl: new URL(server.baseUrl).origin });
    expect(went[0]).toBe("host failed");
    expect(problem).toMatchObject({ code: "NOT_FOUND", hint: expect.stringMatching(/trade-api\/v2/) as string });
  });

  it("does not tell limits that it could not read", async () => {
    const { options } = await exchange({ answers: { "/account/limits": [200, { balance: 1 }] } });
    const { problem, went, step } = await examined(options);
    expect(went).toEqual([...WELL.slice(0, -1), "limits failed"]);
    expect(step("limits").found).not.toMatch(/tokens/);
    expect(problem).toMatchObject({ code: "BAD_RECORD", hint: expect.stringMatching(/update this/) as string });
  });
});

describe("kalshi-lab doctor", () => {
  it("prints its steps as JSON with --json, also when one of them fails", async () => {
    const env = variablesOf(sandbox);
    const good = await runCli(["doctor", "--json"], env);
    expect(good).toMatchObject({ code: 0, stderr: "" });
    expect(stepsIn(good.stdout)).toEqual(WELL_WITH_FILE);
    const bad = await runCli(["doctor", "--json", "--key-id", KEY_ID], env);
    expect(bad.code).toBe(1);
    expect(bad.stderr).toMatch(/^KEY_UNKNOWN: .*\n +→ .*environment/);
    expect(stepsIn(bad.stdout)).toEqual(REFUSED.toSpliced(3, 0, "file ok"));
  });

  it("tells a warning with what to do, and exits with 0 all the same", async () => {
    const env = { ...variablesOf(sandbox), KALSHI_PRIVATE_KEY_PATH: "" };
    const run = await runCli(["doctor"], { ...env, KALSHI_PRIVATE_KEY: sandbox.privateKey.replaceAll("\n", " ") });
    expect(run.stderr).toMatch(/^key +warn +rsa, id .*line breaks were lost.*\n +→ .*line of its own/m);
    expect(run).toMatchObject({ code: 0, stdout: "" });
  });

  // Root may read everything, so it has to give that right up.
  const rights = "-dac_override,-dac_read_search";
  const under = process.getuid?.() === 0 ? ["setpriv", "--bounding-set", rights, "--inh-caps", rights] : [];
  it.skipIf(process.platform === "win32")("names a key's file that it may not read", async () => {
    const folder = mkdtempSync(join(tmpdir(), "kalshi-lab-doctor-"));
    const path = join(folder, "key.pem");
    writeFileSync(path, freshPem());
    chmodSync(path, 0);
    try {
      const env = { ...variablesOf(sandbox), KALSHI_PRIVATE_KEY_PATH: path };
      const run = await runCli(["doctor"], env, { under });
      expect(run.stderr).toMatch(/^key +FAILED .*key\.pem may not be read by this user \(EACCES\)$/m);
      expect(run.stderr).toMatch(/^KEY_UNREADABLE: .*\n +→ .*chown, then chmod 600$/m);
      expect(run.code).toBe(1);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it("asks of orders with --trading, and writes nothing", async () => {
    const { options, server } = await exchange({
      answers: { "/api_keys": [200, { api_keys: [{ api_key_id: KEY_ID, name: "x", scopes: ["read"] }] }] },
    });
    const env = {
      KALSHI_ENV: "demo",
      KALSHI_REST_URL: server.baseUrl,
      KALSHI_API_KEY_ID: KEY_ID,
      KALSHI_PRIVATE_KEY: options.privateKey!,
    };
    const without = await runCli(["doctor"], env);
    expect(without.stderr).toMatch(/^scopes +ok +read; orders would need `write`$/m);
    const run = await runCli(["doctor", "--trading"], env);
    expect(run.stderr).toMatch(/^scopes +warn +read; `write` is missing\n +→ .*403/m);
    expect([without.code, run.code]).toEqual([0, 0]);
    expect(new Set(server.requests.map(({ method }) => method))).toEqual(new Set(["GET"]));
  });
});

function stepsIn(stdout: string): readonly string[] {
  const { steps } = JSON.parse(stdout) as { steps: readonly DoctorStep[] };
  return steps.map(({ step, status }) => `${step} ${status}`);
}
