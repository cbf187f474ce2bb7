import { Client } from "../../client/http.js";
import type { Credentials } from "../../client/signing.js";
import { KalshiError } from "../../errors.js";
import type { ConnectOptions, Target } from "../../lab/environment.js";
import { startSandboxProcess } from "../../lab/sandbox-process.js";
import { anew } from "./refusal.js";
import type { Found, Steps } from "./step.js";

/** Whoever asks what is wrong wants to know soon. */
export const RETRY = { attempts: 2, deadlineMs: 15_000 };
/** What the exchange is known to tolerate. @see API: 2.2 Clock */
const TOLERATED_MS = 5_000;

/** An exchange that answers. */
export interface Reached {
  readonly url: string;
  readonly credentials: Credentials | null;
  readonly offsetMs: number | null;
  close(): Promise<void>;
}

/** Starts the sandbox where it is one of our own. Asks without the key, so that its faults are not taken for the host's. */
export async function reach(target: Target, options: ConnectOptions): Promise<Found & { value: Reached }> {
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

/** Tells how far the clock is off; gives an error when that is more than the exchange tolerates. */
export function tellClock(offsetMs: number | null, steps: Steps): KalshiError | null {
  if (offsetMs === null) {
    steps.skipped("not measured: no answer with a Date header", "clock");
    return null;
  }
  const found = `this machine is ${secondsOf(offsetMs)} s ${offsetMs > 0 ? "behind" : "ahead of"} the exchange`;
  if (Math.abs(offsetMs) <= TOLERATED_MS) {
    steps.found("clock", { found });
    return null;
  }
  const hint = "set this machine's clock (NTP); a few seconds are tolerated";
  const context = { clockOffsetMs: Math.round(offsetMs) };
  return steps.failed("clock", new KalshiError("CLOCK_OFF", found, { hint, context }));
}

/** `12.3`, without a sign. */
export function secondsOf(offsetMs: number): string {
  return (Math.abs(offsetMs) / 1000).toFixed(1);
}
