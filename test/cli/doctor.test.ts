import { generateKeyPairSync } from "node:crypto";
import type { ServerResponse } from "node:http";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type DoctorStep, examine } from "../../src/cli/doctor.js";
import type { KalshiError } from "../../src/errors.js";
import type { ConnectOptions } from "../../src/lab/environment.js";
import { type Sandbox, startSandbox } from "../../src/sandbox/sandbox.js";
import { runCli } from "../support/cli.js";
import { connectionTo } from "../support/lab.js";
import { answer, type ScriptedServer, scriptedServer } from "../support/scripted-http.js";
import { variablesOf } from "../support/variables.js";

const privateKey = String(generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }));
const curveKey = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;

interface Examined {
  readonly problem: KalshiError | null;
  readonly steps: readonly DoctorStep[];
  /** `host ok`, `key failed`, … in the order told. */
  readonly went: readonly string[];
}

async function examined(options: ConnectOptions): Promise<Examined> {
  const steps: DoctorStep[] = [];
  const problem = await examine(options, {}, (step) => steps.push(step));
  return { problem, steps, went: steps.map(({ step, status }) => `${step} ${status}`) };
}

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ seed: "doctor" });
});
afterAll(() => sandbox.close());

const servers: ScriptedServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

/** An exchange that answers `/exchange/status` and refuses everything else in one way; its clock may be off. */
async function exchange(
  refuse: (response: ServerResponse) => void,
  offsetMs = 0,
): Promise<{ server: ScriptedServer; options: ConnectOptions }> {
  const server = await scriptedServer((request, response) => {
    response.setHeader("date", new Date(Date.now() + offsetMs).toUTCString());
    if (request.url?.endsWith("/exchange/status") === true) answer(response, 200, { exchange_active: true });
    else refuse(response);
  });
  servers.push(server);
  return { server, options: { env: "demo", restUrl: server.baseUrl, keyId: "abc", privateKey } };
}

const unauthorized =
  (details: string, code = "authentication_error") =>
  (response: ServerResponse) =>
    answer(response, 401, { error: { code, message: code, details } });

describe("the doctor", () => {
  it("goes from host to limits and finds nothing wrong with a sandbox", async () => {
    const { problem, went, steps } = await examined(connectionTo(sandbox));
    expect(problem).toBeNull();
    expect(went).toEqual(["host ok", "clock ok", "key ok", "signature ok", "limits ok"]);
    expect(steps.map(({ found }) => found).join("\n")).toMatch(/rsa, id .*\naccepted\n1200 read tokens\/s .*premier/);
  });

  it("starts the sandbox where it is to be one of our own, and takes it away again", async () => {
    const { problem, went, steps } = await examined({ env: "sandbox" });
    expect(problem).toBeNull();
    expect(went).toEqual(["host ok", "clock ok", "key ok", "signature ok", "limits ok"]);
    const url = /^http:\S+/.exec(steps[0]!.found)![0];
    expect((await examined({ env: "sandbox", restUrl: url })).problem?.code).toBe("UNREACHABLE");
  });

  it.each([
    ["unknown here", unauthorized("NOT_FOUND"), "KEY_UNKNOWN", /demo does not know .*abc.*production/, /environment/],
    [
      "of another private key",
      unauthorized("INCORRECT_API_KEY_SIGNATURE"),
      "KEY_REFUSED",
      /knows the key id abc, but not this private key \(ed25519\)/,
      /belong together.*RSA/,
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
    [
      "without the scope",
      (response: ServerResponse) => answer(response, 403, { error: { code: "forbidden", message: "x" } }),
      "FORBIDDEN",
      /may not read/,
      /scope/,
    ],
  ])(
    "names the cause when a key id is %s, and never sends the reader to itself",
    async (_, refuse, code, found, hint) => {
      const { problem, went, steps } = await examined((await exchange(refuse)).options);
      expect(went).toEqual(["host ok", "clock ok", "key ok", "signature failed", "limits skipped"]);
      expect(steps[3]!.error).toEqual({ code, hint: problem!.hint });
      expect(problem).toMatchObject({ code, message: expect.stringMatching(found) as string });
      expect(problem!.hint).toMatch(hint);
      expect(problem!.hint).not.toMatch(/doctor/);
    },
  );

  it("measures a clock that is off, goes on, and calls it the cause when nothing else is wrong", async () => {
    const { options } = await exchange((response) => answer(response, 200, limits), 60_000);
    const { problem, went, steps } = await examined(options);
    expect(went).toEqual(["host ok", "clock off", "key ok", "signature ok", "limits ok"]);
    expect(steps[1]!.found).toMatch(/^this machine is (59|60)\.\d s behind the exchange$/);
    expect(problem?.code).toBe("CLOCK_OFF");
  });

  it("leaves the last word to a signature that is refused while the clock is off", async () => {
    const expired = await exchange(unauthorized("", "header_timestamp_expired"), -60_000);
    const late = await examined(expired.options);
    expect(late.went).toEqual(["host ok", "clock off", "key ok", "signature failed", "limits skipped"]);
    expect(late.steps[1]!.found).toMatch(/ahead of/);
    expect(late.problem?.code).toBe("CLOCK_OFF");
    const wrong = await exchange(unauthorized("INCORRECT_API_KEY_SIGNATURE"), 60_000);
    expect((await examined(wrong.options)).problem?.code).toBe("KEY_REFUSED");
  });

  it("tests the key also when the host cannot be reached", async () => {
    const { server, options } = await exchange(() => undefined);
    await server.close();
    const { problem, went } = await examined(options);
    expect(went).toEqual(["host failed", "clock skipped", "key ok", "signature skipped", "limits skipped"]);
    expect(problem?.code).toBe("UNREACHABLE");
  });

  it("tests the host also when the key is missing by half or of a type that no exchange takes", async () => {
    const half = await examined({ ...connectionTo(sandbox), keyId: undefined });
    expect(half.went).toEqual(["host ok", "clock ok", "key failed", "signature skipped", "limits skipped"]);
    expect(half.problem?.code).toBe("KEY_MISSING");
    const pem = String(curveKey.export({ type: "pkcs8", format: "pem" }));
    const curve = await examined({ ...connectionTo(sandbox), privateKeyPath: undefined, privateKey: pem });
    expect(curve.went[2]).toBe("key failed");
    expect(curve.problem).toMatchObject({
      code: "KEY_WRONG_TYPE",
      hint: expect.stringMatching(/RSA.*Ed25519/) as string,
    });
  });

  it("says that the base URL lacks its prefix when nothing of an exchange is there", async () => {
    const { options } = await exchange(() => undefined);
    const server = await scriptedServer((_, response) => answer(response, 404, {}));
    servers.push(server);
    const { problem, went } = await examined({ ...options, restUrl: new URL(server.baseUrl).origin });
    expect(went[0]).toBe("host failed");
    expect(problem).toMatchObject({ code: "NOT_FOUND", hint: expect.stringMatching(/trade-api\/v2/) as string });
  });

  it("does not tell limits that it could not read", async () => {
    const { options } = await exchange((response) => answer(response, 200, { balance: 1 }));
    const { problem, went, steps } = await examined(options);
    expect(went[4]).toBe("limits failed");
    expect(steps[4]!.found).not.toMatch(/tokens/);
    expect(problem?.code).toBe("BAD_RECORD");
  });
});

describe("kalshi-lab doctor", () => {
  it("prints its steps as JSON with --json, also when one of them fails", async () => {
    const env = variablesOf(sandbox);
    const good = await runCli(["doctor", "--json"], env);
    expect(good).toMatchObject({ code: 0, stderr: "" });
    expect(stepsIn(good.stdout)).toEqual(["host ok", "clock ok", "key ok", "signature ok", "limits ok"]);
    const bad = await runCli(["doctor", "--json", "--key-id", "abc"], env);
    expect(bad.code).toBe(1);
    expect(bad.stderr).toMatch(/^KEY_UNKNOWN: /);
    expect(stepsIn(bad.stdout)).toEqual(["host ok", "clock ok", "key ok", "signature failed", "limits skipped"]);
  });
});

function stepsIn(stdout: string): readonly string[] {
  const { steps } = JSON.parse(stdout) as { steps: readonly DoctorStep[] };
  return steps.map(({ step, status }) => `${step} ${status}`);
}

const limits = {
  usage_tier: "basic",
  read: { refill_rate: 200, bucket_capacity: 600 },
  write: { refill_rate: 100, bucket_capacity: 100 },
};
