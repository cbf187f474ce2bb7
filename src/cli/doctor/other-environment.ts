import { Client } from "../../client/http.js";
import type { Signer } from "../../client/signing.js";
import { KalshiError } from "../../errors.js";
import { readTarget } from "../../lab/environment.js";
import { anew } from "./refusal.js";

/** The REST base URL of each of the exchange's environments. */
export type Environments = Readonly<Record<"demo" | "production", string>>;

export const environments: Environments = { demo: hostOf("demo"), production: hostOf("production") };

function hostOf(env: keyof Environments): string {
  return readTarget({ env }, {}).restUrl!;
}

/** Still served beside the hosts of today. @see API: 1 Hosts */
const olderHosts: Readonly<Record<string, keyof Environments>> = {
  "https://demo-api.kalshi.co": "demo",
  "https://api.elections.kalshi.com": "production",
};

const TIMEOUT_MS = 5_000;

/** Which of the exchange's environments a URL belongs to; null for any other host. */
export function environmentOf(url: string, known: Environments): keyof Environments | null {
  const { origin } = new URL(url);
  for (const name of ["demo", "production"] as const) {
    if (new URL(known[name]).origin === origin) return name;
  }
  return olderHosts[origin] ?? null;
}

/**
 * Names the cause of a key id that one environment does not know, by asking the other whether it does.
 *
 * Only from a host of the exchange to the other host of the same exchange, over TLS, and it is told the key id alone: the signature that
 * goes along is of a text that opens nothing, as an unknown id is refused as such and a known one for its signature.
 */
export async function nameUnknown(
  error: KalshiError,
  signer: Signer,
  url: string,
  where: string,
  known: Environments,
): Promise<KalshiError> {
  const here = environmentOf(url, known);
  const unknown = `${here ?? where} does not know the key id ${signer.keyId}`;
  const checks = "check the key id, and that the key belongs to this environment (--env)";
  if (here === null) {
    const other = where === "production" ? "demo" : where === "demo" ? "production" : "another exchange";
    return anew(error, `${unknown}: mistyped, deleted, or of ${other}`, checks);
  }
  const other = here === "demo" ? "production" : "demo";
  const answer = await isKnown(known[other], signer);
  if (answer === true) {
    const hint = `connect to ${other} (--env ${other}, KALSHI_ENV=${other}), or use a key of ${here}: each environment has its own`;
    return anew(error, `${unknown}, but ${other} does: it is a key of ${other}`, hint, { knownBy: other });
  }
  if (answer === false) {
    const hint = "copy the key id anew from the page with your API keys; if it is not there, make a new key";
    return anew(error, `${unknown}, and neither does ${other}: mistyped or deleted`, hint, { knownBy: null });
  }
  return anew(error, `${unknown}: mistyped, deleted, or of ${other}, which could not be asked (${answer})`, checks);
}

/** Whether an exchange knows a key id, or why that could not be found out. */
async function isKnown(url: string, signer: Signer): Promise<boolean | string> {
  let client: Client | null = null;
  try {
    client = new Client({ baseUrl: url, signer: unusable(signer), timeoutMs: TIMEOUT_MS, retry: { attempts: 1 } });
    await client.json({ path: "/portfolio/balance", access: "signed" });
    return "it accepted a signature that is none";
  } catch (error) {
    if (!(error instanceof KalshiError)) throw error;
    if (error.code === "KEY_UNKNOWN") return false;
    return error.code === "KEY_REFUSED" ? true : error.code;
  } finally {
    await client?.close();
  }
}

/** Well-formed signatures of another path than the one asked, so that nobody who gets them can use them. */
function unusable(signer: Signer): Signer {
  return {
    ...signer,
    headers: (method, _path, nowMs) => signer.headers(method, "/", nowMs),
    headersAsync: (method, _path, nowMs) => signer.headersAsync(method, "/", nowMs),
  };
}
