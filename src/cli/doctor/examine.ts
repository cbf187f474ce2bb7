import type { Client } from "../../client/http.js";
import { readPrivateKey } from "../../client/key.js";
import { type Credentials, type Signer, signerOf } from "../../client/signing.js";
import { KalshiError } from "../../errors.js";
import { getAccountApiLimits } from "../../exchange/operations/account.js";
import { type ConnectOptions, readTarget, type Target } from "../../lab/environment.js";
import { fromMillis } from "../../units/time.js";
import { inspectKeyFile } from "./key-file.js";
import { type Environments, environments } from "./other-environment.js";
import { type Reached, reach, tellClock } from "./reach.js";
import { tellRights } from "./rights.js";
import { type Place, trySignature } from "./signature.js";
import { type Found, Steps, type Tell } from "./step.js";

type Variables = Readonly<Record<string, string | undefined>>;

const WITHOUT_KEY = { keyId: undefined, privateKey: undefined, privateKeyPath: undefined };
const NO_KEY_VARIABLES = { KALSHI_API_KEY_ID: "", KALSHI_PRIVATE_KEY: "", KALSHI_PRIVATE_KEY_PATH: "" };
const SIGNED_STEPS = ["signature", "scopes", "region", "limits"] as const;

/**
 * Tests a connection from the ground up: host reachable, clock, key readable and well kept, signature accepted, what the key may do, limits.
 * Each step is told as soon as it is done, whatever becomes of those after it. With `trading`, what orders need counts too.
 *
 * @param known - where the exchange's environments are, for the question which of them knows a key
 * @returns what is wrong, the most telling thing first; null when nothing is. Warnings are told, and are not wrong.
 * @throws KalshiError `BAD_ARGUMENT` before the first step, `INTERRUPTED`
 */
export async function examine(
  options: ConnectOptions,
  variables: Variables,
  tell: Tell,
  known: Environments = environments,
): Promise<KalshiError | null> {
  const { target, halfKey } = readBoth(options, variables);
  const steps = new Steps(tell);
  const host = await steps.check("host", () => reach(target, options));
  try {
    const clock = tellClock(host.value?.offsetMs ?? null, steps);
    const credentials = host.value?.credentials ?? target.credentials;
    if (credentials === null && halfKey === null) {
      steps.none("key", "public data only; KALSHI_API_KEY_ID and KALSHI_PRIVATE_KEY_PATH give the rest");
      return host.error ?? clock;
    }
    const key = await steps.check("key", async () => readKey(credentials, halfKey));
    if (key.value !== null) await tellKeyFile(credentials!, steps);
    if (host.value === null || key.value === null) {
      steps.skipped("not tried", ...SIGNED_STEPS);
      return host.error ?? key.error;
    }
    const place = { ...host.value, env: target.env, environments: known };
    return (await examineSigned(place, key.value, options.trading === true, steps)) ?? clock;
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

function readKey(credentials: Credentials | null, halfKey: KalshiError | null): Found & { value: Signer } {
  if (halfKey !== null) throw halfKey;
  const key = readPrivateKey(credentials!);
  const value = signerOf(key);
  const found = `${key.type}, id ${key.keyId}`;
  if (key.repaired === null) return { value, found };
  return {
    value,
    found: `${found}; its ${key.repaired} were lost, and it was read all the same`,
    hint: "other programs may refuse it: keep each line of the PEM on a line of its own, or write its line breaks as \\n",
  };
}

async function tellKeyFile({ privateKey, privateKeyPath: path }: Credentials, steps: Steps): Promise<void> {
  if (privateKey !== undefined || path === undefined) return;
  for (const found of await inspectKeyFile(path)) steps.found("file", found);
}

/** What needs a signature; gives what is wrong. */
async function examineSigned(
  place: Reached & Place,
  signer: Signer,
  trading: boolean,
  steps: Steps,
): Promise<KalshiError | null> {
  const { client, error, forbidden } = await trySignature(place, signer);
  if (error === null) steps.found("signature", { found: "accepted" });
  else steps.failed("signature", error);
  if (client === null) {
    steps.skipped("not read", "scopes", "region", "limits");
    return error;
  }
  try {
    const now = fromMillis(Date.now() + (place.offsetMs ?? 0));
    const rights = await tellRights(client, signer.keyId, forbidden, { trading, now }, steps);
    const limits = await steps.check("limits", async () => ({ value: null, found: await limitsOf(client) }));
    return error ?? rights ?? limits.error;
  } finally {
    await client.close();
  }
}

async function limitsOf(client: Client): Promise<string> {
  const { read, write, usage_tier: tier } = await getAccountApiLimits(client);
  const of = (name: string, { refill_rate: rate, bucket_capacity: most }: typeof read): string =>
    `${rate} ${name} tokens/s (up to ${most})`;
  return `${of("read", read)}, ${of("write", write)}, tier ${tier}`;
}
