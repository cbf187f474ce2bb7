import type { Command } from "commander";
import { Client } from "../client/http.js";
import { type Credentials, createSigner, type Signer } from "../client/signing.js";
import { type Context, KalshiError } from "../errors.js";
import { asObject } from "../exchange/field.js";
import { type ConnectOptions, type Environment, readTarget, type Target } from "../lab/environment.js";
import { startSandboxProcess } from "../lab/sandbox-process.js";
import { type ConnectionFlags, connectionOf, withConnection } from "./connection.js";
import { printJson, say } from "./output.js";

/** One thing that was tested. `skipped`: it could not be, for want of one before. */
export interface DoctorStep {
  readonly step: "host" | "clock" | "key" | "signature" | "limits";
  readonly status: "ok" | "off" | "none" | "failed" | "skipped";
  readonly found: string;
  /** Why it failed; null otherwise. */
  readonly error: { readonly code: string; readonly hint: string } | null;
}

type Variables = Readonly<Record<string, string | undefined>>;
type Tell = (step: DoctorStep) => void;

const TOLERATED_MS = 5_000;
/** Whoever asks what is wrong wants to know soon. */
const RETRY = { attempts: 2, deadlineMs: 15_000 };
const WITHOUT_KEY = { keyId: undefined, privateKey: undefined, privateKeyPath: undefined };
const NO_KEY_VARIABLES = { KALSHI_API_KEY_ID: "", KALSHI_PRIVATE_KEY: "", KALSHI_PRIVATE_KEY_PATH: "" };

/** `kalshi-lab doctor`: tests the connection step by step, each told as it is done; exit 0, or the cause of the failure with what to do. */
export function registerDoctor(program: Command): void {
  withConnection(program.command("doctor"))
    .description("test host, clock, key and signature; exit 0 or the cause")
    .option("--json", "print the steps as JSON")
    .action(async (flags: ConnectionFlags & { json?: boolean }) => {
      const steps: DoctorStep[] = [];
      const tell = (step: DoctorStep): void => {
        steps.push(step);
        if (flags.json !== true) say(`${step.step.padEnd(9)} ${word[step.status].padEnd(7)} ${step.found}`);
      };
      const problem = await examine(connectionOf(flags), process.env, tell);
      if (flags.json === true) printJson({ steps });
      if (problem !== null) throw problem;
    });
}

const word = { ok: "ok", off: "OFF", none: "none", failed: "FAILED", skipped: "-" } as const;

/**
 * Tests a connection from the ground up: host reachable, clock, key readable, signature accepted, limits. Each step is told as soon as it
 * is done, whatever becomes of those after it.
 *
 * @returns what is wrong, the most telling thing first; null when nothing is
 * @throws KalshiError `BAD_ARGUMENT` before the first step
 */
export async function examine(options: ConnectOptions, variables: Variables, tell: Tell): Promise<KalshiError | null> {
  const { target, halfKey } = readBoth(options, variables);
  const check = checker(tell);
  const host = await check("host", () => reach(target, options));
  try {
    const clock = tellClock(host.value?.offsetMs ?? null, tell);
    const credentials = host.value?.credentials ?? target.credentials;
    if (credentials === null && halfKey === null) {
      const found = "public data only; KALSHI_API_KEY_ID and KALSHI_PRIVATE_KEY_PATH give the rest";
      tell({ step: "key", status: "none", found, error: null });
      return host.error ?? clock;
    }
    const key = await check("key", async () => {
      if (halfKey !== null) throw halfKey;
      const signer = createSigner(credentials!);
      return { value: signer, found: `${signer.keyType}, id ${signer.keyId}` };
    });
    if (host.value === undefined || key.value === undefined) {
      tell({ step: "signature", status: "skipped", found: "not tried", error: null });
      tell({ step: "limits", status: "skipped", found: "not read", error: null });
      return host.error ?? key.error;
    }
    return (await trySignature(host.value.url, key.value, target.env, check, tell)) ?? clock;
  } finally {
    await host.value?.close();
  }
}

/** Where to connect, also when the key is given by half: that belongs to the step of the key. */
function readBoth(options: ConnectOptions, variables: Variables): { target: Target; halfKey: KalshiError | null } {
  try {
    return { target: readTarget(options, variables), halfKey: null };
  } catch (error) {
    if (!(error instanceof KalshiError) || error.code !== "KEY_MISSING") throw error;
    const target = readTarget({ ...options, ...WITHOUT_KEY }, { ...variables, ...NO_KEY_VARIABLES });
    return { target, halfKey: error };
  }
}

interface Checked<T> {
  readonly value?: T;
  readonly error: KalshiError | null;
}

type Check = <T>(
  step: DoctorStep["step"],
  work: () => Promise<{ readonly value: T; readonly found: string }>,
) => Promise<Checked<T>>;

/** Does a step and tells how it went. A wrong argument is no finding: it is thrown on. */
function checker(tell: Tell): Check {
  return async (step, work) => {
    try {
      const { value, found } = await work();
      tell({ step, status: "ok", found, error: null });
      return { value, error: null };
    } catch (error) {
      if (!(error instanceof KalshiError) || error.code === "BAD_ARGUMENT") throw error;
      const { code, hint } = error;
      tell({ step, status: "failed", found: error.message, error: { code, hint } });
      return { error };
    }
  };
}

/** An exchange that answers. */
interface Reached {
  readonly url: string;
  readonly credentials: Credentials | null;
  readonly offsetMs: number | null;
  close(): Promise<void>;
}

/** Starts the sandbox where it is one of our own. Asks without the key, so that its faults are not taken for the host's. */
async function reach(target: Target, options: ConnectOptions): Promise<{ value: Reached; found: string }> {
  const sandbox = target.restUrl === null ? await startSandboxProcess(options.sandbox, options.signal) : null;
  const close = async (): Promise<void> => sandbox?.close();
  const url = sandbox?.rest_url ?? target.restUrl!;
  const credentials =
    sandbox === null ? target.credentials : { keyId: sandbox.key_id, privateKeyPath: sandbox.private_key_path };
  try {
    const offsetMs = await ask(url);
    return { value: { url, credentials, offsetMs, close }, found: `${url} (${target.env})` };
  } catch (error) {
    await close();
    throw error;
  }
}

/** How far the clock of the exchange at a URL is ahead of ours; null when it does not say. */
async function ask(url: string): Promise<number | null> {
  const client = new Client({ baseUrl: url, retry: RETRY });
  try {
    await client.json({ path: "/exchange/status", access: "public" });
    return client.clockOffsetMs;
  } catch (error) {
    if (!(error instanceof KalshiError) || error.code !== "NOT_FOUND") throw error;
    throw anew(error, `no exchange answers at ${url}`, "give the base URL with its prefix, /trade-api/v2");
  } finally {
    await client.close();
  }
}

function tellClock(offsetMs: number | null, tell: Tell): KalshiError | null {
  const step = "clock";
  if (offsetMs === null) {
    tell({ step, status: "skipped", found: "not measured: no answer with a Date header", error: null });
    return null;
  }
  const seconds = (Math.abs(offsetMs) / 1000).toFixed(1);
  const found = `this machine is ${seconds} s ${offsetMs > 0 ? "behind" : "ahead of"} the exchange`;
  if (Math.abs(offsetMs) <= TOLERATED_MS) {
    tell({ step, status: "ok", found, error: null });
    return null;
  }
  const hint = "set this machine's clock (NTP); a few seconds are tolerated";
  tell({ step, status: "off", found, error: { code: "CLOCK_OFF", hint } });
  return new KalshiError("CLOCK_OFF", found, { hint, context: { clockOffsetMs: Math.round(offsetMs) } });
}

/** The signature on one private question, and what it opens; gives what is wrong. */
async function trySignature(
  url: string,
  signer: Signer,
  env: Environment,
  check: Check,
  tell: Tell,
): Promise<KalshiError | null> {
  const signature = await check("signature", async () => {
    const client = new Client({ baseUrl: url, signer, retry: RETRY });
    try {
      await client.json({ path: "/portfolio/balance", access: "signed" });
      return { value: client, found: "accepted" };
    } catch (error) {
      await client.close();
      throw error instanceof KalshiError ? nameCause(error, signer, env) : error;
    }
  });
  if (signature.value === undefined) {
    tell({ step: "limits", status: "skipped", found: "not read", error: null });
    return signature.error;
  }
  const client = signature.value;
  const limits = await check("limits", async () => ({ value: null, found: await limitsOf(client) }));
  await client.close();
  return limits.error;
}

/** What a refusal says of key, id and environment. */
function nameCause(error: KalshiError, { keyId, keyType }: Signer, env: Environment): KalshiError {
  if (error.code === "KEY_UNKNOWN") {
    const other = env === "production" ? "demo" : env === "demo" ? "production" : "another exchange";
    const what = `${env} does not know the key id ${keyId}: mistyped, deleted, or of ${other}`;
    return anew(error, what, "check the key id, and that the key belongs to this environment (--env)");
  }
  if (error.code === "KEY_REFUSED" && error.context.details === "INCORRECT_API_KEY_SIGNATURE") {
    const what = `${env} knows the key id ${keyId}, but not this private key (${keyType})`;
    const type = keyType === "rsa" ? "Ed25519" : "RSA";
    return anew(
      error,
      what,
      `key id and private key do not belong together: find the file that came with this id; it may be of type ${type}`,
    );
  }
  if (error.code === "KEY_REFUSED") {
    const what = `${env} does not accept this key of type ${keyType}`;
    return anew(error, what, "generate a new key, RSA or Ed25519, and use its id and private key together");
  }
  if (error.code === "KEY_MISSING") {
    return anew(
      error,
      "the exchange did not get the signed headers",
      "a proxy may drop them; connect without one, and check --rest-url",
    );
  }
  if (error.code === "FORBIDDEN") {
    return anew(
      error,
      `the key id ${keyId} may not read the portfolio`,
      "use a key with the scope `read`, without a subaccount lock, and with a valid region attestation",
    );
  }
  return error;
}

/** The same error with what it means here; what the exchange said goes along. */
function anew(error: KalshiError, what: string, hint: string): KalshiError {
  const said = saidIn(error.context);
  return new KalshiError(error.code, `${what}${said === "" ? "" : ` (${said})`}`, {
    hint,
    context: error.context,
    cause: error,
  });
}

function saidIn({ status, code, details, message }: Context): string {
  const words = [code, details, message].filter((part) => typeof part === "string" && part !== "");
  return status === undefined ? "" : [String(status), ...new Set(words)].join(" ");
}

async function limitsOf(client: Client): Promise<string> {
  const limits = asObject("limits", await client.json({ path: "/account/limits", access: "signed" }));
  const of = (name: "read" | "write"): string => {
    const { refill_rate: rate, bucket_capacity: most } = asObject(`limits, ${name}`, limits[name]);
    return `${String(rate)} ${name} tokens/s (up to ${String(most)})`;
  };
  const tier = typeof limits.usage_tier === "string" ? `, tier ${limits.usage_tier}` : "";
  return `${of("read")}, ${of("write")}${tier}`;
}
