import { Client } from "../../client/http.js";
import type { Signer } from "../../client/signing.js";
import { KalshiError } from "../../errors.js";
import { type Environments, environmentOf, nameUnknown } from "./other-environment.js";
import { RETRY, secondsOf } from "./reach.js";
import { anew, nameRefusal } from "./refusal.js";
import { finding } from "./step.js";

/** How a signature was taken. */
export interface Signed {
  /** Asks with signatures that are accepted, if need be with the time put right; null when none is. */
  readonly client: Client | null;
  /** Why the signature was refused, be it for its time alone. */
  readonly error: KalshiError | null;
  /** The signature was accepted, but the key may not read the portfolio. */
  readonly forbidden: KalshiError | null;
}

/** The exchange that is asked. */
export interface Place {
  readonly url: string;
  /** Its environment, by the name that was given. */
  readonly env: string;
  readonly offsetMs: number | null;
  readonly environments: Environments;
}

/**
 * Tries a signature on one private question and names the cause of a refusal. Refused for its time, it is tried once more with the time
 * corrected by the measured offset: accepted then, the clock is the cause; refused for its time again, the timestamp arrives as another
 * than was sent.
 */
export async function trySignature(place: Place, signer: Signer): Promise<Signed> {
  const first = await attempt(place, signer);
  if (first.error === null) return first;
  if (first.error.code !== "CLOCK_OFF") return { ...first, error: await named(first.error, place, signer) };
  const { offsetMs } = place;
  if (offsetMs === null) return first;
  const second = await attempt(place, shifted(signer, offsetMs));
  if (second.error === null) return { ...second, error: clockIsCause(first.error, offsetMs) };
  if (second.error.code !== "CLOCK_OFF") return { ...second, error: await named(second.error, place, signer) };
  return { ...second, error: timeIsChanged(second.error, offsetMs) };
}

async function attempt({ url }: Place, signer: Signer): Promise<Signed> {
  const client = new Client({ baseUrl: url, signer, retry: RETRY });
  try {
    await client.json({ path: "/portfolio/balance", access: "signed" });
    return { client, error: null, forbidden: null };
  } catch (caught) {
    if (caught instanceof KalshiError && caught.code === "FORBIDDEN") return { client, error: null, forbidden: caught };
    await client.close();
    return { client: null, error: finding(caught), forbidden: null };
  }
}

/** The same key on a clock that is `offsetMs` ahead of this machine's. */
export function shifted(signer: Signer, offsetMs: number): Signer {
  return {
    ...signer,
    headers: (method, path, nowMs) => signer.headers(method, path, nowMs + offsetMs),
    headersAsync: (method, path, nowMs) => signer.headersAsync(method, path, nowMs + offsetMs),
  };
}

async function named(
  error: KalshiError,
  { url, env, environments, offsetMs }: Place,
  signer: Signer,
): Promise<KalshiError> {
  if (error.code === "KEY_UNKNOWN") return nameUnknown(error, shifted(signer, offsetMs ?? 0), url, env, environments);
  return nameRefusal(error, signer, environmentOf(url, environments) ?? env, new URL(url).pathname.replace(/\/+$/, ""));
}

function clockIsCause(error: KalshiError, offsetMs: number): KalshiError {
  const way = offsetMs > 0 ? "behind" : "ahead";
  return anew(
    error,
    `refused for its time alone: this machine's clock is ${secondsOf(offsetMs)} s ${way}, and signed with the time corrected by that it is accepted`,
    "set this machine's clock (NTP); the key is good",
    { clockOffsetMs: Math.round(offsetMs), correctedAccepted: true },
  );
}

function timeIsChanged(error: KalshiError, offsetMs: number): KalshiError {
  return anew(
    error,
    "refused for its time although signed with the exchange's own time: the timestamp arrives as another than was sent",
    "something on the way rewrites KALSHI-ACCESS-TIMESTAMP, such as to seconds: it has milliseconds, 13 digits; connect without the proxy or wrapper, and check --rest-url",
    { clockOffsetMs: Math.round(offsetMs), correctedAccepted: false },
  );
}
