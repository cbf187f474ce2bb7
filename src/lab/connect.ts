import { resolve } from "node:path";
import { withCellSignal } from "../client/cell-signal.js";
import { Client, isLoopback } from "../client/http.js";
import { createSigner } from "../client/signing.js";
import { KalshiError } from "../errors.js";
import { cacheFolder } from "../history/cache-folder.js";
import { Cache } from "./cache.js";
import { type ConnectOptions, readTarget, type Target } from "./environment.js";
import { Lab } from "./lab.js";
import { type SandboxProcess, startSandboxProcess } from "./sandbox-process.js";

/**
 * Connects to an exchange: the embedded sandbox unless told otherwise, which is then started in a process of its own and ends with this
 * one. Token buckets are filled from the account's own limits.
 *
 * ```ts
 * const lab = await connect();                        // sandbox, throwaway key
 * const real = await connect({ env: "production" });  // public data; the rest with KALSHI_API_KEY_ID and KALSHI_PRIVATE_KEY_PATH
 * ```
 *
 * @throws KalshiError `BAD_ARGUMENT`, `KEY_MISSING`, `KEY_UNREADABLE`, `KEY_REFUSED`, `KEY_UNKNOWN`, `CLOCK_OFF`, `UNREACHABLE`,
 * `SANDBOX_FAILED`, `INTERRUPTED`
 */
export async function connect(options: ConnectOptions = {}): Promise<Lab> {
  const target = readTarget(options, process.env);
  const sandbox =
    target.env === "sandbox" && target.restUrl === null
      ? await startSandboxProcess(options.sandbox, withCellSignal(options.signal))
      : null;
  let lab: Lab | null = null;
  try {
    lab = openLab(sandbox === null ? target : reach(target, sandbox), options, sandbox);
    await lab.client.learnLimits(target.tokenShare, options.signal);
    return lab;
  } catch (error) {
    await (lab ?? sandbox)?.close();
    throw error;
  }
}

function openLab(target: Target, options: ConnectOptions, sandbox: SandboxProcess | null): Lab {
  if (target.restUrl === null || target.wsUrl === null) {
    throw new KalshiError("BAD_ARGUMENT", "no REST or WebSocket URL to connect to", {
      hint: "give both --rest-url and --ws-url (KALSHI_REST_URL, KALSHI_WS_URL), or neither",
    });
  }
  const signer = target.credentials === null ? undefined : createSigner(target.credentials);
  // A sandbox is on this machine; what a variable points elsewhere may be the real exchange.
  const ownSandbox = target.env === "sandbox" && isLoopback(URL.parse(target.restUrl)?.hostname ?? "");
  const writes = options.trading === true || ownSandbox;
  const client = new Client({ baseUrl: target.restUrl, signer, timeoutMs: options.timeoutMs, writes });
  return new Lab({
    client,
    wsUrl: target.wsUrl,
    env: target.env,
    sandbox,
    cache: new Cache(
      options.cache === false ? null : options.cache === undefined ? cacheFolder(process.env) : resolve(options.cache),
    ),
  });
}

function reach(target: Target, sandbox: SandboxProcess): Target {
  const credentials = { keyId: sandbox.key_id, privateKeyPath: sandbox.private_key_path };
  return { ...target, restUrl: sandbox.rest_url, wsUrl: sandbox.ws_url, credentials };
}
